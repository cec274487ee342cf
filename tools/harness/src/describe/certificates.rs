//! Certificates and signatures opened with a certification authority's key: what is in them.
//!
//! Nothing here decides: a kernel's checks are in [`chipwright::oda`]. This shows a block as far as
//! it can be opened, with what of it can be checked without the rest of the transaction.

use chipwright::crypto::{Hash, RsaRecover};
use chipwright::oda::Check;
use chipwright::tag::Tag;
use chipwright::value::{MonthYear, Pan};
use chipwright_rustcrypto::RustCrypto;

use super::{check, hex_of};
use crate::key_file::KeyEntry;

/// A certificate or signature that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The object.
    pub tag: Tag,
    /// What it is.
    pub title: String,
    /// Its parts, a line for each.
    pub parts: Vec<String>,
    /// Why it could not be opened, or what is wrong with it.
    pub problem: Option<String>,
}

/// What signatures cover beside the objects, as far as somebody knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// The static data to be authenticated. [B3 10.3]
    pub static_data: Option<Vec<u8>>,
    /// The terminal's data for the dynamic signature: the filled list.
    pub terminal_data: Option<Vec<u8>>,
}

/// A key that was found on the way.
struct Key {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

/// Opens what can be opened of the objects with the keys: the issuer's certificate (90), what it
/// signs (93, 9F46, 9F2D), and what the card's key signs (9F4B).
pub fn opened(objects: &[(Tag, Vec<u8>)], covered: &Covered, keys: &[KeyEntry]) -> Vec<Opened> {
    let given = Given { objects, covered };
    let Some(certificate) = given.value(0x90) else { return Vec::new() };
    let ca_key = match given.ca_key(keys, certificate) {
        Ok(key) => key,
        Err(problem) => {
            let title = "issuer certificate".to_owned();
            return vec![Opened { tag: Tag(0x90), title, parts: vec![], problem: Some(problem) }];
        }
    };
    let (issuer, issuer_key) = given.certificate(&ISSUER, &ca_key);
    let mut opened = vec![issuer];
    let Some(issuer_key) = issuer_key else { return opened };
    if given.value(0x93).is_some() {
        opened.push(given.signature(&STATIC, &issuer_key));
    }
    if given.value(0x9F2D).is_some() {
        opened.push(given.certificate(&PIN, &issuer_key).0);
    }
    if given.value(0x9F46).is_some() {
        let (icc, icc_key) = given.certificate(&ICC, &issuer_key);
        opened.push(icc);
        if let Some(icc_key) = icc_key.filter(|_| given.value(0x9F4B).is_some()) {
            opened.push(given.signature(&DYNAMIC, &icc_key));
        }
    }
    opened
}

/// What kinds of blocks there are. [B2 5.3, 5.4, 6.4, 6.5.2, 7.1]
struct Kind {
    title: &'static str,
    tag: u32,
    format: u8,
    /// Remainder and exponent of the key in a certificate.
    key: Option<(u32, u32)>,
    /// Length of the subject: identifier of the issuer, or account number.
    subject: usize,
    /// What the hash covers beside block and key.
    beside: Beside,
}

/// What a hash covers beside block and key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    StaticData,
    TerminalData,
}

const ISSUER: Kind = Kind {
    title: "issuer certificate",
    tag: 0x90,
    format: 0x02,
    key: Some((0x92, 0x9F32)),
    subject: 4,
    beside: Beside::Nothing,
};
const ICC: Kind = Kind {
    title: "card certificate",
    tag: 0x9F46,
    format: 0x04,
    key: Some((0x9F48, 0x9F47)),
    subject: 10,
    beside: Beside::StaticData,
};
const PIN: Kind = Kind {
    title: "certificate for PIN encipherment",
    tag: 0x9F2D,
    format: 0x04,
    key: Some((0x9F2F, 0x9F2E)),
    subject: 10,
    beside: Beside::Nothing,
};
const STATIC: Kind = Kind {
    title: "static signature",
    tag: 0x93,
    format: 0x03,
    key: None,
    subject: 0,
    beside: Beside::StaticData,
};
const DYNAMIC: Kind = Kind {
    title: "dynamic signature",
    tag: 0x9F4B,
    format: 0x05,
    key: None,
    subject: 0,
    beside: Beside::TerminalData,
};

/// The objects of the card, and what else is known.
struct Given<'a> {
    objects: &'a [(Tag, Vec<u8>)],
    covered: &'a Covered,
}

