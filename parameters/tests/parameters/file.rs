//! Files: what is taken, what is refused, and why.

use crate::made::{
    self, APPLICATION, REVOCATION, bytes, content, file, maker, signed, template, trust,
};
use chipwright::config::{CaPublicKey, Environment, KeyFault, KeyRecord, RandomSelection};
use chipwright::contactless::KernelId;
use chipwright::tag::Tag;
use chipwright::tlv::ErrorKind;
use chipwright::value::{Amount, Date};
use chipwright_parameters::{EcdsaP256, File, Refusal, Tables, VerifySignature, application, key};
use chipwright_rustcrypto::RustCrypto;
use proptest::prelude::*;

fn day(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).unwrap()
}

fn refusal(content: &[u8]) -> Option<Refusal> {
    File::open(&signed(1, content), &trust(&maker())).err()
}

/// RFC 6979, A.2.5: P-256, SHA-256, "sample".
#[test]
fn a_published_signature_verifies() {
    let key = "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6\
               7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
    let signature = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
                     F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
    let maker = EcdsaP256::new(&bytes(key)).unwrap();
    let signature = bytes(signature).try_into().unwrap();
    assert!(maker.verify(b"sample", &signature));
    assert!(!maker.verify(b"simple", &signature));
    assert!(!maker.verify(b"sample", &[0; 64]));
    assert!(EcdsaP256::new(&[4; 65]).is_none());
}

#[test]
fn what_is_in_a_file_is_used() {
    let made = file(7);
    let file = File::open(&made, &trust(&maker())).unwrap();
    assert_eq!((file.version(), file.bytes()), (7, &made[..]));
    let tables = Tables::<2, 2, 1>::of(&file, day(2026, 1, 1), &RustCrypto).unwrap();
    let [application] = &tables.applications[..] else { panic!("one application") };
    assert_eq!(application.aid, bytes("A000000333010101"));
    assert_eq!((application.partial_match, application.version), (true, 0x0020));
    assert_eq!(application.floor_limit, 20_000);
    let selection = RandomSelection { target: 10, maximum: 99, threshold: 500 };
    assert_eq!(application.random_selection, selection);
    assert_eq!(application.action_codes.default.0[..], bytes("D84000A800"));
    assert_eq!(application.action_codes.online.0[..], bytes("D84004F800"));
    assert_eq!(application.action_codes.denial.0[..], bytes("0010000000"));
    assert_eq!(application.default_ddol, Some(&[0x9F, 0x37, 4][..]));
    let [combination] = &tables.combinations[..] else { panic!("one combination") };
    assert_eq!((combination.aid, combination.kernel), (application.aid, KernelId::new(7)));
    assert_eq!(combination.floor_limit, Amount::new(0));
    assert_eq!(combination.transaction_limit, Amount::new(100_000));
    assert_eq!(combination.cvm_required_limit, Amount::new(30_000));
    let [key] = &tables.keys[..] else { panic!("one key") };
    assert_eq!((key.rid[..].to_vec(), key.index), (bytes("F043484950"), 0xF0));
    let [revocation] = &tables.revocations[..] else { panic!("one revocation") };
    assert!(revocation.revokes(key, [0, 0, 9]));
}

#[test]
fn what_lies_behind_a_file_is_of_no_concern() {
    let mut made = file(7);
    let length = made.len();
    made.extend([0xFF; 100]);
    assert_eq!(File::open(&made, &trust(&maker())).unwrap().bytes().len(), length);
}

#[test]
fn every_flipped_bit_and_every_missing_end_is_refused() {
    let made = file(7);
    for place in 0..made.len() {
        for bit in 0..8 {
            let mut changed = made.clone();
            changed[place] ^= 1 << bit;
            assert!(File::open(&changed, &trust(&maker())).is_err(), "bit {bit} of byte {place}");
        }
        assert_eq!(File::open(&made[..place], &trust(&maker())).err(), Some(Refusal::NoFile));
    }
}

