//! The combinations of a terminal file: which application is tapped by which kernel, and its
//! limits.

use core::fmt;

use chipwright::contactless::{KernelId, TerminalTransactionQualifiers as Ttq};
use chipwright::field::{OnlineCapability, TerminalCapabilities as Can, TerminalType};
use chipwright::value::Amount;
use chipwright_entry_point::Combination;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};

use super::value::{Aid, Bits};

/// Registered application provider of UnionPay.
const UNIONPAY: [u8; 5] = [0xA0, 0x00, 0x00, 0x03, 0x33];
/// Where the file says nothing, in minor units: offline to here, without verification below, and
/// not for so much.
const FLOOR_LIMIT: Limit = Limit(Amount::new(20_000));
const CVM_REQUIRED_LIMIT: Limit = Limit(Amount::new(100_000));
const TRANSACTION_LIMIT: Limit = Limit(Amount::new(5_000_000));

/// A combination of application and kernel.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CombinationText {
    aid: Aid,
    kernel: Kernel,
    #[serde(default = "floor_limit")]
    floor_limit: Limit,
    #[serde(default = "cvm_required_limit")]
    cvm_required_limit: Limit,
    #[serde(default = "transaction_limit")]
    transaction_limit: Limit,
    terminal_floor_limit: Option<u32>,
    qualifiers: Option<Bits<Ttq>>,
    status_check: Option<bool>,
    zero_amount_allowed: Option<bool>,
    extended_selection: Option<bool>,
    #[serde(default)]
    online_without_floor_limit: bool,
}

const fn floor_limit() -> Limit {
    FLOOR_LIMIT
}

const fn cvm_required_limit() -> Limit {
    CVM_REQUIRED_LIMIT
}

const fn transaction_limit() -> Limit {
    TRANSACTION_LIMIT
}

/// What a terminal takes whose file says nothing: UnionPay by Kernel 7.
pub(super) fn default() -> Vec<CombinationText> {
    vec![CombinationText {
        aid: Aid(UNIONPAY.to_vec()),
        kernel: Kernel(chipwright_c7::KERNEL_ID),
        floor_limit: FLOOR_LIMIT,
        cvm_required_limit: CVM_REQUIRED_LIMIT,
        transaction_limit: TRANSACTION_LIMIT,
        terminal_floor_limit: None,
        qualifiers: None,
        status_check: None,
        zero_amount_allowed: None,
        extended_selection: None,
        online_without_floor_limit: false,
    }]
}

impl CombinationText {
    /// The combination, at a terminal of this type and with these capabilities.
    pub(super) fn combination(&self, kind: TerminalType, can: Can) -> Combination<'_> {
        let qualifiers = self.qualifiers.map(|Bits(qualifiers)| qualifiers);
        Combination {
            floor_limit: self.floor_limit.0,
            cvm_required_limit: self.cvm_required_limit.0,
            transaction_limit: self.transaction_limit.0,
            terminal_floor_limit: self.terminal_floor_limit,
            qualifiers: Some(qualifiers.unwrap_or_else(|| able(kind, can))),
            status_check: self.status_check,
            zero_amount_allowed: self.zero_amount_allowed,
            extended_selection: self.extended_selection,
            online_without_floor_limit: self.online_without_floor_limit,
            ..Combination::new(&self.aid.0, self.kernel.0)
        }
    }
}

/// The qualifiers of a reader that can do what the terminal can. [C7 2]
fn able(kind: TerminalType, can: Can) -> Ttq {
    let mut qualifiers = Ttq::EMV_MODE | Ttq::FDDA_VERSION_1;
    for (able, bit) in [
        (kind.online_capability() == OnlineCapability::OfflineOnly, Ttq::OFFLINE_ONLY),
        (can.contains(Can::IC_WITH_CONTACTS), Ttq::CONTACT_CHIP),
        (can.contains(Can::ENCIPHERED_PIN_ONLINE), Ttq::ONLINE_PIN),
        (can.contains(Can::SIGNATURE), Ttq::SIGNATURE),
    ] {
        if able {
            qualifiers.set(bit);
        }
    }
    qualifiers
}

/// An amount in minor units, or `"none"`: a limit that is not there is not checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Limit(Option<Amount>);

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LimitVisitor)
    }
}

struct LimitVisitor;

