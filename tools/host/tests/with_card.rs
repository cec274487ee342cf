//! Host and card face to face: what a card makes, the host verifies, and the other way round.

use chipwright::tag::Tag;
use chipwright::tlv::{Tlvs, Writer};
use chipwright_card::{Card, Profile};
use chipwright_host::{Answer, Host, HostError, Issuer, IssuerKey, Mode, Reason, Script, State};
use proptest::prelude::*;

/// Terminal data by tag, in the order of the default CDOL1.
const TERMINAL: [(u32, &str); 8] = [
    (0x9F02, "000000001234"),
    (0x9F03, "000000000000"),
    (0x9F1A, "0276"),
    (0x95, "0000008000"),
    (0x5F2A, "0978"),
    (0x9A, "260115"),
    (0x9C, "00"),
    (0x9F37, "11223344"),
];

/// Tags and values, in order.
type Objects = Vec<(u32, Vec<u8>)>;

struct Session {
    card: Card,
    aip: Vec<u8>,
    account: Vec<u8>,
    /// Whether the issuer's answer goes into CDOL2.
    in_list: bool,
}

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn encode(objects: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut buffer = vec![0; 1024];
    let mut writer = Writer::new(&mut buffer);
    for (tag, value) in objects {
        writer.put(Tag(*tag), value).unwrap();
    }
    writer.finish().to_vec()
}

fn decode(data: &[u8]) -> Objects {
    let objects = Tlvs::new(data).map(Result::unwrap);
    objects.map(|object| (object.tag.0, object.value.to_vec())).collect()
}

impl Session {
    /// A card in its next transaction.
    fn begin(mut card: Card, account: &str) -> Self {
        card.reset();
        let mut session = Self { card, aip: Vec::new(), account: bytes(account), in_list: false };
        let fci = session.transmit(&bytes("00A4040003A0000000"));
        session.in_list = fci[..].windows(7).any(|name| name == bytes("A0000000041010"));
        let options = session.transmit(&bytes("80A8000002830000"));
        session.aip = decode(&decode(&options)[0].1)[0].1.clone();
        session
    }

    fn new(text: &str, account: &str) -> Self {
        let profile = Profile::parse(text).unwrap();
        Self::begin(Card::new(&profile, 1).unwrap(), account)
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let mut answer = self.card.transmit(command);
        assert!(answer.ends_with(&[0x90, 0x00]), "{command:02X?} {answer:02X?}");
        answer.truncate(answer.len() - 2);
        answer
    }

    /// GENERATE AC; field 55 for the host.
    fn generate(&mut self, p1: u8, before: &[u8], after: &[u8]) -> Objects {
        let mut data = before.to_vec();
        TERMINAL.iter().for_each(|(_, value)| data.extend(bytes(value)));
        data.extend(after);
        let mut command = vec![0x80, 0xAE, p1, 0x00, u8::try_from(data.len()).unwrap()];
        command.extend(data);
        command.push(0x00);
        let answer = self.transmit(&command);
        let mut message = decode(&decode(&answer)[0].1);
        message.extend(TERMINAL.iter().map(|(tag, value)| (*tag, bytes(value))));
        message.extend([(0x82, self.aip.clone()), (0x5A, self.account.clone()), (0x5F34, vec![1])]);
        message
    }

    fn ask(&mut self, host: &mut Host) -> (Objects, Answer) {
        let message = self.generate(0x80, &[], &[]);
        let answer = host.authorise(&encode(&message)).unwrap();
        (message, answer)
    }

    /// Gives the host's answer to the card; whether it approves, and field 55 again.
    fn tell(&mut self, answer: &Answer, p1: u8) -> (bool, Objects) {
        let mut before = Vec::new();
        let data = &answer.issuer_authentication_data;
        if self.in_list {
            before.extend(data);
            before.resize(10, 0);
        } else if !data.is_empty() {
            let mut command = vec![0x00, 0x82, 0x00, 0x00, u8::try_from(data.len()).unwrap()];
            command.extend(data);
            self.card.transmit(&command);
        }
        let message = self.generate(p1, &before, &answer.code);
        (message[0] == (0x9F27, vec![0x40]), message)
    }
}

