//! A chain verified as a terminal verifies it. [B2 5, 6]

use super::{Chain, Combined, Dynamic, RsaKey, tags};
use chipwright::crypto::{Crypto, Random, RandomFailed};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::event::{Event, Events, Sink};
use chipwright::fault::Fault;
use chipwright::oda::{self, Check, Exchanged, Failure, Part, PublicKey};
use chipwright::value::MonthYear;
use chipwright_rustcrypto::RustCrypto;
use core::cell::RefCell;

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
    /// The dynamic signature by itself.
    pub dynamic: Option<Result<DynamicContent, Failure>>,
    /// A combined signature with all that it covers; gives the cryptogram.
    pub combined: Option<Result<[u8; 8], Failure>>,
}

/// What a dynamic signature carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DynamicContent {
    /// ICC Dynamic Number, 2 to 8 bytes.
    pub number: Vec<u8>,
    /// What follows it.
    pub rest: Vec<u8>,
}

/// A certificate whose checks all passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Good to the end of this month.
    pub expiry: MonthYear,
    /// Serial number.
    pub serial: [u8; 3],
    /// The certified key.
    pub key: RsaKey,
}

impl Chain {
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
        let signer = signer.map(|issuer| issuer.key.borrowed());
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
    ) -> Result<DynamicContent, Failure> {
        let (key, mut block) = (self.icc_key(icc)?, [0; _]);
        let signed = &mut core::iter::once(dynamic.data.as_slice());
        let signature = &dynamic.signature;
        let verify = if dynamic.fast {
            oda::verify_fast_dynamic_signature
        } else {
            oda::verify_dynamic_signature
        };
        let data = verify(key, signature, signed, CRYPTO, &mut block)?;
        Ok(DynamicContent { number: data.number.to_vec(), rest: data.rest.to_vec() })
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
            (Ok(icc), _) => Ok(icc.key.borrowed()),
            (Err(failure), Some(key)) if failure.check == Check::Hash => Ok(key.borrowed()),
            (Err(failure), _) => Err(*failure),
        }
    }

    /// The signature of a part as the key of its signer recovers it, checked or not.
    pub(in crate::vectors) fn recovered(&self, part: Part, verdicts: &Verdicts) -> Option<Vec<u8>> {
        let mut memory = [0; DATABASE_LENGTH];
        let mut data = Database::new(&mut memory);
        self.store(&mut data).ok()?;
        let ca_key = self.ca_key.borrowed();
        let issuer = || verdicts.issuer.as_ref().ok().map(|issuer| issuer.key.borrowed());
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

/// The provider that vectors are run with.
pub(in crate::vectors) const CRYPTO: Crypto<'static> =
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
                key: RsaKey {
                    modulus: recovered.key.modulus.to_vec(),
                    exponent: recovered.key.exponent.to_vec(),
                },
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
