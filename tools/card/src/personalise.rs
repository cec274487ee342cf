//! From a profile to the applications of a card.

mod fci;
mod issuer;
mod layout;
mod objects;

use core::fmt::Display;
use std::collections::BTreeMap;

use chipwright::cryptogram::{CryptogramVersion, DoubleKey, Pin};
use chipwright::tag::Tag;
use chipwright::value::Pan;
use chipwright_rustcrypto::RustCrypto;

use crate::certificate::{DYNAMIC, FAST, sign_dynamic_data};
use crate::key::{self, MasterKeys, RsaKey};
use crate::object::{List, Objects};
use crate::profile::{
    Application, FirstAnswer, IssuerAuthentication, Profile, ProfileError, QuickPass, Scheme,
    SecondAnswer,
};

pub(crate) use fci::{DIRECTORY, PPSE, PSE, directory, proximity_directory};

/// An application as a card carries it, without what a transaction changes. Its issuer may change
/// records and answers to GET DATA.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    /// DF name: the AID and whatever follows it.
    pub(crate) name: Vec<u8>,
    /// File Control Information.
    pub(crate) fci: Vec<u8>,
    pub(crate) blocked: bool,
    pub(crate) available: bool,
    /// Whether answers that have a choice are lists of objects (format 2).
    pub(crate) in_objects: bool,
    pub(crate) aip: [u8; 2],
    pub(crate) afl: Vec<u8>,
    /// By short file identifier and record number.
    pub(crate) records: BTreeMap<(u8, u8), Vec<u8>>,
    pub(crate) pdol: List,
    pub(crate) ddol: List,
    pub(crate) cdol1: List,
    pub(crate) cdol2: List,
    pub(crate) get_data: Objects,
    /// Tags that GET DATA does not find either.
    pub(crate) omitted: Vec<Tag>,
    pub(crate) signer: Option<Signer>,
    /// Key for enciphered PINs.
    pub(crate) pin_key: Option<RsaKey>,
    pub(crate) pin: Pin,
    pub(crate) pin_try_limit: u8,
    pub(crate) pin_tries_left: u8,
    pub(crate) cryptogram: CryptogramImage,
    /// For an application that answers over contactless.
    pub(crate) tap: Option<Tap>,
}

/// How the card signs dynamic data.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    pub(crate) key: RsaKey,
    /// Answers INTERNAL AUTHENTICATE.
    pub(crate) dynamic: bool,
    /// Signs cryptograms.
    pub(crate) combined: bool,
    pub(crate) number_length: usize,
    /// Signatures do not cover what they should.
    pub(crate) forged: bool,
}

impl Signer {
    /// The same for a signature that comes with GET PROCESSING OPTIONS. [C7 6.1]
    pub(crate) fn sign_fast(&self, dynamic_data: &[u8], covered: &[u8]) -> Option<Vec<u8>> {
        sign_dynamic_data(&self.key, FAST, dynamic_data, covered)
    }

    /// Signed Dynamic Application Data: the `dynamic_data`, and what the terminal sent. [B2 6.5.1]
    pub(crate) fn sign(&self, dynamic_data: &[u8], terminal_data: &[u8]) -> Option<Vec<u8>> {
        let covered = if self.forged { &[] } else { terminal_data };
        sign_dynamic_data(&self.key, DYNAMIC, dynamic_data, covered)
    }
}

/// What an application has for contactless.
#[derive(Clone, Debug)]
pub(crate) struct Tap {
    pub(crate) quickpass: QuickPass,
    /// Track 2 Equivalent Data (57) and sequence number (5F34), which come with the cryptogram.
    pub(crate) track_2: Vec<u8>,
    pub(crate) sequence_number: Vec<u8>,
}

/// The record that a contactless application writes for each transaction, and that is read last:
/// file and number.
pub(crate) const LAST_RECORD: (u8, u8) = (5, 1);

/// How the card makes cryptograms.
#[derive(Clone, Debug)]
pub(crate) struct CryptogramImage {
    pub(crate) version: &'static CryptogramVersion,
    pub(crate) keys: MasterKeys,
    pub(crate) key_index: u8,
    pub(crate) discretionary_data: Vec<u8>,
    pub(crate) issuer_authentication: IssuerAuthentication,
    pub(crate) issuer_authentication_mandatory: bool,
    pub(crate) first: FirstAnswer,
    pub(crate) second: SecondAnswer,
    pub(crate) atc: u16,
    pub(crate) last_online_atc: u16,
}

