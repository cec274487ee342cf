//! The issuer, as both kernels see it.

use chipwright::tag::Tag;
use chipwright::tlv::Writer;
use chipwright_host::{Host, HostError};

use crate::case::{Case, Mode};

/// What a terminal sends: everything that a cryptogram may cover, and what makes it.
pub(crate) const SENT: [u32; 16] = [
    0x5A, 0x5F34, 0x9F10, 0x9F26, 0x9F27, 0x9F36, 0x9F37, 0x82, 0x95, 0x9A, 0x9C, 0x5F2A, 0x9F02,
    0x9F03, 0x9F1A, 0x9F34,
];

/// The issuer's answer.
pub(crate) struct Answer {
    pub(crate) code: [u8; 2],
    pub(crate) authentication_data: Option<Vec<u8>>,
}

/// Asks the issuer of a case; says what it thought of the request, if it got there.
pub(crate) fn ask(
    case: &Case,
    object: impl Fn(u32) -> Option<Vec<u8>>,
) -> (Option<Answer>, Option<String>) {
    let mut space = [0; 512];
    let mut message = Writer::new(&mut space);
    for tag in SENT {
        if let Some(value) = object(tag) {
            message.put(Tag(tag), &value).expect("the objects of a request are short");
        }
    }
    let mode = match case.issuer.mode {
        Mode::Approves => chipwright_host::Mode::Approve,
        Mode::Declines => chipwright_host::Mode::Decline,
        Mode::ApprovesWrongly => chipwright_host::Mode::BadArpc,
        Mode::Unreachable => chipwright_host::Mode::Unreachable,
    };
    match Host::new(mode).authorise(message.finish()) {
        Ok(answer) => {
            let data = answer.issuer_authentication_data.to_vec();
            let authentication_data =
                Some(data).filter(|data| case.issuer.authenticates && !data.is_empty());
            let opinion = answer.reason.to_string();
            (Some(Answer { code: answer.code, authentication_data }), Some(opinion))
        }
        Err(HostError::Unreachable) => (None, None),
        Err(error) => (None, Some(format!("refused: {error}"))),
    }
}

/// Public keys of the certification authorities, by name.
pub(crate) mod keys {
    use std::collections::BTreeMap;
    use std::sync::LazyLock;

    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Text {
        index: String,
        modulus: String,
        exponent: String,
    }

    /// The public part of a key pair.
    pub(crate) struct Key {
        pub(crate) index: u8,
        pub(crate) modulus: Vec<u8>,
        pub(crate) exponent: Vec<u8>,
    }

    /// The keys of `test-vectors/keys`.
    pub(crate) static AUTHORITIES: LazyLock<BTreeMap<String, Key>> = LazyLock::new(|| {
        let text = include_str!("../../../test-vectors/keys/certification-authorities.toml");
        let texts: BTreeMap<String, Text> = toml::from_str(text).expect("the file holds keys");
        let bytes = |digits: &str| hex::decode(digits).expect("a number in hexadecimal");
        let key = |text: Text| Key {
            index: bytes(&text.index)[0],
            modulus: bytes(&text.modulus),
            exponent: bytes(&text.exponent),
        };
        texts.into_iter().map(|(name, text)| (name, key(text))).collect()
    });
}
