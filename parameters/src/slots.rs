//! Two places for files: one is in use, the other takes the next.
//!
//! There is no mark that says which is which, and so none that could be torn: the good file with
//! the higher version is in use. A file that was half written when power failed is not good, and
//! neither is one whose flash has lost a bit: the other is in use then, or still.

use crate::Refusal;
use crate::file::{File, Trust};

/// One of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Slot {
    /// The first.
    First,
    /// The second.
    Second,
}

impl Slot {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// Memory for two files that keeps them when power fails, and can be read as it lies.
pub trait Slots {
    /// Everything in a slot.
    fn read(&self, slot: Slot) -> &[u8];

    /// Writes a file to the front of a slot. When power fails meanwhile, the slot may hold
    /// anything; the other is untouched.
    ///
    /// # Errors
    /// When it failed: the slot may hold anything.
    fn write(&mut self, slot: Slot, file: &[u8]) -> Result<(), SlotFailed>;
}

/// The memory did not do what it was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SlotFailed;

/// The file that is in use, and where it lies; none when there is no good one.
pub fn current<'s>(slots: &'s dyn Slots, trust: &Trust<'_>) -> Option<(Slot, File<'s>)> {
    let open = |slot| Some((slot, File::open(slots.read(slot), trust).ok()?));
    match (open(Slot::First), open(Slot::Second)) {
        (Some(first), Some(second)) if second.1.version() > first.1.version() => Some(second),
        (first, second) => first.or(second),
    }
}

/// Checks a file and puts it into the slot that is not in use; from then on it is the one in use.
///
/// When it does not read as it was written, it is not good, and the one before stays in use.
///
/// # Errors
/// Why it is not taken: [`File::open`], [`Refusal::NotNewer`], [`Refusal::TooLong`],
/// [`Refusal::Slot`]. The file in use is untouched.
pub fn install(slots: &mut dyn Slots, file: &[u8], trust: &Trust<'_>) -> Result<Slot, Refusal> {
    let file = File::open(file, trust)?;
    let slot = match current(slots, trust) {
        Some((_, used)) if used.version() >= file.version() => {
            return Err(Refusal::NotNewer(used.version()));
        }
        Some((slot, _)) => slot.other(),
        None => Slot::First,
    };
    if slots.read(slot).len() < file.bytes().len() {
        return Err(Refusal::TooLong);
    }
    slots.write(slot, file.bytes()).map_err(|SlotFailed| Refusal::Slot)?;
    match slots.read(slot).get(..file.bytes().len()) {
        Some(written) if written == file.bytes() => Ok(slot),
        _ => Err(Refusal::Slot),
    }
}
