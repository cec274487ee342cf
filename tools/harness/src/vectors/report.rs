//! What a run found.

use chipwright::fault::Fault;
use chipwright::tlv;
use core::fmt;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The results of a run, in the order of files and vectors.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One entry for every check.
    pub entries: Vec<Entry>,
}

/// One check of one vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The file.
    pub file: PathBuf,
    /// The line where the vector begins, from 1.
    pub line: usize,
    /// The vector's `id`, and the name of the check where a vector has several.
    pub id: String,
    /// What kind of vector: category and kind.
    pub kind: String,
    /// How it ended.
    pub verdict: Verdict,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As expected.
    Passed,
    /// Not as its publisher expects, on purpose: the difference, and the reason that
    /// `docs/deviations.md` has in full.
    Differs(Problem, &'static str),
    /// Not as expected.
    Failed(Problem),
    /// Not run: what it checks is not built yet.
    Skipped(Area),
}

/// Why a check failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Something else was found than expected.
    Differs {
        /// What was compared.
        what: String,
        /// What the vector expects.
        expected: String,
        /// What was found.
        found: String,
    },
    /// The kind is not one that anything here knows.
    UnknownKind,
    /// The vector is not of its kind's schema: what is missing or cannot be read.
    Unreadable(String),
    /// The file is not JSON, or of no schema: what is wrong.
    Malformed(String),
}

/// The part of the work that owns a check which is not run yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Entry Point and the contactless kernels, with the national algorithms of UnionPay.
    Contactless,
    /// PIN blocks and key management of PIN pads.
    PinPad,
    /// Elliptic curves.
    Ecc,
}

impl Report {
    /// Checks that ended as expected.
    pub fn passed(&self) -> usize {
        self.count(|verdict| *verdict == Verdict::Passed)
    }

    /// Checks that ended otherwise on purpose.
    pub fn differing(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Differs(..)))
    }

    /// Checks that did not, unreadable files included.
    pub fn failed(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Failed(_)))
    }

    /// Checks that were not run.
    pub fn skipped(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Skipped(_)))
    }

    /// Files that are not JSON or of no schema; they count as failed, too.
    pub fn malformed(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Failed(Problem::Malformed(_))))
    }

    /// The entries that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Entry> {
        let failed = |entry: &&Entry| matches!(entry.verdict, Verdict::Failed(_));
        self.entries.iter().filter(failed)
    }

    /// The entries that ended otherwise on purpose.
    pub fn differences(&self) -> impl Iterator<Item = &Entry> {
        let differs = |entry: &&Entry| matches!(entry.verdict, Verdict::Differs(..));
        self.entries.iter().filter(differs)
    }

    /// How many checks of each kind passed or differ on purpose, failed, and were skipped.
    pub fn kinds(&self) -> BTreeMap<&str, [usize; 3]> {
        let mut kinds = BTreeMap::new();
        for entry in &self.entries {
            let [passed, failed, skipped] = kinds.entry(entry.kind.as_str()).or_default();
            *match entry.verdict {
                Verdict::Passed | Verdict::Differs(..) => passed,
                Verdict::Failed(_) => failed,
                Verdict::Skipped(_) => skipped,
            } += 1;
        }
        kinds
    }

    /// How many checks each area still owns, by kind.
    pub fn owned(&self) -> BTreeMap<(Area, &str), usize> {
        let mut owned = BTreeMap::new();
        for entry in &self.entries {
            if let Verdict::Skipped(area) = entry.verdict {
                *owned.entry((area, entry.kind.as_str())).or_default() += 1;
            }
        }
        owned
    }

    fn count(&self, is: impl Fn(&Verdict) -> bool) -> usize {
        self.entries.iter().filter(|entry| is(&entry.verdict)).count()
    }
}

