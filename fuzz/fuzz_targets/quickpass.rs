//! Kernel 7 against a card that says anything.

#![no_main]

use chipwright::apdu::{BUFFER_LENGTH, Buffer, RESPONSE_LENGTH};
use chipwright::contactless::{
    CardholderVerification, OutcomeParameters, OutcomeType, TerminalTransactionQualifiers as Ttq,
};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::emv::{
    AMOUNT_AUTHORISED, APPLICATION_CRYPTOGRAM, CRYPTOGRAM_INFORMATION_DATA, TVR,
    UNPREDICTABLE_NUMBER,
};
use chipwright::driver::{Driver, Input, Output};
use chipwright::field::CryptogramType;
use chipwright::outcome::{Authority, Conclusion, End, Outcome};
use chipwright::phase::Phase;
use chipwright::session::Session;
use chipwright_c7::dictionary::C7;
use chipwright_c7::discretionary_data;
use chipwright_fuzz::crypto;
use chipwright_fuzz::quickpass::Settings;
use chipwright_fuzz::reader::accepted;
use chipwright_fuzz::script::Script;
use chipwright_fuzz::terminal::{AMOUNT_CODED, EXCHANGE_LIMIT};
use libfuzzer_sys::fuzz_target;
use std::cell::Cell;
use std::pin::pin;

fuzz_target!(|bytes: &[u8]| {
    if let Some((settings, replies)) = Settings::read(bytes) {
        tap(&settings, Script::new(replies).knowing(C7.entries()));
    }
});

fn tap(settings: &Settings, mut script: Script<'_>) {
    let terminal = settings.setup.terminal();
    let transaction = settings.setup.transaction(&terminal);
    let activation = settings.activation(&transaction);
    let mut answer = Vec::new();
    let selected = match script.answer(&mut answer) {
        Input::Response { bytes, .. } if bytes.len() <= RESPONSE_LENGTH => bytes.to_vec(),
        _ => return,
    };
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let came = Cell::new(None);
    let task = pin!(async {
        let tap =
            chipwright_c7::transact(&session, &activation, &settings.configuration, &selected);
        came.set(Some(tap.await));
        ENDED
    });
    let mut driver = Driver::new(&session, task);
    let (mut exchanges, mut shown) = (0, 0);
    let mut input = Input::Start;
    loop {
        let reply = match driver.step(input).expect("a reply of the kind asked for") {
            Output::Transmit(command) => {
                let first = exchanges == 0;
                exchanges += 1;
                assert_eq!(command[1], if first { 0xA8 } else { 0xB2 });
                assert!(exchanges <= EXCHANGE_LIMIT && shown == 0);
                script.answer(&mut answer)
            }
            Output::Show(_) => {
                shown += 1;
                Input::Done
            }
            Output::Done(_) => break,
            other => panic!("new kind of output: {other:?}"),
        };
        input = accepted(reply);
    }
    check(came.take().expect("it has ended"), driver.data(), settings.qualifiers, shown);
}

/// What a driver is told of a kernel that has an outcome of another kind.
const ENDED: Outcome = Outcome {
    conclusion: Conclusion::CardRead,
    authority: Authority::Offline,
    end: None,
    phase: Phase::Ended,
    signature: false,
    reversal: false,
    advice: false,
};

fn check(came: Result<OutcomeParameters, End>, data: &Database<'_>, qualifiers: Ttq, shown: usize) {
    if data.bytes(UNPREDICTABLE_NUMBER.tag).is_some() {
        assert_eq!(data.bytes(AMOUNT_AUTHORISED.tag), Some(&AMOUNT_CODED[..]));
        let number = data.bytes(UNPREDICTABLE_NUMBER.tag);
        assert_eq!(number, Some(&crypto::UNPREDICTABLE_NUMBER[..]));
        let results = data.require(TVR).expect("five bytes");
        assert!(results.set_bits().all(|(_, _, name)| name.is_some()), "{results:?}");
    }
    let Ok(outcome) = came else {
        return;
    };
    for (tag, value) in chipwright_c7::data_record(data).chain(discretionary_data(data)) {
        assert_eq!(data.bytes(tag), Some(value));
    }
    let cryptogram = data.get(CRYPTOGRAM_INFORMATION_DATA).ok().flatten();
    let cryptogram = cryptogram.and_then(|information| information.cryptogram());
    match outcome.outcome {
        OutcomeType::Approved => {
            assert_eq!(cryptogram, Some(CryptogramType::Tc), "approved without a TC");
            assert!(!qualifiers.contains(Ttq::ONLINE_CRYPTOGRAM_REQUIRED));
            assert_ne!(outcome.cardholder_verification, CardholderVerification::OnlinePin);
            assert!(chipwright_c7::authenticated(data), "approved without a signature");
        }
        OutcomeType::OnlineRequest => {
            assert!(matches!(cryptogram, Some(CryptogramType::Tc | CryptogramType::Arqc)));
            let tc = cryptogram == Some(CryptogramType::Tc);
            assert!(!tc || !qualifiers.contains(Ttq::OFFLINE_ONLY), "nobody to ask");
        }
        _ => {}
    }
    let decided = matches!(outcome.outcome, OutcomeType::Approved | OutcomeType::OnlineRequest);
    assert_eq!(outcome.data_record, decided);
    if decided {
        assert_eq!(shown, 1, "the card may be taken away");
        assert!(data.bytes(APPLICATION_CRYPTOGRAM.tag).is_some());
        let method = outcome.cardholder_verification;
        assert_ne!(method, CardholderVerification::NotApplicable);
        let pin = method == CardholderVerification::OnlinePin;
        assert!(!pin || qualifiers.contains(Ttq::ONLINE_PIN));
        let signature = method == CardholderVerification::ObtainSignature;
        assert!(!signature || qualifiers.contains(Ttq::SIGNATURE));
        let none = method == CardholderVerification::NoCvm;
        assert!(!none || !qualifiers.contains(Ttq::CVM_REQUIRED));
    }
}
