//! A reader for Entry Point: what it is configured for, the kernels behind it, and what devices,
//! card and host say to its requests.

use crate::kernels::come_to_anything;
use crate::script::Script;
use crate::terminal::APPLICATIONS;
use chipwright::apdu::RESPONSE_LENGTH;
use chipwright::contactless::{
    Activation, KernelId, OutcomeParameters, OutcomeType, Start,
    TerminalTransactionQualifiers as Ttq,
};
use chipwright::crypto::{Random, RandomFailed};
use chipwright::database::Database;
use chipwright::dictionary::emv::UNPREDICTABLE_NUMBER;
use chipwright::driver::{Input, Output};
use chipwright::session::{Ended, Link, LinkError, Polled, Stop};
use chipwright::value::Amount;
use chipwright_c7::Configuration;
use chipwright_entry_point::{Combination, Kernels};
use std::cell::{Cell, RefCell};

/// Two bytes that say what kind of reader it is.
#[derive(Clone, Copy, Debug)]
pub struct Settings(pub u8, pub u8);

impl Settings {
    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    /// Whether it asks for a card by itself.
    #[must_use]
    pub fn autorun(self) -> bool {
        self.has(0x01)
    }

    /// Whether kernel 1 is there.
    fn kernel_1(self) -> bool {
        self.has(0x02)
    }

    /// Around its limits.
    #[must_use]
    pub fn amount(self) -> Amount {
        let amounts = [0, 1_00, 9_99, 10_00, 10_01, 50_00, 79_99, 80_00];
        Amount::new(amounts[usize::from(self.1 & 7)]).expect("twelve digits")
    }

    fn qualifiers(self) -> Ttq {
        let offline_only = if self.1 & 0x08 != 0 { 0x08 } else { 0 };
        Ttq([0x36 | offline_only, self.1 & 0xC0, 0, 0x80])
    }

    /// The applications of [`APPLICATIONS`] with their kernels: of a scheme each, and one that a
    /// country has for itself.
    #[must_use]
    pub fn combinations(self) -> [Combination<'static>; 6] {
        let limit = |bit, amount| Amount::new(amount).filter(|_| self.has(bit));
        let of = |aid, kernel| Combination {
            status_check: Some(self.has(0x04)),
            zero_amount_allowed: Some(self.has(0x08)),
            transaction_limit: limit(0x10, 80_00),
            floor_limit: limit(0x20, 10_00),
            cvm_required_limit: limit(0x40, 50_00),
            extended_selection: Some(self.has(0x80)),
            qualifiers: Some(self.qualifiers()),
            ..Combination::new(aid, kernel)
        };
        let [visa, mastercard, unionpay, foreign] = APPLICATIONS.each_ref().map(|known| known.aid);
        [
            of(unionpay, KernelId::new(7)),
            of(visa, KernelId::new(3)),
            of(visa, KernelId::new(7)),
            Combination { qualifiers: None, ..of(mastercard, KernelId::new(2)) },
            of(foreign, KernelId([0x81, 0x01, 0x56])),
            of(&foreign[..5], KernelId::new(0x20)),
        ]
    }
}

/// Never the same number twice.
#[derive(Debug, Default)]
pub struct Counting(Cell<u32>);

impl Random for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        self.0.set(self.0.get() + 1);
        out.copy_from_slice(&self.0.get().to_be_bytes());
        Ok(())
    }
}

/// What devices, card and host say to a request.
pub fn reply<'r, 's: 'r>(
    output: Output<'_>,
    removal_timeout: u16,
    script: &mut Script<'s>,
    answer: &'r mut Vec<u8>,
) -> Input<'r> {
    let reply = match output {
        Output::Transmit(command) => script.answer_in_field(command, answer),
        Output::Poll => match script.byte().map(|byte| byte % 5) {
            Some(0..=2) => Input::Polled(Polled::Card),
            Some(3) => Input::Polled(Polled::Nothing),
            Some(_) => Input::Polled(Polled::Collision),
            None => Input::Stop(Stop::Timeout),
        },
        Output::Field(_) | Output::Show(_) => Input::Done,
        Output::VerifyPin(request) => match script.pin() {
            Input::Pin(result) if !result.answers(request.entry.method) => {
                Input::Stop(Stop::Cancelled)
            }
            reply => reply,
        },
        Output::Authorise(_) => match script.byte() {
            Some(0) if removal_timeout > 0 => Input::RemovalTimeout,
            _ => script.authorisation(),
        },
        other => panic!("new kind of output: {other:?}"),
    };
    accepted(reply)
}

