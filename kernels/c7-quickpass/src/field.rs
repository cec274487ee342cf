//! Bit fields of this kernel. [C7 2]

use chipwright::bits;

bits! {
    /// Card Transaction Qualifiers (9F6C), 2 bytes: what the card wants of the reader. [C7 2]
    pub struct CardTransactionQualifiers([u8; 2]) {
        [1:8] ONLINE_PIN_REQUIRED "online PIN required",
        [1:7] SIGNATURE_REQUIRED "signature required",
        [1:6] ONLINE_IF_AUTHENTICATION_FAILS "go online if offline data authentication fails",
        [1:5] CONTACT_IF_AUTHENTICATION_FAILS "switch interface if offline data authentication fails",
        [1:4] ONLINE_IF_EXPIRED "go online if the application has expired",
        [2:8] DEVICE_VERIFIED "cardholder verified on the consumer device",
    }
}

bits! {
    /// Card Additional Function Indicator (DF61), 1 byte. [C7 2]
    pub struct AdditionalFunctions([u8; 1]) {
        [1:7] AUTHENTICATION_ONLINE "offline data authentication for online authorisations",
        [1:5] CREDIT_LOW_VALUE "low-value payment of a credit card",
    }
}

/// Card Authentication Related Data (9F69): what the card signs beside the terminal's data.
/// [C7 2]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RelatedData {
    /// Version of the signature.
    pub version: u8,
    /// The card's unpredictable number.
    pub unpredictable_number: [u8; 4],
    /// Copy of the Card Transaction Qualifiers.
    pub qualifiers: CardTransactionQualifiers,
}

impl RelatedData {
    /// Reads the fixed part; `None` when there are not 8 to 16 bytes.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        // [C7 2 related-data]
        match *bytes {
            [version, a, b, c, d, first, second, _, ..] if bytes.len() <= 16 => Some(Self {
                version,
                unpredictable_number: [a, b, c, d],
                qualifiers: CardTransactionQualifiers([first, second]),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [C7 2 related-data]
    #[test]
    fn related_data_has_8_to_16_bytes() {
        let bytes: Vec<u8> = (1..=17).collect();
        for length in 0..=17 {
            let read = RelatedData::read(&bytes[..length]);
            assert_eq!(read.is_some(), (8..=16).contains(&length), "{length}");
        }
        let read = RelatedData::read(&bytes[..8]).unwrap();
        assert_eq!((read.version, read.unpredictable_number), (1, [2, 3, 4, 5]));
        assert_eq!(read.qualifiers.0, [6, 7]);
    }

    /// [C7 2]
    #[test]
    fn bits_stand_where_the_table_has_them() {
        type Ctq = CardTransactionQualifiers;
        let first = [
            Ctq::ONLINE_PIN_REQUIRED,
            Ctq::SIGNATURE_REQUIRED,
            Ctq::ONLINE_IF_AUTHENTICATION_FAILS,
            Ctq::CONTACT_IF_AUTHENTICATION_FAILS,
            Ctq::ONLINE_IF_EXPIRED,
        ];
        for (place, bit) in first.into_iter().enumerate() {
            assert_eq!(bit.0, [0x80 >> place, 0]);
        }
        assert_eq!(Ctq::DEVICE_VERIFIED.0, [0, 0x80]);
        assert_eq!(AdditionalFunctions::AUTHENTICATION_ONLINE.0, [0x40]);
        assert_eq!(AdditionalFunctions::CREDIT_LOW_VALUE.0, [0x10]);
    }
}
