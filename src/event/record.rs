//! Events as bytes: the compact record that firmware writes and desktop tools open.
//!
//! A record is a string of rows. A row is two bytes of length, big-endian, and as many bytes, of
//! which the first says what kind it is:
//!
//! | Kind | What it is |
//! |---|---|
//! | 00 | the head, which every record begins with: version 1 |
//! | 01 to BF | an event; numbers are stable, and a reader passes over those that it does not know |
//! | C0 to FF | the integrator's own |
//!
//! Numbers are big-endian. Where a value may be absent, a byte says whether it is there; byte
//! strings have their length in front: one byte for names and keys, two for commands, answers and
//! static data. Enumerations are one byte, [`Reason`](crate::reason::Reason) and
//! [`contactless::Reason`](crate::contactless::Reason) their two-byte codes.
//!
//! Nothing is kept in memory: a row is measured before it is written.
//!
//! ```
//! use chipwright::event::record::{self, Rows};
//! use chipwright::event::{Event, Octets, Sink};
//! use chipwright::phase::Phase;
//!
//! let mut bytes = record::HEAD.to_vec();
//! record::write(&Event::Phase(Phase::Completion), &mut |piece| bytes.extend(piece));
//! assert_eq!(bytes[record::HEAD.len()..], [0, 2, 0x01, 12]);
//!
//! struct Shown;
//! impl Sink for Shown {
//!     fn event(&self, event: &Event<'_>) {
//!         println!("{event:?}");
//!     }
//! }
//! for row in Rows::new(&bytes)? {
//!     row?.tell(&Shown)?;
//! }
//! # Ok::<(), chipwright::event::record::Error>(())
//! ```

mod coded;
mod table;

use super::{Event, Octets, Sink};
use coded::{Coded, Input};
use core::fmt;

/// What a record begins with: a row of kind 00 with the version.
pub const HEAD: [u8; 4] = [0, 2, 0, 1];

/// The instruction of a command that names an application or a directory.
const SELECT: u8 = 0xA4;

/// The first kind of row that is the integrator's own.
pub const OWN: u8 = 0xC0;

/// Writes an event as one row, in pieces. Account data is in it as it was: see [`masked`].
///
/// An event whose bytes do not fit a row, which no kernel emits, is left out.
pub fn write(event: &Event<'_>, out: &mut dyn FnMut(&[u8])) {
    let mut length = 0;
    event.put(&mut |piece| length += piece.len());
    let Ok(length) = u16::try_from(length) else { return };
    out(&length.to_be_bytes());
    event.put(out);
}

/// The event without what may be account data: of a command its header is left (of SELECT, which
/// names an application, all), of an answer the status word, of static data nothing.
pub fn masked<'e>(event: &Event<'e>) -> Option<Event<'e>> {
    Some(match *event {
        Event::Command(Octets(bytes)) if bytes.get(1) != Some(&SELECT) => {
            Event::Command(Octets(bytes.get(..4).unwrap_or_default()))
        }
        Event::Response { status, elapsed, .. } => {
            Event::Response { data: Octets(&[]), status, elapsed }
        }
        Event::StaticData(_) => return None,
        other => other,
    })
}

/// The rows of a record, without its head. After an error there are no more.
#[derive(Clone, Debug)]
pub struct Rows<'r> {
    rest: &'r [u8],
    offset: usize,
}

impl<'r> Rows<'r> {
    /// Begins to read.
    ///
    /// # Errors
    /// When it is no record, or one of another version.
    pub fn new(record: &'r [u8]) -> Result<Self, Error> {
        let error = |kind| Error { kind, offset: 0 };
        match record.split_first_chunk() {
            Some((&HEAD, rest)) => Ok(Self { rest, offset: HEAD.len() }),
            Some(([0, 2, 0, _], _)) => Err(error(ErrorKind::Version)),
            _ => Err(error(ErrorKind::NoRecord)),
        }
    }
}

impl<'r> Iterator for Rows<'r> {
    type Item = Result<Row<'r>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let offset = self.offset;
        let row = self.rest.split_first_chunk().and_then(|(length, rest)| {
            let (row, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
            let (kind, content) = row.split_first()?;
            self.rest = rest;
            self.offset += length.len() + row.len();
            Some(Row { kind: *kind, content, row, offset })
        });
        if row.is_none() {
            self.rest = &[];
        }
        Some(row.ok_or(Error { kind: ErrorKind::Cut, offset }))
    }
}

/// A row.
#[derive(Clone, Copy)]
pub struct Row<'r> {
    /// What kind it is.
    pub kind: u8,
    /// What it holds.
    pub content: &'r [u8],
    row: &'r [u8],
    offset: usize,
}

impl Row<'_> {
    /// Whether it is the integrator's own.
    pub const fn is_own(&self) -> bool {
        self.kind >= OWN
    }

    /// Where it begins in the record.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Tells the sink the event of the row. Whether it is one: heads of further parts, events that
    /// are not known here and rows of the integrator's own are passed over.
    ///
    /// # Errors
    /// When the row is not what its kind says.
    pub fn tell(&self, sink: &dyn Sink) -> Result<bool, Error> {
        if !table::is_known(self.kind) {
            return Ok(false);
        }
        let mut input = Input(self.row);
        let told = if self.kind == table::FINAL_OUTCOME {
            table::final_outcome(&mut input).filter(|_| input.0.is_empty()).map(|outcome| {
                sink.event(&Event::FinalOutcome(&outcome));
            })
        } else {
            Event::take(&mut input).filter(|_| input.0.is_empty()).map(|event| sink.event(&event))
        };
        told.map(|()| true).ok_or(Error { kind: ErrorKind::Content, offset: self.offset })
    }
}

/// Rows hold account data: only their length is shown.
impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("kind", &self.kind)
            .field("content", &Octets(self.content))
            .field("offset", &self.offset)
            .finish()
    }
}

/// What is wrong with a record, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where the row begins.
    pub offset: usize,
}

/// What is wrong with a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// It does not begin as a record does.
    NoRecord,
    /// It is of another version.
    Version,
    /// It ends within a row, or a row has no kind.
    Cut,
    /// A row is not what its kind says.
    Content,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ErrorKind::NoRecord => "not an event record",
            ErrorKind::Version => "an event record of another version",
            ErrorKind::Cut => "the record ends within a row",
            ErrorKind::Content => "the row is not what its kind says",
        })?;
        write!(f, ", offset {}", self.offset)
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests;
