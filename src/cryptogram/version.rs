//! How payment systems combine the parts: one row for each cryptogram version.

use super::input::{COMMON, SHORT};
use super::{
    CardData, DoubleKey, Encipherment, Error, Input, MasterKeyOption, Padding, PinBlock,
    ResponseMethod, ScriptKey, ScriptMac, SessionKey, Tree, icc_master_key,
};
use crate::crypto::{BlockCiphers, Hash};
use crate::tag::Tag;
use crate::value::Pan;

/// Whose version it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scheme {
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// Interac.
    Interac,
    /// UnionPay, by PBOC.
    UnionPay,
    /// Common Core Definitions of EMV. [B3 C7]
    CommonCore,
}

/// How sure a row is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Confidence {
    /// From memory; no public source found, or sources disagree.
    Uncertain,
    /// Public sources agree, published values for parts of it.
    Described,
    /// Published values for input, cryptogram and answer are reproduced.
    Proven,
}

/// A cryptogram version: what a byte of the Issuer Application Data (9F10) stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CryptogramVersion {
    /// Whose it is.
    pub scheme: Scheme,
    /// The byte that names it.
    pub number: u8,
    /// How sure all of this is.
    pub confidence: Confidence,
    /// Derivation of the card's keys.
    pub master_key: MasterKeyOption,
    /// Derivation of the key for the cryptogram.
    pub session_key: SessionKey,
    /// Data objects of the input, with their lengths.
    pub(super) objects: &'static [(Tag, usize)],
    /// What follows them out of the Issuer Application Data.
    pub card_data: CardData,
    /// Padding of the input.
    pub padding: Padding,
    /// The issuer's answer.
    pub response: ResponseMethod,
    /// Derivation of the keys for scripts.
    pub script_key: ScriptKey,
    /// What the MAC of a script command covers.
    pub script_mac: ScriptMac,
    /// Encipherment in scripts.
    pub encipherment: Encipherment,
    /// The PIN block of a PIN change.
    pub pin_block: PinBlock,
}

/// Visa, version 10.
pub const VISA_10: CryptogramVersion = CryptogramVersion {
    scheme: Scheme::Visa,
    number: 0x0A,
    confidence: Confidence::Proven,
    master_key: MasterKeyOption::A,
    session_key: SessionKey::Master,
    objects: COMMON,
    card_data: CardData::Results,
    padding: Padding::Method1,
    response: ResponseMethod::Code,
    script_key: ScriptKey::Counter,
    script_mac: ScriptMac::Transaction,
    encipherment: Encipherment::Visa,
    pin_block: PinBlock::Visa,
};

/// Visa, version 14: version 10 with the session key tree of EMV 4.1. The shape of the tree is the
/// issuer's choice.
pub const VISA_14: CryptogramVersion = CryptogramVersion {
    number: 0x0E,
    confidence: Confidence::Uncertain,
    session_key: SessionKey::Tree(Tree::FOUR),
    ..VISA_10
};

/// Visa, version 17, of contactless cards: a short input, and no answer.
pub const VISA_17: CryptogramVersion = CryptogramVersion {
    number: 0x11,
    confidence: Confidence::Uncertain,
    objects: SHORT,
    card_data: CardData::FifthByte,
    response: ResponseMethod::None,
    ..VISA_10
};

/// Visa, version 18.
pub const VISA_18: CryptogramVersion = CryptogramVersion {
    number: 0x12,
    master_key: MasterKeyOption::B,
    session_key: SessionKey::Common,
    card_data: CardData::Whole,
    padding: Padding::Method2,
    response: ResponseMethod::Status,
    ..VISA_10
};

/// Visa, version 22, whose number is hexadecimal: version 18 in the 32 byte format of the Issuer
/// Application Data, with script keys from the cryptogram.
pub const VISA_22: CryptogramVersion = CryptogramVersion {
    number: 0x22,
    script_key: ScriptKey::Cryptogram,
    pin_block: PinBlock::VisaOverCurrent,
    ..VISA_18
};

/// Mastercard, version 20: common session key.
pub const MASTERCARD_20: CryptogramVersion = CryptogramVersion {
    scheme: Scheme::Mastercard,
    number: 0x14,
    confidence: Confidence::Proven,
    master_key: MasterKeyOption::A,
    session_key: SessionKey::Common,
    objects: COMMON,
    card_data: CardData::MChip,
    padding: Padding::Method2,
    response: ResponseMethod::Code,
    script_key: ScriptKey::Cryptogram,
    script_mac: ScriptMac::Transaction,
    encipherment: Encipherment::Mastercard,
    pin_block: PinBlock::Format2,
};

/// Mastercard, version 21: version 20 with counters.
pub const MASTERCARD_21: CryptogramVersion =
    CryptogramVersion { number: 0x15, card_data: CardData::MChipWithCounters, ..MASTERCARD_20 };

/// Mastercard, version 16: Mastercard's session key. One public source answers with the card's
/// master key, others with the session key.
pub const MASTERCARD_16: CryptogramVersion = CryptogramVersion {
    number: 0x10,
    confidence: Confidence::Described,
    session_key: SessionKey::Mastercard,
    response: ResponseMethod::CodeByMasterKey,
    ..MASTERCARD_20
};

