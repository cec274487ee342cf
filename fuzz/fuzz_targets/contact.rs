//! The whole contact kernel against a card, a cardholder, a PIN pad and a host that say anything.

#![no_main]

use chipwright::apdu::{BUFFER_LENGTH, Buffer, RESPONSE_LENGTH};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::emv::{AMOUNT_AUTHORISED, TVR, UNPREDICTABLE_NUMBER};
use chipwright::driver::{Driver, Input, Misuse, Output};
use chipwright::outcome::{Authority, Conclusion, Outcome};
use chipwright::phase::Phase;
use chipwright::session::{LinkError, PinResult, Session};
use chipwright::tag::Tag;
use chipwright::tlv::{self, Tlvs};
use chipwright_fuzz::crypto;
use chipwright_fuzz::script::Script;
use chipwright_fuzz::terminal::{AMOUNT_CODED, EXCHANGE_LIMIT, Setup};
use libfuzzer_sys::fuzz_target;
use std::pin::pin;

fuzz_target!(|bytes: &[u8]| {
    if let [first, second, replies @ ..] = bytes {
        transact(Setup(*first, *second), Script::new(replies));
    }
});

const GENERATE_AC: u8 = 0xAE;
const EXTERNAL_AUTHENTICATE: u8 = 0x82;

fn transact(setup: Setup, mut script: Script<'_>) {
    let terminal = setup.terminal();
    let transaction = setup.transaction(&terminal);
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_contact::transact(&session, &transaction));
    let mut driver = Driver::new(&session, task);
    let mut watch = Watch::default();
    let mut answer = Vec::new();
    let mut input = Input::Start;
    let outcome = loop {
        let (mut refused, mut sent) = (None, None);
        let reply = match driver.step(input).expect("a reply of the kind asked for") {
            Output::Transmit(command) => {
                sent = Some(command.to_vec());
                script.answer(&mut answer)
            }
            Output::Choose(candidates) => {
                assert!(candidates.by_priority().count() > 0);
                let reply = script.choice();
                if matches!(reply, Input::Chosen(Some(number)) if !candidates.is_open(number)) {
                    refused = Some((Misuse::NotACandidate, Input::Chosen(None)));
                }
                reply
            }
            Output::VerifyPin(request) => {
                let reply = script.pin();
                if matches!(reply, Input::Pin(result) if !result.answers(request.entry.method)) {
                    refused = Some((Misuse::WrongReply, Input::Pin(PinResult::Broken)));
                }
                reply
            }
            Output::Authorise(_) => {
                let reply = script.authorisation();
                watch.authorisation(&reply);
                reply
            }
            Output::Review(_) => script.review(),
            Output::Done(outcome) => break outcome,
            other => panic!("new kind of output: {other:?}"),
        };
        check_data(driver.data());
        watch.phase(driver.phase());
        if let Some(command) = sent {
            watch.exchange(&command, &reply);
        }
        input = match refused {
            Some((misuse, instead)) => {
                assert!(matches!(driver.step(reply), Err(found) if found == misuse));
                instead
            }
            None => accepted(&mut driver, reply),
        };
    };
    watch.end(outcome);
    check_data(driver.data());
    assert_eq!(driver.decided(), Some(outcome), "what was decided stands");
    match driver.step(Input::Start) {
        Ok(Output::Done(again)) => assert_eq!(again, outcome),
        other => panic!("not at the end any more: {other:?}"),
    }
}

/// What the driver refuses, it refuses without harm; then the link has failed.
fn accepted<'s>(driver: &mut Driver<'_, '_>, reply: Input<'s>) -> Input<'s> {
    match reply {
        Input::Response { bytes, .. } if bytes.len() > RESPONSE_LENGTH => {
            let refused = driver.step(reply);
            assert!(matches!(refused, Err(Misuse::ResponseTooLong)));
            Input::LinkFailed(LinkError::Protocol)
        }
        Input::Authorised(response)
            if response
                .issuer_authentication_data
                .is_some_and(|it| !matches!(it.len(), 8..=16)) =>
        {
            assert!(matches!(driver.step(reply), Err(Misuse::HostResponse)));
            Input::Unreachable
        }
        reply => reply,
    }
}