const VISA: &str = "4761739001010119";

fn profile(scheme: &str, more: &str) -> String {
    format!("title = 'test'\n[[application]]\nscheme = '{scheme}'\n{more}")
}

fn visa() -> Session {
    Session::new(&profile("visa", ""), VISA)
}

#[test]
fn every_scheme_is_authorised_and_settled() {
    for (scheme, more, account) in [
        ("visa", "", VISA),
        ("visa", "cryptogram.version = 14", VISA),
        ("visa", "cryptogram.version = 18", VISA),
        ("visa", "cryptogram.version = 0x22", VISA),
        ("mastercard", "", "5413330089020029"),
        ("mastercard", "cryptogram.version = 16", "5413330089020029"),
        ("mastercard", "cryptogram.version = 17", "5413330089020029"),
        ("mastercard", "cryptogram.version = 21", "5413330089020029"),
        ("unionpay", "", "6228000100001117"),
    ] {
        let mut host = Host::new(Mode::Approve);
        let mut session = Session::new(&profile(scheme, more), account);
        let (request, answer) = session.ask(&mut host);
        assert_eq!((answer.reason, &answer.code), (Reason::Approved, b"00"), "{scheme} {more}");
        let (approved, certificate) = session.tell(&answer, 0x40);
        assert!(approved, "{scheme} {more}");
        let booked = host.booked(&encode(&request)).unwrap().unwrap();
        assert_eq!((booked.state, booked.atc, booked.stands()), (State::Approved, 1, true));
        host.settle(&encode(&certificate)).unwrap();
        let booked = host.booked(&encode(&request)).unwrap().unwrap();
        assert_eq!(booked.state, State::Settled, "{scheme} {more}");
        assert_eq!(booked.amount.unwrap().minor_units(), 1234);
        assert!(booked.account().ends_with(&account[12..]) && booked.account().contains("******"));
        assert_eq!(host.book().len(), 1);
    }
}

#[test]
fn a_declined_request_is_answered_and_booked() {
    for (scheme, account) in [("visa", VISA), ("mastercard", "5413330089020029")] {
        let mut host = Host::new(Mode::Decline);
        let mut session = Session::new(&profile(scheme, ""), account);
        let (request, answer) = session.ask(&mut host);
        assert_eq!((answer.reason, &answer.code), (Reason::Declined, b"05"));
        assert!(!session.tell(&answer, 0x00).0);
        let booked = host.booked(&encode(&request)).unwrap().unwrap();
        assert_eq!((booked.state, booked.stands()), (State::Declined, false));
        assert_eq!(host.reverse(&encode(&request)), Err(HostError::NotBooked));
    }
}

#[test]
fn a_lie_is_not_believed() {
    for (scheme, more, account) in [
        ("visa", "", VISA),
        ("visa", "cryptogram.version = 18", VISA),
        ("mastercard", "", "5413330089020029"),
        ("unionpay", "", "6228000100001117"),
    ] {
        let mut host = Host::new(Mode::BadArpc);
        let mut session = Session::new(&profile(scheme, more), account);
        let (_, answer) = session.ask(&mut host);
        assert_eq!((answer.reason, &answer.code), (Reason::Lied, b"00"));
        assert!(!session.tell(&answer, 0x40).0, "{scheme} {more}");
    }
}

#[test]
fn nobody_answers_when_unreachable() {
    let mut host = Host::new(Mode::Unreachable);
    let message = encode(&visa().generate(0x80, &[], &[]));
    assert_eq!(host.authorise(&message), Err(HostError::Unreachable));
    assert!(host.book().is_empty());
}

