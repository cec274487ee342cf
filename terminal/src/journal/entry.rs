//! The coding of a record in the journal.
//!
//! ```text
//! version 1 | stage 1 | sequence 4 | notes 2 | BER-TLV string | CRC-32 4
//! ```
//!
//! All numbers big-endian. The notes depend on the stage; every stage has the same places, so
//! that one kind of record becomes another by changing its head.

use chipwright::tlv::{Full, Writer};

/// The version of this coding.
const VERSION: u8 = 1;
const HEAD: usize = 8;
const TAIL: usize = 4;

/// Longest record, in bytes.
pub const RECORD_LENGTH: usize = 512;

/// How far a transaction has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Stage {
    /// It was begun. Notes: kind, capture. Objects: amounts, currency, date, time.
    Opened = 1,
    /// The authorisation message is about to go out. Objects: what a reversal needs.
    Requested = 2,
    /// The host was asked. Notes: verdict. Objects: the answer's codes.
    Answered = 3,
    /// What it comes to is settled. Notes: conclusion, authority. Objects: what every message
    /// afterwards needs.
    Decided = 4,
    /// A message is owed. Notes: message kind, reason. Objects: as before.
    Owed = 5,
    /// It has ended. Notes: conclusion, authority. Objects: the details that survive.
    Closed = 6,
    /// It was voided. Notes: whether a reversal is owed for it.
    Voided = 7,
    /// The batch is on its way: items before this place may be with the acquirer. Of no
    /// transaction.
    Settling = 8,
}

impl Stage {
    const ALL: [Self; 8] = [
        Self::Opened,
        Self::Requested,
        Self::Answered,
        Self::Decided,
        Self::Owed,
        Self::Closed,
        Self::Voided,
        Self::Settling,
    ];
}

/// A record that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'r> {
    pub(super) stage: Stage,
    pub(super) sequence: u32,
    pub(super) notes: [u8; 2],
    pub(super) objects: &'r [u8],
}

/// Why bytes are no record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unreadable {
    /// Torn when power failed.
    Damaged,
    /// Whole, and of a version that is not known here.
    Version,
}

/// Writes a record to the front of `out`; gives its length.
pub(super) fn write(
    out: &mut [u8],
    stage: Stage,
    sequence: u32,
    notes: [u8; 2],
    objects: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>,
) -> Result<usize, Full> {
    let room = out.len().min(RECORD_LENGTH).checked_sub(HEAD + TAIL).ok_or(Full)?;
    let mut writer = Writer::new(out.get_mut(HEAD..HEAD + room).ok_or(Full)?);
    objects(&mut writer)?;
    let length = HEAD + writer.written().len() + TAIL;
    seal(out.get_mut(..length).ok_or(Full)?, stage, sequence, notes)?;
    Ok(length)
}

/// Writes head and checksum around the objects of a record, whatever it was before.
pub(super) fn seal(
    record: &mut [u8],
    stage: Stage,
    sequence: u32,
    notes: [u8; 2],
) -> Result<(), Full> {
    let (body, tail) = record.split_last_chunk_mut::<TAIL>().ok_or(Full)?;
    let head = body.first_chunk_mut::<HEAD>().ok_or(Full)?;
    let ([a, b, c, d], [x, y]) = (sequence.to_be_bytes(), notes);
    *head = [VERSION, stage as u8, a, b, c, d, x, y];
    *tail = crc32(body).to_be_bytes();
    Ok(())
}

/// Reads a record.
pub(super) fn read(record: &[u8]) -> Result<Entry<'_>, Unreadable> {
    let (body, tail) = record.split_last_chunk::<TAIL>().ok_or(Unreadable::Damaged)?;
    let (&[version, stage, a, b, c, d, x, y], objects) =
        body.split_first_chunk::<HEAD>().ok_or(Unreadable::Damaged)?;
    if crc32(body).to_be_bytes() != *tail {
        return Err(Unreadable::Damaged);
    }
    let stage = Stage::ALL.into_iter().find(|known| *known as u8 == stage);
    match (version, stage) {
        (VERSION, Some(stage)) => {
            let sequence = u32::from_be_bytes([a, b, c, d]);
            Ok(Entry { stage, sequence, notes: [x, y], objects })
        }
        _ => Err(Unreadable::Version),
    }
}

/// CRC-32 as Ethernet and zip have it: tells a torn record from a whole one.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::tag::Tag;

    fn record(out: &mut [u8]) -> usize {
        let objects = |out: &mut Writer<'_>| out.put(Tag(0x9C), &[0x20]);
        write(out, Stage::Answered, 0x0102_0304, [3, 9], objects).unwrap()
    }

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn a_record_is_read_as_written() {
        let mut out = [0; 64];
        let length = record(&mut out);
        assert_eq!(hex::encode(&out[..length - 4]), "01030102030403099c0120");
        let entry = read(&out[..length]).unwrap();
        assert_eq!(
            (entry.stage, entry.sequence, entry.notes),
            (Stage::Answered, 0x0102_0304, [3, 9])
        );
        assert_eq!(entry.objects, [0x9C, 1, 0x20]);
        seal(&mut out[..length], Stage::Closed, 5, [1, 2]).unwrap();
        let entry = read(&out[..length]).unwrap();
        assert_eq!((entry.stage, entry.sequence, entry.notes), (Stage::Closed, 5, [1, 2]));
        assert_eq!(entry.objects, [0x9C, 1, 0x20]);
    }

    #[test]
    fn a_torn_record_is_none() {
        let mut out = [0; 64];
        let length = record(&mut out);
        for end in 0..length {
            assert_eq!(read(&out[..end]).err(), Some(Unreadable::Damaged), "{end}");
            let mut torn = out;
            torn[end..length].fill(0xFF);
            assert_eq!(read(&torn[..length]).err(), Some(Unreadable::Damaged), "{end}");
        }
        for bit in 0..length * 8 {
            let mut flipped = out;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&flipped[..length]).err(), Some(Unreadable::Damaged), "{bit}");
        }
    }

    #[test]
    fn a_record_of_another_version_is_not_taken_for_a_torn_one() {
        for (place, value) in [(0, 2), (1, 0), (1, 9)] {
            let mut out = [0; 64];
            let length = record(&mut out);
            out[place] = value;
            let checksum = crc32(&out[..length - 4]).to_be_bytes();
            out[length - 4..length].copy_from_slice(&checksum);
            assert_eq!(read(&out[..length]).err(), Some(Unreadable::Version));
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let objects = |out: &mut Writer<'_>| out.put(Tag(0x9C), &[0x20]);
        assert_eq!(write(&mut [0; 14], Stage::Opened, 1, [0, 0], objects), Err(Full));
        assert!(write(&mut [0; 15], Stage::Opened, 1, [0, 0], objects).is_ok());
        assert_eq!(write(&mut [0; 3], Stage::Opened, 1, [0, 0], objects), Err(Full));
        let long = |out: &mut Writer<'_>| out.put(Tag(0x9C), &[0; RECORD_LENGTH - 15]);
        assert_eq!(write(&mut [0; 1024], Stage::Opened, 1, [0, 0], long), Err(Full));
        assert_eq!(seal(&mut [0; 11], Stage::Opened, 1, [0, 0]), Err(Full));
    }
}
