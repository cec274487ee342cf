//! Certificates and signatures, verified by the tables of Book 2 with arithmetic of its own.

use chipwright::crypto::Hash;
use chipwright_rustcrypto::RustCrypto;
use rsa::BoxedUint;
use rsa::hazmat::rsa_encrypt;

use crate::terminal::{Application, CDOL1, CDOL2, Terminal, bytes, objects, only};

/// A public key.
pub(crate) struct Key {
    pub(crate) modulus: Vec<u8>,
    pub(crate) exponent: Vec<u8>,
}

impl Key {
    /// What was signed, without header and trailer: content and hash.
    pub(crate) fn recover(&self, signed: &[u8]) -> (Vec<u8>, Vec<u8>) {
        assert_eq!(signed.len(), self.modulus.len());
        let number = BoxedUint::from_be_slice_vartime;
        let key = rsa::PublicKey::new_unchecked(number(&self.modulus), number(&self.exponent));
        let block = rsa_encrypt(&key, &number(signed)).unwrap().to_be_bytes();
        let block = &block[block.len() - signed.len()..];
        assert_eq!((block[0], block[block.len() - 1]), (0x6A, 0xBC));
        let content = &block[1..block.len() - 1];
        let (content, hash) = content.split_at(content.len() - 20);
        (content.to_vec(), hash.to_vec())
    }
}

fn sha1(parts: &[&[u8]]) -> Vec<u8> {
    RustCrypto.sha1(&mut parts.iter().copied()).to_vec()
}

/// The public key of an authority, from the file for terminals.
fn authority(rid: &str, index: u8) -> Key {
    let text = include_str!("../../../../test-vectors/keys/capk.json");
    let file: serde_json::Value = serde_json::from_str(text).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    let inputs = vectors
        .iter()
        .map(|vector| &vector["inputs"])
        .find(|inputs| inputs["rid"] == rid && inputs["index"] == format!("{index:02X}"))
        .unwrap();
    Key {
        modulus: bytes(inputs["modulus"].as_str().unwrap()),
        exponent: bytes(inputs["exponent"].as_str().unwrap()),
    }
}

/// The key in a certificate with `before` bytes of content before the length of the key.
fn certified(
    signer: &Key,
    before: usize,
    [certificate, remainder, exponent, covered]: [&[u8]; 4],
) -> (Vec<u8>, Key) {
    let (content, hash) = signer.recover(certificate);
    assert_eq!(hash, sha1(&[&content, remainder, exponent, covered]));
    assert_eq!(content[before - 2..before], [0x01, 0x01], "algorithms");
    let (length, exponent_length) = (content[before], content[before + 1]);
    assert_eq!(usize::from(exponent_length), exponent.len());
    let field = &content[before + 2..];
    let length = usize::from(length);
    let modulus = if length <= field.len() {
        assert!(remainder.is_empty() && field[length..].iter().all(|byte| *byte == 0xBB));
        field[..length].to_vec()
    } else {
        [field, remainder].concat()
    };
    assert_eq!(modulus.len(), length);
    (content, Key { modulus, exponent: exponent.to_vec() })
}

/// The issuer's key.
pub(crate) fn issuer(rid: &str, card: &Application) -> Key {
    let empty = Vec::new();
    let object = |tag| card.objects.get(&tag).unwrap_or(&empty).as_slice();
    let authority = authority(rid, object(0x8F)[0]);
    let parts = [object(0x90), object(0x92), object(0x9F32), &[]];
    let (content, key) = certified(&authority, 12, parts);
    assert_eq!(content[0], 0x02);
    assert!(
        hex::encode(object(0x5A)).starts_with(hex::encode(&content[1..5]).trim_end_matches('f'))
    );
    assert_eq!(content[5..7], [0x12, 0x49]);
    key
}

/// The card's key in 9F46 and its fellows, or 9F2D and its.
pub(crate) fn icc(issuer: &Key, card: &Application, tags: [u32; 3], covered: &[u8]) -> Key {
    let empty = Vec::new();
    let [certificate, exponent, remainder] =
        tags.map(|tag| card.objects.get(&tag).unwrap_or(&empty).as_slice());
    let (content, key) = certified(issuer, 18, [certificate, remainder, exponent, covered]);
    assert_eq!(content[0], 0x04);
    let pan = hex::encode(&card.objects[&0x5A]);
    assert_eq!(hex::encode(&content[1..11]).trim_end_matches('f'), pan.trim_end_matches('f'));
    key
}

