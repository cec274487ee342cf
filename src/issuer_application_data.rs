//! Issuer Application Data (9F10): what a card tells its issuer beside the cryptogram.
//!
//! Terminals pass it on as it is. Its layout belongs to the payment systems; EMV itself has one,
//! for the Common Core Definitions [B3 C7]. Whoever explains or simulates finds the parts here,
//! with a mark of how sure they are.
//!
//! ```
//! use chipwright::issuer_application_data::Layout;
//!
//! let data = [0x06, 0x01, 0x0A, 0x03, 0xA4, 0xB8, 0x00];
//! let layout = Layout::of(&[0xA0, 0, 0, 0, 3], &data).unwrap();
//! let parts = layout.read(&data).unwrap();
//! assert_eq!((parts.key_index, parts.version), (1, 10));
//! assert_eq!(parts.results, [0x03, 0xA4, 0xB8, 0x00]);
//! ```

mod results;

pub use results::{CardVerificationResults, CommonCoreResults, MChipResults, VisaResults};

use crate::cryptogram::Confidence;

/// How Issuer Application Data are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// Visa, formats 0, 1 and 3: 06, key index, version, results (4), and what the issuer adds
    /// behind its length.
    Visa,
    /// Visa, formats 2 and 4: 1F, version, key index, results (5), and what the issuer adds; 32
    /// bytes.
    VisaLong,
    /// Mastercard's M/Chip: key index, version, results (6), dynamic number (2), and counters of 8
    /// or 16 bytes, with or without the counter of the last online transaction (2).
    MChip,
    /// UnionPay, by PBOC: 07, key index, version, results (4), algorithm, and what the issuer adds
    /// behind its length.
    UnionPay,
    /// Common Core Definitions: 0F, identifier, key index, results (5), counters (8), 0F, and what
    /// the issuer adds; 32 bytes. [B3 C7]
    CommonCore,
    /// Discover's D-PAS: key index, version, results (8), and what the issuer adds.
    DPas,
}

/// Issuer Application Data, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerApplicationData<'a> {
    /// How they are laid out.
    pub layout: Layout,
    /// Derivation Key Index: which of the issuer's keys.
    pub key_index: u8,
    /// Cryptogram Version Number; the Common Core Identifier.
    pub version: u8,
    /// Card Verification Results, as they are.
    pub results: &'a [u8],
    /// M/Chip: Data Authentication Code, or the first bytes of the ICC Dynamic Number.
    pub dynamic_number: Option<[u8; 2]>,
    /// UnionPay: 01 for triple DES, 04 for SM4.
    pub algorithm: Option<u8>,
    /// Counters of offline transactions; empty where there are none.
    pub counters: &'a [u8],
    /// M/Chip: transaction counter of the last online transaction.
    pub last_online: Option<u16>,
    /// What the issuer adds, without its length; empty where there is nothing.
    pub discretionary: &'a [u8],
}

impl Layout {
    /// The layout of a card whose application identifier begins with `rid`.
    pub fn of(rid: &[u8], data: &[u8]) -> Option<Self> {
        // The Common Core is every payment system's to use.
        if data.len() == 32 && matches!(data, [0x0F, 0xA5 | 0xA6, ..]) {
            return Some(Self::CommonCore);
        }
        match (rid, data.first()?) {
            ([0xA0, 0x00, 0x00, 0x00, 0x03], 0x06) => Some(Self::Visa),
            ([0xA0, 0x00, 0x00, 0x00, 0x03], 0x1F) => Some(Self::VisaLong),
            ([0xA0, 0x00, 0x00, 0x00, 0x04], _) => Some(Self::MChip),
            ([0xA0, 0x00, 0x00, 0x03, 0x33], 0x07) => Some(Self::UnionPay),
            ([0xA0, 0x00, 0x00, 0x01, 0x52], _) => Some(Self::DPas),
            _ => None,
        }
    }

    /// How sure the layout is.
    pub const fn confidence(self) -> Confidence {
        match self {
            Self::Visa | Self::MChip => Confidence::Proven,
            Self::VisaLong | Self::UnionPay | Self::CommonCore => Confidence::Described,
            Self::DPas => Confidence::Uncertain,
        }
    }

