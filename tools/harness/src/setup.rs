//! What a transaction begins with, beside the terminal.

use chipwright::config::{Terminal, Transaction, TransactionType};
use chipwright::crypto::{Crypto, Random};
use chipwright::event::Events;
use chipwright::value::{Amount, Date};
use chipwright_rustcrypto::RustCrypto;

use crate::currency::Currency;
use crate::random::{Replayed, Seeded};

/// What a transaction begins with, beside the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// What kind of business.
    pub kind: TransactionType,
    /// The whole amount, cashback included.
    pub amount: Amount,
    /// The cashback part.
    pub other: Amount,
    /// Their currency.
    pub currency: Currency,
    /// Transaction Date.
    pub date: Date,
    /// Transaction Time, HHMMSS in n 6.
    pub time: [u8; 3],
    /// Transaction Sequence Counter.
    pub counter: u32,
    /// What the terminal's random numbers depend on.
    pub seed: u64,
    /// The Unpredictable Number that comes before those.
    pub unpredictable_number: Option<[u8; 4]>,
    /// The merchant wants the issuer to decide.
    pub force_online: bool,
}

impl Default for Setup {
    /// A purchase of 12.34 EUR on a fixed day.
    fn default() -> Self {
        let currency = Currency::find("EUR").expect("a currency of the table");
        Self {
            kind: TransactionType::Purchase,
            amount: currency.amount("12.34").expect("an amount in EUR"),
            other: Amount::ZERO,
            currency,
            date: Date::new(2026, 1, 15).expect("a day of the calendar"),
            time: [0x12, 0x00, 0x00],
            counter: 1,
            seed: 1,
            unpredictable_number: None,
            force_online: false,
        }
    }
}

impl Setup {
    /// The terminal's source of random numbers.
    pub fn random(&self) -> Box<dyn Random> {
        match self.unpredictable_number {
            Some(number) => Box::new(Replayed::new(number, self.seed)),
            None => Box::new(Seeded::new(self.seed)),
        }
    }

    /// The transaction, as a kernel takes it.
    pub fn transaction<'a>(
        &self,
        terminal: &'a Terminal<'a>,
        random: &'a dyn Random,
        events: Events<'a>,
    ) -> Transaction<'a> {
        Transaction {
            terminal,
            crypto: Crypto { hash: &RustCrypto, rsa: &RustCrypto, random },
            events,
            kind: self.kind,
            amount: self.amount,
            amount_other: self.other,
            currency: self.currency.code(),
            currency_exponent: self.currency.exponent,
            date: self.date,
            time: self.time,
            sequence_counter: self.counter,
            force_online: self.force_online,
            history: None,
        }
    }
}