pub(crate) fn icc_key(rid: &str, card: &Application) -> Key {
    let issuer = issuer(rid, card);
    icc(&issuer, card, [0x9F46, 0x9F47, 0x9F48], &card.static_data)
}

/// The ICC Dynamic Data of a signature that covers `terminal_data`.
pub(crate) fn dynamic_data(key: &Key, signed: &[u8], terminal_data: &[u8]) -> Vec<u8> {
    let (content, hash) = key.recover(signed);
    assert_eq!(hash, sha1(&[&content, terminal_data]));
    assert_eq!(content[..2], [0x05, 0x01]);
    let (data, filler) = content[3..].split_at(usize::from(content[2]));
    assert!(filler.iter().all(|byte| *byte == 0xBB));
    data.to_vec()
}

#[test]
fn certificates_and_signatures_of_every_size_verify() {
    let cases = [
        ("contact-dda", "A000000003", [1984, 1408]),
        ("contact-dda-pin", "A000000003", [1408, 1152]),
        ("contact-dda-65537", "A000000003", [1984, 1408]),
        ("contact-expired", "A000000003", [1408, 1152]),
        ("contact-mastercard", "A000000004", [1408, 1000]),
        ("contact-unionpay", "A000000333", [1152, 1024]),
    ];
    for (name, rid, bits) in cases {
        let mut terminal = Terminal::with_builtin(name);
        let card = terminal.read();
        assert_eq!(card.aip[0] & 0x61, 0x20, "{name}");
        let (issuer, key) = (issuer(rid, &card), icc_key(rid, &card));
        assert_eq!([&issuer, &key].map(|key| 8 * key.modulus.len()), bits, "{name}");
        let mut numbers = Vec::new();
        for _ in 0..2 {
            let answer = terminal.ask("00880000", "DEADBEEF");
            let (tag, value) = only(&terminal.expect(answer));
            let signed = if tag == 0x77 { objects(&value)[&0x9F4B].clone() } else { value };
            let data = dynamic_data(&key, &signed, &[0xDE, 0xAD, 0xBE, 0xEF]);
            assert_eq!((data[0], data.len()), (8, 9), "{name}");
            numbers.push(data);
        }
        assert_ne!(numbers[0], numbers[1], "{name}");
    }
}

#[test]
fn static_data_are_signed() {
    let mut terminal = Terminal::with_builtin("contact-sda");
    let card = terminal.read();
    assert_eq!(card.aip[0] & 0x61, 0x40);
    let (content, hash) = issuer("A000000003", &card).recover(&card.objects[&0x93]);
    assert_eq!(hash, sha1(&[&content, &card.static_data]));
    assert_eq!(content[..4], [0x03, 0x01, 0xDA, 0xC1]);
    assert!(content[4..].iter().all(|byte| *byte == 0xBB));
    for tag in [0x5A, 0x5F24, 0x8C, 0x8D, 0x8E, 0x9F07, 0x9F0D, 0x9F0E, 0x9F0F] {
        let value = &card.objects[&tag];
        let found = card.static_data.windows(value.len()).any(|window| window == value);
        assert!(found, "{tag:X}");
    }
    assert!(card.static_data.ends_with(&card.aip));
    assert!(!card.objects.contains_key(&0x9F46));
}

#[test]
fn keys_in_a_file_for_issuers_count_with_their_template() {
    let more = "authentication.methods = ['sda']\n\
        record = [\n\
        { sfi = 11, number = 1, signed = true, tags = ['5A', '5F24', '8C', '8D', '9F4A'] },\n\
        { sfi = 1, number = 2, tags = ['8F', '9F32', '92'] },\n\
        { sfi = 1, number = 3, tags = ['90'] },\n\
        { sfi = 1, number = 4, tags = ['93'] } ]";
    for more in [more.to_owned(), more.replace(", '92'", "")] {
        let key = if more.contains("'92'") { "issuer-1984-e3" } else { "issuer-1024-e3" };
        let more = format!("authentication.issuer_key = '{key}'\n{more}");
        let card = Terminal::with_visa(&more).read();
        assert_eq!(card.afl, bytes("58010101 08020400"));
        assert_eq!(card.static_data[0], 0x70);
        let (content, hash) = issuer("A000000003", &card).recover(&card.objects[&0x93]);
        assert_eq!(hash, sha1(&[&content, &card.static_data]));
    }
}