/// What the driver would refuse is what a terminal makes of it: the link failed, or the host did.
#[must_use]
pub fn accepted(reply: Input<'_>) -> Input<'_> {
    match reply {
        Input::Response { bytes, .. } if bytes.len() > RESPONSE_LENGTH => {
            Input::LinkFailed(LinkError::Protocol)
        }
        Input::Authorised(response)
            if response
                .issuer_authentication_data
                .is_some_and(|it| !matches!(it.len(), 8..=16)) =>
        {
            Input::Unreachable
        }
        reply => reply,
    }
}

/// Kernel 7, and others that come to anything.
#[derive(Debug)]
pub struct Anything<'k, 's> {
    script: &'k RefCell<Script<'s>>,
    settings: Settings,
    /// A kernel is at work.
    pub active: Cell<bool>,
    /// Unpredictable Number of the last activation.
    numbers: Cell<[u8; 4]>,
    /// What the last kernel came to.
    pub last: Cell<Option<OutcomeType>>,
}

impl Kernels for Anything<'_, '_> {
    fn supports(&self, kernel: KernelId) -> bool {
        kernel != KernelId::new(1) || self.settings.kernel_1()
    }

    async fn activate(
        &self,
        link: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, Ended> {
        self.check(&link.data, activation);
        self.active.set(true);
        let came = if activation.kernel == KernelId::new(7) && activation.start != Start::D {
            chipwright_c7::process(link, activation, &Configuration::DEFAULT).await
        } else {
            come_to_anything(self.script, link).await
        };
        self.active.set(false);
        self.last.set(came.as_ref().ok().map(|outcome| outcome.outcome));
        came
    }
}

impl<'k, 's> Anything<'k, 's> {
    /// They take their turns from the script.
    #[must_use]
    pub fn new(script: &'k RefCell<Script<'s>>, settings: Settings) -> Self {
        Self {
            script,
            settings,
            active: Cell::new(false),
            numbers: Cell::new([0; 4]),
            last: Cell::new(None),
        }
    }

    /// A kernel is only called for a combination that is configured and allowed, with data of
    /// its own.
    fn check(&self, data: &Database<'_>, activation: &Activation<'_>) {
        assert!(!self.active.get(), "one kernel at a time");
        let fits = |combination: &Combination<'_>| {
            let by_kernel_1 = combination.kernel == KernelId::new(3)
                && activation.kernel == KernelId::new(1)
                && self.settings.kernel_1();
            combination.aid == activation.aid
                && (combination.kernel == activation.kernel || by_kernel_1)
        };
        let combinations = self.settings.combinations();
        let combination = combinations.iter().find(|one| fits(one)).expect("is configured");
        let amount = activation.transaction.amount;
        let pre_processed = !self.settings.autorun() || activation.start == Start::A;
        let limit = combination.transaction_limit.filter(|_| pre_processed);
        assert!(limit.is_none_or(|limit| amount < limit), "not for this amount");
        assert_eq!(activation.qualifiers.is_some(), combination.qualifiers.is_some());
        if let (Some(copy), Some(fixed)) = (activation.qualifiers, combination.qualifiers) {
            let [first, second, rest @ ..] = copy.0;
            assert_eq!((first, second & 0x3F, rest), (fixed.0[0], fixed.0[1] & 0x3F, [0, 0x80]));
            let required = combination.cvm_required_limit.is_some_and(|limit| amount >= limit);
            assert!(!pre_processed || copy.contains(Ttq::CVM_REQUIRED) == required);
        }
        let number = data.bytes(UNPREDICTABLE_NUMBER.tag).expect("four bytes");
        assert!(number > &self.numbers.get()[..], "a number of its own");
        self.numbers.set(number.try_into().expect("four bytes"));
    }
}