/// Mastercard, version 17: version 16 with counters.
pub const MASTERCARD_17: CryptogramVersion =
    CryptogramVersion { number: 0x11, card_data: CardData::MChipWithCounters, ..MASTERCARD_16 };

/// Interac, version 133.
pub const INTERAC_133: CryptogramVersion = CryptogramVersion {
    scheme: Scheme::Interac,
    number: 0x85,
    confidence: Confidence::Described,
    session_key: SessionKey::Mastercard,
    card_data: CardData::Whole,
    script_mac: ScriptMac::Plain,
    ..MASTERCARD_20
};

/// UnionPay, version 1: triple DES by PBOC 3.0.
pub const UNION_PAY_1: CryptogramVersion = CryptogramVersion {
    scheme: Scheme::UnionPay,
    number: 0x01,
    confidence: Confidence::Proven,
    session_key: SessionKey::UnionPay,
    card_data: CardData::Results,
    script_key: ScriptKey::Session(SessionKey::UnionPay),
    ..MASTERCARD_20
};

/// Common Core Definitions, version 5: triple DES. The number is the Common Core Identifier.
/// [B3 C7]
pub const COMMON_CORE_5: CryptogramVersion = CryptogramVersion {
    scheme: Scheme::CommonCore,
    number: 0xA5,
    confidence: Confidence::Described,
    master_key: MasterKeyOption::B,
    card_data: CardData::Whole,
    response: ResponseMethod::Status,
    script_mac: ScriptMac::Plain,
    encipherment: Encipherment::Emv,
    ..MASTERCARD_20
};

/// Every row.
pub const VERSIONS: [CryptogramVersion; 12] = [
    VISA_10,
    VISA_14,
    VISA_17,
    VISA_18,
    VISA_22,
    MASTERCARD_16,
    MASTERCARD_17,
    MASTERCARD_20,
    MASTERCARD_21,
    INTERAC_133,
    UNION_PAY_1,
    COMMON_CORE_5,
];

impl CryptogramVersion {
    /// The version that Issuer Application Data (9F10) of a card of `scheme` name.
    pub fn of(scheme: Scheme, issuer_application_data: &[u8]) -> Option<&'static Self> {
        let place = match (scheme, issuer_application_data.first()?) {
            // Formats 2 and 4 of Visa, and Common Core, have the version before the key index.
            (Scheme::Visa, 0x1F) | (Scheme::Mastercard | Scheme::CommonCore, _) => 1,
            (Scheme::Visa | Scheme::Interac | Scheme::UnionPay, _) => 2,
        };
        let number = issuer_application_data.get(place)?;
        static ROWS: &[CryptogramVersion] = &VERSIONS;
        ROWS.iter().find(|version| version.scheme == scheme && version.number == *number)
    }

    /// The master key of a card, from the issuer's key for the same purpose.
    pub fn icc_master_key(
        &self,
        ciphers: &dyn BlockCiphers,
        hash: &dyn Hash,
        issuer: &DoubleKey,
        pan: Pan<'_>,
        sequence_number: u8,
    ) -> DoubleKey {
        icc_master_key(ciphers, hash, self.master_key, issuer, pan, sequence_number)
    }

    /// The input of the application cryptogram, out of the data objects that `object` looks up.
    ///
    /// # Errors
    /// [`Error::Missing`] and [`Error::Length`], with the tag.
    pub fn input<'a>(&self, object: impl Fn(Tag) -> Option<&'a [u8]>) -> Result<Input<'a>, Error> {
        Input::new(self.objects, self.card_data, object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_rows_have_the_same_name() {
        for (place, row) in VERSIONS.iter().enumerate() {
            let same = |other: &&CryptogramVersion| {
                (other.scheme, other.number) == (row.scheme, row.number)
            };
            assert_eq!(VERSIONS.iter().position(|other| same(&other)), Some(place));
        }
    }

    /// [B3 C7]
    #[test]
    fn version_is_found_where_the_scheme_keeps_it() {
        let cases: [(Scheme, &[u8], &CryptogramVersion); 7] = [
            (Scheme::Visa, &[0x06, 0x01, 0x0A, 0x03], &VISA_10),
            (Scheme::Visa, &[0x06, 0x01, 0x12, 0x03], &VISA_18),
            (Scheme::Visa, &[0x1F, 0x22, 0x01], &VISA_22),
            (Scheme::Mastercard, &[0x01, 0x10], &MASTERCARD_16),
            (Scheme::Mastercard, &[0x01, 0x15], &MASTERCARD_21),
            (Scheme::UnionPay, &[0x07, 0x00, 0x01], &UNION_PAY_1),
            (Scheme::CommonCore, &[0x0F, 0xA5], &COMMON_CORE_5),
        ];
        for (scheme, data, version) in cases {
            assert_eq!(CryptogramVersion::of(scheme, data), Some(version));
        }
        assert_eq!(CryptogramVersion::of(Scheme::Visa, &[0x06, 0x01, 0x99]), None);
        assert_eq!(CryptogramVersion::of(Scheme::Visa, &[0x06, 0x01]), None);
        assert_eq!(CryptogramVersion::of(Scheme::Visa, &[]), None);
    }
}