#[test]
fn without_a_tag_list_the_aip_is_not_signed() {
    let more = "authentication = { methods = ['dda'], sign_aip = false }";
    let card = Terminal::with_visa(more).read();
    assert!(!card.objects.contains_key(&0x9F4A));
    icc_key("A000000003", &card);
}

#[test]
fn a_key_for_pins_is_certified_without_static_data() {
    let more = "authentication = { methods = ['dda'], pin_key = 'pin-896-e3' }";
    let card = Terminal::with_visa(more).read();
    let issuer = issuer("A000000003", &card);
    let key = icc(&issuer, &card, [0x9F2D, 0x9F2E, 0x9F2F], &[]);
    assert_eq!(key.modulus.len(), 112);
}

#[test]
fn cryptograms_come_signed_with_everything_that_was_said() {
    let more = "pdol = '9F02065F2A02'\nauthentication = { methods = ['cda'], \
        dynamic_number_length = 4 }";
    let mut terminal = Terminal::with_visa(more);
    // Records are read by the PDOL-less helper elsewhere; here the PDOL is part of what counts.
    terminal.select("A00000");
    let answer = terminal.ask("80A80000", "8308 000000001234 0978");
    terminal.expect(answer);
    let more = more.replace("pdol = '9F02065F2A02'", "");
    let card = Terminal::with_visa(&more).read();
    let key = icc_key("A000000003", &card);

    let mut sent = bytes("000000001234 0978");
    for (p1, data, number) in [(0x90, CDOL1, "11223344"), (0x50, CDOL2, "55667788")] {
        sent.extend(bytes(data));
        let answer = terminal.ask(&format!("80AE{p1:02X}00"), data);
        let (tag, value) = only(&terminal.expect(answer));
        assert_eq!(tag, 0x77);
        let found = objects(&value);
        assert!(!found.contains_key(&0x9F26));
        let data = dynamic_data(&key, &found[&0x9F4B], &bytes(number));
        assert_eq!((data[0], data.len()), (4, 1 + 4 + 1 + 8 + 20));
        assert_eq!(data[5..6], found[&0x9F27]);
        let covered: Vec<u8> = chipwright::tlv::Tlvs::new(&value)
            .map(Result::unwrap)
            .filter(|object| object.tag.0 != 0x9F4B)
            .flat_map(|object| object.raw.to_vec())
            .collect();
        assert_eq!(data[14..], sha1(&[&sent, &covered]));
    }
}

#[test]
fn a_refusal_is_not_signed() {
    let mut terminal =
        Terminal::with_visa("authentication.methods = ['cda']\ncryptogram.first = 'aac'");
    terminal.read();
    let answer = terminal.generate(0x90, CDOL1);
    assert_eq!(answer[&0x9F27], [0x00]);
    assert!(answer.contains_key(&0x9F26) && !answer.contains_key(&0x9F4B));
}

#[test]
fn forged_signatures_cover_nothing() {
    let more = "authentication = { methods = ['sda', 'dda', 'cda'], forged = true }";
    let mut terminal = Terminal::with_visa(more);
    let card = terminal.read();
    let (content, hash) = issuer("A000000003", &card).recover(&card.objects[&0x93]);
    assert_eq!(hash, sha1(&[&content]));
    let key = icc_key("A000000003", &card);
    let answer = terminal.ask("00880000", "DEADBEEF");
    let (_, value) = only(&terminal.expect(answer));
    dynamic_data(&key, &objects(&value)[&0x9F4B], &[]);
    let answer = terminal.ask("80AE9000", CDOL1);
    let (_, value) = only(&terminal.expect(answer));
    dynamic_data(&key, &objects(&value)[&0x9F4B], &[]);
}
