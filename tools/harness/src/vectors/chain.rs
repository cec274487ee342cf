//! A chain of trust out of a vector, verified as a terminal verifies it. [B2 5, 6]

use super::node::Node;
use super::recovered::shown;
use super::report::Problem;
use chipwright::config::CaPublicKey;
use chipwright::crypto::{Crypto, Random, RandomFailed};
use chipwright::database::{DATABASE_LENGTH, Database, Repeat};
use chipwright::dictionary::{EMV, Place, emv};
use chipwright::event::{Event, Events, Sink};
use chipwright::fault::{Fault, RecordId};
use chipwright::field::CryptogramInformation;
use chipwright::object::Value;
use chipwright::oda::{self, Check, Exchanged, Failure, Part, PublicKey};
use chipwright::response::Response;
use chipwright::tag::Tag;
use chipwright::tlv;
use chipwright::value::{Date, MonthYear, Pan};
use chipwright_rustcrypto::RustCrypto;
use std::cell::RefCell;

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
    /// The card's key, where it is known and static data that its certificate signs are not:
    /// modulus and exponent.
    pub icc_key: Option<(Vec<u8>, Vec<u8>)>,
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

/// How every part of a chain was verified. A part whose signer was not verified fails as its
/// signer did.
#[derive(Clone, Debug)]
pub struct Verdicts {
    /// The issuer's certificate.
    pub issuer: Result<Certificate, Failure>,
    /// The signed static application data; gives the Data Authentication Code.
    pub static_data: Result<[u8; 2], Failure>,
    /// The card's certificate.
    pub icc: Result<Certificate, Failure>,
    /// The dynamic signature by itself; gives ICC Dynamic Number and what follows it.
    pub dynamic: Option<Result<(Vec<u8>, Vec<u8>), Failure>>,
    /// A combined signature with all that it covers; gives the cryptogram.
    pub combined: Option<Result<[u8; 8], Failure>>,
}

/// A certificate whose checks all passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Good to the end of this month.
    pub expiry: MonthYear,
    /// Serial number.
    pub serial: [u8; 3],
    /// Modulus of the certified key.
    pub modulus: Vec<u8>,
    /// Exponent of the certified key.
    pub exponent: Vec<u8>,
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

    /// Verifies every part.
    ///
    /// # Errors
    /// As [`store`](Self::store).
    pub fn verify(&self) -> Result<Verdicts, Fault> {
        let mut memory = [0; DATABASE_LENGTH];
        let mut data = Database::new(&mut memory);
        self.store(&mut data)?;
        let issuer = self.issuer(&data);
        let signer = issuer.as_ref().map_err(|failure| *failure);
        let signer = signer.map(Certificate::key);
        let icc = signer.and_then(|signer| self.icc(&data, signer));
        let static_data =
            signer.and_then(|signer| oda::verify_static_signature(&data, signer, CRYPTO));
        let dynamic = self.dynamic.as_ref();
        let combined = dynamic.and_then(|dynamic| dynamic.combined.as_ref().map(|c| (dynamic, c)));
        let combined = combined.map(|(dynamic, combined)| self.combined(dynamic, combined, &icc));
        let dynamic = dynamic.map(|dynamic| self.dynamic(dynamic, &icc));
        Ok(Verdicts { issuer, static_data, icc, dynamic, combined })
    }

    fn issuer(&self, data: &Database<'_>) -> Result<Certificate, Failure> {
        let (told, mut modulus) = (Certificates::default(), [0; _]);
        let events = Events::to(&told);
        let ca_key = self.ca_key.borrowed();
        oda::issuer_public_key(data, &ca_key, self.today, &[], CRYPTO, &mut modulus, events)?;
        told.only(Part::IssuerCertificate)
    }

    fn icc(&self, data: &Database<'_>, signer: PublicKey<'_>) -> Result<Certificate, Failure> {
        let (told, mut modulus) = (Certificates::default(), [0; _]);
        let (part, events) = (Part::IccCertificate, Events::to(&told));
        oda::icc_public_key(data, part, signer, self.today, CRYPTO, &mut modulus, events)?;
        told.only(part)
    }

    fn dynamic(
        &self,
        dynamic: &Dynamic,
        icc: &Result<Certificate, Failure>,
    ) -> Result<(Vec<u8>, Vec<u8>), Failure> {
        let (key, mut block) = (self.icc_key(icc)?, [0; _]);
        let signed = &mut core::iter::once(dynamic.data.as_slice());
        let signature = &dynamic.signature;
        let data = oda::verify_dynamic_signature(key, signature, signed, CRYPTO, &mut block)?;
        Ok((data.number.to_vec(), data.rest.to_vec()))
    }

    fn combined(
        &self,
        dynamic: &Dynamic,
        combined: &Combined,
        icc: &Result<Certificate, Failure>,
    ) -> Result<[u8; 8], Failure> {
        let (key, mut block) = (self.icc_key(icc)?, [0; _]);
        let [pdol, cdol1, cdol2] = &combined.sent;
        let exchanged = Exchanged {
            sent: [pdol, cdol1, cdol2],
            unpredictable_number: dynamic.data.as_slice().try_into().unwrap_or_default(),
            answer: &combined.answer,
            information: combined.information,
        };
        let signature = &dynamic.signature;
        let signed =
            oda::verify_combined_signature(key, &exchanged, signature, CRYPTO, &mut block)?;
        Ok(signed.cryptogram)
    }

    /// The key of the verified certificate. One whose static data are not known is good up to its
    /// hash; then it is the key that the vector brings.
    fn icc_key<'k>(
        &'k self,
        icc: &'k Result<Certificate, Failure>,
    ) -> Result<PublicKey<'k>, Failure> {
        match (icc, &self.icc_key) {
            (Ok(icc), _) => Ok(icc.key()),
            (Err(failure), Some((modulus, exponent))) if failure.check == Check::Hash => {
                Ok(PublicKey { modulus, exponent })
            }
            (Err(failure), _) => Err(*failure),
        }
    }

    /// The signature of a part as the key of its signer recovers it, checked or not.
    pub(super) fn recovered(&self, part: Part, verdicts: &Verdicts) -> Option<Vec<u8>> {
        let mut memory = [0; DATABASE_LENGTH];
        let mut data = Database::new(&mut memory);
        self.store(&mut data).ok()?;
        let ca_key = self.ca_key.borrowed();
        let issuer = || verdicts.issuer.as_ref().ok().map(Certificate::key);
        let (key, signature) = match part {
            Part::IssuerCertificate => (ca_key.key(), data.bytes(tags::ISSUER_CERTIFICATE)?),
            Part::StaticSignature => (issuer()?, data.bytes(tags::STATIC_SIGNATURE)?),
            Part::IccCertificate => (issuer()?, data.bytes(tags::ICC_CERTIFICATE)?),
            Part::DynamicSignature => {
                let signature = self.dynamic.as_ref()?.signature.as_slice();
                (self.icc_key(&verdicts.icc).ok()?, signature)
            }
            _ => return None,
        };
        let mut block = [0; _];
        let block = oda::recover(CRYPTO, key, signature, &mut block).ok()?;
        Some(block.to_vec())
    }
}

