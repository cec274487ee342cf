//! A chain of trust out of a vector, verified as a terminal verifies it. [B2 5, 6]

mod verify;

pub(super) use verify::CRYPTO;
pub use verify::{Certificate, DynamicContent, Verdicts};

use super::node::Node;
use super::recovered::shown;
use super::report::Problem;
use chipwright::config::CaPublicKey;
use chipwright::database::{DATABASE_LENGTH, Database, Repeat};
use chipwright::dictionary::{EMV, Place, emv};
use chipwright::event::Events;
use chipwright::fault::{Fault, RecordId};
use chipwright::field::CryptogramInformation;
use chipwright::object::Value;
use chipwright::oda::{Check, PublicKey};
use chipwright::response::Response;
use chipwright::tag::Tag;
use chipwright::tlv;
use chipwright::value::{Date, Pan};

/// What is verified, and with what.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The key of the certification authority.
    pub ca_key: CaKey,
    /// The day on which certificates must be good.
    pub today: Date,
    /// What the card gave, in order.
    pub given: Vec<Given>,
    /// The dynamic signature, where there is one.
    pub dynamic: Option<Dynamic>,
    /// The card's key, where it is known and the static data that its certificate signs are not.
    pub icc_key: Option<RsaKey>,
}

/// An RSA public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaKey {
    /// Modulus.
    pub modulus: Vec<u8>,
    /// Exponent.
    pub exponent: Vec<u8>,
}

/// A certification authority's key with its owner.
#[derive(Clone, Debug)]
pub struct CaKey {
    /// Registered Application Provider Identifier.
    pub rid: [u8; 5],
    /// Certification Authority Public Key Index.
    pub index: u8,
    /// Modulus.
    pub modulus: Vec<u8>,
    /// Exponent.
    pub exponent: Vec<u8>,
}

/// Something that the card gave.
#[derive(Clone, Debug)]
pub enum Given {
    /// The answer to READ RECORD.
    Record {
        /// Which record.
        id: RecordId,
        /// Whether it is part of the static data to be authenticated.
        covered: bool,
        /// The answer without status word.
        answer: Vec<u8>,
    },
    /// Data objects of a template, coded.
    Objects(Place, Vec<u8>),
    /// One data object; it takes the place of an earlier one.
    Object(Tag, Vec<u8>),
}

/// A signature over data of the terminal.
#[derive(Clone, Debug)]
pub struct Dynamic {
    /// Signed Dynamic Application Data.
    pub signature: Vec<u8>,
    /// The terminal's data: the filled DDOL or, for a combined signature, the Unpredictable
    /// Number.
    pub data: Vec<u8>,
    /// What a combined signature covers beside that.
    pub combined: Option<Combined>,
    /// Whether it is one of fast DDA, which has a format of its own.
    pub fast: bool,
}

/// What a combined signature covers.
#[derive(Clone, Debug)]
pub struct Combined {
    /// The filled lists as sent: PDOL, CDOL1, CDOL2.
    pub sent: [Vec<u8>; 3],
    /// Content of template 77 of the answer to GENERATE AC.
    pub answer: Vec<u8>,
    /// Cryptogram Information Data of the answer.
    pub information: CryptogramInformation,
}

/// The earliest day that two digits for the year can spell: no certificate has run out on it.
/// It stands for today where a vector names no date.
pub(super) const EARLIEST: Date = match Date::new(1950, 1, 1) {
    Some(date) => date,
    None => unreachable!(),
};

impl Chain {
    /// The chain of a card under a key, without a dynamic signature, on [`EARLIEST`].
    pub(super) const fn new(ca_key: CaKey, given: Vec<Given>) -> Self {
        Self { ca_key, today: EARLIEST, given, dynamic: None, icc_key: None }
    }

    /// Where the publisher left the account number out, masked it or made it up, lets the issuer
    /// that the certificate must name stand for it: `issuer` is that identifier. A number of
    /// another issuer must be refused before.
    pub(super) fn stand_in(&mut self, issuer: Option<Vec<u8>>) -> Result<(), Problem> {
        let mut memory = [0; DATABASE_LENGTH];
        let mut data = Database::new(&mut memory);
        self.store(&mut data)?;
        let (pan, Some(issuer)) = (data.bytes(emv::PAN.tag).and_then(Pan::new), issuer) else {
            return Ok(());
        };
        match pan.map(|pan| pan.starts_with(&issuer)) {
            Some(true) => return Ok(()),
            Some(false) => {
                let refused = self.verify()?.issuer.err();
                if refused.is_none_or(|failure| failure.check != Check::Subject) {
                    let found = refused.map_or(Ok(()), Err);
                    return Err(Problem::differs(
                        "account number",
                        "another issuer's",
                        shown(found),
                    ));
                }
            }
            None => {}
        }
        drop(data);
        self.given.push(Given::Object(emv::PAN.tag, issuer));
        Ok(())
    }