impl Given<'_> {
    fn value(&self, tag: u32) -> Option<&[u8]> {
        self.objects.iter().find(|(own, _)| own.0 == tag).map(|(_, value)| value.as_slice())
    }

    /// The key by provider and index; by its index and length where nobody names the provider.
    fn ca_key(&self, keys: &[KeyEntry], certificate: &[u8]) -> Result<Key, String> {
        let index = self.value(0x8F).and_then(|index| index.first());
        let index = *index.ok_or("no index of a certification authority's key (8F)")?;
        let aid = [0x9F06, 0x84, 0x4F].into_iter().filter_map(|tag| self.value(tag));
        let rid = aid.filter_map(|aid| aid.first_chunk::<5>()).find(|rid| rid[0] == 0xA0);
        let fits = |key: &&KeyEntry| {
            key.index == index
                && key.modulus.len() == certificate.len()
                && rid.is_none_or(|rid| *rid == key.rid)
        };
        let mut fitting = keys.iter().filter(fits);
        let opens = |key: &KeyEntry| {
            let key = Key { modulus: key.modulus.clone(), exponent: key.exponent.clone() };
            block(&key, certificate).is_ok_and(|block| block.last() == Some(&0xBC)).then_some(key)
        };
        fitting.find_map(opens).ok_or_else(|| {
            let owner = rid.map_or(String::new(), |rid| format!(" of {}", hex::encode_upper(rid)));
            format!("none of the keys with index {index:02X}{owner} opens it")
        })
    }

    /// Opens a certificate, and puts its key together.
    fn certificate(&self, kind: &Kind, signer: &Key) -> (Opened, Option<Key>) {
        let read = self.open(kind, signer).and_then(|block| self.certified(kind, &block));
        let tag = Tag(kind.tag);
        match read {
            Ok((parts, key)) => {
                (Opened { tag, title: kind.title.to_owned(), parts, problem: None }, Some(key))
            }
            Err(problem) => {
                let title = kind.title.to_owned();
                (Opened { tag, title, parts: Vec::new(), problem: Some(problem) }, None)
            }
        }
    }

    fn signature(&self, kind: &Kind, signer: &Key) -> Opened {
        let read = self.open(kind, signer).and_then(|block| match kind.format {
            0x03 => static_parts(&block),
            _ => dynamic_parts(&block),
        });
        let (parts, problem) = match read {
            Ok(mut parts) => {
                parts.push(self.hash_line(kind));
                (parts, None)
            }
            Err(problem) => (Vec::new(), Some(problem)),
        };
        Opened { tag: Tag(kind.tag), title: kind.title.to_owned(), parts, problem }
    }

    /// The message of a block, from the format byte to before the hash; the hash is checked where
    /// everything that it covers is here.
    fn open(&self, kind: &Kind, signer: &Key) -> Result<Vec<u8>, String> {
        let wrong = |why| Err(check(why).to_owned());
        let block = block(signer, self.value(kind.tag).unwrap_or_default())?;
        let Some((message, &[0xBC])) = block.split_last_chunk() else {
            return wrong(Check::Trailer);
        };
        let Some((&[0x6A], message)) = message.split_first_chunk() else {
            return wrong(Check::Header);
        };
        let (message, hash) = message.split_last_chunk::<20>().ok_or("too short")?;
        if message.first() != Some(&kind.format) {
            return wrong(Check::Format);
        }
        let beside = kind.key.map(|(remainder, exponent)| {
            [self.value(remainder).unwrap_or_default(), self.value(exponent).unwrap_or_default()]
        });
        let beside = beside.unwrap_or_default();
        if let Some(more) = self.beside(kind) {
            let parts = core::iter::once(message).chain(beside).chain([more]);
            if RustCrypto.sha1(&mut parts.into_iter()) != *hash {
                return wrong(Check::Hash);
            }
        }
        Ok(message.to_vec())
    }

    /// What the hash covers beside block and key; `None` when nobody knows it.
    fn beside(&self, kind: &Kind) -> Option<&[u8]> {
        match kind.beside {
            Beside::Nothing => Some(&[]),
            Beside::StaticData => self.covered.static_data.as_deref(),
            Beside::TerminalData => self.covered.terminal_data.as_deref(),
        }
    }

    /// What came of the hash, in words.
    fn hash_line(&self, kind: &Kind) -> String {
        let text = match (self.beside(kind), kind.beside) {
            (Some(_), _) => "hash right",
            (None, Beside::TerminalData) => "hash not checked: it covers the terminal's data",
            (None, _) => "hash not checked: it covers the signed records",
        };
        text.to_owned()
    }

    fn certified(&self, kind: &Kind, message: &[u8]) -> Result<(Vec<String>, Key), String> {
        let cut = || "cut short".to_owned();
        let (subject, rest) = message
            .get(1..)
            .and_then(|rest| rest.split_at_checked(kind.subject))
            .ok_or_else(cut)?;
        let (&[month, year, a, b, c, hash, algorithm, length, exponent_length], inside) =
            rest.split_first_chunk().ok_or_else(cut)?;
        let length = usize::from(length);
        let (remainder, exponent) = kind.key.unwrap_or_default();
        let mut modulus = inside.get(..inside.len().min(length)).unwrap_or_default().to_vec();
        let needed = length - modulus.len();
        let remainder = self.value(remainder).unwrap_or_default();
        if needed != remainder.len() {
            return Err(format!(
                "the key needs a remainder of {needed} bytes, {} are there",
                remainder.len()
            ));
        }
        modulus.extend_from_slice(remainder);
        let expiry =
            MonthYear::decode([month, year]).map_or("no month".to_owned(), |end| end.to_string());
        let mut parts = vec![
            subject_line(kind, subject),
            format!("good to the end of {expiry}, serial number {a:02X}{b:02X}{c:02X}"),
            format!("{}, {}", hash_name(hash), algorithm_name(algorithm)),
            format!("key of {} bits, exponent of {exponent_length} bytes", 8 * length),
            format!("modulus {}", hex::encode_upper(&modulus)),
        ];
        parts.push(self.hash_line(kind));
        let exponent = self.value(exponent).unwrap_or_default().to_vec();
        Ok((parts, Key { modulus, exponent }))
    }
}

