//! A day of the simulated terminal: it starts, works, and delivers what it owes.

use chipwright_terminal::blocking::{self, Host, Storage};
use chipwright_terminal::device::StorageFailed;
use chipwright_terminal::host::MessageLists;
use chipwright_terminal::journal::{Delivery, Due};
use chipwright_terminal::{FinalRecord, Journal, JournalFailure, Memory, Workspace};
use core::ops::Range;
use std::path::Path;

use crate::everyone::Everyone;
use crate::failure::Failure;
use crate::records::{InFile, InMemory};

/// Storage that depends on the mains.
pub(crate) struct Powered<'e> {
    storage: Box<dyn Storage>,
    everyone: &'e Everyone,
}

impl Storage for Powered<'_> {
    fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        self.everyone.call();
        self.storage.places()
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        self.everyone.call();
        self.storage.append(record)
    }

    fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        self.everyone.call();
        self.storage.read(place, out)
    }

    fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        self.everyone.call();
        self.storage.erase(place)
    }
}

/// A terminal that has started.
pub(crate) struct Day<'e> {
    pub(crate) journal: Journal,
    pub(crate) storage: Powered<'e>,
    pub(crate) workspace: Workspace,
    /// The transaction that a power failure had left open, which is closed now.
    pub(crate) interrupted: Option<FinalRecord>,
    everyone: &'e Everyone,
    path: Option<String>,
}

impl<'e> Day<'e> {
    /// Starts: reads the journal in this file, or an empty one in memory, and closes what a power
    /// failure left open.
    pub(crate) fn start(path: Option<&Path>, everyone: &'e Everyone) -> Result<Self, Failure> {
        let storage: Box<dyn Storage> = match path {
            Some(path) => Box::new(InFile::open(path)?),
            None => Box::new(InMemory::default()),
        };
        Self::start_with(storage, path.map(|path| path.display().to_string()), everyone)
    }

    /// The same with a journal in this storage, which has this path.
    pub(crate) fn start_with(
        storage: Box<dyn Storage>,
        path: Option<String>,
        everyone: &'e Everyone,
    ) -> Result<Self, Failure> {
        let mut storage = Powered { storage, everyone };
        let mut workspace = Workspace::new();
        let recovery = blocking::recover(&mut storage, 1, &mut workspace)
            .map_err(|failure| failed(path.as_deref(), failure))?;
        if let Some(record) = &recovery.interrupted {
            everyone.story.interrupted(record);
        }
        if recovery.damaged > 0 {
            everyone.story.damaged(recovery.damaged);
        }
        let (journal, interrupted) = (recovery.journal, recovery.interrupted);
        Ok(Self { journal, storage, workspace, interrupted, everyone, path })
    }

    /// Delivers what is due.
    pub(crate) fn deliver(&mut self, host: &mut dyn Host, due: Due) -> Result<Delivery, Failure> {
        let Self { journal, storage, workspace, .. } = self;
        let delivery =
            blocking::deliver(journal, storage, host, due, &MessageLists::DEFAULT, workspace)
                .map_err(|failure| self.failed(failure))?;
        if delivery.left > 0 {
            self.everyone.story.left(delivery.left);
        }
        Ok(delivery)
    }

    /// The parts of the lent memory that are not wiped, and how many of their bytes.
    pub(crate) fn unwiped(&mut self) -> Vec<(&'static str, usize)> {
        let Memory { data, apdu, answer, record, field_55 } = self.workspace.lend();
        let parts = [
            ("data objects", data),
            ("commands", apdu),
            ("answers", answer),
            ("the journal", record),
            ("messages", field_55),
        ];
        let left = |part: &[u8]| part.iter().filter(|byte| **byte != 0).count();
        let counted = parts.into_iter().map(|(name, part)| (name, left(part)));
        counted.filter(|(_, left)| *left > 0).collect()
    }

    /// The journal cannot be kept.
    pub(crate) fn failed(&self, failure: JournalFailure) -> Failure {
        failed(self.path.as_deref(), failure)
    }
}

fn failed(path: Option<&str>, failure: JournalFailure) -> Failure {
    Failure::data(format!("{}: {failure}", path.unwrap_or("journal")))
}
