//! What the terminal does for its till: sales in the slot, taps in the field, the batch.

use crate::devices::{Acquirer, Customer, Pad, Screen, Slot, Watch};
use crate::line::Line;
use crate::record;
use crate::setup::ORDER;
use crate::tap;
use chipwright::outcome::{Authority, Conclusion};
use chipwright_terminal::blocking::Storage;
use chipwright_terminal::device::{NoCancel, NoHooks};
use chipwright_terminal::journal::Due;
use chipwright_terminal::{Failure, Journal, Setup, Workspace, blocking};

/// A terminal at work.
pub(crate) struct Till<'t> {
    line: &'t dyn Line,
    storage: &'t mut dyn Storage,
    setup: Setup<'t>,
    journal: Journal,
    workspace: &'t mut Workspace,
}

impl<'t> Till<'t> {
    /// Starts: what a power failure left open is closed before anything else.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub(crate) fn start(
        line: &'t dyn Line,
        storage: &'t mut dyn Storage,
        setup: Setup<'t>,
        workspace: &'t mut Workspace,
    ) -> Result<Self, Failure> {
        let journal = blocking::recover(storage, 1, workspace)?.journal;
        Ok(Self { line, storage, setup, journal, workspace })
    }

    /// A sale with the card in the slot; whether it was approved.
    ///
    /// # Errors
    /// When there is no card, or the journal failed.
    pub(crate) fn sell(&mut self) -> Result<bool, Failure> {
        let devices = blocking::Devices {
            reader: &mut Slot(self.line),
            pad: &mut Pad,
            cardholder: &mut Customer,
            host: &mut Acquirer(self.line),
            storage: self.storage,
            hooks: &mut NoHooks,
            display: &mut Screen,
            clock: &Watch,
            cancel: &NoCancel,
        };
        let memory = self.workspace.lend();
        let sale = blocking::run(&self.setup, &ORDER, devices, &mut self.journal, memory)?;
        Ok(ended(sale.conclusion, sale.authority))
    }

    /// A sale with the card in the field; whether it was approved.
    pub(crate) fn tap(&mut self) -> bool {
        let tapped = tap::tap(self.line, &self.setup, self.workspace.lend());
        ended(tapped.conclusion, tapped.authority)
    }

    /// Delivers the batch; whether the acquirer took all of it.
    ///
    /// # Errors
    /// When the journal failed.
    pub(crate) fn settle(&mut self) -> Result<bool, Failure> {
        let Self { line, storage, setup, journal, workspace } = self;
        let (acquirer, due) = (&mut Acquirer(*line), Due::Everything);
        let batch = blocking::deliver(journal, *storage, acquirer, due, &setup.lists, workspace)?;
        Ok(batch.left == 0)
    }
}

/// Tells the till how a transaction ended.
fn ended(conclusion: Conclusion, authority: Authority) -> bool {
    record::row(record::ENDED, &[conclusion as u8, authority as u8]);
    conclusion == Conclusion::Approved
}