#[test]
fn a_request_with_one_wrong_byte_is_declined() {
    let message = visa().generate(0x80, &[], &[]);
    let covered = [0x9F26, 0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x5F34];
    for place in 0..message.len() {
        let (tag, value) = &message[place];
        if !covered.contains(tag) {
            continue;
        }
        for byte in 0..value.len() {
            let mut wrong = message.clone();
            wrong[place].1[byte] ^= 0x01;
            let mut host = Host::new(Mode::Approve);
            let answer = host.authorise(&encode(&wrong)).unwrap();
            assert_eq!((answer.reason, &answer.code), (Reason::WrongCryptogram, b"05"), "{tag:X}");
            assert_eq!(answer.objects(), [0x8A, 2, b'0', b'5']);
            assert!(host.book().is_empty(), "a forger must not use up the card's counter");
        }
    }
    assert!(
        Host::new(Mode::Approve).authorise(&encode(&message)).unwrap().reason == Reason::Approved
    );
}

#[test]
fn the_counter_does_not_go_back() {
    let mut host = Host::new(Mode::Approve);
    let card = |atc| profile("visa", &format!("cryptogram.atc = {atc}"));
    let (request, answer) = Session::new(&card(7), VISA).ask(&mut host);
    assert_eq!(answer.reason, Reason::Approved);
    for atc in [7, 3] {
        let (_, answer) = Session::new(&card(atc), VISA).ask(&mut host);
        assert_eq!((answer.reason, &answer.code), (Reason::CounterWentBack, b"05"));
    }
    assert_eq!(host.authorise(&encode(&request)).unwrap().reason, Reason::CounterWentBack);
    assert!(host.booked(&encode(&request)).unwrap().unwrap().stands());
    let (_, answer) = Session::new(&card(9), VISA).ask(&mut host);
    assert_eq!(answer.reason, Reason::Approved);
    // Another card of the same account has a counter of its own.
    let more = "account.sequence_number = 2";
    let mut other = Session::new(&profile("visa", more), VISA);
    let mut message = other.generate(0x80, &[], &[]);
    message.last_mut().unwrap().1 = vec![2];
    assert_eq!(host.authorise(&encode(&message)).unwrap().reason, Reason::Approved);
}

#[test]
fn only_an_arqc_asks_and_only_a_tc_settles() {
    let mut host = Host::new(Mode::Approve);
    for p1 in [0x00, 0x40] {
        let message = encode(&visa().generate(p1, &[], &[]));
        assert_eq!(host.authorise(&message).unwrap().reason, Reason::NoRequest);
    }
    let request = encode(&visa().generate(0x80, &[], &[]));
    assert_eq!(host.settle(&request), Err(HostError::WrongCryptogram));
    let mut certificate = visa().generate(0x40, &[], &[]);
    host.settle(&encode(&certificate)).unwrap();
    assert_eq!(host.book()[0].state, State::Settled);
    certificate[2].1[0] ^= 1;
    assert_eq!(host.settle(&encode(&certificate)), Err(HostError::WrongCryptogram));
}

/// A tap has no second cryptogram.
#[test]
fn a_tap_is_settled_with_the_request_that_was_not_refused() {
    for (mode, approved) in [(Mode::Approve, true), (Mode::Decline, false)] {
        let mut host = Host::new(mode);
        let mut request = visa().generate(0x80, &[], &[]);
        let in_the_slot = encode(&request);
        request.push((0x9F39, vec![0x07]));
        let request = encode(&request);
        host.authorise(&request).unwrap();
        assert_eq!(host.settle(&in_the_slot), Err(HostError::WrongCryptogram));
        assert_eq!(host.settle(&request).is_ok(), approved, "{mode:?}");
        assert_eq!(host.settle(&request), Err(HostError::WrongCryptogram), "once");
        assert!(Host::new(mode).settle(&request).is_ok(), "another host remembers nothing");
    }
}

