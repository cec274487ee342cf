//! Offline data authentication over any objects: certificates, signatures, static data, lists.

#![no_main]

use chipwright::config::CaPublicKey;
use chipwright::crypto::MAX_MODULUS;
use chipwright::database::{DATABASE_LENGTH, Database, Repeat};
use chipwright::dictionary::emv::{
    AIP, DDOL, ICC_PUBLIC_KEY_CERTIFICATE, ICC_PUBLIC_KEY_EXPONENT, ICC_PUBLIC_KEY_REMAINDER,
    ISSUER_PUBLIC_KEY_CERTIFICATE, ISSUER_PUBLIC_KEY_EXPONENT, ISSUER_PUBLIC_KEY_REMAINDER, PAN,
    SIGNED_STATIC_APPLICATION_DATA, STATIC_DATA_AUTHENTICATION_TAG_LIST,
};
use chipwright::dictionary::{EMV, Place};
use chipwright::event::Events;
use chipwright::fault::RecordId;
use chipwright::oda::{
    Part, icc_public_key, issuer_public_key, verify_dynamic_signature, verify_static_signature,
};
use chipwright_fuzz::crypto::crypto;
use chipwright_fuzz::script::Script;
use chipwright_fuzz::terminal::TODAY;
use libfuzzer_sys::fuzz_target;

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
    let ca_key = CaPublicKey { rid: [0xA0, 0, 0, 0, 3], index: 0xF9, modulus, exponent };
    let crypto = crypto(setup & 1 == 1);
    let (mut issuer, mut icc, mut block) = ([0; _], [0; _], [0; _]);
    let none = Events::NONE;
    let Ok(key) = issuer_public_key(data, &ca_key, TODAY, &[], crypto, &mut issuer, none) else {
        return;
    };
    assert!(matches!(key.modulus.len(), 1..=MAX_MODULUS));
    if verify_static_signature(data, key, crypto).is_ok() {
        assert!(data.static_data().is_ok());
    }
    for part in [Part::IccCertificate, Part::PinCertificate] {
        let Ok(key) = icc_public_key(data, part, key, TODAY, crypto, &mut icc, none) else {
            continue;
        };
        assert!(matches!(key.modulus.len(), 1..=MAX_MODULUS));
        let signed = &mut std::iter::once(&b"\x11\x22\x33\x44"[..]);
        let dynamic = verify_dynamic_signature(key, signature, signed, crypto, &mut block);
        if let Ok(dynamic) = dynamic {
            assert!(matches!(dynamic.number.len(), 2..=8));
            assert_eq!(signature.len(), key.modulus.len());
        }
    }
    data.mark_static_data_signed();
    assert!(data.objects().count() > 0);
}
