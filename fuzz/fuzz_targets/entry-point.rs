//! Entry Point and the reader around it against a card, kernels, a field and a host that say
//! anything.

#![no_main]

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::Transaction;
use chipwright::contactless::OutcomeType;
use chipwright::crypto::Crypto;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, Input, Output};
use chipwright::outcome::{Authority, Conclusion, Outcome};
use chipwright::session::{Field, Polled, Session};
use chipwright_entry_point::{Combination, Reader};
use chipwright_fuzz::crypto::Transparent;
use chipwright_fuzz::reader::{Anything, Counting, Settings, reply};
use chipwright_fuzz::script::Script;
use chipwright_fuzz::terminal::{EXCHANGE_LIMIT, Setup};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use std::pin::pin;

fuzz_target!(|bytes: &[u8]| {
    if let [first, second, replies @ ..] = bytes {
        tap(Settings(*first, *second), replies);
    }
});

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
    let kernels = Anything::new(&script, settings);
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
