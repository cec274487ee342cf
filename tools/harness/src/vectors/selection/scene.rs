//! One transaction of a vector: the terminal, the business, the card, and someone who looks on.

use super::card::Script;
use crate::device::CardChannel;
use crate::random::Seeded;
use crate::t0::T0;
use crate::vectors::node::{self, Node, unreadable};
use crate::vectors::report::Problem;
use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::{
    Application, History, Options, Reviews, Terminal, Transaction, TransactionType,
};
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
    /// The cardholder chose this candidate, or none.
    Choose(Option<u8>),
    /// The vector has seen what it looks for.
    Enough(T),
}

/// The terminal of a vector and its business.
#[derive(Debug, Default)]
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

    /// The amount: in digits, or as a binary number.
    fn take_amount(&mut self) -> Result<Amount, Problem> {
        let amount = self.take(emv::AMOUNT_AUTHORISED, Amount::ZERO)?;
        let binary = self.take(emv::AMOUNT_AUTHORISED_BINARY, 0)?;
        Ok(if binary == 0 { amount } else { Amount::new(binary.into()).unwrap_or_default() })
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
    /// Plays the transaction with a card until `look` has seen enough.
    pub(super) fn play<T>(
        mut self,
        script: Script,
        look: impl FnMut(&Asked, &mut Driver<'_, '_>) -> Turn<T>,
    ) -> Result<Played<T>, Problem> {
        let objects = &mut self.objects;
        let version = objects.take(emv::APPLICATION_VERSION_NUMBER_TERMINAL, 0)?;
        // Out of reach, unless the vector is about it.
        let floor_limit = objects.take(emv::TERMINAL_FLOOR_LIMIT, u32::MAX)?;
        let applications = self.applications.iter().map(|(aid, partial)| Application {
            partial_match: *partial,
            version,
            floor_limit,
            ..Application::new(aid)
        });
        let applications: Vec<_> = applications.collect();
        let options = Options {
            payment_system_environment: self.directory,
            reviews: self.reviews,
            ..Options::DEFAULT
        };
        let country = objects.take(emv::TERMINAL_COUNTRY_CODE, COUNTRY)?;
        let kind = objects.take(emv::TERMINAL_TYPE, TerminalType(0x22))?;
        let can = TerminalCapabilities([0xE0, 0xF0, 0xC8]);
        let can = objects.take(emv::TERMINAL_CAPABILITIES, can)?;
        let also = AdditionalTerminalCapabilities::EMPTY;
        let terminal = Terminal {
            additional_capabilities: objects.take(emv::ADDITIONAL_TERMINAL_CAPABILITIES, also)?,
            applications: &applications,
            options,
            ..Terminal::new(kind, can, country)
        };
        let random = Seeded::new(1);
        let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &random };
        let amount = objects.take_amount()?;
        let currency = objects.take(emv::TRANSACTION_CURRENCY_CODE, CURRENCY)?;
        let today = objects.take(emv::TRANSACTION_DATE, TODAY)?;
        let transaction = Transaction {
            kind: objects.take_kind()?,
            amount_other: objects.take(emv::AMOUNT_OTHER, Amount::ZERO)?,
            history: self.history,
            ..Transaction::purchase(&terminal, crypto, amount, currency, today)
        };
        objects.is_empty()?;
        transact(&transaction, script, look)
    }
}

/// What was seen of a transaction.
#[derive(Debug)]
pub(super) struct Played<T> {
    /// What the vector looked for.
    pub(super) found: T,
    /// The card's last answer.
    pub(super) last_answer: Vec<u8>,
    /// Exchanges of the card that were not asked for.
    pub(super) left: usize,
}

impl<T> Played<T> {
    /// What the vector looked for, if the card was asked everything that it knows.
    pub(super) fn used_up(self) -> Result<T, Problem> {
        Problem::compare("exchanges left", 0, self.left)?;
        Ok(self.found)
    }
}

fn transact<T>(
    transaction: &Transaction<'_>,
    script: Script,
    mut look: impl FnMut(&Asked, &mut Driver<'_, '_>) -> Turn<T>,
) -> Result<Played<T>, Problem> {
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_contact::transact(&session, transaction));
    let mut driver = Driver::new(&session, task);
    let mut card = T0::new(script);
    let mut answer;
    let mut input = Input::Start;
    let found = loop {
        let output = driver.step(input).map_err(|misuse| unreadable("card", &misuse.to_string()));
        let asked = Asked::from(output?);
        input = match (look(&asked, &mut driver), asked) {
            (Turn::Enough(found), _) => break found,
            (Turn::Choose(number), _) => Input::Chosen(number),
            (Turn::GoOn, Asked::Command(command)) => match card.transmit(&command) {
                Ok(bytes) => {
                    answer = bytes;
                    Input::Response { bytes: &answer, elapsed: 0 }
                }
                Err(error) => Input::LinkFailed(error),
            },
            (Turn::GoOn, Asked::Review(_)) => Input::Proceed(Proceed::Continue),
            (Turn::GoOn, Asked::Choice | Asked::Else) => Input::Stop(Stop::Cancelled),
            (Turn::GoOn, Asked::Nothing(outcome)) => {
                let end = format!("{:?}", outcome.end);
                return Err(Problem::differs("transaction", "to go on", end));
            }
        };
    };
    let script = card.card();
    script.agrees()?;
    Ok(Played { found, last_answer: script.last_answer().to_vec(), left: script.left() })
}

impl From<Output<'_>> for Asked {
    fn from(output: Output<'_>) -> Self {
        match output {
            Output::Transmit(command) => Self::Command(command.to_vec()),
            Output::Choose(_) => Self::Choice,
            Output::Review(review) => Self::Review(review),
            Output::Done(outcome) => Self::Nothing(outcome),
            _ => Self::Else,
        }
    }
}

/// Where and when transactions take place that a vector does not place.
const COUNTRY: Code = match Code::new(528) {
    Some(code) => code,
    None => unreachable!(),
};
const CURRENCY: Code = match Code::new(978) {
    Some(code) => code,
    None => unreachable!(),
};
const TODAY: Date = match Date::new(2025, 7, 15) {
    Some(date) => date,
    None => unreachable!(),
};