    /// Takes data of this layout apart; `None` when they are not laid out so.
    pub fn read(self, data: &[u8]) -> Option<IssuerApplicationData<'_>> {
        if data.len() > 32 {
            return None; // [B3 A] the longest that the object may be
        }
        match self {
            Self::Visa => {
                let ([0x06, key_index, version], rest) = data.split_first_chunk()? else {
                    return None;
                };
                let (results, rest) = rest.split_at_checked(4)?;
                let discretionary = behind_length(rest)?;
                Some(self.parts(*key_index, *version, results, discretionary))
            }
            Self::UnionPay => {
                let ([0x07, key_index, version], rest) = data.split_first_chunk()? else {
                    return None;
                };
                let (results, rest) = rest.split_at_checked(4)?;
                let (algorithm, rest) = rest.split_first()?;
                let parts = self.parts(*key_index, *version, results, behind_length(rest)?);
                Some(IssuerApplicationData { algorithm: Some(*algorithm), ..parts })
            }
            Self::VisaLong => {
                let ([0x1F, version, key_index], rest) = data.split_first_chunk()? else {
                    return None;
                };
                let (results, discretionary) = rest.split_at_checked(5)?;
                let whole = data.len() == 32;
                whole.then(|| self.parts(*key_index, *version, results, discretionary))
            }
            Self::CommonCore => {
                let ([0x0F, version, key_index], rest) = data.split_first_chunk()? else {
                    return None;
                };
                let (results, rest) = rest.split_at_checked(5)?;
                let (counters, rest) = rest.split_at_checked(8)?;
                let [0x0F, discretionary @ ..] = rest else { return None };
                let parts = self.parts(*key_index, *version, results, discretionary);
                let whole = data.len() == 32;
                whole.then_some(IssuerApplicationData { counters, ..parts })
            }
            Self::MChip => self.read_m_chip(data),
            Self::DPas => {
                let ([key_index, version], rest) = data.split_first_chunk()?;
                let (results, discretionary) = rest.split_at_checked(8)?;
                Some(self.parts(*key_index, *version, results, discretionary))
            }
        }
    }

    fn read_m_chip(self, data: &[u8]) -> Option<IssuerApplicationData<'_>> {
        let ([key_index, version], rest) = data.split_first_chunk()?;
        let (results, rest) = rest.split_at_checked(6)?;
        let (dynamic_number, rest) = rest.split_first_chunk()?;
        let (counters, last_online) = match rest.len() {
            8 | 16 => (rest, None),
            10 | 18 => {
                let (counters, last) = rest.split_last_chunk()?;
                (counters, Some(u16::from_be_bytes(*last)))
            }
            _ => return None,
        };
        let dynamic_number = Some(*dynamic_number);
        let parts = self.parts(*key_index, *version, results, &[]);
        Some(IssuerApplicationData { dynamic_number, counters, last_online, ..parts })
    }

    const fn parts<'a>(
        self,
        key_index: u8,
        version: u8,
        results: &'a [u8],
        discretionary: &'a [u8],
    ) -> IssuerApplicationData<'a> {
        IssuerApplicationData {
            layout: self,
            key_index,
            version,
            results,
            dynamic_number: None,
            algorithm: None,
            counters: &[],
            last_online: None,
            discretionary,
        }
    }
}

impl IssuerApplicationData<'_> {
    /// The Card Verification Results, bit by bit; `None` where their meaning is not known.
    pub fn verification_results(&self) -> Option<CardVerificationResults> {
        type Results = CardVerificationResults;
        let visa = || self.results.first_chunk().map(|bytes| Results::Visa(VisaResults(*bytes)));
        match self.layout {
            Layout::Visa | Layout::VisaLong => visa(),
            Layout::MChip => self.results.try_into().ok().map(MChipResults).map(Results::MChip),
            Layout::CommonCore => {
                self.results.try_into().ok().map(CommonCoreResults).map(Results::CommonCore)
            }
            Layout::UnionPay | Layout::DPas => None,
        }
    }
}

