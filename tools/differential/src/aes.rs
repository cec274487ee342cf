//! The issuer's cryptography with AES, beside the peer's: no published values are known for it.

use chipwright::cryptogram::aes::{self, AesKey};
use chipwright::value::Pan;
use chipwright_rustcrypto::RustCrypto;
use emv::core::application_cryptogram::application_cryptogram_aes;
use emv::core::issuer_authentication::{arpc_method1_aes, arpc_method2_aes};
use emv::core::master_key_derivation::derive_master_key_option_c;
use emv::core::secure_messaging::{
    derive_session_key_aes, diversification_for_ac_session_key_aes,
    diversification_for_sm_session_key_aes,
};

use crate::cryptograms::{account_number, two_digits};
use crate::dice::Dice;

#[test]
fn ten_thousand_random_cases_agree() {
    for number in 0..10_000 {
        let dice = Dice::new(1, number);
        let random: [u8; 32] = dice.bytes();
        let issuer = &random[..dice.pick(&[16, 24, 32])];
        let (digits, account) = account_number(&dice);
        let sequence_number = two_digits(&dice);

        let key = AesKey::new(issuer).unwrap();
        let pan = Pan::new(&account).unwrap();
        let card = aes::icc_master_key(&RustCrypto, &key, pan, sequence_number).unwrap();
        let theirs = derive_master_key_option_c(issuer, &account, Some(sequence_number)).unwrap();
        assert_eq!(card.bytes(), theirs, "{digits}");

        let (atc, cryptogram): (u16, [u8; 8]) = (u16::from_be_bytes(dice.bytes()), dice.bytes());
        for diversifier in [
            diversification_for_ac_session_key_aes(atc),
            diversification_for_sm_session_key_aes(&cryptogram),
        ] {
            let session = aes::common(&RustCrypto, &card, diversifier).unwrap();
            let theirs = derive_session_key_aes(card.bytes(), &diversifier).unwrap();
            assert_eq!(session.bytes(), theirs, "{number}");
            answers(&dice, &session);
        }
    }
}

/// Cryptogram and both kinds of answer under a session key.
fn answers(dice: &Dice, session: &AesKey) {
    let data: [u8; 64] = dice.bytes();
    let data = &data[..dice.below(65)];
    let mac = aes::mac(&RustCrypto, session, [data]).unwrap();
    let cryptogram = *mac.first_chunk().unwrap();
    assert_eq!(cryptogram, application_cryptogram_aes(session.bytes(), data).unwrap());

    let code = dice.bytes();
    let answer = aes::method_1(&RustCrypto, session, cryptogram, code).unwrap();
    assert_eq!(answer, arpc_method1_aes(cryptogram, code, session.bytes()).unwrap());

    let (update, own): (_, [u8; 8]) = (dice.bytes(), dice.bytes());
    let own = &own[..dice.below(9)];
    let answer = aes::method_2(&RustCrypto, session, cryptogram, update, own).unwrap();
    let theirs = arpc_method2_aes(cryptogram, update, own, session.bytes());
    assert_eq!(answer, theirs.unwrap());
}