#[test]
fn a_file_of_another_format_side_or_maker_is_refused() {
    let open = |file: &[u8]| File::open(file, &trust(&maker())).err();
    assert_eq!(open(b""), Some(Refusal::NoFile));
    let mut other = file(7);
    other[4] = 2;
    assert_eq!(open(&other), Some(Refusal::Format(2)));
    let stranger = made::public(&made::signer(2));
    let foreign = File::open(&file(7), &trust(&stranger)).err();
    assert_eq!(foreign, Some(Refusal::Signature));
    for environment in [1, 2] {
        assert_eq!(open(&made::on_side(environment)), Some(Refusal::Environment));
    }
}

#[test]
fn signed_nonsense_is_refused_with_its_place() {
    let application = || bytes(APPLICATION);
    let first = template(0xE3, &bytes(REVOCATION));
    let at = 14 + first.len();
    let behind = |tag, content: &[u8]| refusal(&[first.clone(), template(tag, content)].concat());
    assert_eq!(behind(0xE1, &application()), None);
    assert_eq!(behind(0xE9, &application()), Some(Refusal::Template(Tag(0xE9), at)));
    assert_eq!(behind(0xE1, &[]), Some(Refusal::Missing(Tag(0x9F09), at)));
    let twice = [application(), bytes("DF0101 00")].concat();
    assert_eq!(behind(0xE1, &twice), Some(Refusal::Redundant(Tag(0xDF01), at)));
    // Each tag with a value that it cannot have.
    for (tag, was, wrong) in [
        (0x9F06, "9F0608A000000333010101", "9F0604A0000003"),
        (0xDF01, "DF010100", "DF010102"),
        (0x9F08, "9F08020020", "9F080120"),
        (0x9F1B, "9F1B0400004E20", "9F1B03004E20"),
        (0xDF11, "DF1105D84000A800", "DF1104D84000A8"),
        (0xDF14, "DF14039F3704", "DF1400"),
        (0xDF16, "DF160199", "DF16019A"),
        (0xDF17, "DF170110", "DF1701A0"),
        (0xDF15, "DF1504000001F4", "DF150201F4"),
        (0x9F2A, "9F2A0107", "9F2A0100"),
        (0x9F2A, "9F2A0107", "9F2A020700"),
        (0xDF20, "DF2006000000100000", "DF200600000010000A"),
    ] {
        let changed = APPLICATION.replace(' ', "").replace(was, wrong);
        assert_ne!(changed, APPLICATION.replace(' ', ""), "{was}");
        let expected = Some(Refusal::Value(Tag(tag), at));
        assert_eq!(behind(0xE1, &bytes(&changed)), expected, "{wrong}");
    }
    // More at random than at most.
    let changed = APPLICATION.replace("DF160199", "DF160109");
    let expected = Some(Refusal::Value(Tag(0xDF17), at));
    assert_eq!(behind(0xE1, &bytes(&changed)), expected);
    for tag in ["9F06", "9F08", "DF11", "DF12", "DF13"] {
        let without = made::without(&application(), tag);
        let refused = behind(0xE1, &without);
        assert!(matches!(refused, Some(Refusal::Missing(_, place)) if place == at), "{tag}");
    }
    let cut = [first.clone(), vec![0xE1, 0x50, 0x9F]].concat();
    let Some(Refusal::Tlv(error)) = refusal(&cut) else { panic!("no BER-TLV") };
    assert_eq!(error.kind, ErrorKind::TruncatedValue);
    assert_eq!(behind(0xE4, &bytes("9F0605F043484950")), Some(Refusal::Missing(Tag(0x9F2A), at)));
    assert_eq!(
        behind(0xE3, &bytes("9F0605F0434849509F2201F0")),
        Some(Refusal::Missing(Tag(0xDF30), at))
    );
}

#[test]
fn keys_that_cannot_be_trusted_are_refused() {
    let refused = |key: &str| match refusal(&template(0xE2, &bytes(key))) {
        Some(Refusal::Key(fault, 14)) => Some(fault),
        None => None,
        other => panic!("{other:?}"),
    };
    let good = made::key();
    assert_eq!(refused(&good), None);
    assert_eq!(refused(&good.replace("9F2201F0", "9F2201F1")), Some(KeyFault::Checksum));
    assert_eq!(refused(&good.replace("B3DF04", "B2DF04")), Some(KeyFault::Modulus));
    assert_eq!(refused(&good.replace("DF040103", "DF040105")), Some(KeyFault::Exponent));
    let twice = [template(0xE2, &bytes(&good)), template(0xE2, &bytes(&good))].concat();
    let at = 14 + twice.len() / 2;
    assert_eq!(refusal(&twice), Some(Refusal::Key(KeyFault::Duplicate, at)));
    // SM3, SM2: not what is done here.
    for tag in ["DF060101", "DF070101"] {
        let other = good.replace(tag, &tag.replace("0101", "0104"));
        assert!(matches!(refusal(&template(0xE2, &bytes(&other))), Some(Refusal::Value(..))));
    }
}

