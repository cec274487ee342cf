//! Entry Point and the reader around it against a card, kernels, a field and a host that say
//! anything.

#![no_main]

use chipwright::apdu::{BUFFER_LENGTH, Buffer, RESPONSE_LENGTH};
use chipwright::config::Transaction;
use chipwright::contactless::{
    Activation, KernelId, OutcomeParameters, OutcomeType, Start,
    TerminalTransactionQualifiers as Ttq,
};
use chipwright::crypto::{Crypto, Random, RandomFailed};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::emv::UNPREDICTABLE_NUMBER;
use chipwright::driver::{Driver, Input, Output};
use chipwright::outcome::{Authority, Conclusion, Outcome};
use chipwright::session::{Ended, Field, Link, LinkError, Polled, Session, Stop};
use chipwright::value::Amount;
use chipwright_c7::Configuration;
use chipwright_entry_point::{Combination, Kernels, Reader};
use chipwright_fuzz::crypto::Transparent;
use chipwright_fuzz::kernels::come_to_anything;
use chipwright_fuzz::script::Script;
use chipwright_fuzz::terminal::{APPLICATIONS, EXCHANGE_LIMIT, Setup};
use libfuzzer_sys::fuzz_target;
use std::cell::{Cell, RefCell};
use std::pin::pin;

fuzz_target!(|bytes: &[u8]| {
    if let [first, second, replies @ ..] = bytes {
        tap(Settings(*first, *second), replies);
    }
});

/// Two bytes that say what kind of reader it is.
#[derive(Clone, Copy)]
struct Settings(u8, u8);

impl Settings {
    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    fn autorun(self) -> bool {
        self.has(0x01)
    }

    /// Whether kernel 1 is there.
    fn kernel_1(self) -> bool {
        self.has(0x02)
    }

    fn amount(self) -> Amount {
        let amounts = [0, 1_00, 9_99, 10_00, 10_01, 50_00, 79_99, 80_00];
        Amount::new(amounts[usize::from(self.1 & 7)]).expect("twelve digits")
    }

    fn qualifiers(self) -> Ttq {
        let offline_only = if self.1 & 0x08 != 0 { 0x08 } else { 0 };
        Ttq([0x36 | offline_only, self.1 & 0xC0, 0, 0x80])
    }

    /// The applications of [`APPLICATIONS`] with their kernels: of a scheme each, and one that a
    /// country has for itself.
    fn combinations(self) -> [Combination<'static>; 6] {
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

fn tap(settings: Settings, replies: &[u8]) {
    let terminal = Setup(0, 0).terminal();
    let random = Counting::default();
    let transaction = Transaction {
        amount: settings.amount(),
        crypto: Crypto { hash: &Transparent, rsa: &Transparent, random: &random },
        ..Setup(0, 0).transaction(&terminal)
    };
    let combinations = settings.combinations();
    let reader = Reader {
        transaction: &transaction,
        combinations: &combinations,
        autorun: settings.autorun(),
    };
    let script =
        RefCell::new(Script::new(replies).knowing(chipwright_c7::dictionary::C7.entries()));
    let kernels = Anything {
        script: &script,
        settings,
        active: Cell::new(false),
        numbers: Cell::new([0; 4]),
        last: Cell::new(None),
    };
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_entry_point::transact(&session, &reader, &kernels));
    let mut driver = Driver::new(&session, task);
    let mut watch = Watch::default();
    let mut answer = Vec::new();
    let mut input = Input::Start;
    let outcome = loop {
        if let Output::Done(outcome) = driver.step(input).expect("a reply of the kind asked for") {
            break outcome;
        }
        let removal_timeout = driver.removal_timeout();
        let output = driver.step(Input::Start).expect("the same again");
        watch.look(&output, &kernels, &combinations);
        let reply = reply(output, removal_timeout, &mut script.borrow_mut(), &mut answer);
        watch.reply(&reply);
        input = reply;
    };
    watch.end(outcome, kernels.last.get());
    assert!(matches!(driver.step(Input::Start), Ok(Output::Done(again)) if again == outcome));
}

/// Never the same number twice.
#[derive(Debug, Default)]
struct Counting(Cell<u32>);

impl Random for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        self.0.set(self.0.get() + 1);
        out.copy_from_slice(&self.0.get().to_be_bytes());
        Ok(())
    }
}

/// What devices, card and host say to a request.
fn reply<'r, 's: 'r>(
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
struct Anything<'k, 's> {
    script: &'k RefCell<Script<'s>>,
    settings: Settings,
    /// A kernel is at work.
    active: Cell<bool>,
    /// Unpredictable Number of the last activation.
    numbers: Cell<[u8; 4]>,
    /// What the last kernel came to.
    last: Cell<Option<OutcomeType>>,
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

impl Anything<'_, '_> {
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

/// What Entry Point does, seen from outside.
#[derive(Default)]
struct Watch {
    exchanges: u16,
    /// The issuer was asked, to the end.
    asked: bool,
    /// It approved.
    approved: bool,
    field: Option<Field>,
    /// A card was found since the field was switched on.
    card: bool,
}

impl Watch {
    fn look(
        &mut self,
        output: &Output<'_>,
        kernels: &Anything<'_, '_>,
        combinations: &[Combination<'_>],
    ) {
        match output {
            Output::Transmit(command) => {
                self.exchanges += 1;
                assert!(self.exchanges <= EXCHANGE_LIMIT);
                assert!(self.card, "no card in the field");
                if !kernels.active.get() {
                    assert_eq!(command[..4], [0x00, 0xA4, 0x04, 0x00]);
                    let name = &command[5..5 + usize::from(command[4])];
                    let known = combinations.iter().any(|known| name.starts_with(known.aid));
                    assert!(name == b"2PAY.SYS.DDF01" || (known && name.len() <= 16));
                }
            }
            Output::Field(field) => {
                self.field = Some(*field);
                self.card &= *field == Field::On;
            }
            Output::Poll => assert_eq!(self.field, Some(Field::On)),
            Output::Authorise(_) => assert!(!self.asked, "the issuer is asked once"),
            _ => {}
        }
    }

    fn reply(&mut self, reply: &Input<'_>) {
        match reply {
            Input::Polled(polled) => self.card = *polled == Polled::Card,
            Input::Authorised(response) => {
                let code = response.authorisation_response_code;
                (self.asked, self.approved) = (true, [*b"00", *b"10", *b"11"].contains(&code));
            }
            Input::Unreachable => self.asked = true,
            _ => {}
        }
    }

    fn end(&self, outcome: Outcome, last: Option<OutcomeType>) {
        assert_eq!(self.field, Some(Field::Off(0)), "the field is off at the end");
        match (outcome.conclusion, outcome.authority) {
            (Conclusion::Approved, Authority::Online) => assert!(self.approved),
            (Conclusion::Approved, authority) => {
                assert_eq!(authority, Authority::Offline);
                assert_eq!((last, self.asked), (Some(OutcomeType::Approved), false));
            }
            _ => assert!(!outcome.signature),
        }
        assert_eq!(self.approved && outcome.conclusion != Conclusion::Approved, outcome.reversal);
    }
}
