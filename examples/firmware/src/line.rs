//! The line to what stands around the terminal: the card in the slot, the card in the field, the
//! acquirer.
//!
//! Frames go both ways: two bytes, of which the upper two bits say whom the frame is for and the
//! other fourteen how long it is, and as many bytes. Each is answered by one; `chipwright card`
//! is at the other end.

/// Whom a frame is for.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Whom {
    /// The card in the slot. A frame without bytes puts it there.
    Slot = 0x0000,
    /// The card in the field. Likewise.
    Field = 0x4000,
    /// The acquirer: a byte that says what kind of message it is, and its objects.
    Acquirer = 0x8000,
}

/// Bits of a frame's head that say how long it is.
pub(crate) const LENGTH: u16 = 0x3FFF;

/// A line that answers.
pub(crate) trait Line {
    /// Sends a frame of two parts, and gives what comes back: nothing when nobody answers, or
    /// with more than there is room for.
    fn ask<'o>(&self, whom: Whom, content: [&[u8]; 2], out: &'o mut [u8]) -> &'o [u8];
}
