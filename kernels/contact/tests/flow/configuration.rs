//! What the terminal is configured with.

use super::card::*;
use super::run::*;
use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::{Application, Options, Terminal, Transaction, Withdrawn};
use chipwright::crypto::Crypto;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, Input, Output};
use chipwright::fault::{Blame, Cause};
use chipwright::field::{TerminalCapabilities, TerminalType};
use chipwright::outcome::{Conclusion, End, Outcome};
use chipwright::session::Session;
use chipwright::value::{Amount, Code, Date};
use chipwright_harness::random::{Broken, Seeded};
use chipwright_rustcrypto::RustCrypto;
use std::pin::pin;

/// The fault of the terminal's that ends a transaction before the card hears of it.
fn refused(terminal: Terminal<'_>) -> (Cause, Option<u32>, Option<u16>) {
    let mut card = Card::new();
    let ended = Run::new(terminal).with(&mut card);
    let Some(End::Fault(fault)) = ended.end() else { panic!("{:?}", ended.outcome()) };
    assert_eq!(fault.blame(), Blame::Terminal, "{fault}");
    assert!(card.commands.is_empty(), "{fault}");
    (fault.cause, fault.tag.map(|tag| tag.0), fault.offset)
}

/// A type that is none, capabilities that this kernel does not have, data that are no BER-TLV.
/// [B4 A1, A2, 10]
#[test]
fn a_configuration_that_makes_no_sense_is_refused() {
    for kind in [0x00, 0x10, 0x17, 0x31, 0x33, 0x99] {
        let terminal_type = TerminalType(kind);
        assert_eq!(
            refused(Terminal { terminal_type, ..TERMINAL }),
            (Cause::Configuration, Some(0x9F35), None)
        );
    }
    for capabilities in
        [[0xE0, 0xFC, 0xC8], [0xE0, 0xFA, 0xC8], [0xE0, 0xF9, 0xC8], [0xE0, 0xF8, 0xCC]]
    {
        let capabilities = TerminalCapabilities(capabilities);
        assert_eq!(
            refused(Terminal { capabilities, ..TERMINAL }),
            (Cause::Configuration, Some(0x9F33), None)
        );
    }
    let data = [0x9F, 0x15, 2, 0x54, 0x11, 0x9F, 0x16, 15, 0x30];
    assert_eq!(
        refused(Terminal { data: &data, ..TERMINAL }),
        (Cause::Configuration, None, Some(5))
    );
}

/// An application identifier has 5 to 16 bytes. [B1 12.2.1]
#[test]
fn an_application_identifier_has_its_length() {
    for aid in [&[][..], &[0xA0, 0, 0, 0], &[0xA0; 17]] {
        let applications = [Application { aid, ..APPLICATION }];
        assert_eq!(
            refused(Terminal { applications: &applications, ..TERMINAL }).0,
            Cause::Configuration
        );
    }
}

/// What is the card's, the issuer's or the kernel's cannot come from the configuration, of the
/// terminal or of any application. [B3 7.2, 7.5; B3 7.5 configured]
#[test]
fn the_configuration_brings_what_is_the_terminals() {
    let foreign = [
        (0x5A, PAN),
        (0x9F0D, "0000000000"),
        (0x8A, "3030"),
        (0x91, "1122334455667788"),
        (0x95, "0000000000"),
        (0x9F34, "1F0002"),
        (0x9F37, "00000000"),
        (0x9F02, "000000000001"),
        (0x9F35, "22"),
    ];
    for (tag, value) in foreign {
        let data = [hex("00"), tlv(0x9F15, "5411"), tlv(tag, value)].concat();
        let expected = (Cause::Configuration, Some(tag), Some(6));
        assert_eq!(refused(Terminal { data: &data, ..TERMINAL }), expected);
        let applications = [APPLICATION, Application { data: &data, ..APPLICATION }];
        assert_eq!(refused(Terminal { applications: &applications, ..TERMINAL }), expected);
    }
    let place_of_ours = hex("FFFF8001 01 00");
    let terminal = Terminal { data: &place_of_ours, ..TERMINAL };
    assert_eq!(refused(terminal), (Cause::Configuration, Some(0xFFFF_8001), Some(0)));
    let data = [tlv(0x9F16, &"30".repeat(15)), tlv(0xDF01, "07"), tlv(0x9F1D, "01")].concat();
    let ended = Run::new(Terminal { data: &data, ..TERMINAL }).with(&mut Card::new());
    assert_eq!((ended.verdict().0, ended.object(0xDF01).as_str()), (Conclusion::Approved, "07"));
}