#[test]
fn a_key_that_has_expired_is_left_out() {
    let file = file(1);
    let file = File::open(&file, &trust(&maker())).unwrap();
    let keys = |today| file.keys(today, &RustCrypto).count();
    assert_eq!((keys(day(2030, 12, 31)), keys(day(2031, 1, 1))), (1, 0));
}

#[test]
fn tables_that_are_too_small_are_no_use() {
    let two = [content(), template(0xE1, &bytes(APPLICATION))].concat();
    let file = signed(1, &two);
    let file = File::open(&file, &trust(&maker())).unwrap();
    let today = day(2026, 1, 1);
    assert!(Tables::<2, 1, 1>::of(&file, today, &RustCrypto).is_ok());
    let too_many = Some(Refusal::TooMany);
    assert_eq!(Tables::<1, 1, 1>::of(&file, today, &RustCrypto).err(), too_many);
    assert_eq!(Tables::<2, 0, 1>::of(&file, today, &RustCrypto).err(), too_many);
    assert_eq!(Tables::<2, 1, 0>::of(&file, today, &RustCrypto).err(), too_many);
}

#[test]
fn downloads_are_read_on_their_own() {
    let download = bytes(APPLICATION);
    let (application, combination) = application(&download).unwrap();
    assert_eq!(application.version, 0x0020);
    assert!(combination.is_some());
    let download = bytes(&made::key());
    let KeyRecord { key: CaPublicKey { exponent, .. }, expiry, .. } =
        key(&download, Environment::Test).unwrap();
    assert_eq!((exponent, expiry), (&[3][..], Some(day(2030, 12, 31))));
    // The day in n 8.
    let coded = made::key().replace("DF05083230333031323331", "DF050420301231");
    assert_eq!(key(&bytes(&coded), Environment::Test).unwrap().expiry, expiry);
    for wrong in ["DF050420301332", "DF0504203012AA", "DF0503203012"] {
        let coded = made::key().replace("DF05083230333031323331", wrong);
        assert_eq!(
            key(&bytes(&coded), Environment::Test).err(),
            Some(Refusal::Value(Tag(0xDF05), 0))
        );
    }
}

/// Whoever signs anything.
struct Anyone;

impl VerifySignature for Anyone {
    fn verify(&self, _: &[u8], _: &[u8; 64]) -> bool {
        true
    }
}

proptest! {
    #[test]
    fn whatever_is_signed_is_a_file_or_refused(
        tag in 0xE0_u8..0xE6,
        content in proptest::collection::vec(any::<u8>(), 0..120),
        cut in 0_usize..200,
    ) {
        let mut made = made::unsigned(0, 1, &template(tag, &content));
        made.extend([0; 64]);
        let made = &made[..cut.min(made.len())];
        if let Ok(file) = File::open(made, &trust(&Anyone)) {
            let _ = Tables::<4, 4, 4>::of(&file, day(2026, 1, 1), &RustCrypto);
        }
    }

    #[test]
    fn whatever_is_in_an_application_is_one_or_refused(
        place in 0_usize..120,
        value in any::<u8>(),
    ) {
        let mut content = bytes(APPLICATION);
        let place = place % content.len();
        content[place] = value;
        let mut made = made::unsigned(0, 1, &template(0xE1, &content));
        made.extend([0; 64]);
        if let Ok(file) = File::open(&made, &trust(&Anyone)) {
            let tables = Tables::<1, 1, 1>::of(&file, day(2026, 1, 1), &RustCrypto).unwrap();
            prop_assert_eq!(tables.applications.len(), 1);
            let selection = tables.applications[0].random_selection;
            prop_assert!(selection.target <= selection.maximum && selection.maximum <= 99);
        }
    }
}
