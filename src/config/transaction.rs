//! One transaction: what is to be done.

use super::Terminal;
use crate::crypto::Crypto;
use crate::database::Database;
use crate::dictionary::emv::{
    TRANSACTION_CURRENCY_CODE, TRANSACTION_CURRENCY_EXPONENT, TRANSACTION_DATE,
    TRANSACTION_SEQUENCE_COUNTER, TRANSACTION_TIME, TRANSACTION_TYPE,
};
use crate::event::Events;
use crate::fault::{Cause, Failed, Fault};
use crate::value::{Amount, Code, Date, Digits, Pan};

/// What the terminal remembers of accounts. [B3 10.6.1, B4 6.3.5]
pub trait History: core::fmt::Debug {
    /// Whether the account is on the exception file.
    fn on_exception_file(&self, pan: Pan<'_>, sequence_number: Option<u8>) -> bool;
    /// Amount of the most recent transaction with the same account that is still in the log;
    /// zero when there is none or no log is kept.
    fn logged_amount(&self, pan: Pan<'_>, sequence_number: Option<u8>) -> Amount;
}

/// What kind of business is done. [B4 6.5.1]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum TransactionType {
    /// Goods or services.
    Purchase,
    /// Cash handed out by an attendant.
    ManualCash,
    /// Cash from a machine.
    UnattendedCash,
    /// Goods or services with cash on top.
    Cashback,
    /// Money back.
    Refund,
    /// A look at the balance.
    Inquiry,
}

impl TransactionType {
    /// Transaction Type (9C): the first two digits of the ISO 8583 processing code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Purchase => 0x00,
            Self::ManualCash | Self::UnattendedCash => 0x01,
            Self::Cashback => 0x09,
            Self::Refund => 0x20,
            Self::Inquiry => 0x31,
        }
    }

    /// Whether goods or services are bought.
    pub const fn is_purchase(self) -> bool {
        matches!(self, Self::Purchase | Self::Cashback)
    }

    /// Whether cash alone is handed out.
    pub const fn is_cash(self) -> bool {
        matches!(self, Self::ManualCash | Self::UnattendedCash)
    }
}

/// One transaction: what is to be done, by which terminal, with which means.
#[derive(Clone, Copy, Debug)]
pub struct Transaction<'a> {
    /// The terminal.
    pub terminal: &'a Terminal<'a>,
    /// Cryptography.
    pub crypto: Crypto<'a>,
    /// Where events go.
    pub events: Events<'a>,
    /// What kind of business.
    pub kind: TransactionType,
    /// Amount, Authorised (9F02): the whole amount, cashback included.
    pub amount: Amount,
    /// Amount, Other (9F03): the cashback part.
    pub amount_other: Amount,
    /// Transaction Currency Code (5F2A).
    pub currency: Code,
    /// Transaction Currency Exponent (5F36): digits of the minor unit.
    pub currency_exponent: u8,
    /// Transaction Date (9A), local.
    pub date: Date,
    /// Transaction Time (9F21), HHMMSS in n 6, local.
    pub time: [u8; 3],
    /// Transaction Sequence Counter (9F41), up to eight digits.
    pub sequence_counter: u32,
    /// The merchant wants the issuer to decide. [B3 10.6]
    pub force_online: bool,
    /// What the terminal remembers of accounts; none when it keeps neither log nor exception file.
    pub history: Option<&'a dyn History>,
}

impl<'a> Transaction<'a> {
    /// A purchase in this currency (two digits of minor unit) on this day; everything else empty
    /// or default, to be filled in with struct update syntax.
    pub const fn purchase(
        terminal: &'a Terminal<'a>,
        crypto: Crypto<'a>,
        amount: Amount,
        currency: Code,
        date: Date,
    ) -> Self {
        Self {
            terminal,
            crypto,
            events: Events::NONE,
            kind: TransactionType::Purchase,
            amount,
            amount_other: Amount::ZERO,
            currency,
            currency_exponent: 2,
            date,
            time: [0; 3],
            sequence_counter: 1,
            force_online: false,
            history: None,
        }
    }

    /// Sets the data objects of transaction and terminal. [B4 6.5]
    ///
    /// # Errors
    /// [`Cause::Configuration`] when a value does not fit its object; [`Cause::StoreFull`].
    pub fn provide(&self, data: &mut Database<'_>) -> Result<(), Failed> {
        data.put_amounts(self.amount, self.amount_other)?;
        data.put(TRANSACTION_TYPE, self.kind.code())?;
        data.put(TRANSACTION_CURRENCY_CODE, self.currency)?;
        data.put(TRANSACTION_CURRENCY_EXPONENT, self.currency_exponent)?;
        data.put(TRANSACTION_DATE, self.date)?;
        data.put(TRANSACTION_TIME, self.time)?;
        let counter = TRANSACTION_SEQUENCE_COUNTER.tag;
        let digits = Digits::encode::<4>(self.sequence_counter.into());
        let too_long = || data.note(Fault::new(Cause::Configuration).about(counter));
        let digits = digits.ok_or_else(too_long)?;
        data.put_bytes(counter, &digits)?;
        self.terminal.provide(data)
    }
}