/// Functions that were withdrawn are not there: for methods, for the card, for the rules.
/// [B3 10.3, 10.5; B4 A2]
#[test]
fn withdrawn_functions_are_not_there() {
    let run = |withdrawn: Withdrawn, card: &mut Card| {
        let options = Options { withdrawn, ..Options::DEFAULT };
        Run::new(Terminal { options, ..TERMINAL }).with(card)
    };
    let nothing = Withdrawn::NOTHING;
    let mut card = Card::new().rules("4103 4403 5E03 1F00").object(0x8C, "9F3303");
    let all = Withdrawn {
        static_data_authentication: true,
        plaintext_pin: true,
        enciphered_pin: true,
        signature: true,
    };
    let ended = run(all, &mut card);
    assert_eq!((ended.cvm_results().as_str(), ended.object(0x9F33).as_str()), ("1F0002", "E04848"));
    assert_eq!(card.only(ASK_TC)[5..8], hex("E04848"));
    let ended = run(Withdrawn { signature: true, ..nothing }, &mut Card::new().rules("1E00"));
    assert_eq!((ended.cvm_results().as_str(), &ended.tvr()[4..6]), ("3F0001", "80"));
    let ended = run(Withdrawn { plaintext_pin: true, ..nothing }, &mut Card::new().rules("0100"));
    assert_eq!((ended.pins.len(), &ended.tvr()[4..6]), (0, "80"), "the other form is supported");
    let both = Withdrawn { plaintext_pin: true, enciphered_pin: true, ..nothing };
    assert_eq!(&run(both, &mut Card::new().rules("0100")).tvr()[4..6], "90");

    // Static data authentication: performed, and withdrawn.
    let profile = "authentication.methods = [\"sda\"]\n";
    let ended = signed(Options::DEFAULT, |_| (), &mut Signing::new(profile, nobody));
    assert_eq!((&ended.tvr()[..2], &ended.tsi()[..1]), ("02", "E"));
    let withdrawn = Withdrawn { static_data_authentication: true, ..nothing };
    let options = Options { withdrawn, ..Options::DEFAULT };
    let ended = signed(options, |_| (), &mut Signing::new(profile, nobody));
    assert_eq!((&ended.tvr()[..2], &ended.tsi()[..1]), ("80", "6"));
}

/// Capabilities that an application adds or that were withdrawn mean the same everywhere.
/// [B4 A2; B2 6.6]
#[test]
fn capabilities_of_an_application_mean_the_same_everywhere() {
    // With CDA by the application's own capabilities: the signature covers the PDOL as well.
    let applications = [Application { data: &[0x9F, 0x33, 3, 0xE0, 0xF8, 0xC8], ..APPLICATION }];
    let profile = "pdol = \"9F0206\"\nauthentication.methods = [\"cda\"]\n\
                   action_codes = { denial = \"0000000000\", online = \"0000000000\", default = \"0000000000\" }\n";
    let change = |run: &mut Run<'_>| {
        run.terminal.capabilities = TerminalCapabilities([0xE0, 0xF8, 0xC0]);
        run.terminal.applications = Vec::leak(applications.to_vec());
    };
    let ended = signed(Options::DEFAULT, change, &mut Signing::new(profile, nobody));
    let refused =
        matches!(ended.end(), Some(End::Fault(fault)) if fault.cause == Cause::Configuration);
    assert!(
        refused || ended.verdict().0 == Conclusion::Approved,
        "{} {:?}",
        ended.tvr(),
        ended.outcome()
    );

    // A withdrawn function does not come back that way.
    let applications = [Application { data: &[0x9F, 0x33, 3, 0xE0, 0xF8, 0xC8], ..APPLICATION }];
    let withdrawn = Withdrawn { signature: true, ..Withdrawn::NOTHING };
    let options = Options { withdrawn, ..Options::DEFAULT };
    let terminal = Terminal { applications: &applications, options, ..TERMINAL };
    let ended = Run::new(terminal).with(&mut Card::new().rules("1E00"));
    assert!(!ended.outcome().signature, "signatures are not accepted any more");
}