    /// Stores what the card gave, as a kernel does.
    ///
    /// # Errors
    /// The fault that would end the transaction.
    pub fn store(&self, data: &mut Database<'_>) -> Result<(), Fault> {
        store(&self.given, data)
    }
}

/// Stores what a card gave, as a kernel does.
pub(super) fn store(given: &[Given], data: &mut Database<'_>) -> Result<(), Fault> {
    for given in given {
        let stored = match given {
            Given::Record { id, covered, answer } => {
                data.store_record(*id, answer, *covered, EMV, Events::NONE)
            }
            Given::Objects(place, content) => {
                data.store(content, *place, Repeat::Refuse, EMV, Events::NONE)
            }
            Given::Object(tag, value) => data.put_card(*tag, value, Repeat::Replace),
        };
        data.told(stored)?;
    }
    Ok(())
}

impl Dynamic {
    /// From the answer to INTERNAL AUTHENTICATE, without its status word.
    pub(super) fn answered(answer: &[u8], data: Vec<u8>) -> Result<Self, Problem> {
        let tag = tags::DYNAMIC_SIGNATURE;
        let signature = match Response::read(answer)? {
            Response::Format1(signature) => Some(signature),
            Response::Format2(content) => tlv::find(content, tag)?,
        };
        let signature = signature.ok_or(Fault::missing(tag))?.to_vec();
        Ok(Self { signature, data, combined: None, fast: false })
    }

    /// From the answer to GENERATE AC, without its status word: signed over the unpredictable
    /// number, and over the lists that were sent and the answer itself.
    pub(super) fn combined(
        answer: &[u8],
        unpredictable_number: Vec<u8>,
        sent: [Vec<u8>; 3],
    ) -> Result<Self, Problem> {
        let Response::Format2(content) = Response::read(answer)? else {
            return Err(Fault::missing(tags::DYNAMIC_SIGNATURE).into());
        };
        let tag = emv::CRYPTOGRAM_INFORMATION_DATA.tag;
        let information = tlv::find(content, tag)?.and_then(CryptogramInformation::decode);
        let combined = Combined {
            sent,
            answer: content.to_vec(),
            information: information.ok_or(Fault::missing(tag))?,
        };
        let alone = Self::answered(answer, unpredictable_number)?;
        Ok(Self { combined: Some(combined), ..alone })
    }
}

impl RsaKey {
    /// Reads an object of `modulus` and `exponent`.
    pub(super) fn read(key: Node<'_>) -> Result<Self, Problem> {
        Ok(Self { modulus: key.hex("modulus")?, exponent: key.hex("exponent")? })
    }

    fn borrowed(&self) -> PublicKey<'_> {
        PublicKey { modulus: &self.modulus, exponent: &self.exponent }
    }
}

impl CaKey {
    /// Reads an object of `rid`, `index`, `modulus` and `exponent`.
    pub(super) fn read(key: Node<'_>) -> Result<Self, Problem> {
        let [index] = key.array("index")?;
        Ok(Self {
            rid: key.array("rid")?,
            index,
            modulus: key.hex("modulus")?,
            exponent: key.hex("exponent")?,
        })
    }

    pub(super) fn borrowed(&self) -> CaPublicKey<'_> {
        CaPublicKey {
            rid: self.rid,
            index: self.index,
            modulus: &self.modulus,
            exponent: &self.exponent,
        }
    }
}

/// The objects that hold certificates and signatures.
pub(super) mod tags {
    use chipwright::dictionary::emv;
    use chipwright::tag::Tag;

    pub(crate) const ISSUER_CERTIFICATE: Tag = emv::ISSUER_PUBLIC_KEY_CERTIFICATE.tag;
    pub(crate) const ICC_CERTIFICATE: Tag = emv::ICC_PUBLIC_KEY_CERTIFICATE.tag;
    pub(crate) const STATIC_SIGNATURE: Tag = emv::SIGNED_STATIC_APPLICATION_DATA.tag;
    pub(crate) const DYNAMIC_SIGNATURE: Tag = emv::SIGNED_DYNAMIC_APPLICATION_DATA.tag;
}