/// One application of a profile, and where in the profile it stands.
pub(crate) struct Part<'p> {
    profile: &'p Profile,
    application: &'p Application,
    path: String,
}

impl Part<'_> {
    /// An error about a key of the application.
    fn error(&self, key: &str, message: impl Into<String>) -> ProfileError {
        let path = format!("{}.{key}", self.path);
        self.profile.places.error(&path, message)
    }

    /// Complains about a key unless the condition holds.
    fn require(&self, holds: bool, key: &str, message: &str) -> Result<(), ProfileError> {
        if holds { Ok(()) } else { Err(self.error(key, message)) }
    }

    /// Reads a data object list.
    fn list(&self, key: &str, bytes: &[u8]) -> Result<List, ProfileError> {
        let wrong = |error: &dyn Display| self.error(key, format!("no data object list: {error}"));
        let list = List::new(bytes).map_err(|error| wrong(&error))?;
        self.require(list.length() <= 255, key, "asks for more than a command carries")?;
        Ok(list)
    }
}

/// Personalises the applications of `profile`.
///
/// # Errors
/// [`ProfileError`] about the key that cannot be done.
pub(crate) fn applications(profile: &Profile) -> Result<Vec<Image>, ProfileError> {
    if profile.application.is_empty() {
        return Err(profile.places.error(".application", "a card without any"));
    }
    let parts = profile.application.iter().enumerate();
    parts
        .map(|(position, application)| {
            application_of(&Part { profile, application, path: format!(".application.{position}") })
        })
        .collect()
}

fn application_of(part: &Part<'_>) -> Result<Image, ProfileError> {
    let this = part.application;
    let choice = matches!(this.format, 1 | 2);
    part.require(choice, "format", "neither 1 nor 2")?;

    let aip = objects::interchange_profile(part)?;
    let mut objects = objects::of_application(part)?;
    let tap = objects::of_tap(part, &mut objects)?;
    let keys = issuer::Keys::of(part)?;
    if let Some(keys) = &keys {
        keys.certify_issuer(part, &mut objects)?;
    }
    objects::change(part, &mut objects)?;
    let plan = layout::Plan::of(part)?;
    let static_data = plan.static_data(part, &objects, aip)?;
    if let Some(keys) = &keys {
        keys.certify_card(part, &static_data, &mut objects)?;
        objects::change(part, &mut objects)?;
        objects::break_certificate(part, &mut objects);
    }
    let records = plan.records(part, &objects)?;
    let afl = match &this.afl {
        Some(afl) => afl.to_vec(),
        None if tap.is_some() => [records.file_locator(), vec![5 << 3, 1, 1, 0]].concat(),
        None => records.file_locator(),
    };

    let (signer, pin_key) = issuer::card_keys(part, keys)?;
    let list = |tag: u32, key| part.list(key, objects.get(&Tag(tag)).map_or(&[], Vec::as_slice));
    let image = Image {
        name: objects::name(part)?,
        fci: fci::of_application(part)?,
        blocked: this.blocked,
        available: this.available,
        in_objects: this.format == 2,
        aip,
        afl,
        records: records.by_number(),
        pdol: part.list("pdol", objects::pdol(part))?,
        ddol: list(0x9F49, "authentication.ddol")?,
        cdol1: list(0x8C, "cryptogram.cdol1")?,
        cdol2: list(0x8D, "cryptogram.cdol2")?,
        get_data: objects::by_tag(part, "get_data", &this.get_data)?,
        omitted: objects::omitted(part)?,
        signer,
        pin_key,
        pin: pin(part)?,
        pin_try_limit: this.verification.pin_try_limit,
        pin_tries_left: pin_tries_left(part)?,
        cryptogram: cryptogram(part)?,
        tap,
    };
    check_lists(part, &image)?;
    Ok(image)
}

fn pin(part: &Part<'_>) -> Result<Pin, ProfileError> {
    let digits: Vec<u8> = part.application.verification.pin.values().collect();
    Pin::new(&digits).ok_or_else(|| part.error("verification.pin", "a PIN has 4 to 12 digits"))
}

