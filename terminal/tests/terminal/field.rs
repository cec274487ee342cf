//! A reader with a field, a card that is held to it, and a kernel that does as it is told.

use crate::card::{TRACK_2, object};
use crate::world::{APPLICATIONS, Power, SETUP};
use chipwright::apdu::Command;
use chipwright::config::TransactionType;
use chipwright::contactless::{Activation, KernelId, OutcomeParameters, OutcomeType, Start};
use chipwright::database::Repeat;
use chipwright::dictionary::emv::PAN;
use chipwright::session::{Ended, Field, Link, LinkError, Polled, Stop};
use chipwright::tlv::Tlvs;
use chipwright::value::Amount;
use chipwright_entry_point::{Combination, Kernels};
use chipwright_terminal::device::{Answered, ContactlessReader, PollEnded};
use chipwright_terminal::{Flow, Service, Setup};
use core::cell::RefCell;

/// A card in a field, and what is done with it.
#[derive(Clone, Debug)]
pub(crate) struct Tap {
    /// What each look into the field finds; the last one stays.
    pub(crate) polls: Vec<Result<Polled, PollEnded>>,
    /// What the kernel comes to, one after the other; the last one stays.
    pub(crate) outcomes: Vec<OutcomeParameters>,
    /// Objects of the answer to GET PROCESSING OPTIONS beside those that always come.
    pub(crate) more: &'static str,
    /// What the reader did, in order: `on`, `off HOLD`, `poll`, and commands by INS.
    pub(crate) seen: Vec<String>,
}

impl Default for Tap {
    fn default() -> Self {
        Self {
            polls: vec![Ok(Polled::Card)],
            outcomes: vec![OutcomeParameters::new(OutcomeType::OnlineRequest)],
            more: "",
            seen: Vec::new(),
        }
    }
}

fn next<T: Clone>(list: &mut Vec<T>) -> T {
    if list.len() > 1 { list.remove(0) } else { list[0].clone() }
}

/// The reader.
pub(crate) struct Antenna<'w> {
    pub(crate) power: Power,
    pub(crate) tap: &'w RefCell<Tap>,
}

impl ContactlessReader for Antenna<'_> {
    async fn field(&mut self, field: Field) {
        let done = || {
            self.tap.borrow_mut().seen.push(match field {
                Field::On => "on".to_owned(),
                Field::Off(hold) => format!("off {hold}"),
            });
        };
        self.power.call(done, || (), ()).await;
    }

    async fn poll(&mut self) -> Result<Polled, PollEnded> {
        let done = || {
            let mut tap = self.tap.borrow_mut();
            tap.seen.push("poll".to_owned());
            next(&mut tap.polls)
        };
        self.power.call(done, || (), Err(PollEnded::Stopped(Stop::Timeout))).await
    }

    async fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        let mut done = || {
            let mut tap = self.tap.borrow_mut();
            tap.seen.push(format!("{:02X}", command[1]));
            let bytes = hex::decode(tap.answer(command) + "9000").unwrap();
            out.get_mut(..bytes.len()).ok_or(LinkError::Protocol)?.copy_from_slice(&bytes);
            Ok(Answered { length: bytes.len(), elapsed: 0 })
        };
        self.power.call(&mut done, || (), Err(LinkError::Removed)).await
    }
}

impl Tap {
    fn answer(&self, command: &[u8]) -> String {
        match command {
            [_, 0xA4, _, _, _, b'2', ..] => {
                let entry = object("61", &(object("4F", AID) + &object("87", "01")));
                let content = object("A5", &object("BF0C", &entry));
                object("6F", &(object("84", "325041592E5359532E4444463031") + &content))
            }
            [_, 0x84, ..] => "00".repeat(8),
            [_, 0xA4, ..] => object("6F", &(object("84", AID) + "A503500155")),
            _ => {
                let own = [
                    object("57", TRACK_2),
                    object("5F34", "01"),
                    object("82", "7C00"),
                    object("9F10", "07010103A0B000"),
                    object("9F26", &"AC".repeat(8)),
                    object("9F27", "80"),
                    object("9F36", "0007"),
                ];
                object("77", &(own.concat() + self.more))
            }
        }
    }
}

const AID: &str = "A0000003330101";

/// Asks for processing options, keeps what comes, and has the outcome that was planned.
pub(crate) struct Planned<'w>(pub(crate) &'w RefCell<Tap>);

impl Kernels for Planned<'_> {
    fn supports(&self, _: KernelId) -> bool {
        true
    }

    async fn activate(
        &self,
        link: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, Ended> {
        if activation.start == Start::D {
            link.exchange(Command::GET_CHALLENGE, &[]).await?;
            // What the first activation did not bring is there once.
            link.data.put_card(PAN.tag, &hex::decode(crate::card::PAN).unwrap(), Repeat::Refuse)?;
            return Ok(next(&mut self.0.borrow_mut().outcomes));
        }
        link.exchange(Command::GET_PROCESSING_OPTIONS, &[0x83, 0x00]).await?;
        let answer = link.apdu.data().to_vec();
        let template = Tlvs::new(&answer).only().unwrap().unwrap();
        for tlv in Tlvs::new(template.value) {
            let tlv = tlv.unwrap();
            link.data.put_card(tlv.tag, tlv.value, Repeat::Refuse)?;
        }
        Ok(next(&mut self.0.borrow_mut().outcomes))
    }
}

const COMBINATIONS: [Combination<'static>; 1] = [Combination {
    transaction_limit: Amount::new(100_000),
    ..Combination::new(&[0xA0, 0x00, 0x00, 0x03, 0x33], KernelId::new(7))
}];

const fn tapped(kind: TransactionType) -> Service<'static> {
    Service { combinations: &COMBINATIONS, ..Service::new(kind, &APPLICATIONS) }
}

const SERVICES: [Service<'static>; 3] = [
    tapped(TransactionType::Purchase),
    tapped(TransactionType::Refund),
    Service { flow: Flow::CardRead, ..tapped(TransactionType::Inquiry) },
];

const FIELD_ALONE: [Service<'static>; 1] =
    [Service { applications: &[], ..tapped(TransactionType::Purchase) }];

/// Takes taps, and cards in the slot.
pub(crate) const BOTH: Setup<'static> = Setup { services: &SERVICES, ..SETUP };

/// Takes taps alone.
pub(crate) const FIELD: Setup<'static> = Setup { services: &FIELD_ALONE, ..SETUP };
