//! Memory that the integrator lends for a transaction.

use crate::journal::RECORD_LENGTH;
use chipwright::apdu::BUFFER_LENGTH;
use chipwright::database::DATABASE_LENGTH;
use core::fmt;
use zeroize::Zeroize;

/// Longest field 55, in bytes. [B4 12.1]
pub const FIELD_55_LENGTH: usize = 255;

/// Holds an answer of the card, 258 bytes, or of the host with 128 bytes of scripts.
pub const ANSWER_LENGTH: usize = 512;

/// Memory for one transaction at a time; wiped when the transaction has ended.
pub struct Memory<'m> {
    /// For the data objects: [`DATABASE_LENGTH`] bytes hold every transaction.
    pub data: &'m mut [u8],
    /// For one command and its answer: [`BUFFER_LENGTH`] bytes.
    pub apdu: &'m mut [u8],
    /// For what reader and host write: [`ANSWER_LENGTH`] bytes.
    pub answer: &'m mut [u8],
    /// For one record of the journal: [`RECORD_LENGTH`] bytes.
    pub record: &'m mut [u8],
    /// For one field 55: [`FIELD_55_LENGTH`] bytes.
    pub field_55: &'m mut [u8],
}

/// All the memory that a transaction needs, in one place: a static, or the stack.
pub struct Workspace {
    data: [u8; DATABASE_LENGTH],
    apdu: [u8; BUFFER_LENGTH],
    answer: [u8; ANSWER_LENGTH],
    record: [u8; RECORD_LENGTH],
    field_55: [u8; FIELD_55_LENGTH],
}

impl Workspace {
    /// The memory, all zero.
    pub const fn new() -> Self {
        Self {
            data: [0; DATABASE_LENGTH],
            apdu: [0; BUFFER_LENGTH],
            answer: [0; ANSWER_LENGTH],
            record: [0; RECORD_LENGTH],
            field_55: [0; FIELD_55_LENGTH],
        }
    }

    /// Lends it.
    pub const fn lend(&mut self) -> Memory<'_> {
        let Self { data, apdu, answer, record, field_55 } = self;
        Memory { data, apdu, answer, record, field_55 }
    }

    /// Lends the part that the journal needs on its own: for a record, and for a field 55.
    pub const fn lend_to_journal(&mut self) -> (&mut [u8], &mut [u8]) {
        (&mut self.record, &mut self.field_55)
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Workspace")
    }
}

impl fmt::Debug for Memory<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

/// Memory that is wiped when it is given back, however the transaction ends.
pub(crate) struct Lent<'l, 'm>(pub(crate) &'l mut Memory<'m>);

impl Lent<'_, '_> {
    /// Wipes what is left. Data, buffer and records are wiped by those who use them.
    pub(crate) fn wipe(&mut self) {
        self.0.answer.zeroize();
        self.0.field_55.zeroize();
    }
}

impl Drop for Lent<'_, '_> {
    fn drop(&mut self) {
        self.wipe();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_lent_comes_back_wiped() {
        let mut workspace = Workspace::new();
        {
            let mut memory = workspace.lend();
            let lent = Lent(&mut memory);
            lent.0.answer.fill(0x47);
            lent.0.field_55.fill(0x73);
        }
        let Memory { answer, field_55, .. } = workspace.lend();
        assert!([answer, field_55].into_iter().flatten().all(|byte| *byte == 0));
    }
}