fn pin_tries_left(part: &Part<'_>) -> Result<u8, ProfileError> {
    let verification = &part.application.verification;
    let limit = verification.pin_try_limit;
    let left = verification.pin_tries_left.unwrap_or(limit);
    let key = "verification.pin_try_limit";
    part.require(matches!(limit, 1..=15), key, "not 1 to 15")?;
    part.require(left <= limit, "verification.pin_tries_left", "more than the limit")?;
    Ok(left)
}

fn cryptogram(part: &Part<'_>) -> Result<CryptogramImage, ProfileError> {
    let Application { scheme, cryptogram: this, .. } = part.application;
    let number = this.version.unwrap_or(scheme.cryptogram_version());
    let version = crate::issuer_data::version(*scheme, number)
        .ok_or_else(|| part.error("cryptogram.version", "none of this payment system"))?;
    let discretionary_data = this.discretionary_data.clone().unwrap_or_default().0;
    let room = match scheme {
        Scheme::Mastercard => 0,
        Scheme::Visa | Scheme::UnionPay => 16,
    };
    let message = format!("more than {room} bytes");
    let fits = discretionary_data.len() <= room;
    part.require(fits, "cryptogram.discretionary_data", &message)?;
    Ok(CryptogramImage {
        version,
        keys: master_keys(part, version)?,
        key_index: this.key_index.unwrap_or(1),
        discretionary_data,
        issuer_authentication: objects::issuer_authentication(part),
        issuer_authentication_mandatory: this.issuer_authentication_mandatory,
        first: this.first,
        second: this.second,
        atc: this.atc,
        last_online_atc: this.last_online_atc,
    })
}

/// The card's master keys: derived from its issuer's, or given.
fn master_keys(part: &Part<'_>, version: &CryptogramVersion) -> Result<MasterKeys, ProfileError> {
    let Application { scheme, account, cryptogram: this, .. } = part.application;
    part.require(
        this.card_key.is_none() || this.issuer.is_none(),
        "cryptogram.issuer",
        "the card has a key of its own",
    )?;
    let name = this.issuer.as_deref().unwrap_or(scheme.name());
    let issuer = key::issuer_master_keys(name)
        .ok_or_else(|| part.error("cryptogram.issuer", "no issuer of this name"))?;
    let number = objects::account_number(part)?;
    let pan = Pan::new(&number).ok_or_else(|| part.error("account.number", "no account number"))?;
    let sequence = objects::two_digits(account.sequence_number);
    let derive = |key| version.icc_master_key(&RustCrypto, &RustCrypto, key, pan, sequence);
    let cryptogram = match &this.card_key {
        Some(key) => {
            let key: Option<[u8; 16]> = key.0.as_slice().try_into().ok();
            let key = key.ok_or_else(|| part.error("cryptogram.card_key", "not 16 bytes"))?;
            DoubleKey::new(key)
        }
        None => derive(&issuer.cryptogram),
    };
    let [integrity, confidentiality] = [&issuer.integrity, &issuer.confidentiality].map(derive);
    Ok(MasterKeys { cryptogram, integrity, confidentiality })
}

/// The lists bring what the cryptograms need, and a signed cryptogram fits an answer.
fn check_lists(part: &Part<'_>, image: &Image) -> Result<(), ProfileError> {
    let mut zeros = Objects::from([
        (Tag(0x82), vec![0; 2]),
        (Tag(0x9F36), vec![0; 2]),
        (Tag(0x9F10), vec![0; 32]),
    ]);
    let version = image.cryptogram.version;
    let lists: &[_] = match image.tap {
        Some(_) => &[(&image.pdol, "pdol")],
        None => &[(&image.cdol1, "cryptogram.cdol1"), (&image.cdol2, "cryptogram.cdol2")],
    };
    for (list, key) in lists {
        zeros.extend(list.split(&vec![0; list.length()]).unwrap_or_default());
        let input = version.input(|tag| zeros.get(&tag).map(Vec::as_slice));
        if let Err(error) = input {
            return Err(part.error(key, error.to_string()));
        }
    }
    // 77 with 9F27, 9F36, 9F10 of 32 bytes, and 9F4B.
    const BESIDE_SIGNATURE: usize = 3 + 4 + 5 + 35 + 4;
    let combined = image.signer.as_ref().filter(|signer| signer.combined);
    let fits = combined.is_none_or(|signer| signer.key.length() + BESIDE_SIGNATURE <= 256);
    let message = "too long: an answer with a signed cryptogram would exceed 256 bytes";
    part.require(fits, "authentication.icc_key", message)
}
