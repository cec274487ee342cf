//! Offline data authentication over any objects: certificates, signatures, static data, lists.

#![no_main]

use chipwright::config::{CaPublicKey, Terminal};
use chipwright::crypto::{Crypto, MAX_MODULUS};
use chipwright::database::{DATABASE_LENGTH, Database, Repeat};
use chipwright::dictionary::emv::{
    AID, AIP, CA_PUBLIC_KEY_INDEX, DDOL, ICC_PUBLIC_KEY_CERTIFICATE, ICC_PUBLIC_KEY_EXPONENT,
    ICC_PUBLIC_KEY_REMAINDER, ISSUER_PUBLIC_KEY_CERTIFICATE, ISSUER_PUBLIC_KEY_EXPONENT,
    ISSUER_PUBLIC_KEY_REMAINDER, PAN, SIGNED_STATIC_APPLICATION_DATA,
    STATIC_DATA_AUTHENTICATION_TAG_LIST,
};
use chipwright::dictionary::{EMV, Place};
use chipwright::event::Events;
use chipwright::fault::RecordId;
use chipwright::field::{
    ApplicationInterchangeProfile as Aip, CryptogramInformation, TerminalCapabilities,
};
use chipwright::findings::Findings;
use chipwright::oda::{
    Exchanged, Part, PublicKey, card_public_key, issuer_key, note_missing_data,
    note_missing_remainder, select, verify_combined_signature, verify_dynamic_signature,
    verify_fast_dynamic_signature, verify_static_signature,
};
use chipwright_fuzz::script::Script;
use chipwright_fuzz::terminal::Setup;
use libfuzzer_sys::fuzz_target;

/// Of the application, and of the key that signed.
const RID: [u8; 5] = [0xA0, 0, 0, 0, 3];

/// What the card gives without a record around it, by number.
const OBJECTS: [chipwright::tag::Tag; 11] = [
    ISSUER_PUBLIC_KEY_CERTIFICATE.tag,
    ISSUER_PUBLIC_KEY_REMAINDER.tag,
    ISSUER_PUBLIC_KEY_EXPONENT.tag,
    ICC_PUBLIC_KEY_CERTIFICATE.tag,
    ICC_PUBLIC_KEY_REMAINDER.tag,
    ICC_PUBLIC_KEY_EXPONENT.tag,
    SIGNED_STATIC_APPLICATION_DATA.tag,
    STATIC_DATA_AUTHENTICATION_TAG_LIST.tag,
    PAN.tag,
    DDOL.tag,
    AIP.tag,
];

fuzz_target!(|bytes: &[u8]| {
    let mut script = Script::new(bytes);
    let setup = script.byte().unwrap_or_default();
    let chunk = |script: &mut Script<'_>| {
        let length = usize::from(script.byte().unwrap_or_default());
        script.bytes(length).to_vec()
    };
    let (modulus, signature) = (chunk(&mut script), chunk(&mut script));
    let mut memory = [0; DATABASE_LENGTH];
    let mut data = Database::new(&mut memory);
    data.put_bytes(AID.tag, &RID).expect("room");
    data.put_card(CA_PUBLIC_KEY_INDEX.tag, &[0xF9], Repeat::Replace).expect("room");
    while let Some(number) = script.byte() {
        let bytes = chunk(&mut script);
        match OBJECTS.get(usize::from(number & 0x0F)) {
            Some(tag) => _ = data.put_card(*tag, &bytes, Repeat::Replace),
            None => {
                let record = RecordId { sfi: number >> 4, number: 1 };
                _ = data.store_record(record, &bytes, number & 1 == 1, EMV, Events::NONE);
            }
        }
        _ = data.store(&bytes, Place::Response, Repeat::Replace, EMV, Events::NONE);
    }
    verify(setup, &modulus, &signature, &mut data);
});

fn verify(setup: u8, modulus: &[u8], signature: &[u8], data: &mut Database<'_>) {
    let exponent: &[u8] = if setup & 2 == 2 { &[0x01, 0x00, 0x01] } else { &[0x03] };
    let keys = [CaPublicKey { rid: RID, index: 0xF9, modulus, exponent }];
    let configured = Setup(setup & (Setup::TRANSPARENT | Setup::HARDENED), setup);
    let terminal = Terminal { keys: &keys, ..configured.terminal() };
    let transaction = configured.transaction(&terminal);
    let crypto = transaction.crypto;
    let aip = data.get(AIP).ok().flatten().unwrap_or_default();
    let mut findings = Findings::new(Events::NONE);
    note_missing_data(data, aip, &mut findings);
    let (mut issuer, mut icc, mut block) = ([0; _], [0; _], [0; _]);
    let key = match issuer_key(&transaction, data, &mut issuer) {
        Ok(key) => key,
        Err(failure) => {
            assert!(matches!(failure.part, Part::CaKey | Part::IssuerCertificate));
            assert_eq!(failure.code() >> 8, 0x20 | failure.part as u16);
            note_missing_remainder(failure, aip, &mut findings);
            return;
        }
    };
    assert!(matches!(key.modulus.len(), 1..=MAX_MODULUS));
    assert!(!format!("{key:?}").contains(&format!("{:?}", key.modulus)));
    method(aip, terminal.capabilities, &findings);
    if verify_static_signature(data, key, crypto).is_ok() {
        assert!(data.static_data().is_ok());
    }
    for part in [Part::IccCertificate, Part::PinCertificate] {
        let key = match card_public_key(&transaction, data, part, &mut icc) {
            Ok(key) => key,
            Err(failure) => {
                assert_eq!(failure.part, part, "the issuer's key was good before");
                note_missing_remainder(failure, aip, &mut findings);
                continue;
            }
        };
        assert!(matches!(key.modulus.len(), 1..=MAX_MODULUS));
        let signed = &mut std::iter::once(&b"\x11\x22\x33\x44"[..]);
        let mut other = [0; _];
        let dynamic = verify_dynamic_signature(key, signature, signed, crypto, &mut other);
        if let Ok(dynamic) = dynamic {
            assert!(matches!(dynamic.number.len(), 2..=8));
            assert_eq!(signature.len(), key.modulus.len());
        }
        let signed = &mut std::iter::once(&b"\x11\x22\x33\x44"[..]);
        let fast = verify_fast_dynamic_signature(key, signature, signed, crypto, &mut block);
        assert!(dynamic.is_err() || fast.is_err(), "of one format");
        combined(key, signature, crypto);
    }
    data.mark_static_data_signed();
    assert!(data.objects().count() > 0);
}

/// The method is one that both sides have, and what it comes to when it fails is its own.
fn method(aip: Aip, capabilities: TerminalCapabilities, findings: &Findings<'_>) {
    let Some(method) = select(aip, capabilities) else {
        return;
    };
    assert!(matches!(method.name(), "SDA" | "DDA" | "CDA"));
    assert!(!findings.bits().intersects(method.failed().bits()), "nothing has failed yet");
}

/// The combined signature of an answer that it covers, or not.
fn combined(key: PublicKey<'_>, signature: &[u8], crypto: Crypto<'_>) {
    let exchanged = Exchanged {
        sent: [&[], b"\x11\x22\x33\x44", &[]],
        unpredictable_number: [0x11, 0x22, 0x33, 0x44],
        answer: b"\x9F\x27\x01\x80\x9F\x36\x02\x00\x01",
        information: CryptogramInformation(0x80),
    };
    let mut block = [0; _];
    let signed = verify_combined_signature(key, &exchanged, signature, crypto, &mut block);
    assert!(signed.is_err() || signature.len() == key.modulus.len());
}