/// Stores what a card gave, as a kernel does.
pub(super) fn store(given: &[Given], data: &mut Database<'_>) -> Result<(), Fault> {
    for given in given {
        match given {
            Given::Record { id, covered, answer } => {
                data.store_record(*id, answer, *covered, EMV, Events::NONE)?
            }
            Given::Objects(place, content) => {
                data.store(content, *place, Repeat::Refuse, EMV, Events::NONE)?;
            }
            Given::Object(tag, value) => data.put_card(*tag, value, Repeat::Replace)?,
        }
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
        Ok(Self { signature: signature.ok_or(Fault::missing(tag))?.to_vec(), data, combined: None })
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

    fn borrowed(&self) -> CaPublicKey<'_> {
        CaPublicKey {
            rid: self.rid,
            index: self.index,
            modulus: &self.modulus,
            exponent: &self.exponent,
        }
    }
}

impl Certificate {
    fn key(&self) -> PublicKey<'_> {
        PublicKey { modulus: &self.modulus, exponent: &self.exponent }
    }
}

impl Verdicts {
    /// How one part ended; `None` when the chain has none such.
    pub fn of(&self, part: Part) -> Option<Result<(), Failure>> {
        fn ended<T>(result: &Result<T, Failure>) -> Option<Result<(), Failure>> {
            Some(result.as_ref().map(|_| ()).map_err(|failure| *failure))
        }
        match part {
            Part::IssuerCertificate => ended(&self.issuer),
            Part::StaticSignature => ended(&self.static_data),
            Part::IccCertificate => ended(&self.icc),
            Part::DynamicSignature => match &self.combined {
                Some(combined) => ended(combined),
                None => self.dynamic.as_ref().and_then(ended),
            },
            _ => None,
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

/// The provider that vectors are run with.
pub(super) const CRYPTO: Crypto<'static> =
    Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &NoRandom };

/// Nothing that a vector checks is random.
struct NoRandom;

impl Random for NoRandom {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomFailed> {
        Err(RandomFailed)
    }
}

/// Takes the certificate out of the events.
#[derive(Default)]
struct Certificates(RefCell<Option<Certificate>>);

impl Sink for Certificates {
    fn event(&self, event: &Event<'_>) {
        if let Event::Certificate(recovered) = event {
            self.0.replace(Some(Certificate {
                expiry: recovered.expiry,
                serial: recovered.serial,
                modulus: recovered.key.modulus.to_vec(),
                exponent: recovered.key.exponent.to_vec(),
            }));
        }
    }
}

impl Certificates {
    /// The certificate that was told; a key without one counts as missing.
    fn only(self, part: Part) -> Result<Certificate, Failure> {
        let (check, tag) = (Check::Missing, None);
        self.0.into_inner().ok_or(Failure { part, check, tag })
    }
}
