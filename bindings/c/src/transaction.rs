//! One transaction: what is to be done.

use chipwright::config;
use chipwright::crypto::Crypto;
use chipwright::event::Events;
use chipwright::value::{Amount, Code, Date};
use chipwright_rustcrypto::RustCrypto;

use crate::arena::Arena;
use crate::{Callbacks, Status, Terminal, pointer};

/// One transaction: what is to be done, by which terminal. It is copied, but for what it points to:
/// that must stay as it is from `begin` to `end`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Transaction {
    /// The terminal.
    pub terminal: *const Terminal,
    /// What the kernel calls while it works. The struct is copied.
    pub callbacks: *const Callbacks,
    /// What kind of business: a `chipwright_transaction_type`.
    pub transaction_type: u32,
    /// Amount, Authorised (9F02), in minor units: the whole amount, cashback included.
    pub amount: u64,
    /// Amount, Other (9F03), in minor units: the cashback part.
    pub amount_other: u64,
    /// Transaction Currency Code (5F2A), as a number: 978.
    pub currency: u16,
    /// Transaction Currency Exponent (5F36): digits of the minor unit.
    pub currency_exponent: u8,
    /// Transaction Date (9A), local, coded YYMMDD in n 6: 26 01 15 hexadecimal.
    pub date: [u8; 3],
    /// Transaction Time (9F21), local, coded HHMMSS in n 6.
    pub time: [u8; 3],
    /// Transaction Sequence Counter (9F41), up to eight digits.
    pub sequence_counter: u32,
    /// Not 0 when the merchant wants the issuer to decide.
    pub force_online: u8,
    /// Not 0 when the reader waits for taps on its own: pre-processing is left out. [A 8.1.1.4]
    pub autorun: u8,
}

/// What kind of business is done. [B4 6.5.1]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum TransactionType {
    /// Goods or services.
    Purchase = 1,
    /// Cash handed out by an attendant.
    ManualCash = 2,
    /// Cash from a machine.
    UnattendedCash = 3,
    /// Goods or services with cash on top.
    Cashback = 4,
    /// Money back.
    Refund = 5,
    /// A look at the balance.
    Inquiry = 6,
}

translate! { TransactionType = config::TransactionType {
    Purchase, ManualCash, UnattendedCash, Cashback, Refund, Inquiry,
} }

impl Transaction {
    /// The transaction as the core has it.
    ///
    /// # Safety
    /// What it points to stays as it is for as long as the context.
    pub(crate) unsafe fn read(
        &self,
        arena: &mut Arena,
    ) -> Result<&'static config::Transaction<'static>, Status> {
        arena.apart(self.callbacks, 1)?;
        arena.apart(self.terminal, 1)?;
        // SAFETY: the caller promises it.
        let callbacks = arena.keep(unsafe { Callbacks::read(self.callbacks) }?)?;
        // SAFETY: the caller promises it.
        let terminal = unsafe { pointer::read(self.terminal) }?;
        // SAFETY: the caller promises it.
        let terminal = unsafe { terminal.read(arena) }?;
        let terminal = arena.keep(terminal)?;
        let amount = |amount| Amount::new(amount).ok_or(Status::WrongValue);
        arena.keep(config::Transaction {
            events: if callbacks.has_sink() { Events::to(callbacks) } else { Events::NONE },
            kind: TransactionType::read(self.transaction_type)?,
            amount_other: amount(self.amount_other)?,
            currency_exponent: self.currency_exponent,
            time: self.time,
            sequence_counter: self.sequence_counter,
            force_online: self.force_online != 0,
            history: callbacks.has_history().then_some(callbacks as &dyn config::History),
            ..config::Transaction::purchase(
                terminal,
                Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: callbacks },
                amount(self.amount)?,
                Code::new(self.currency).ok_or(Status::WrongValue)?,
                date(self.date)?,
            )
        })
    }
}

/// A day, coded YYMMDD in n 6.
pub(crate) fn date(coded: [u8; 3]) -> Result<Date, Status> {
    chipwright::object::Value::decode(&coded).ok_or(Status::WrongValue)
}