#[test]
fn a_transaction_is_taken_back() {
    let mut host = Host::new(Mode::Approve);
    let (request, _) = visa().ask(&mut host);
    let request = encode(&request);
    host.reverse(&request).unwrap();
    let booked = host.booked(&request).unwrap().unwrap();
    assert_eq!((booked.state, booked.stands()), (State::Reversed, false));
    let other = encode(&[(0x5A, bytes(VISA)), (0x9F36, vec![0, 9])]);
    assert_eq!(host.reverse(&other), Err(HostError::NotBooked));
}

/// Sends the commands of a script, as long as the card obeys; its status words.
fn send(session: &mut Session, template: &(u32, Vec<u8>)) -> Vec<u16> {
    let mut statuses = Vec::new();
    for (tag, command) in decode(&template.1) {
        if tag == 0x86 {
            let answer = session.card.transmit(&command);
            let status = u16::from_be_bytes(answer.try_into().unwrap());
            statuses.push(status);
            if status != 0x9000 {
                break;
            }
        }
    }
    statuses
}

const SCHEMES: [(&str, &str, &str); 7] = [
    ("visa", "", VISA),
    ("visa", "version = 14", VISA),
    ("visa", "version = 18", VISA),
    ("visa", "version = 0x22", VISA),
    ("mastercard", "", "5413330089020029"),
    ("mastercard", "version = 16", "5413330089020029"),
    ("unionpay", "", "6228000100001117"),
];

fn host_with(scripts: &[&str]) -> Host {
    let mut host = Host::new(Mode::Approve);
    host.scripts = scripts.iter().map(|script| Script::new(script).unwrap()).collect();
    host
}

#[test]
fn every_scheme_obeys_its_issuer() {
    for (scheme, more, account) in SCHEMES {
        let mut host = host_with(&[
            "before 11223344: put-data 9F14 05, update-record 1 1 7003 5F2000, pin-unblock",
            "before: pin-change 567890, 84C0FFFF",
            "after: application-block, application-unblock, card-block",
        ]);
        let more = format!(
            "cryptogram = {{ {more} }}\nget_data = {{ 9F14 = '03' }}\n\
            verification.pin_tries_left = 0"
        );
        let mut session = Session::new(&profile(scheme, &more), account);
        let (_, answer) = session.ask(&mut host);
        let templates = decode(&answer.scripts);
        assert_eq!(templates.iter().map(|(tag, _)| *tag).collect::<Vec<_>>(), [0x71, 0x71, 0x72]);
        assert_eq!(decode(&templates[0].1)[0], (0x9F18, bytes("11223344")));
        assert_eq!(send(&mut session, &templates[0]), [0x9000; 3], "{scheme} {more}");
        assert_eq!(send(&mut session, &templates[1]), [0x9000, 0x6D00], "{scheme} {more}");
        let verify = |pin: &str| bytes(&format!("0020008008{pin}"));
        assert_eq!(session.card.transmit(&verify("241234FFFFFFFFFF")), [0x63, 0xC2]);
        session.transmit(&verify("26567890FFFFFFFF"));
        assert_eq!(session.transmit(&bytes("80CA9F1400")), [0x9F, 0x14, 1, 5]);
        assert_eq!(session.transmit(&bytes("00B2010C00")), bytes("70035F2000"));
        assert!(session.tell(&answer, 0x40).0, "{scheme} {more}");
        assert_eq!(send(&mut session, &templates[2]), [0x9000; 3], "{scheme} {more}");
        assert_eq!(session.card.transmit(&bytes("00A4040005A00000000300")), [0x6A, 0x81]);
    }
}

