//! One transaction of a vector: the terminal, the business, the card, and someone who looks on.

use super::card::Script;
use crate::device::CardChannel;
use crate::random::Seeded;
use crate::t0::T0;
use crate::vectors::node::{self, Node, unreadable};
use crate::vectors::report::Problem;
use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::{Application, History, Options, Reviews, Terminal, Transaction};
use chipwright::config::TransactionType;
use chipwright::crypto::Crypto;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::emv;
use chipwright::driver::{Driver, Input, Output};
use chipwright::field::{AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType};
use chipwright::object::{Object, Value};
use chipwright::outcome::Outcome;
use chipwright::session::{Proceed, Review, Session, Stop};
use chipwright::tag::Tag;
use chipwright::value::{Amount, Code, Date};
use chipwright_rustcrypto::RustCrypto;
use std::collections::BTreeMap;
use std::pin::pin;

/// What a kernel asks for, as far as a vector may look.
#[derive(Debug)]
pub(super) enum Asked {
    /// This command.
    Command(Vec<u8>),
    /// A choice among the candidates.
    Choice,
    /// A look at what it found so far.
    Review(Review),
    /// Nothing more.
    Nothing(Outcome),
    /// Something that no vector has.
    Else,
}

/// What becomes of it.
pub(super) enum Turn<T> {
    /// It gets what it asks for: the card's answer, or leave to go on.
    GoOn,
    /// The cardholder chose this candidate.
    Choose(u8),
    /// The vector has seen what it looks for.
    Enough(T),
}

/// The terminal of a vector and its business.
#[derive(Debug)]
pub(super) struct Scene<'s> {
    /// Applications with whether they are matched partially.
    pub(super) applications: Vec<(Vec<u8>, bool)>,
    /// Whether the directory is read.
    pub(super) directory: bool,
    /// Where the kernel lets the vector look.
    pub(super) reviews: Reviews,
    /// What the terminal remembers.
    pub(super) history: Option<&'s dyn History>,
    /// Objects of the terminal and of the transaction.
    pub(super) objects: Objects,
}

/// Objects that a vector gives the terminal.
#[derive(Debug, Default)]
pub(super) struct Objects(BTreeMap<Tag, Vec<u8>>);

impl Objects {
    /// Reads lists of `{tag, value}`; what comes in a later one takes the place of an earlier.
    pub(super) fn read(vector: Node<'_>, paths: &[&str]) -> Result<Self, Problem> {
        let mut objects = BTreeMap::new();
        for object in paths.iter().flat_map(|path| vector.list_or_empty(path)) {
            objects.insert(object.tag("tag")?, object.hex("value")?);
        }
        Ok(Self(objects))
    }

    fn take<T: Value>(&mut self, object: Object<T>, default: T) -> Result<T, Problem> {
        let Some(value) = self.0.remove(&object.tag) else {
            return Ok(default);
        };
        let name = object.tag.to_string();
        T::decode(&value).ok_or_else(|| unreadable(&name, "is not of its type"))
    }

    /// The amounts: in digits, or as a binary number.
    fn take_amount(&mut self) -> Result<Amount, Problem> {
        let binary = self.0.remove(&emv::AMOUNT_AUTHORISED_BINARY.tag);
        let least = Amount::new(1).unwrap_or_default();
        match binary.map(|bytes| <[u8; 4]>::try_from(bytes.as_slice())) {
            Some(Ok(bytes)) => {
                let amount = Amount::new(u32::from_be_bytes(bytes).into());
                amount.ok_or_else(|| unreadable("81", "is no amount"))
            }
            Some(Err(_)) => Err(unreadable("81", "is not 4 bytes long")),
            None => self.take(emv::AMOUNT_AUTHORISED, least),
        }
    }

    /// What kind of business a code of 9C stands for.
    fn take_kind(&mut self) -> Result<TransactionType, Problem> {
        let code = self.take(emv::TRANSACTION_TYPE, TransactionType::Purchase.code())?;
        let kinds = [TransactionType::Purchase, TransactionType::ManualCash];
        let kinds = kinds.into_iter().chain([TransactionType::Cashback, TransactionType::Refund]);
        let kind = kinds.into_iter().find(|kind| kind.code() == code);
        kind.ok_or_else(|| unreadable("9C", "is no business that is known here"))
    }

    /// That nothing was left out.
    fn is_empty(&self) -> Result<(), Problem> {
        match self.0.keys().next() {
            Some(tag) => Err(unreadable(&tag.to_string(), "is no object of a terminal here")),
            None => Ok(()),
        }
    }
}

/// The applications of a list of `{aid, asi}`.
pub(super) fn applications(vector: Node<'_>) -> Result<Vec<(Vec<u8>, bool)>, Problem> {
    let mut applications = Vec::new();
    for application in vector.list("inputs.supported_applications")? {
        let partial = match application.text("asi")? {
            "partial_match" => true,
            "exact_match" => false,
            _ => return Err(unreadable("asi", "is neither partial_match nor exact_match")),
        };
        let aid = node::decode(application.text("aid")?, "aid")?;
        applications.push((aid, partial));
    }
    Ok(applications)
}

impl Scene<'_> {
    /// Plays the transaction with a card until `look` has seen enough; gives what it saw, and the
    /// card.
    pub(super) fn play<T>(
        mut self,
        script: Script,
        look: impl FnMut(&Asked, &mut Driver<'_, '_>) -> Turn<T>,
    ) -> Result<(T, Script), Problem> {
        let objects = &mut self.objects;
        let version = objects.take(emv::APPLICATION_VERSION_NUMBER_TERMINAL, 0)?;
        // Out of reach, unless the vector is about it.
        let floor_limit = objects.take(emv::TERMINAL_FLOOR_LIMIT, u32::MAX)?;
        let applications: Vec<_> = self.applications.iter().map(|(aid, partial_match)| {
            let partial_match = *partial_match;
            Application { partial_match, version, floor_limit, ..Application::new(aid) }
        });
        let applications = applications.collect::<Vec<_>>();
        unimplemented!()
    }
}
