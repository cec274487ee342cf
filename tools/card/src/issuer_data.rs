//! Issuer Application Data (9F10): what the card tells its issuer. [B3 C7]

use chipwright::cryptogram::{
    COMMON_CORE_5, CryptogramVersion, MASTERCARD_16, MASTERCARD_17, MASTERCARD_20, MASTERCARD_21,
    Scheme, UNION_PAY_1, VISA_10, VISA_14, VISA_18, VISA_22,
};
use chipwright::field::CryptogramType;

use crate::profile;

/// What happened in a transaction, as the Card Verification Results tell it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Results {
    /// Cryptogram of the first GENERATE AC.
    pub(crate) first: Option<CryptogramType>,
    /// Cryptogram of the second one.
    pub(crate) second: Option<CryptogramType>,
    /// Whether a PIN was verified, and whether it was right.
    pub(crate) pin: Option<bool>,
    pub(crate) pin_enciphered: bool,
    pub(crate) pin_tries_left: u8,
    /// Whether the issuer's answer came, and whether it was right.
    pub(crate) issuer_authentication: Option<bool>,
    /// The terminal was unable to go online.
    pub(crate) unable_online: bool,
    /// Dynamic data were signed.
    pub(crate) dynamic_signature: bool,
    /// Cryptograms were signed: the first, the second.
    pub(crate) combined_signatures: [bool; 2],
    /// The last transaction that went online was not completed.
    pub(crate) last_online_incomplete: bool,
    /// The issuer's answer was wrong in the last transaction that went online.
    pub(crate) last_authentication_failed: bool,
    /// Never online before.
    pub(crate) new_card: bool,
    /// Commands of the issuer in the last transaction that it completed.
    pub(crate) script_commands: u8,
    /// One of them was not obeyed.
    pub(crate) script_failed: bool,
}

/// The cryptogram versions that simulated cards have; Common Core Definitions are every scheme's.
/// Contactless ones are none of them.
pub(crate) fn version(scheme: profile::Scheme, number: u8) -> Option<&'static CryptogramVersion> {
    static VERSIONS: [CryptogramVersion; 10] = [
        VISA_10,
        VISA_14,
        VISA_18,
        VISA_22,
        MASTERCARD_16,
        MASTERCARD_17,
        MASTERCARD_20,
        MASTERCARD_21,
        UNION_PAY_1,
        COMMON_CORE_5,
    ];
    let schemes = [scheme.cryptograms(), Scheme::CommonCore];
    let mut versions = VERSIONS.iter().filter(|version| schemes.contains(&version.scheme));
    versions.find(|version| version.number == number)
}

/// The Issuer Application Data of a card with this cryptogram `version`.
pub(crate) fn compose(
    version: &CryptogramVersion,
    key_index: u8,
    discretionary: &[u8],
    results: &Results,
) -> Vec<u8> {
    let number = version.number;
    let short = results.short();
    let mut data = match version.scheme {
        Scheme::Mastercard => {
            let mut data = vec![key_index, number];
            data.extend(results.long());
            // Authentication code and counters, of which a simulated card keeps none.
            data.extend([0; 2 + 8]);
            return data;
        }
        // The 32 byte format, whose results have a byte more at either end.
        Scheme::Visa if *version == VISA_22 => {
            let mut data = vec![0x1F, number, key_index, 0x00];
            data.extend(short);
            data.push(0x00);
            data.extend(discretionary);
            data.resize(32, 0x00);
            return data;
        }
        Scheme::CommonCore => {
            let mut data = vec![0x0F, number, key_index];
            data.extend(results.common_core());
            // Counters, of which a simulated card keeps none.
            data.extend([0; 8]);
            data.push(0x0F);
            data.extend(discretionary);
            data.resize(32, 0x00);
            return data;
        }
        Scheme::UnionPay => vec![0x07, key_index, number, 0x03],
        _ => vec![0x06, key_index, number, 0x03],
    };
    data.extend(short);
    if version.scheme == Scheme::UnionPay {
        data.push(0x01); // triple DES
    }
    if let Ok(length @ 1..) = u8::try_from(discretionary.len()) {
        data.push(length);
        data.extend(discretionary);
    }
    data
}