#[test]
fn a_forged_command_is_not_obeyed() {
    for (scheme, more, account) in SCHEMES {
        let mut host = host_with(&[
            "before: application-block forged, card-block",
            "before: pin-change 5678 forged",
            "before: application-block",
        ]);
        let more = format!("cryptogram = {{ {more} }}");
        let mut session = Session::new(&profile(scheme, &more), account);
        let (_, answer) = session.ask(&mut host);
        let templates = decode(&answer.scripts);
        assert_eq!(send(&mut session, &templates[0]), [0x6988], "{scheme} {more}");
        assert_eq!(send(&mut session, &templates[1]), [0x6988], "{scheme} {more}");
        session.transmit(&bytes("0020008008241234FFFFFFFFFF"));
        // Nobody told Mastercard's card of the command that was not sent.
        let last = if scheme == "mastercard" { 0x6988 } else { 0x9000 };
        assert_eq!(send(&mut session, &templates[2]), [last], "{scheme} {more}");
        assert_eq!(session.tell(&answer, 0x40).0, scheme == "mastercard");
    }
}

#[test]
fn scripts_are_for_cards_of_the_issuer() {
    let script = "before: pin-unblock";
    let mut message = visa().generate(0x80, &[], &[]);
    message[2].1[0] ^= 1;
    let answer = host_with(&[script]).authorise(&encode(&message)).unwrap();
    assert_eq!((answer.reason, answer.scripts.len()), (Reason::WrongCryptogram, 0));
    let mut host = host_with(&[script]);
    host.mode = Mode::Decline;
    let (_, answer) = visa().ask(&mut host);
    assert_eq!((answer.reason, answer.scripts.len()), (Reason::Declined, 17));
    assert!(answer.objects().ends_with(&answer.scripts));
}

#[test]
fn a_script_that_cannot_be_written_is_told() {
    let over_current = "before: pin-change 5678 1234";
    let card = || Session::new(&profile("mastercard", ""), "5413330089020029");
    let message = encode(&card().generate(0x80, &[], &[]));
    let mut host = host_with(&[over_current]);
    let error = host.authorise(&message).unwrap_err();
    assert!(error.to_string().contains("current"), "{error}");
    assert!(host.book().is_empty());
    let issuer = |script_keys| {
        let visa = Issuer::for_tests().into_iter().find(|issuer| issuer.prefix == "476173");
        Issuer { script_keys, ..visa.unwrap() }
    };
    let message = encode(&visa().generate(0x80, &[], &[]));
    let mut host = Host::with_issuers(Mode::Approve, vec![issuer(None)]);
    host.scripts = vec![Script::new(over_current).unwrap()];
    assert_eq!(host.authorise(&message), Err(HostError::NoScriptKeys));
    host.scripts = vec![Script::new("71 02 86 00").unwrap()];
    assert_eq!(host.authorise(&message).unwrap().scripts, [0x71, 2, 0x86, 0]);
}

#[test]
fn an_approval_may_come_without_proof() {
    for (mandatory, approved) in [(false, true), (true, false)] {
        let mut host = Host::new(Mode::NoArpc);
        let more = format!("cryptogram.issuer_authentication_mandatory = {mandatory}");
        let mut session = Session::new(&profile("visa", &more), VISA);
        let (request, answer) = session.ask(&mut host);
        assert_eq!((answer.reason, &answer.code), (Reason::Unproven, b"00"));
        assert!(answer.issuer_authentication_data.is_empty());
        assert!(host.booked(&encode(&request)).unwrap().unwrap().stands());
        assert_eq!(session.tell(&answer, 0x40).0, approved);
    }
}

#[test]
fn keys_of_single_cards_can_be_given() {
    let key = [0x5A; 16];
    let more = format!("cryptogram.card_key = '{}'", hex::encode(key));
    let issuer = |key| Issuer {
        scheme: chipwright::cryptogram::Scheme::Visa,
        prefix: VISA.to_owned(),
        key,
        script_keys: None,
    };
    let key = |byte| IssuerKey::Card(chipwright::cryptogram::DoubleKey::new([byte; 16]));
    for (byte, reason) in [(0x5A, Reason::Approved), (0x5C, Reason::WrongCryptogram)] {
        let mut host = Host::with_issuers(Mode::Approve, vec![issuer(key(byte))]);
        let (_, answer) = Session::new(&profile("visa", &more), VISA).ask(&mut host);
        assert_eq!(answer.reason, reason);
    }
}

