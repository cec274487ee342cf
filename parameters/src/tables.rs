//! What a terminal is handed: the records of a file, in tables.

use crate::Refusal;
use crate::file::File;
use crate::record::Record;
use chipwright::config::{Application, CaPublicKey, Revocation};
use chipwright::crypto::Hash;
use chipwright::value::Date;
use chipwright_entry_point::Combination;
use heapless::Vec;

/// The records of a file: up to so many applications, keys and revocations. Names and keys stay
/// in the file.
#[derive(Clone, Debug, Default)]
pub struct Tables<'f, const APPLICATIONS: usize, const KEYS: usize, const REVOCATIONS: usize> {
    /// Applications, in the file's order.
    pub applications: Vec<Application<'f>, APPLICATIONS>,
    /// How applications are used in the field.
    pub combinations: Vec<Combination<'f>, APPLICATIONS>,
    /// Keys that are good.
    pub keys: Vec<CaPublicKey<'f>, KEYS>,
    /// Revoked certificates.
    pub revocations: Vec<Revocation, REVOCATIONS>,
}

impl<'f, const APPLICATIONS: usize, const KEYS: usize, const REVOCATIONS: usize>
    Tables<'f, APPLICATIONS, KEYS, REVOCATIONS>
{
    /// Fills the tables. Keys that have expired today are left out.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] when one of them is too small.
    pub fn of(file: &File<'f>, today: Date, hash: &dyn Hash) -> Result<Self, Refusal> {
        let mut tables = Self {
            applications: Vec::new(),
            combinations: Vec::new(),
            keys: Vec::new(),
            revocations: Vec::new(),
        };
        for record in file.records() {
            let combination = match record {
                Record::Application(application, combination) => {
                    tables.applications.push(application).map_err(|_| Refusal::TooMany)?;
                    combination
                }
                Record::Combination(combination) => Some(combination),
                Record::Revocation(revocation) => {
                    tables.revocations.push(revocation).map_err(|_| Refusal::TooMany)?;
                    None
                }
                Record::Key(_) => None,
            };
            if let Some(combination) = combination {
                tables.combinations.push(combination).map_err(|_| Refusal::TooMany)?;
            }
        }
        for key in file.keys(today, hash) {
            tables.keys.push(key).map_err(|_| Refusal::TooMany)?;
        }
        Ok(tables)
    }
}
