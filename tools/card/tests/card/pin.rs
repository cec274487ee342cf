//! The PIN: right, wrong, blocked; plain and enciphered.

use rsa::BoxedUint;
use rsa::hazmat::rsa_encrypt;

use crate::authentication::{Key, icc, icc_key, issuer};
use crate::terminal::{CDOL1, Terminal};

const RIGHT: &str = "241234FFFFFFFFFF";
const WRONG: &str = "241235FFFFFFFFFF";

fn tries(terminal: &mut Terminal) -> u8 {
    let (data, status) = terminal.send("80CA9F1700");
    assert_eq!((&data[..3], status), (&[0x9F, 0x17, 1][..], 0x9000));
    data[3]
}

#[test]
fn wrong_pins_are_counted_and_a_right_one_forgives() {
    let mut terminal = Terminal::with_builtin("contact-dda-pin");
    assert_eq!(terminal.read().objects[&0x8E][8..], [0x41, 0x03, 0x1E, 0x03, 0x1F, 0x00]);
    assert_eq!(tries(&mut terminal), 3);
    assert_eq!(terminal.tell("00200080", WRONG), 0x63C2);
    assert_eq!(terminal.tell("00200080", RIGHT), 0x9000);
    assert_eq!(tries(&mut terminal), 3);
    for status in [0x63C2, 0x63C1, 0x63C0, 0x6983] {
        assert_eq!(terminal.tell("00200080", WRONG), status);
    }
    assert_eq!(terminal.tell("00200080", RIGHT), 0x6983);
    assert_eq!(tries(&mut terminal), 0);
    // The issuer hears of it, and the next transaction finds the PIN blocked still.
    assert_eq!(terminal.generate(0x80, CDOL1)[&0x9F10][4..6], [0xA6, 0x50]);
    terminal.card.reset();
    terminal.read();
    assert_eq!(terminal.tell("00200080", RIGHT), 0x6983);
}

#[test]
fn a_profile_may_start_with_fewer_tries() {
    let more = "verification = { pin = '123456789012', pin_try_limit = 15, pin_tries_left = 1 }";
    let mut terminal = Terminal::with_visa(more);
    terminal.read();
    assert_eq!(tries(&mut terminal), 1);
    assert_eq!(terminal.tell("00200080", "2C123456789012FF"), 0x9000);
    assert_eq!(tries(&mut terminal), 15);
    assert_eq!(terminal.tell("00200080", RIGHT), 0x63CE);
}

#[test]
fn a_pin_is_verified_within_a_transaction() {
    let mut terminal = Terminal::with_visa("");
    terminal.select("A000000003");
    assert_eq!(terminal.tell("00200080", RIGHT), 0x6985);
    terminal.begin();
    assert_eq!(terminal.tell("00200080", RIGHT), 0x9000);
    assert_eq!(terminal.generate(0x40, CDOL1)[&0x9F10][4] & 0x06, 0x04, "PIN, and right");
    assert_eq!(terminal.tell("00200080", RIGHT), 0x6985);
}

/// The data of VERIFY for an enciphered PIN.
fn encipher(key: &Key, header: u8, block: &str, challenge: &[u8]) -> String {
    let mut plain = vec![header];
    plain.extend(hex::decode(block).unwrap());
    plain.extend(challenge);
    plain.resize(key.modulus.len(), 0x5C);
    let number = BoxedUint::from_be_slice_vartime;
    let public = rsa::PublicKey::new_unchecked(number(&key.modulus), number(&key.exponent));
    let power = rsa_encrypt(&public, &number(&plain)).unwrap().to_be_bytes();
    hex::encode(&power[power.len() - plain.len()..])
}

/// [B2 7.2; B3 6.5.6]
#[test]
fn enciphered_pins_need_key_and_challenge() {
    for (more, with_pin_key) in [
        ("authentication.methods = ['dda']", false),
        ("authentication = { methods = ['dda'], pin_key = 'pin-1024-e65537' }", true),
        ("authentication.pin_key = 'pin-896-e3'", true),
    ] {
        let mut terminal = Terminal::with_visa(more);
        let card = terminal.read();
        let key = if with_pin_key {
            let issuer = issuer("A000000003", &card);
            icc(&issuer, &card, [0x9F2D, 0x9F2E, 0x9F2F], &[])
        } else {
            icc_key("A000000003", &card)
        };
        let (number, status) = terminal.send("0084000000");
        assert_eq!((number.len(), status), (8, 0x9000));
        assert_eq!(terminal.tell("00200088", &encipher(&key, 0x7F, RIGHT, &number)), 0x9000);
        assert_eq!(terminal.tell("00200088", &encipher(&key, 0x7F, RIGHT, &number)), 0x6985);
        let (number, status) = terminal.send("0084000000");
        assert_eq!(status, 0x9000);
        assert_eq!(terminal.tell("00200088", &encipher(&key, 0x7F, WRONG, &number)), 0x63C2);
        let (number, _) = terminal.send("0084000000");
        assert_eq!(terminal.tell("00200088", &encipher(&key, 0x7E, RIGHT, &number)), 0x63C1);
        let (number, _) = terminal.send("0084000000");
        let (other, _) = terminal.send("0084000000");
        assert_ne!(number, other);
        assert_eq!(terminal.tell("00200088", &encipher(&key, 0x7F, RIGHT, &number)), 0x63C0);
    }
}

#[test]
fn a_challenge_is_for_the_next_command_only() {
    let mut terminal = Terminal::with_visa("authentication.methods = ['dda']");
    let card = terminal.read();
    let key = icc_key("A000000003", &card);
    let (number, _) = terminal.send("0084000000");
    tries(&mut terminal);
    assert_eq!(terminal.tell("00200088", &encipher(&key, 0x7F, RIGHT, &number)), 0x6985);
}