/// A block as the key opens it. [B2 A2.1]
fn block(key: &Key, signature: &[u8]) -> Result<Vec<u8>, String> {
    if signature.len() != key.modulus.len() {
        return Err(check(Check::Length).to_owned());
    }
    let mut block = signature.to_vec();
    let opened = RustCrypto.recover(&key.modulus, &key.exponent, &mut block);
    opened.map(|()| block).map_err(|_| check(Check::KeyRefused).to_owned())
}

fn subject_line(kind: &Kind, subject: &[u8]) -> String {
    let shown = hex::encode_upper(subject);
    let shown = shown.trim_end_matches('F');
    if kind.subject == 4 {
        return format!("issuer {shown}");
    }
    let masked = hex_of(Tag(0x5A), subject);
    match Pan::new(subject) {
        Some(_) => format!("account {}", masked.trim_end_matches('F')),
        None => "no account number".to_owned(),
    }
}

fn hash_name(algorithm: u8) -> String {
    match algorithm {
        0x01 => "SHA-1".to_owned(),
        other => format!("hash algorithm {other:02X}"),
    }
}

fn algorithm_name(algorithm: u8) -> String {
    match algorithm {
        0x01 => "RSA".to_owned(),
        other => format!("key algorithm {other:02X}"),
    }
}

/// [B2 5.4]
fn static_parts(message: &[u8]) -> Result<Vec<String>, String> {
    let &[_, hash, high, low, ..] = message else { return Err("cut short".to_owned()) };
    Ok(vec![format!("Data Authentication Code {high:02X}{low:02X}"), hash_name(hash)])
}

/// [B2 6.5.2, 6.6.2]
fn dynamic_parts(message: &[u8]) -> Result<Vec<String>, String> {
    let cut = || "cut short".to_owned();
    let (&[_, hash, length], rest) = message.split_first_chunk().ok_or_else(cut)?;
    let data = rest.get(..length.into()).ok_or_else(cut)?;
    let (&count, rest) = data.split_first().ok_or_else(cut)?;
    let (number, rest) = rest.split_at_checked(count.into()).ok_or_else(cut)?;
    let mut parts = vec![format!("ICC Dynamic Number {}", hex::encode_upper(number))];
    if let Some((&[information], behind)) = rest.split_first_chunk()
        && let Some((cryptogram, transaction)) = behind.split_at_checked(8)
    {
        parts.push(format!("Cryptogram Information Data {information:02X}"));
        parts.push(format!("Application Cryptogram {}", hex::encode_upper(cryptogram)));
        parts.push(format!("transaction data hash code {}", hex::encode_upper(transaction)));
    }
    parts.push(hash_name(hash));
    Ok(parts)
}
