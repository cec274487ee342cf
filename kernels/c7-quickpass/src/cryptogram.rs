//! What kind of cryptogram the card gave, and what has to come with it. [C7 2, 4.4]

use chipwright::dictionary::emv::{
    AFL, AIP, APPLICATION_CRYPTOGRAM, ATC, ISSUER_APPLICATION_DATA, TRACK_2,
};
use chipwright::field::CryptogramInformation;
use chipwright::tag::Tag;

/// What the answer must bring with a TC. [C7 4.4]
pub(crate) static MANDATORY_FOR_TC: [Tag; 5] =
    [AIP.tag, AFL.tag, ATC.tag, APPLICATION_CRYPTOGRAM.tag, ISSUER_APPLICATION_DATA.tag];

/// What it must bring with an ARQC or AAC. [C7 4.4]
pub(crate) static MANDATORY_FOR_ISSUER: [Tag; 5] =
    [AIP.tag, ATC.tag, TRACK_2.tag, APPLICATION_CRYPTOGRAM.tag, ISSUER_APPLICATION_DATA.tag];

/// Cryptogram Information Data as the card's verification results in the Issuer Application Data
/// (9F10) have it: byte 5, bits 6 and 5. `None` when it has no byte 5. [C7 2]
pub(crate) fn information(application_data: &[u8]) -> Option<CryptogramInformation> {
    let results = application_data.get(4)?;
    // [C7 2 cryptogram]
    Some(CryptogramInformation((results & 0x30) << 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::field::CryptogramType;

    /// Every value of the byte, by the bits alone. [C7 2 cryptogram]
    #[test]
    fn the_type_is_in_bits_6_and_5_of_byte_5() {
        for byte in 0..=0xFF {
            let expected = match (byte & 0x20 != 0, byte & 0x10 != 0) {
                (false, false) => Some(CryptogramType::Aac),
                (false, true) => Some(CryptogramType::Tc),
                (true, false) => Some(CryptogramType::Arqc),
                (true, true) => None,
            };
            let information = information(&[0x07, 0x01, 0x01, 0x03, byte]).unwrap();
            assert_eq!(information.cryptogram(), expected, "{byte:02X}");
            assert_eq!(information.0 & 0x3F, 0, "nothing but the type");
        }
        for length in 0..5 {
            assert_eq!(information(&[0x07, 0x01, 0x01, 0x03, 0x90][..length]), None);
        }
    }
}