#[test]
fn a_message_that_cannot_be_used_says_why() {
    let message = visa().generate(0x80, &[], &[]);
    let mut host = Host::new(Mode::Approve);
    let mut refused = |change: &dyn Fn(&mut Objects)| {
        let mut message = message.clone();
        change(&mut message);
        host.authorise(&encode(&message)).unwrap_err()
    };
    for tag in [0x5A, 0x9F10, 0x9F26, 0x9F27, 0x9F36, 0x9F37, 0x9F02, 0x95, 0x82] {
        let error = refused(&|message| message.retain(|(other, _)| *other != tag));
        assert_eq!(error, HostError::Missing(Tag(tag)));
        let error = refused(&|message| {
            message.iter_mut().filter(|(other, _)| *other == tag).for_each(|(_, value)| {
                value.clear();
            });
        });
        let expected =
            if tag == 0x9F10 { HostError::UnknownVersion } else { HostError::Value(Tag(tag)) };
        assert_eq!(error, expected);
        let error = refused(&|message| message.push((tag, vec![0])));
        assert_eq!(error, HostError::Twice(Tag(tag)));
    }
    let error = refused(&|message| message.retain(|(tag, _)| *tag != 0x9F36));
    assert_eq!(error.to_string(), "the message lacks 9F36 Application Transaction Counter");
    let error = refused(&|message| message.last_mut().unwrap().1 = vec![0xFF]);
    assert_eq!(error, HostError::Value(Tag(0x5F34)));
    let error = refused(&|message| {
        let account = message.iter_mut().find(|(tag, _)| *tag == 0x5A).unwrap();
        account.1 = bytes("4111111111111111");
    });
    assert_eq!(error, HostError::UnknownIssuer("411111******1111".to_owned()));
    let mut host = Host::new(Mode::Approve);
    let truncated = host.authorise(&[0x9F, 0x02, 6, 0]).unwrap_err();
    assert_eq!(truncated.to_string(), "the message is malformed: truncated value at offset 0");
}

#[test]
fn an_answer_is_written_as_objects() {
    let mut host = Host::new(Mode::Approve);
    let (_, answer) = visa().ask(&mut host);
    let objects = decode(&answer.objects());
    assert_eq!(objects[0], (0x8A, b"00".to_vec()));
    assert_eq!(objects[1], (0x91, answer.issuer_authentication_data.to_vec()));
    assert_eq!(answer.issuer_authentication_data.len(), 10);
}

#[test]
fn account_numbers_do_not_show() {
    let mut host = Host::new(Mode::Approve);
    let _ = visa().ask(&mut host);
    let shown = format!("{host:?}");
    assert!(shown.contains("476173******0119") && !shown.contains(VISA), "{shown}");
}

proptest! {
    #[test]
    fn any_text_is_a_script_or_an_error(text in "(before|after|now)?( [0-9a-f]{0,8})?:?( ?(card-block|pin-change|put-data|update-record|forged|[0-9a-f]{1,6}|,|.))*") {
        let _ = Script::new(&text);
    }

    #[test]
    fn any_message_is_survived(data in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut host = Host::new(Mode::Approve);
        let _ = host.authorise(&data);
        let _ = host.settle(&data);
        let _ = host.reverse(&data);
        prop_assert!(host.book().is_empty());
    }

    #[test]
    fn any_object_may_be_changed(place in 0usize..16, value in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut message = visa().generate(0x80, &[], &[]);
        let place = place % message.len();
        let same = message[place].1 == value;
        message[place].1 = value;
        let mut host = Host::new(Mode::Approve);
        if let Ok(answer) = host.authorise(&encode(&message)) {
            // What the cryptogram does not cover can be changed without anyone noticing: the
            // version byte's neighbours, and nothing else.
            let unnoticed = [0x9F27, 0x9F10].contains(&message[place].0);
            prop_assert!(same || unnoticed || answer.reason == Reason::WrongCryptogram);
        }
    }
}