/// What is the terminal's stays as the terminal set it, and no reserved result is set.
fn check_data(data: &Database<'_>) {
    assert_eq!(data.bytes(AMOUNT_AUTHORISED.tag), Some(&AMOUNT_CODED[..]));
    let number = data.bytes(UNPREDICTABLE_NUMBER.tag);
    assert_eq!(number, Some(&crypto::UNPREDICTABLE_NUMBER[..]));
    let results = data.require(TVR).expect("five bytes");
    assert!(results.set_bits().all(|(_, _, name)| name.is_some()), "reserved bit: {results:?}");
    let (used, lent) = data.usage();
    assert!(used <= lent);
}

/// What the kernel did, seen from outside.
#[derive(Default)]
struct Watch {
    exchanges: u16,
    external_authentications: u8,
    /// P1 of every GENERATE AC, and the cryptogram information of its answer if it succeeded.
    cryptograms: Vec<(u8, Option<u8>)>,
    /// Whether the issuer was asked, and its response code.
    authorisations: Vec<Option<[u8; 2]>>,
    phases: Vec<Phase>,
}

impl Watch {
    fn exchange(&mut self, command: &[u8], reply: &Input<'_>) {
        self.exchanges += 1;
        assert!(self.exchanges <= EXCHANGE_LIMIT);
        assert!(matches!(command.len(), 4..=261));
        // Scripts of the issuer may hold any command.
        if self.phases.last() == Some(&Phase::IssuerScriptProcessing) {
            return;
        }
        match command[1] {
            GENERATE_AC => self.cryptograms.push((command[2] & 0xC0, information(reply))),
            EXTERNAL_AUTHENTICATE => self.external_authentications += 1,
            _ => {}
        }
    }

    fn authorisation(&mut self, reply: &Input<'_>) {
        self.authorisations.push(match reply {
            Input::Authorised(response) => Some(response.authorisation_response_code),
            _ => None,
        });
    }

    fn phase(&mut self, phase: Phase) {
        if self.phases.last() != Some(&phase) {
            self.phases.push(phase);
        }
    }

    fn end(&self, outcome: Outcome) {
        assert!(self.external_authentications <= 1);
        assert!(self.authorisations.len() <= 1);
        match *self.cryptograms.as_slice() {
            [] | [_] => {}
            [(_, _), (second, _)] => assert_ne!(second, 0x80, "an ARQC is asked for once"),
            _ => panic!("GENERATE AC more than twice: {:02X?}", self.cryptograms),
        }
        if outcome.conclusion == Conclusion::Approved {
            self.approved(outcome);
        }
        let approving = [*b"00", *b"10", *b"11"];
        let issuer_approved =
            self.authorisations.iter().flatten().any(|code| approving.contains(code));
        assert!(!outcome.reversal || issuer_approved, "nothing to reverse");
    }

    /// Nothing approves but a TC that was asked for, after everything that comes before it.
    fn approved(&self, outcome: Outcome) {
        let Some(&(0x40, Some(information))) = self.cryptograms.last() else {
            panic!("approved without a TC: {:02X?}", self.cryptograms);
        };
        assert_eq!(information & 0xC0, 0x40, "approved with another cryptogram");
        match outcome.authority {
            Authority::Offline => assert_eq!(self.cryptograms.len(), 1),
            Authority::Online => assert!(matches!(self.authorisations[..], [Some(_)])),
            Authority::UnableToGoOnline => assert_eq!(self.authorisations, [None]),
        }
        assert!(outcome.end.is_none() && !outcome.reversal);
    }
}

/// Cryptogram Information Data of an answer to GENERATE AC.
fn information(reply: &Input<'_>) -> Option<u8> {
    let Input::Response { bytes: [data @ .., 0x90, 0x00], .. } = reply else {
        return None;
    };
    let template = Tlvs::new(data).only().ok()??;
    match template.tag {
        Tag(0x80) => template.value.first().copied(),
        Tag(0x77) => tlv::find(template.value, Tag(0x9F27)).ok()??.first().copied(),
        _ => None,
    }
}