impl Results {
    /// Visa and UnionPay: three bytes behind their length.
    fn short(&self) -> [u8; 3] {
        let second = flags([
            (self.issuer_authentication == Some(false), 0x08),
            (self.pin.is_some(), 0x04),
            (self.pin == Some(false), 0x02),
            (self.unable_online, 0x01),
        ]);
        let not_performed = self.second.is_some()
            && !self.unable_online
            && self.first == Some(CryptogramType::Arqc)
            && self.issuer_authentication.is_none();
        let third = flags([
            (self.last_online_incomplete, 0x80),
            (self.pin_tries_left == 0, 0x40),
            (self.new_card, 0x10),
            (self.last_authentication_failed, 0x08),
            (not_performed, 0x04),
        ]);
        let fourth = flags([(self.script_failed, 0x08), (self.dynamic_signature, 0x02)]);
        let fourth = self.scripts() | fourth;
        [self.cryptograms() | second, third, fourth]
    }

    /// Mastercard: six bytes.
    fn long(&self) -> [u8; 6] {
        let [first_signed, second_signed] = self.combined_signatures;
        let first = flags([
            (self.pin.is_some(), 0x04),
            (self.pin_enciphered, 0x02),
            (self.pin == Some(true), 0x01),
        ]);
        let second = flags([
            (self.dynamic_signature, 0x80),
            (first_signed, 0x40),
            (second_signed, 0x20),
            (self.issuer_authentication.is_some(), 0x10),
        ]);
        let third = self.scripts() | self.pin_tries_left & 0x0F;
        let fourth = flags([
            (self.last_online_incomplete, 0x80),
            (self.unable_online, 0x40),
            (self.pin.is_none(), 0x20),
            (self.pin == Some(false), 0x10),
            (self.pin_tries_left == 0, 0x08),
        ]);
        let fifth = flags([
            (self.issuer_authentication == Some(false), 0x04),
            (self.script_commands > 0, 0x02),
            (self.script_failed, 0x01),
        ]);
        [self.cryptograms() | first, second, third, fourth, fifth, 0x00]
    }

    /// Common Core Definitions: five bytes. [B3 C7]
    fn common_core(&self) -> [u8; 5] {
        let [first_signed, second_signed] = self.combined_signatures;
        let first = flags([
            (first_signed || second_signed, 0x08),
            (self.dynamic_signature, 0x04),
            (self.issuer_authentication.is_none(), 0x02),
            (self.issuer_authentication == Some(false), 0x01),
        ]);
        let second = flags([
            (self.pin.is_some(), 0x08),
            (self.pin == Some(false), 0x04),
            (self.pin_tries_left == 0, 0x02),
            (self.last_online_incomplete, 0x01),
        ]);
        let fourth = flags([(self.script_failed, 0x08), (self.unable_online, 0x01)]);
        let tries = self.pin_tries_left.min(0x0F) << 4;
        [self.cryptograms() | first, tries | second, 0x00, self.scripts() | fourth, 0x00]
    }

    /// How many commands the issuer sent, up to 15, in the left half of a byte.
    fn scripts(&self) -> u8 {
        self.script_commands.min(0x0F) << 4
    }

    /// Types of the second and the first cryptogram, two bits each; 10 for a second one that was
    /// not asked for.
    fn cryptograms(&self) -> u8 {
        let second = self.second.map_or(0x80, CryptogramType::code);
        let first = self.first.map_or(0x00, CryptogramType::code);
        second | first >> 2
    }
}