/// A line for every failure and every difference on purpose, a line for what each area owns of a
/// kind, and the sums.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in self.failures().chain(self.differences()) {
            writeln!(f, "{entry}")?;
        }
        for ((area, kind), count) in self.owned() {
            writeln!(f, "skipped: {count} {kind}, owned by: {area}")?;
        }
        let (passed, failed, skipped) = (self.passed(), self.failed(), self.skipped());
        if self.differing() > 0 {
            writeln!(f, "{} different on purpose", self.differing())?;
        }
        writeln!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file.display(), self.line)?;
        if !self.id.is_empty() {
            write!(f, "{} ({}): ", self.id, self.kind)?;
        }
        fmt::Display::fmt(&self.verdict, f)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Differs(problem, why) => write!(f, "different on purpose: {problem}: {why}"),
            Self::Failed(problem) => fmt::Display::fmt(problem, f),
            Self::Skipped(area) => write!(f, "skipped, owned by: {area}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs { what, expected, found } => {
                write!(f, "{what}: expected {expected}, found {found}")
            }
            Self::UnknownKind => f.write_str("unknown kind"),
            Self::Unreadable(what) => write!(f, "cannot be run: {what}"),
            Self::Malformed(what) => write!(f, "malformed file: {what}"),
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Contactless => "contactless: Entry Point and QuickPass",
            Self::PinPad => "PIN blocks and DUKPT, later",
            Self::Ecc => "ECC, not scheduled",
        })
    }
}

impl Problem {
    /// Compares what a vector expects with what was found.
    ///
    /// # Errors
    /// [`Problem::Differs`].
    pub fn compare<T: PartialEq + fmt::Display>(
        what: &str,
        expected: T,
        found: T,
    ) -> Result<(), Self> {
        if expected == found { Ok(()) } else { Err(Self::differs(what, expected, found)) }
    }

    /// Compares bytes; long ones are shown from shortly before the first difference.
    ///
    /// # Errors
    /// [`Problem::Differs`].
    pub fn compare_bytes(what: &str, expected: &[u8], found: &[u8]) -> Result<(), Self> {
        if expected == found {
            return Ok(());
        }
        let pairs = expected.iter().zip(found);
        let same = pairs.take_while(|(one, other)| one == other).count();
        let show = |bytes: &[u8]| match bytes.len() {
            0 => "nothing".to_owned(),
            1..=40 => hex::encode_upper(bytes),
            length => {
                let part = bytes.get(same.min(length)..(same + 16).min(length));
                let part = hex::encode_upper(part.unwrap_or_default());
                format!("{part}... at offset {same} of {length} bytes")
            }
        };
        Err(Self::differs(what, show(expected), show(found)))
    }

    /// That something was expected and something else found.
    pub fn differs(what: &str, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self::Differs {
            what: what.to_owned(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }
}

/// A card's answers that a kernel would not take.
impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::differs("card's answers", "usable", fault)
    }
}

impl From<tlv::Error> for Problem {
    fn from(error: tlv::Error) -> Self {
        Fault::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: &str, verdict: Verdict) -> Entry {
        Entry { file: "tlv.json".into(), line: 7, id: "x-1".into(), kind: kind.into(), verdict }
    }

    #[test]
    fn prints_failures_then_what_is_skipped_then_the_sums() {
        let failed = Problem::compare("tag", "9A", "9C").unwrap_err();
        let report = Report {
            entries: vec![
                entry("tlv tlv_decode", Verdict::Passed),
                entry("tlv tlv_decode", Verdict::Failed(failed.clone())),
                entry("tlv tlv_encode", Verdict::Differs(failed, "the book says so")),
                entry("sm sm2_sign", Verdict::Skipped(Area::Contactless)),
                entry("sm sm2_sign", Verdict::Skipped(Area::Contactless)),
            ],
        };
        assert_eq!(
            report.to_string(),
            "tlv.json:7: x-1 (tlv tlv_decode): tag: expected 9A, found 9C\n\
             tlv.json:7: x-1 (tlv tlv_encode): different on purpose: tag: expected 9A, found 9C: \
             the book says so\n\
             skipped: 2 sm sm2_sign, owned by: contactless: Entry Point and QuickPass\n\
             1 different on purpose\n1 passed, 1 failed, 2 skipped\n"
        );
        assert_eq!(report.kinds()["tlv tlv_decode"], [1, 1, 0]);
        assert_eq!(report.malformed(), 0);
    }

    #[test]
    fn long_bytes_are_shown_where_they_differ() {
        let (one, mut other) = ([0x11; 248], [0x11; 248]);
        assert_eq!(Problem::compare_bytes("block", &one, &other), Ok(()));
        other[240] = 0x22;
        let shown = Problem::compare_bytes("block", &one, &other).unwrap_err();
        assert_eq!(
            shown.to_string(),
            "block: expected 1111111111111111... at offset 240 of 248 bytes, \
             found 2211111111111111... at offset 240 of 248 bytes"
        );
        let shown = Problem::compare_bytes("hash", &[], &[1]).unwrap_err();
        assert_eq!(shown.to_string(), "hash: expected nothing, found 01");
    }
}
