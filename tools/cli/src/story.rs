//! Tells a transaction: what was said and decided, phase by phase.
//!
//! Everything comes from the kernel's events, from what passed between it and the devices, and
//! from the data objects at the end. Nothing is computed again.

mod decision;
mod exchange;
mod front;
mod mark;
mod object;
mod receipt;
mod tap;

pub(crate) use object::{Detail, NAME, TAG, object};
pub(crate) use receipt::receipt;

use chipwright::driver::{Input, Output};
use chipwright::event::{Event, Octets, Sink};
use chipwright::phase::Phase;
use chipwright_harness::describe::{self, Context};
use chipwright_harness::run::Watcher;
use core::cell::{Cell, RefCell};

use crate::page::{Page, Style, cell};
use exchange::Asked;
use mark::Mark;

/// Columns before the first word of a row.
const MARGIN: usize = 4;
/// Columns of a row's first words.
const WHAT: usize = 26;

/// Tells a transaction onto a page.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) page: Page,
    context: Context,
    /// What the host says for itself.
    remark: RefCell<Option<String>>,
    /// Where the transaction is, and whether anything was told of it.
    phase: Cell<Phase>,
    silent: Cell<bool>,
    /// Whether the acquirer's heading stands above.
    at_acquirer: Cell<bool>,
    /// Entries of lists that the next command will carry.
    asked: RefCell<Vec<Asked>>,
    /// Instruction of the command that waits for its answer.
    instruction: Cell<u8>,
    /// Bytes of static data so far, and pieces.
    static_data: Cell<(usize, usize)>,
    /// Microseconds that the card took.
    elapsed: Cell<u64>,
}

impl Story {
    /// Before the transaction.
    pub(crate) fn new(page: Page, context: Context) -> Self {
        Self {
            page,
            context,
            remark: RefCell::default(),
            phase: Cell::new(Phase::Idle),
            silent: Cell::new(false),
            at_acquirer: Cell::new(false),
            asked: RefCell::default(),
            instruction: Cell::new(0),
            static_data: Cell::new((0, 0)),
            elapsed: Cell::new(0),
        }
    }

    /// What the host says for itself, before its answer comes.
    pub(crate) fn remark(&self, remark: String) {
        *self.remark.borrow_mut() = Some(remark);
    }

    /// Microseconds that the card took for all its answers; 0 when nobody measured.
    pub(crate) const fn elapsed(&self) -> u64 {
        self.elapsed.get()
    }

    /// A phase begins. One that goes on in another place gets no second heading.
    fn begin(&self, phase: Phase) {
        self.at_acquirer.set(false);
        if self.phase.replace(phase) == phase {
            return self.page.gap();
        }
        self.end_phase();
        self.page.heading(phase.name(), describe::phase_rule(phase));
        self.silent.set(true);
    }

    /// The phase is over; of one in which nothing happened that is said.
    pub(crate) fn end_phase(&self) {
        if self.silent.replace(false) {
            self.mention("nothing to note", "");
        }
    }

    /// A row: a mark, what it is about, and more.
    fn tell(&self, mark: Mark, what: &str, more: &str) {
        self.silent.set(false);
        self.page.row(&[
            cell(Style::Plain, "").wide(MARGIN - 2),
            cell(mark.style(), mark.symbol()).wide(2),
            cell(mark.style(), what).wide(WHAT),
            cell(Style::Plain, more),
        ]);
    }

    /// A row of little importance.
    fn mention(&self, what: &str, more: &str) {
        self.silent.set(false);
        self.page.row(&[
            cell(Style::Plain, "").wide(MARGIN),
            cell(Style::Dim, what).wide(WHAT),
            cell(Style::Dim, more),
        ]);
    }
}

impl Sink for Story {
    fn event(&self, event: &Event<'_>) {
        if !matches!(event, Event::StaticData(_)) {
            self.tell_static_data();
        }
        match *event {
            Event::Phase(phase) => self.begin(phase),
            Event::Command(Octets(bytes)) => self.command(bytes),
            Event::Response { data: Octets(data), status, elapsed } => {
                self.response(data, status, elapsed);
            }
            Event::ListEntry { list, tag, length, origin } => {
                self.asked.borrow_mut().push(Asked { list, tag, length, origin });
            }
            Event::StaticData(bytes) => {
                let (length, pieces) = self.static_data.get();
                self.static_data.set((length + bytes.len(), pieces + 1));
            }
            ref event => self.decision(event),
        }
    }
}

impl Watcher for Story {
    fn request(&self, output: &Output<'_>) {
        self.question(output);
    }

    fn reply(&self, input: &Input<'_>) {
        self.answer(input);
    }
}