/// What stands behind a length byte and is as long as that says; nothing at all is nothing.
fn behind_length(data: &[u8]) -> Option<&[u8]> {
    match data {
        [] => Some(&[]),
        [length, rest @ ..] if usize::from(*length) == rest.len() => Some(rest),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(layout: Layout, hex: &str) -> Option<(u8, u8, String, String, String)> {
        let data = hex::decode(hex).unwrap();
        layout.read(&data).map(|parts| {
            let [results, counters, rest] =
                [parts.results, parts.counters, parts.discretionary].map(hex::encode_upper);
            (parts.key_index, parts.version, results, counters, rest)
        })
    }

    fn parts(
        key: u8,
        version: u8,
        results: &str,
        counters: &str,
        rest: &str,
    ) -> Option<(u8, u8, String, String, String)> {
        Some((key, version, results.into(), counters.into(), rest.into()))
    }

    // Public values of Visa and M/Chip are in the test vectors.
    #[test]
    fn every_layout_has_its_places() {
        assert_eq!(of(Layout::Visa, "06010A03A4B8000211FF"), parts(1, 10, "03A4B800", "", "11FF"));
        assert_eq!(of(Layout::Visa, "06011203A0B800"), parts(1, 18, "03A0B800", "", ""));
        let long = format!("1F2207{}{}", "0102030405", "AA".repeat(24));
        assert_eq!(of(Layout::VisaLong, &long), parts(7, 0x22, "0102030405", "", &"AA".repeat(24)));
        let union_pay = "0701010390000001";
        assert_eq!(of(Layout::UnionPay, union_pay), parts(1, 1, "03900000", "", ""));
        let read = hex::decode(union_pay).unwrap();
        assert_eq!(Layout::UnionPay.read(&read).unwrap().algorithm, Some(1));
        let core = format!("0FA503{}{}0F{}", "0102030405", "CC".repeat(8), "DD".repeat(15));
        let (counters, rest) = ("CC".repeat(8), "DD".repeat(15));
        assert_eq!(of(Layout::CommonCore, &core), parts(3, 0xA5, "0102030405", &counters, &rest));
        assert_eq!(
            of(Layout::DPas, "01050102030405060708EE"),
            parts(1, 5, "0102030405060708", "", "EE")
        );
    }

    #[test]
    fn m_chip_tells_its_parts_by_their_length() {
        for (counters, last) in [(8, ""), (8, "0102"), (16, ""), (16, "0102")] {
            let counters = "CC".repeat(counters);
            let hex = format!("0110A78005022000{}{counters}{last}", "6938");
            let data = hex::decode(&hex).unwrap();
            let read = Layout::MChip.read(&data).unwrap();
            assert_eq!(of(Layout::MChip, &hex), parts(1, 16, "A78005022000", &counters, ""));
            assert_eq!(read.dynamic_number, Some([0x69, 0x38]));
            assert_eq!(read.last_online, (!last.is_empty()).then_some(0x0102));
        }
    }

    #[test]
    fn other_lengths_and_marks_are_refused() {
        let zeros = [0; 40];
        for layout in [Layout::Visa, Layout::VisaLong, Layout::UnionPay, Layout::CommonCore] {
            assert!((0..=40).all(|length| layout.read(&zeros[..length]).is_none()), "{layout:?}");
        }
        let lengths = |layout: Layout, first: &[u8]| -> Vec<usize> {
            let mut data = zeros;
            data[..first.len()].copy_from_slice(first);
            (0..=40).filter(|length| layout.read(&data[..*length]).is_some()).collect()
        };
        assert_eq!(lengths(Layout::MChip, &[]), [18, 20, 26, 28]);
        assert_eq!(lengths(Layout::DPas, &[]), (10..=32).collect::<Vec<_>>());
        // A length of zero behind the results is one byte.
        assert_eq!(lengths(Layout::Visa, &[0x06]), [7, 8]);
        assert_eq!(lengths(Layout::UnionPay, &[0x07]), [8, 9]);
        assert_eq!(lengths(Layout::VisaLong, &[0x1F]), [32]);
        let mut core = [0; 17];
        (core[0], core[16]) = (0x0F, 0x0F);
        assert_eq!(lengths(Layout::CommonCore, &core), [32]);
    }

    #[test]
    fn layouts_are_found_by_owner_and_mark() {
        let visa = [0xA0, 0, 0, 0, 3];
        assert_eq!(Layout::of(&visa, &[0x06, 1, 10]), Some(Layout::Visa));
        assert_eq!(Layout::of(&visa, &[0x1F]), Some(Layout::VisaLong));
        assert_eq!(Layout::of(&visa, &[0x07]), None);
        assert_eq!(Layout::of(&[0xA0, 0, 0, 0, 4], &[1]), Some(Layout::MChip));
        assert_eq!(Layout::of(&[0xA0, 0, 0, 3, 0x33], &[7]), Some(Layout::UnionPay));
        assert_eq!(Layout::of(&[0xA0, 0, 0, 1, 0x52], &[7]), Some(Layout::DPas));
        assert_eq!(Layout::of(&[0xA0, 0, 0, 0, 0x25], &[7]), None);
        assert_eq!(Layout::of(&visa, &[]), None);
        let mut core = [0; 32];
        (core[0], core[1]) = (0x0F, 0xA5);
        assert_eq!(Layout::of(&visa, &core), Some(Layout::CommonCore));
    }

    #[test]
    fn results_are_read_where_they_are_known() {
        let read = |layout: Layout, hex: &str| {
            layout.read(&hex::decode(hex).unwrap()).unwrap().verification_results()
        };
        let visa = read(Layout::Visa, "06010A03A4B800");
        assert_eq!(visa, Some(CardVerificationResults::Visa(VisaResults([3, 0xA4, 0xB8, 0]))));
        let chip = read(Layout::MChip, "0110A78005022000693800000001999300FF");
        assert!(matches!(chip, Some(CardVerificationResults::MChip(_))));
        assert_eq!(read(Layout::UnionPay, "0701010390000001"), None);
        let core = format!("0FA5030102030405{}0F{}", "CC".repeat(8), "DD".repeat(15));
        let core = read(Layout::CommonCore, &core);
        let expected = CommonCoreResults([1, 2, 3, 4, 5]);
        assert_eq!(core, Some(CardVerificationResults::CommonCore(expected)));
    }
}
