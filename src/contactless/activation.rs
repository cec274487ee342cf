//! What a kernel is activated with. [B 3.4] [A 5.8]

use super::{Start, TerminalTransactionQualifiers};
use crate::config::Transaction;
use crate::database::Database;
use crate::dictionary::emv::{AID, UNPREDICTABLE_NUMBER};
use crate::fault::{Cause, Failed, Fault};
use crate::tag::Tag;

/// Kernel Identifier: which kernel processes an application. [B 3.3.2.5]
///
/// One byte for the kernels of the books, three for domestic ones; coded from the left, the rest
/// zeros. 0 stands for no kernel in particular.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct KernelId(pub [u8; 3]);

impl KernelId {
    /// A kernel of the books by its number.
    pub const fn new(number: u8) -> Self {
        Self([number, 0, 0])
    }

    /// The bytes that count: one, or three of a domestic kernel. [B 3.3.2.5]
    pub fn bytes(&self) -> &[u8] {
        match &self.0 {
            [first, ..] if first & 0x80 == 0 => core::slice::from_ref(first),
            whole => whole,
        }
    }
}

/// Terminal Transaction Qualifiers (9F66). Kernel 2 means something else by this tag.
const TERMINAL_TRANSACTION_QUALIFIERS: Tag = Tag(0x9F66);
/// Kernel Identifier (9F2A).
const KERNEL_IDENTIFIER: Tag = Tag(0x9F2A);

/// What pre-processing found out about one combination. [A 5.6]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Indicators {
    /// An amount of one unit of the currency: the card's status is to be checked online.
    pub status_check_requested: bool,
    /// The amount is not allowed over contactless with this application.
    pub application_not_allowed: bool,
    /// The amount is zero.
    pub zero_amount: bool,
    /// The amount reaches the reader CVM required limit.
    pub cvm_required_limit_exceeded: bool,
    /// The amount exceeds the floor limit.
    pub floor_limit_exceeded: bool,
}

/// What Entry Point hands to a kernel beside the card's answer to SELECT, which lies in the
/// [`Link`](crate::session::Link)'s buffer. [B 3.4.1]
#[derive(Clone, Copy, Debug)]
pub struct Activation<'t> {
    /// What is to be done.
    pub transaction: &'t Transaction<'t>,
    /// The kernel of the combination.
    pub kernel: KernelId,
    /// The AID of the combination, 5 to 16 bytes: the card's application has this name, or one
    /// that begins with it.
    pub aid: &'t [u8],
    /// What pre-processing found out.
    pub indicators: Indicators,
    /// The copy of the Terminal Transaction Qualifiers (9F66), where the combination has them.
    pub qualifiers: Option<TerminalTransactionQualifiers>,
    /// Where Entry Point began this time.
    pub start: Start,
    /// The issuer answered, and the card is asked again.
    pub restart: bool,
}

impl Activation<'_> {
    /// Sets what a kernel finds among the data objects: terminal, transaction, qualifiers (9F66),
    /// kernel (9F2A), `name` (9F06, as in the final SELECT), and a new Unpredictable Number
    /// (9F37). What a card gave before is forgotten, unless the same kernel goes on with it at
    /// Start D; what the issuer answered stays. [B 3.4.1] [A 8.1.1.8]
    ///
    /// # Errors
    /// [`Cause::Configuration`], [`Cause::Random`], [`Cause::StoreFull`].
    pub fn provide(&self, data: &mut Database<'_>, name: &[u8]) -> Result<(), Failed> {
        if self.start != Start::D {
            data.forget_application();
        }
        self.transaction.provide(data)?;
        data.forget(TERMINAL_TRANSACTION_QUALIFIERS);
        if let Some(qualifiers) = self.qualifiers {
            data.put_bytes(TERMINAL_TRANSACTION_QUALIFIERS, &qualifiers.0)?;
        }
        data.put_bytes(KERNEL_IDENTIFIER, self.kernel.bytes())?;
        data.put_bytes(AID.tag, name)?;
        let mut number = [0; 4];
        let random = self.transaction.crypto.random;
        random.fill(&mut number).map_err(|_| data.note(Fault::new(Cause::Random)))?;
        data.put(UNPREDICTABLE_NUMBER, number)
    }
}
