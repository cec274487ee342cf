//! Data objects and candidates, while the kernel waits and after the end.

use chipwright::candidates::Candidates;
use chipwright::tag::Tag;

use crate::context::enter;
use crate::{Bytes, Context, Status, pointer};

/// An application that card and terminal have in common. Bytes stay where they are until the next
/// step.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Candidate {
    /// Its number: what CHOSEN is given.
    pub number: u8,
    /// Application Priority Indicator (87).
    pub priority_indicator: u8,
    /// The part of ISO 8859 that its display name is of: 1 to 9, 10 hexadecimal.
    pub code_table: u8,
    /// The name to show, 1 to 16 characters; none when the card gave none that can be shown.
    pub display_name: Bytes,
    /// ADF name or DF name, 5 to 16 bytes: what is selected.
    pub name: Bytes,
}

/// Finds a data object by its tag. The bytes stay where they are until the next step.
///
/// Status: NULL, MISALIGNED, NOT_BEGUN, MOVED, BUSY; NOT_FOUND.
///
/// # Safety
/// `context` is null or points to memory as long as a context; there is room at `value`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_object(
    context: *mut Context,
    tag: u32,
    value: *mut Bytes,
) -> Status {
    // SAFETY: the caller promises it.
    Status::of(unsafe { enter(context) }.and_then(|entered| {
        let found = entered.driver().data().bytes(Tag(tag)).ok_or(Status::NotFound)?;
        // SAFETY: the caller promises it.
        unsafe { entered.write(value, Bytes::of(found)) }
    }))
}

/// Says tag and value of the data object at a place, counted from 0: for whoever wants them all.
/// The bytes stay where they are until the next step.
///
/// Status: as `chipwright_object`; NOT_FOUND behind the last.
///
/// # Safety
/// `context` is null or points to memory as long as a context; there is room at `tag` and `value`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_object_at(
    context: *mut Context,
    place: usize,
    tag: *mut u32,
    value: *mut Bytes,
) -> Status {
    // SAFETY: the caller promises it.
    Status::of(unsafe { enter(context) }.and_then(|entered| {
        let data = entered.driver().data();
        let (found, bytes) = data.objects().nth(place).ok_or(Status::NotFound)?;
        entered.apart(value, 1)?;
        pointer::check(value)?;
        // SAFETY: the caller promises it.
        unsafe { entered.write(tag, found.0) }?;
        // SAFETY: the caller promises it.
        unsafe { entered.write(value, Bytes::of(bytes)) }
    }))
}

/// Sets a data object of the terminal: at a review, an amount that is known late. It is copied.
///
/// Status: NULL, MISALIGNED, TOO_LONG, OVERLAPPING, NOT_BEGUN, MOVED, BUSY; WRONG_VALUE when the
/// terminal may not set it or there is no room.
///
/// # Safety
/// `context` is null or points to memory as long as a context; `value` says where bytes are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_set_object(
    context: *mut Context,
    tag: u32,
    value: Bytes,
) -> Status {
    // SAFETY: the caller promises it.
    Status::of(unsafe { enter(context) }.and_then(|mut entered| {
        entered.apart(value.bytes, value.length)?;
        // SAFETY: the caller promises it.
        let value = unsafe { value.read() }?;
        let data = entered.driver_mut().data_mut();
        data.put_bytes(Tag(tag), value).map_err(|_| Status::WrongValue)
    }))
}

/// Says what is known of the candidate at a place, counted from 0: in the order in which they are to
/// be shown, best first. Those that may not be selected any more are not among them.
///
/// Status: NULL, MISALIGNED, NOT_BEGUN, MOVED, BUSY; NOT_FOUND behind the last.
///
/// # Safety
/// `context` is null or points to memory as long as a context; there is room at `candidate`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_candidate(
    context: *mut Context,
    place: usize,
    candidate: *mut Candidate,
) -> Status {
    // SAFETY: the caller promises it.
    Status::of(unsafe { enter(context) }.and_then(|entered| {
        let list = Candidates::new(entered.driver().data());
        let (number, found) = list.by_priority().nth(place).ok_or(Status::NotFound)?;
        let shown = list.display_name(number).ok_or(Status::NotFound)?;
        let found = Candidate {
            number,
            priority_indicator: found.priority_indicator,
            code_table: shown.code_table,
            display_name: Bytes::of(shown.characters),
            name: Bytes::of(found.name),
        };
        // SAFETY: the caller promises it.
        unsafe { entered.write(candidate, found) }
    }))
}
