//! What the terminal tells the till: the event record, in rows.

use crate::board::Uart;

/// Kinds of rows that are this program's own.
pub(crate) const SHOWN: u8 = 0xC0;
/// How a transaction ended.
pub(crate) const ENDED: u8 = 0xC1;
/// Bytes of stack that were used.
pub(crate) const STACK: u8 = 0xC2;
/// Ticks that were spent.
#[allow(dead_code, reason = "one of the images counts them")]
pub(crate) const SPENT: u8 = 0xC3;

/// Sends a row: its kind, two bytes of length, its content.
pub(crate) fn row(kind: u8, content: &[u8]) {
    let [first, second] = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
    let head = [kind, first, second];
    head.iter().chain(content).for_each(|byte| Uart::Till.send(*byte));
}
