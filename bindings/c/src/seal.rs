//! The seal of a context: whether it is one, is where it was begun, and may be entered.

use core::ptr::NonNull;

use crate::Status;

/// The first words of lent memory: two, so that they are not met by chance.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Seal([usize; 2]);

/// What a context that waits for a reply holds, but for its address.
const WAITING: usize = 0x4357_5741;
/// And one that is in the middle of a step.
const BUSY: usize = 0x4357_4259;

impl Seal {
    /// That of a context that is none.
    pub(crate) const NONE: Self = Self([0; 2]);

    /// What the memory at `seal` is.
    ///
    /// # Safety
    /// Two words can be read there.
    pub(crate) unsafe fn check(seal: NonNull<Self>) -> Result<(), Status> {
        // SAFETY: the caller promises that they can be read, and they are integers. No reference is
        // made: during a step others point into the memory around them.
        let Self(words) = unsafe { seal.read() };
        match words {
            [0, 0] => Err(Status::NotBegun),
            words if words == Self::new(seal, WAITING).0 => Ok(()),
            words if words == Self::new(seal, BUSY).0 => Err(Status::Busy),
            _ => Err(Status::Moved),
        }
    }

    /// Seals a context that waits.
    ///
    /// # Safety
    /// Two words can be written there.
    pub(crate) unsafe fn wait(seal: NonNull<Self>) {
        // SAFETY: the caller promises it.
        unsafe { seal.write(Self::new(seal, WAITING)) };
    }

    /// Seals a context that is in the middle of a step.
    ///
    /// # Safety
    /// Two words can be written there.
    pub(crate) unsafe fn busy(seal: NonNull<Self>) {
        // SAFETY: the caller promises it.
        unsafe { seal.write(Self::new(seal, BUSY)) };
    }

    fn new(seal: NonNull<Self>, state: usize) -> Self {
        let address = seal.addr().get();
        Self([address ^ state, !address])
    }
}
