//! Where the simulated terminal keeps its journal: in memory, or in a file.

use chipwright_terminal::RECORD_LENGTH;
use chipwright_terminal::blocking::Storage;
use chipwright_terminal::device::StorageFailed;
use core::ops::Range;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::failure::Failure;

/// Records that are gone when the command ends.
#[derive(Debug, Default)]
pub(crate) struct InMemory(Vec<Vec<u8>>);

impl Storage for InMemory {
    fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        Ok(0..u32::try_from(self.0.len()).map_err(|_| StorageFailed)?)
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        self.0.push(record.to_vec());
        Ok(())
    }

    fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        let record = self.0.get(place as usize).map(Vec::as_slice).unwrap_or_default();
        out.get_mut(..record.len()).ok_or(StorageFailed)?.copy_from_slice(record);
        Ok(record.len())
    }

    fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        self.0.get_mut(place as usize).ok_or(StorageFailed)?.clear();
        Ok(())
    }
}

/// What a journal file begins with.
const HEAD: &[u8; 16] = b"chipwright-jrnl1";
/// Bytes of a place: length of its record, and the record.
const SLOT: usize = 2 + RECORD_LENGTH;

/// Records in a file. Places have one size; an erased one is zero.
///
/// Account numbers are in it for as long as a message is owed, and then written over: only those
/// for tests are taken here.
#[derive(Debug)]
pub(crate) struct InFile(File);

impl InFile {
    /// Opens a journal; makes an empty one where there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let wrong =
            |why: &dyn core::fmt::Display| Failure::data(format!("{}: {why}", path.display()));
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|error| wrong(&error))?;
        let mut head = Vec::new();
        let read = (&mut file).take(HEAD.len() as u64).read_to_end(&mut head);
        read.map_err(|error| wrong(&error))?;
        if head.is_empty() {
            let written = file.write_all(HEAD).and_then(|()| file.sync_all());
            written.map_err(|error| wrong(&error))?;
        } else if head != HEAD {
            return Err(wrong(&"this is no journal of a terminal"));
        }
        Ok(Self(file))
    }

    /// Places, the last of which may have been torn.
    fn count(&self) -> io::Result<u64> {
        let bytes = self.0.metadata()?.len().saturating_sub(HEAD.len() as u64);
        Ok(bytes.div_ceil(SLOT as u64))
    }

    fn find(&mut self, place: u64) -> io::Result<()> {
        self.0.seek(SeekFrom::Start(HEAD.len() as u64 + place * SLOT as u64)).map(drop)
    }

    fn write(&mut self, place: u64, record: &[u8]) -> io::Result<()> {
        let length = u16::try_from(record.len()).map_err(io::Error::other)?;
        let mut slot = [0; SLOT];
        slot[..2].copy_from_slice(&length.to_be_bytes());
        let room = slot.get_mut(2..2 + record.len());
        room.ok_or_else(|| io::Error::other("too long"))?.copy_from_slice(record);
        self.find(place)?;
        self.0.write_all(&slot)?;
        self.0.sync_data()
    }

    fn slot(&mut self, place: u64) -> io::Result<Vec<u8>> {
        self.find(place)?;
        let mut slot = Vec::with_capacity(SLOT);
        (&mut self.0).take(SLOT as u64).read_to_end(&mut slot)?;
        let (length, record) = slot.split_first_chunk().unwrap_or((&[0; 2], &[]));
        let length = usize::from(u16::from_be_bytes(*length)).min(record.len());
        Ok(record[..length].to_vec())
    }
}

impl Storage for InFile {
    fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        let count = self.count().ok().and_then(|count| u32::try_from(count).ok());
        Ok(0..count.ok_or(StorageFailed)?)
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        let place = self.count().map_err(|_| StorageFailed)?;
        self.write(place, record).map_err(|_| StorageFailed)
    }

    fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        let record = self.slot(place.into()).map_err(|_| StorageFailed)?;
        let length = record.len().min(out.len());
        out[..length].copy_from_slice(&record[..length]);
        Ok(length)
    }

    fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        self.write(place.into(), &[]).map_err(|_| StorageFailed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("chipwright-{}-{name}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        path
    }

    fn read(storage: &mut dyn Storage, place: u32) -> Vec<u8> {
        let mut out = [0; RECORD_LENGTH];
        let length = storage.read(place, &mut out).unwrap();
        out[..length].to_vec()
    }

    #[test]
    fn both_keep_records_by_their_place() {
        let path = path("places");
        let mut file = InFile::open(&path).unwrap();
        let mut memory = InMemory::default();
        for storage in [&mut file as &mut dyn Storage, &mut memory] {
            for record in [&[1, 2, 3][..], &[4], &[5; RECORD_LENGTH]] {
                storage.append(record).unwrap();
            }
            storage.erase(1).unwrap();
            assert_eq!(storage.places(), Ok(0..3));
            assert_eq!(read(storage, 0), [1, 2, 3]);
            assert_eq!((read(storage, 1).len(), read(storage, 2).len()), (0, RECORD_LENGTH));
        }
        assert!(file.append(&[0; RECORD_LENGTH + 1]).is_err());
        let mut again = InFile::open(&path).unwrap();
        assert_eq!((again.places(), read(&mut again, 0)), (Ok(0..3), vec![1, 2, 3]));
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.contains(&4), "what was erased is gone");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_place_that_was_torn_counts_and_the_next_one_is_whole() {
        let path = path("torn");
        for (length, left) in [(HEAD.len() + 1, 0), (HEAD.len() + 4, 2)] {
            let _ = std::fs::remove_file(&path);
            InFile::open(&path).unwrap().append(&[1, 2, 3]).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(&path, &bytes[..length]).unwrap();
            let mut file = InFile::open(&path).unwrap();
            assert_eq!((file.places(), read(&mut file, 0).len()), (Ok(0..1), left));
            file.append(&[7]).unwrap();
            assert_eq!((file.places(), read(&mut file, 1)), (Ok(0..2), vec![7]));
        }
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn another_file_is_left_alone() {
        let path = path("other");
        for content in ["a letter", "a letter that is a little longer"] {
            std::fs::write(&path, content).unwrap();
            assert!(InFile::open(&path).unwrap_err().message.ends_with("no journal of a terminal"));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        }
        std::fs::remove_file(path).unwrap();
    }
}