/// A list of the terminal's that makes no sense is the terminal's fault, and known before a card is
/// asked for anything. [B3 5.3, 5.4]
#[test]
fn a_faulty_default_list_is_the_terminals_fault() {
    let faulty = Application { default_tdol: Some(&[0x9A, 3, 0x9F, 0x02]), ..APPLICATION };
    let terminal = Terminal { applications: &[APPLICATION, faulty], ..TERMINAL };
    assert_eq!(refused(terminal), (Cause::Configuration, Some(0x97), Some(2)));
    let faulty = Application { default_ddol: Some(&[0x9F, 0x37, 4, 0x9F]), ..APPLICATION };
    let terminal = Terminal { applications: &[APPLICATION, faulty], ..TERMINAL };
    assert_eq!(refused(terminal), (Cause::Configuration, Some(0x9F49), Some(3)));
    let long = Application { default_ddol: Some(&[0x9F, 0x37, 4, 0x9A, 252]), ..APPLICATION };
    let terminal = Terminal { applications: &[long], ..TERMINAL };
    assert_eq!(refused(terminal), (Cause::Configuration, Some(0x9F49), None));
}

/// The same for the list of a dynamic signature. [B3 5.4; B2 6.5.1]
#[test]
fn a_faulty_default_ddol_is_the_terminals_fault() {
    const FAULTY: &[Application<'static>] =
        &[Application { default_ddol: Some(&[0x9F, 0x37, 4, 0x9F, 0x02]), ..APPLICATION }];
    let profile = "authentication = { methods = [\"dda\"], ddol = \"\" }\n";
    let change = |run: &mut Run<'_>| run.terminal.applications = FAULTY;
    let ended = signed(Options::DEFAULT, change, &mut Signing::new(profile, nobody));
    let Some(End::Fault(fault)) = ended.end() else { panic!("{:?}", ended.outcome()) };
    assert_eq!(fault.blame(), Blame::Terminal, "{fault}");
}

/// More exchanges than a transaction may take end it, wherever it is. [B3 8.1]
#[test]
fn exchanges_are_limited() {
    let mut whole = Card::online();
    assert_eq!(Run::host(says(b"00")).with(&mut whole).verdict().0, Conclusion::Approved);
    let all = u16::try_from(whole.commands.len()).unwrap();
    for exchange_limit in 0..=all {
        let options = Options { exchange_limit, ..Options::DEFAULT };
        let mut card = Card::online();
        let run = Run { host: says(b"00"), ..Run::new(Terminal { options, ..TERMINAL }) };
        let ended = run.with(&mut card);
        assert_eq!(card.commands.len(), usize::from(exchange_limit));
        if exchange_limit < all {
            assert_eq!(ended.fault(), "too many exchanges (card)");
            assert_eq!(ended.outcome().reversal, ended.authorisations == 1);
        } else {
            assert_eq!(ended.verdict().0, Conclusion::Approved);
        }
    }
}

/// Without unpredictable numbers, or with a counter of too many digits, nothing begins.
/// [B4 6.5.5, 6.5.6]
#[test]
fn nothing_begins_without_random_numbers_and_counter() {
    let seeded = Seeded::new(1);
    let begun = |crypto: Crypto<'_>, sequence_counter| -> Outcome {
        let transaction = Transaction {
            sequence_counter,
            ..Transaction::purchase(
                &TERMINAL,
                crypto,
                Amount::ZERO,
                Code::new(978).unwrap(),
                Date::new(2026, 1, 15).unwrap(),
            )
        };
        let (mut memory, mut buffer) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
        let session = Session::new(Database::new(&mut memory), Buffer::new(&mut buffer));
        let task = pin!(chipwright_contact::transact(&session, &transaction));
        let mut driver = Driver::new(&session, task);
        match driver.step(Input::Start) {
            Ok(Output::Done(outcome)) => outcome,
            other => panic!("{other:?}"),
        }
    };
    let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &Broken };
    let Some(End::Fault(fault)) = begun(crypto, 1).end else { panic!() };
    assert_eq!((fault.cause, fault.blame()), (Cause::Random, Blame::Terminal));
    let Some(End::Fault(fault)) = begun(Crypto { random: &seeded, ..crypto }, 100_000_000).end
    else {
        panic!()
    };
    assert_eq!((fault.cause, fault.tag.unwrap().0), (Cause::Configuration, 0x9F41));
}
