//! What every function says.

/// What a function came to. Whatever is not OK has changed nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum Status {
    /// It was done.
    Ok = 0,
    /// A pointer that must point to something is null.
    Null = 1,
    /// A pointer is not aligned as its type asks.
    Misaligned = 2,
    /// The memory is too small.
    TooSmall = 3,
    /// Something is longer than it can be.
    TooLong = 4,
    /// The context has no transaction: none was begun, or it has ended.
    NotBegun = 5,
    /// The context is not where it was begun: it was moved, copied, or was never zeroed.
    Moved = 6,
    /// The context has a transaction that has not ended.
    InUse = 7,
    /// The context is in the middle of a step, or of a callback's event: it cannot be entered.
    Busy = 8,
    /// The kernel did not ask for this reply.
    WrongReply = 9,
    /// A number stands for nothing.
    UnknownValue = 10,
    /// No such object, candidate or kernel.
    NotFound = 11,
    /// A configuration, or data in TLV, has a value that it cannot have.
    WrongValue = 12,
    /// Data is not coded as BER-TLV.
    WrongCoding = 13,
    /// Memory that goes with a call lies within the context: what a step pointed to is read or
    /// copied before it comes back.
    Overlapping = 14,
}

impl Status {
    /// The status of a function that may fail.
    pub(crate) fn of(result: Result<(), Self>) -> Self {
        result.err().unwrap_or(Self::Ok)
    }
}