impl Visitor<'_> for LimitVisitor {
    type Value = Limit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount of at most twelve digits, or \"none\"")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Limit, E> {
        let amount = u64::try_from(number).ok().and_then(Amount::new);
        let amount = amount.ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))?;
        Ok(Limit(Some(amount)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Limit, E> {
        match text {
            "none" => Ok(Limit(None)),
            _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}

/// The number of a kernel.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u8")]
struct Kernel(KernelId);

impl TryFrom<u8> for Kernel {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            1..=63 => Ok(Self(KernelId::new(number))),
            _ => Err(format!("{number} is no number of a kernel, expected 1 to 63")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::TerminalFile;
    use super::*;

    fn file(more: &str) -> String {
        format!(
            "title = \"Small\"\ntype = 23\ncountry = 276\ncapabilities = [\"signature\"]\n{more}\n\
             [[application]]\naid = \"A000000003\"\nversion = 150\n"
        )
    }

    fn taps(more: &str) -> String {
        file("") + "[[contactless]]\naid = \"A0000003330101\"\nkernel = 7\n" + more
    }

    /// Today's only combination is what a file has that says nothing. [C7 2]
    #[test]
    fn what_is_left_out_is_unionpay() {
        for text in [file(""), taps("")] {
            let file = TerminalFile::parse(&text).unwrap();
            let configuration = file.configuration();
            let [combination] = configuration.combinations[..] else { panic!("{text}") };
            assert!(combination.aid.starts_with(&UNIONPAY));
            assert_eq!(combination.kernel, KernelId::new(7));
            assert_eq!(combination.floor_limit, Amount::new(20_000));
            assert_eq!(combination.cvm_required_limit, Amount::new(100_000));
            assert_eq!(combination.transaction_limit, Amount::new(5_000_000));
            let able = Ttq::EMV_MODE | Ttq::FDDA_VERSION_1 | Ttq::OFFLINE_ONLY | Ttq::SIGNATURE;
            assert_eq!(combination.qualifiers, Some(able));
            assert_eq!((combination.status_check, combination.zero_amount_allowed), (None, None));
        }
        let none = TerminalFile::parse(&file("contactless = []")).unwrap();
        assert!(none.configuration().combinations.is_empty());
    }

    #[test]
    fn everything_can_be_said() {
        let file = TerminalFile::parse(&taps(
            "floor_limit = \"none\"\nterminal_floor_limit = 7\ncvm_required_limit = 0\n\
             transaction_limit = 100\nqualifiers = \"28004080\"\nstatus_check = true\n\
             zero_amount_allowed = false\nextended_selection = true\n\
             online_without_floor_limit = true\n\
             [[contactless]]\naid = \"A000000003\"\nkernel = 3\nqualifiers = [\"online-pin\"]",
        ));
        let file = file.unwrap();
        let configuration = file.configuration();
        let [first, second] = configuration.combinations[..] else { panic!() };
        assert_eq!((first.floor_limit, first.terminal_floor_limit), (None, Some(7)));
        assert_eq!(first.cvm_required_limit, Some(Amount::ZERO));
        assert_eq!(first.transaction_limit, Amount::new(100));
        assert_eq!(first.qualifiers, Some(Ttq([0x28, 0, 0x40, 0x80])));
        assert_eq!((first.status_check, first.zero_amount_allowed), (Some(true), Some(false)));
        assert_eq!(first.extended_selection, Some(true));
        assert!(first.online_without_floor_limit);
        assert_eq!((second.kernel, second.qualifiers), (KernelId::new(3), Some(Ttq::ONLINE_PIN)));
    }

    #[test]
    fn errors_name_the_place() {
        let error = |text: &str| TerminalFile::parse(text).unwrap_err().to_string();
        let kernel = error(&taps("").replace("kernel = 7", "kernel = 0"));
        assert!(kernel.starts_with("line 11, column 10: 0 is no number of a kernel"), "{kernel}");
        for (more, expected) in [
            ("floor_limit = -1", "line 12, column 15: invalid value: integer `-1`, expected an"),
            ("floor_limit = 1000000000000", "line 12, column 15: invalid value"),
            ("floor_limit = \"no\"", "line 12, column 15: invalid value: string \"no\""),
            ("qualifiers = [\"pin\"]", "unknown bit `pin`, expected one of magnetic-stripe-mode"),
            ("qualifiers = \"00\"", "expected 4 bytes in hexadecimal"),
            ("limit = 1", "line 12, column 1: unknown field `limit`"),
            ("aid = \"A0\"", "line 12, column 1"),
        ] {
            let error = error(&taps(more));
            assert!(error.contains(expected), "{more}: {error}");
        }
        let missing = error(&(file("") + "[[contactless]]\nkernel = 7\n"));
        assert!(missing.contains("missing field `aid`"), "{missing}");
    }
}
