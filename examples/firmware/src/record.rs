//! What the terminal tells the till: the event record, as `chipwright record` opens it.

use crate::board::Uart;
use chipwright::event::record;
use chipwright::event::{Event, Sink};

/// Kinds of rows that are this program's own: a message on the display.
pub(crate) const SHOWN: u8 = record::OWN;
/// How a transaction ended.
pub(crate) const ENDED: u8 = record::OWN + 1;
/// Bytes of stack that were used.
pub(crate) const STACK: u8 = record::OWN + 2;
/// Ticks that were spent.
#[allow(dead_code, reason = "one of the images counts them")]
pub(crate) const SPENT: u8 = record::OWN + 3;
/// Bytes of stack that one RSA operation took.
#[allow(dead_code, reason = "one of the images measures it")]
pub(crate) const OPERATION: u8 = record::OWN + 4;

/// Begins the record.
pub(crate) fn begin() {
    send(&record::HEAD);
}

/// Sends a row of this program's own.
pub(crate) fn row(kind: u8, content: &[u8]) {
    let length = u16::try_from(content.len() + 1).unwrap_or_default();
    [&length.to_be_bytes(), &[kind][..], content].into_iter().for_each(send);
}

/// Sends every event, without account data.
#[allow(dead_code, reason = "one of the images counts instead")]
pub(crate) struct Record;

impl Sink for Record {
    fn event(&self, event: &Event<'_>) {
        if let Some(event) = record::masked(event) {
            record::write(&event, &mut send);
        }
    }
}

fn send(bytes: &[u8]) {
    bytes.iter().for_each(|byte| Uart::Till.send(*byte));
}