fn flags<const N: usize>(flags: [(bool, u8); N]) -> u8 {
    let set = flags.into_iter().filter(|(holds, _)| *holds);
    set.fold(0, |byte, (_, bit)| byte | bit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONLINE: Results = Results {
        first: Some(CryptogramType::Arqc),
        second: None,
        pin: None,
        pin_enciphered: false,
        pin_tries_left: 3,
        issuer_authentication: None,
        unable_online: false,
        dynamic_signature: true,
        combined_signatures: [false; 2],
        last_online_incomplete: false,
        last_authentication_failed: false,
        new_card: true,
        script_commands: 0,
        script_failed: false,
    };

    #[test]
    fn every_scheme_has_its_layout() {
        let data = |version, discretionary: &[u8]| {
            hex::encode_upper(compose(version, 5, discretionary, &ONLINE))
        };
        assert_eq!(data(&VISA_10, &[]), "06050A03A01002");
        assert_eq!(data(&VISA_18, &[0xAB]), "06051203A0100201AB");
        assert_eq!(data(&UNION_PAY_1, &[]), "07050103A0100201");
        let mastercard = "0514A08003200000".to_owned() + &"00".repeat(10);
        assert_eq!(data(&MASTERCARD_20, &[]), mastercard);
        let long = "1F220500A0100200AB".to_owned() + &"00".repeat(23);
        assert_eq!(data(&VISA_22, &[0xAB]), long);
    }

    #[test]
    fn the_second_cryptogram_tells_how_it_went() {
        let approved = Results {
            second: Some(CryptogramType::Tc),
            pin: Some(true),
            issuer_authentication: Some(true),
            new_card: false,
            ..ONLINE
        };
        assert_eq!(approved.short(), [0x64, 0x00, 0x02]);
        assert_eq!(approved.long(), [0x65, 0x90, 0x03, 0x00, 0x00, 0x00]);
        let refused = Results {
            second: Some(CryptogramType::Aac),
            pin: Some(false),
            pin_enciphered: true,
            pin_tries_left: 0,
            issuer_authentication: Some(false),
            ..approved
        };
        assert_eq!(refused.short(), [0x2E, 0x40, 0x02]);
        assert_eq!(refused.long(), [0x26, 0x90, 0x00, 0x18, 0x04, 0x00]);
        let silent = Results { issuer_authentication: None, ..approved };
        assert_eq!(silent.short()[1], 0x04);
        let offline = Results { unable_online: true, ..silent };
        assert_eq!(offline.short(), [0x65, 0x00, 0x02]);
        let ordered = Results { script_commands: 2, ..approved };
        assert_eq!(ordered.short()[2], 0x22);
        assert_eq!(ordered.long()[2..5], [0x23, 0x00, 0x02]);
        let disobeyed = Results { script_commands: 40, script_failed: true, ..approved };
        assert_eq!(disobeyed.short()[2], 0xFA);
        assert_eq!(disobeyed.long()[2..5], [0xF3, 0x00, 0x03]);
    }

    #[test]
    fn contactless_versions_are_not_offered() {
        assert!(version(profile::Scheme::Visa, 10).is_some());
        assert!(version(profile::Scheme::Visa, 17).is_none());
        assert!(version(profile::Scheme::Mastercard, 17).is_some());
        assert!(version(profile::Scheme::UnionPay, 10).is_none());
        assert!(version(profile::Scheme::UnionPay, 0xA5).is_some());
    }

    /// Bits of [B3 C7], counted by hand.
    #[test]
    fn common_core_has_five_bytes_of_results() {
        // No second cryptogram, no word of the issuer, no tries left.
        let data = compose(&COMMON_CORE_5, 1, &[0xAB], &Results::default());
        assert_eq!(data[..8], [0x0F, 0xA5, 0x01, 0x82, 0x02, 0x00, 0x00, 0x00]);
        assert_eq!((data.len(), data[16], data[17], data[18]), (32, 0x0F, 0xAB, 0));
        let results = Results {
            first: Some(CryptogramType::Arqc),
            second: Some(CryptogramType::Tc),
            pin: Some(false),
            pin_tries_left: 2,
            issuer_authentication: Some(false),
            dynamic_signature: true,
            script_commands: 1,
            script_failed: true,
            ..Results::default()
        };
        assert_eq!(results.common_core(), [0x65, 0x2C, 0x00, 0x18, 0x00]);
    }
}
