//! One step of a transaction.

use chipwright::driver::Misuse;

use crate::context::enter;
use crate::{Context, Input, Output, Status, pointer};

/// Gives the kernel what it asked for, and says what it asks for next, until that is ENDED: from
/// then on every step says so again. What `output` points to stays there until the next step.
///
/// Status: NULL, MISALIGNED, TOO_LONG, OVERLAPPING for pointers; NOT_BEGUN, MOVED, BUSY for the context;
/// UNKNOWN_VALUE for the numbers in the input; WRONG_REPLY when the kernel did not ask for it,
/// NOT_FOUND for the number of no candidate, TOO_LONG for an answer of the card, WRONG_VALUE for an
/// answer of the host that does not fit. The transaction is unharmed, and `output` as it was.
///
/// # Safety
/// `context` is null or points to memory as long as a context; `input` to an input, whose kind
/// goes with its content; there is room at `output`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_step(
    context: *mut Context,
    input: *const Input,
    output: *mut Output,
) -> Status {
    // SAFETY: the caller promises it.
    Status::of(unsafe { step(context, input, output) })
}

/// Says where the transaction is: a `chipwright_phase`.
///
/// Status: NULL, MISALIGNED, NOT_BEGUN, MOVED, BUSY.
///
/// # Safety
/// `context` is null or points to memory as long as a context; there is room at `phase`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_current_phase(
    context: *mut Context,
    phase: *mut u32,
) -> Status {
    // SAFETY: the caller promises it.
    Status::of(unsafe { enter(context) }.and_then(|entered| {
        // SAFETY: the caller promises it.
        unsafe { entered.write(phase, entered.driver().phase() as u32) }
    }))
}

/// Says for how long the card may stay in the field while the issuer is asked, in units of 100 ms; 0
/// for no limit. When it is over, reply REMOVAL_TIMEOUT to AUTHORISE, which then comes again.
/// [A 8.1.1.16]
///
/// Status: NULL, MISALIGNED, NOT_BEGUN, MOVED, BUSY.
///
/// # Safety
/// `context` is null or points to memory as long as a context; there is room at `timeout`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_removal_timeout(
    context: *mut Context,
    timeout: *mut u16,
) -> Status {
    // SAFETY: the caller promises it.
    Status::of(unsafe { enter(context) }.and_then(|entered| {
        // SAFETY: the caller promises it.
        unsafe { entered.write(timeout, entered.driver().removal_timeout()) }
    }))
}

/// One step.
///
/// # Safety
/// As [`chipwright_step`].
pub(crate) unsafe fn step(
    context: *mut Context,
    input: *const Input,
    output: *mut Output,
) -> Result<(), Status> {
    // SAFETY: the caller promises it.
    let mut entered = unsafe { enter(context) }?;
    entered.apart(input, 1)?;
    entered.apart(output, 1)?;
    pointer::check(output)?;
    // SAFETY: the caller promises it.
    let input = unsafe { pointer::read(input) }?;
    // SAFETY: the caller promises it.
    let input = unsafe { input.read(&entered) }?;
    let asked = entered.driver_mut().step(input).map_err(refused)?;
    // SAFETY: the caller promises it.
    unsafe { pointer::write(output, Output::of(&asked)) }
}

const fn refused(misuse: Misuse) -> Status {
    match misuse {
        Misuse::NotACandidate => Status::NotFound,
        Misuse::ResponseTooLong => Status::TooLong,
        Misuse::HostResponse => Status::WrongValue,
        _ => Status::WrongReply,
    }
}
