//! A file: head, signature, and a walk through its records.

use crate::Refusal;
use crate::record::{self, Record};
use chipwright::config::{CaPublicKey, Environment, KeyFault, KeyRecord};
use chipwright::crypto::Hash;
use chipwright::tlv::{self, Tlvs};
use chipwright::value::Date;
use core::fmt;

/// Bytes before the content.
pub const HEAD_LENGTH: usize = 14;

/// Bytes behind the content.
pub const SIGNATURE_LENGTH: usize = 64;

/// A day before those on which keys expire.
const EARLY: Date = match Date::new(2000, 1, 1) {
    Some(date) => date,
    None => panic!("no such day"),
};

pub(crate) const MAGIC: [u8; 4] = *b"EMVP";
pub(crate) const FORMAT: u8 = 1;

/// Verifies signatures: ECDSA over P-256 with SHA-256.
pub trait VerifySignature {
    /// Whether `signature` (r and s) is one over `message` by the key that is trusted.
    fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE_LENGTH]) -> bool;
}

/// Whom and what a terminal trusts.
#[derive(Clone, Copy)]
pub struct Trust<'t> {
    /// Knows the maker of parameter files.
    pub signature: &'t dyn VerifySignature,
    /// For checksums of keys.
    pub hash: &'t dyn Hash,
    /// On which side the terminal is: files of the other side are refused.
    pub environment: Environment,
}

impl fmt::Debug for Trust<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust").field("environment", &self.environment).finish_non_exhaustive()
    }
}

/// A parameter file whose signature and content are good.
#[derive(Clone, Copy)]
pub struct File<'f> {
    bytes: &'f [u8],
    content: &'f [u8],
    environment: Environment,
    version: u32,
}

impl<'f> File<'f> {
    /// Opens a file: signature first, then all of its content. What lies behind it is of no
    /// concern.
    ///
    /// # Errors
    /// The first [`Refusal`] found. A key that has expired is none: it is left out when it is
    /// used.
    pub fn open(bytes: &'f [u8], trust: &Trust<'_>) -> Result<Self, Refusal> {
        let (head, rest) = bytes.split_first_chunk::<HEAD_LENGTH>().ok_or(Refusal::NoFile)?;
        let [m0, m1, m2, m3, format, environment, v0, v1, v2, v3, l0, l1, l2, l3] = *head;
        if [m0, m1, m2, m3] != MAGIC {
            return Err(Refusal::NoFile);
        }
        if format != FORMAT {
            return Err(Refusal::Format(format));
        }
        let length = u32::from_be_bytes([l0, l1, l2, l3]);
        let length = usize::try_from(length).map_err(|_| Refusal::NoFile)?;
        let (content, rest) = rest.split_at_checked(length).ok_or(Refusal::NoFile)?;
        let (signature, _) = rest.split_first_chunk().ok_or(Refusal::NoFile)?;
        // All of it was there, so this cannot overflow.
        let signed = HEAD_LENGTH.saturating_add(length);
        let message = bytes.get(..signed).ok_or(Refusal::NoFile)?;
        if !trust.signature.verify(message, signature) {
            return Err(Refusal::Signature);
        }
        let whole = signed.saturating_add(SIGNATURE_LENGTH);
        let file = Self {
            bytes: bytes.get(..whole).ok_or(Refusal::NoFile)?,
            content,
            environment: match environment {
                0 => Environment::Test,
                1 => Environment::Live,
                _ => return Err(Refusal::Environment),
            },
            version: u32::from_be_bytes([v0, v1, v2, v3]),
        };
        if file.environment != trust.environment {
            return Err(Refusal::Environment);
        }
        file.check(trust)?;
        Ok(file)
    }

    /// Its version.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// All of it, head and signature included.
    pub const fn bytes(&self) -> &'f [u8] {
        self.bytes
    }

    /// Its records, in order.
    pub fn records(&self) -> impl Iterator<Item = Record<'f>> + use<'f> {
        records(self.content, self.environment).filter_map(|record| Some(record.ok()?.0))
    }

    /// The keys that are good on a day.
    pub fn keys(&self, today: Date, hash: &dyn Hash) -> impl Iterator<Item = CaPublicKey<'f>> {
        let environment = self.environment;
        self.records().filter_map(move |record| match record {
            Record::Key(key) => key.check(environment, today, hash).ok(),
            _ => None,
        })
    }

    /// Looks through all records.
    fn check(&self, trust: &Trust<'_>) -> Result<(), Refusal> {
        for (place, record) in records(self.content, self.environment).enumerate() {
            let (Record::Key(key), offset) = record? else { continue };
            match key.check(self.environment, EARLY, trust.hash) {
                // A key that has expired is left out when it is used.
                Ok(_) | Err(KeyFault::Expired) => {}
                Err(fault) => return Err(Refusal::Key(fault, offset)),
            }
            if self.records().take(place).any(|other| is_same(&other, &key)) {
                return Err(Refusal::Key(KeyFault::Duplicate, offset));
            }
        }
        Ok(())
    }
}

/// Whether a record is of a key with the same name.
fn is_same(other: &Record<'_>, key: &KeyRecord<'_>) -> bool {
    let name = |key: &KeyRecord<'_>| (key.key.rid, key.key.index);
    matches!(other, Record::Key(other) if name(other) == name(key))
}

/// The records of a content, with the place of each in its file.
fn records(
    content: &[u8],
    environment: Environment,
) -> impl Iterator<Item = Result<(Record<'_>, usize), Refusal>> {
    let mut templates = Tlvs::new(content);
    core::iter::from_fn(move || {
        let offset = templates.offset().saturating_add(HEAD_LENGTH);
        let template = templates.next()?.map_err(|error| {
            let offset = error.offset.saturating_add(HEAD_LENGTH);
            Refusal::Tlv(tlv::Error { offset, ..error })
        });
        Some(
            template
                .and_then(|template| Ok((record::read(template, environment, offset)?, offset))),
        )
    })
}

/// Versions are shown, contents are not.
impl fmt::Debug for File<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("environment", &self.environment)
            .field("version", &self.version)
            .field("length", &self.bytes.len())
            .finish()
    }
}
