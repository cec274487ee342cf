//! The rules of section 5, row by row, against every combination of what they ask.

use super::*;
use CardholderVerification::{ConfirmationCodeVerified, NoCvm, ObtainSignature, OnlinePin};

/// What a row of the table asks of one circumstance: yes, no, or nothing.
type Asked = Option<bool>;
const YES: Asked = Some(true);
const NO: Asked = Some(false);
const ANY: Asked = None;

/// Card: qualifiers there, PIN, device, signature. Terminal: PIN, signature, CVM required.
/// Related data: there, agreeing. ARQC. Then what becomes of it; none is declined.
type Row = ([Asked; 10], Option<CardholderVerification>, Reason);

/// In the order of the notes; the first row that holds counts.
#[rustfmt::skip]
const TABLE: [Row; 15] = [
    ([YES, YES, ANY, ANY,  YES, ANY, ANY,  ANY, ANY,  ANY], Some(OnlinePin), Reason::OnlinePin),
    ([YES, ANY, YES, ANY,  ANY, ANY, ANY,  YES, YES,  ANY], Some(ConfirmationCodeVerified), Reason::DeviceVerified),
    ([YES, ANY, YES, ANY,  ANY, ANY, ANY,  YES, NO,   ANY], None, Reason::DeviceVerificationDiffers),
    ([YES, ANY, YES, ANY,  ANY, ANY, ANY,  NO,  ANY,  YES], Some(ConfirmationCodeVerified), Reason::DeviceVerifiedOnline),
    ([YES, ANY, YES, ANY,  ANY, ANY, ANY,  NO,  ANY,  NO ], None, Reason::DeviceVerificationUnproven),
    ([YES, YES, NO,  ANY,  NO,  ANY, ANY,  ANY, ANY,  ANY], None, Reason::OnlinePinUnsupported),
    ([YES, NO,  NO,  YES,  ANY, YES, ANY,  ANY, ANY,  ANY], Some(ObtainSignature), Reason::Signature),
    ([YES, NO,  NO,  YES,  ANY, NO,  ANY,  ANY, ANY,  ANY], None, Reason::SignatureUnsupported),
    ([YES, NO,  NO,  NO,   ANY, ANY, NO,   ANY, ANY,  ANY], Some(NoCvm), Reason::NotRequired),
    ([YES, NO,  NO,  NO,   ANY, ANY, YES,  ANY, ANY,  ANY], None, Reason::NoneOffered),
    ([NO,  ANY, ANY, ANY,  ANY, ANY, NO,   ANY, ANY,  ANY], Some(NoCvm), Reason::NotRequired),
    ([NO,  ANY, ANY, ANY,  ANY, YES, YES,  ANY, ANY,  ANY], Some(ObtainSignature), Reason::SignatureByTerminal),
    ([NO,  ANY, ANY, ANY,  YES, NO,  YES,  ANY, ANY,  ANY], Some(OnlinePin), Reason::OnlinePinByTerminal),
    ([NO,  ANY, ANY, ANY,  NO,  NO,  YES,  ANY, ANY,  ANY], None, Reason::NoneAvailable),
    ([ANY; 10], None, Reason::NoneAvailable),
];

/// [C7 5 online-pin, device, pin-unsupported, signature, none, absent]
#[test]
fn every_combination_goes_by_the_table() {
    let mut hits = [0; TABLE.len()];
    for bits in 0..1u16 << 10 {
        let is: [bool; 10] = core::array::from_fn(|place| bits & (1 << place) != 0);
        let [qualifiers, pin, device, signature, can_pin, can_sign, required, signed, agrees, arqc] =
            is;
        let byte = |flags: &[(bool, u8)]| {
            flags.iter().filter(|(set, _)| *set).fold(0, |byte, (_, bit)| byte | bit)
        };
        let card = Ctq([byte(&[(pin, 0x80), (signature, 0x40)]), byte(&[(device, 0x80)])]);
        let [first, second] = card.0;
        let first = if agrees { first } else { first ^ 0x08 };
        let related = RelatedData::read(&[1, 0xA1, 0xB2, 0xC3, 0xD4, first, second, 0]);
        let of = Circumstances {
            card: Some(card).filter(|_| qualifiers),
            related: Some(related).filter(|_| signed),
            online_pin: can_pin,
            signature: can_sign,
            required,
            cryptogram: if arqc { CryptogramType::Arqc } else { CryptogramType::Tc },
        };
        let holds = |row: &Row| {
            row.0.iter().zip(is).all(|(asked, is)| asked.is_none_or(|asked| asked == is))
        };
        let place = TABLE.iter().position(holds).unwrap();
        hits[place] += 1;
        let (_, method, reason) = TABLE[place];
        let expected = method.map(|method| (method, reason)).ok_or(reason);
        assert_eq!(choose(&of), expected, "{of:?}");
    }
    assert!(hits[..14].iter().all(|hits| *hits > 0) && hits[14] == 0, "{hits:?}");
}

/// Related data that cannot be read agrees with nothing. [C7 5 device]
#[test]
fn malformed_related_data_proves_nothing() {
    for length in [0, 7, 17] {
        let mut bytes = vec![1, 2, 3, 4, 5, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes.truncate(length);
        let of = Circumstances {
            card: Some(Ctq::DEVICE_VERIFIED),
            related: Some(RelatedData::read(&bytes)),
            online_pin: true,
            signature: true,
            required: false,
            cryptogram: CryptogramType::Arqc,
        };
        assert_eq!(choose(&of), Err(Reason::DeviceVerificationDiffers), "{length}");
    }
}

/// Related data that no signature covers prove nothing where no issuer looks. [C7 5 device]
#[test]
fn unsigned_related_data_are_for_the_issuer() {
    let related = |version| RelatedData::read(&[version, 1, 2, 3, 4, 0x00, 0x80, 0]);
    let verified = Ok((ConfirmationCodeVerified, Reason::DeviceVerified));
    for (version, cryptogram, expected) in [
        (0, CryptogramType::Arqc, verified),
        (0, CryptogramType::Tc, Err(Reason::DeviceVerificationUnproven)),
        (1, CryptogramType::Arqc, verified),
        (1, CryptogramType::Tc, verified),
    ] {
        let of = Circumstances {
            card: Some(Ctq::DEVICE_VERIFIED),
            related: Some(related(version)),
            online_pin: true,
            signature: true,
            required: true,
            cryptogram,
        };
        assert_eq!(choose(&of), expected, "{version} {cryptogram:?}");
    }
}
