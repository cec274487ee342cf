//! What the terminal does for its till: sales in the slot, taps in the field, the batch.

use crate::devices::{Acquirer, Customer, Pad, Screen, Slot, Watch};
use crate::line::Line;
use crate::record;
use crate::setup::ORDER;
use crate::tap::{Antenna, Linked};
use chipwright::outcome::Conclusion;
use chipwright_terminal::blocking::{self, Contactless, Storage};
use chipwright_terminal::device::{NoCancel, NoHooks};
use chipwright_terminal::journal::Due;
use chipwright_terminal::{Failure, FinalRecord, Journal, Memory, Setup, Workspace};

/// A terminal at work.
pub(crate) struct Till<'t> {
    line: &'t dyn Line,
    storage: &'t mut dyn Storage,
    setup: Setup<'t>,
    journal: Journal,
    workspace: &'t mut Workspace,
}

/// Where the card is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Card {
    InSlot,
    InField,
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

    /// A sale; whether it was approved.
    ///
    /// # Errors
    /// When there is no card, or the journal failed.
    pub(crate) fn sell(&mut self, card: Card) -> Result<bool, Failure> {
        let Self { line, storage, setup, journal, workspace } = self;
        let devices = blocking::Devices {
            reader: &mut Slot(*line),
            pad: &mut Pad,
            cardholder: &mut Customer,
            host: &mut Acquirer(*line),
            storage: *storage,
            hooks: &mut NoHooks,
            display: &mut Screen,
            clock: &Watch,
            cancel: &NoCancel,
        };
        let memory = workspace.lend();
        let sale = match card {
            Card::InSlot => blocking::run(setup, &ORDER, devices, journal, memory),
            Card::InField => {
                let field = Contactless { kernels: &Linked, reader: &mut Antenna(*line) };
                blocking::tap(setup, &ORDER, field, devices, journal, memory)
            }
        };
        sale.map(|sale| ended(&sale))
    }

    /// The memory that a transaction is lent.
    #[allow(dead_code, reason = "one of the images lends it elsewhere")]
    pub(crate) const fn memory(&mut self) -> Memory<'_> {
        self.workspace.lend()
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
fn ended(sale: &FinalRecord) -> bool {
    record::row(record::ENDED, &[sale.conclusion as u8, sale.authority as u8]);
    sale.conclusion == Conclusion::Approved
}
