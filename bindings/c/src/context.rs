//! A transaction in lent memory: begun, entered, ended.

use core::ffi::c_void;
use core::future::Future;
use core::pin::Pin;
use core::ptr::NonNull;

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::Driver;
use chipwright::outcome::Outcome;
use chipwright::session::Session;
use chipwright_entry_point::Reader;
use zeroize::Zeroize;

use crate::arena::Arena;
use crate::linked::Linked;
use crate::pointer::{self, check};
use crate::seal::Seal;
use crate::{CONTEXT_ALIGNMENT, Status, Transaction};

/// A transaction in memory that the caller lends: `CHIPWRIGHT_CONTEXT_SIZE` says how much. It has
/// zeros before the first `begin`, stays where it is until `end`, and has zeros again afterwards.
/// One thread at a time may use it.
#[derive(Debug)]
pub struct Context {
    _opaque: (),
}

/// What lies first in the memory; the rest lies behind it, in no order that anybody relies on.
#[repr(C)]
pub(crate) struct Head {
    seal: Seal,
    /// How much was lent.
    length: usize,
    driver: Driver<'static, 'static>,
    /// What the driver polls; it is dropped after the driver.
    task: NonNull<dyn Future<Output = Outcome>>,
    /// What driver and task share; it is dropped last.
    session: NonNull<Session<'static>>,
}

/// Begins a transaction in the slot, in `length` bytes at `memory`; `*context` is what the other
/// functions are given. Nothing is asked for yet: step with START.
///
/// Status: NULL, MISALIGNED, TOO_LONG, OVERLAPPING for pointers; TOO_SMALL for the memory; IN_USE, BUSY when it
/// has a transaction, MOVED when it has neither a transaction nor zeros; WRONG_VALUE, UNKNOWN_VALUE
/// for terminal and transaction.
///
/// # Safety
/// As the header says of pointers: `transaction` and what it points to are initialised and stay as
/// they are until `chipwright_end`; `memory` is initialised, and nobody else's until then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_begin_contact(
    memory: *mut c_void,
    length: usize,
    transaction: *const Transaction,
    context: *mut *mut Context,
) -> Status {
    let task = |session: &'static Session<'static>, transaction, _: &Transaction, _: &mut Arena| {
        Ok(chipwright_contact::transact(session, transaction))
    };
    // SAFETY: the caller promises it.
    Status::of(unsafe { begin(memory, length, transaction, context, task) })
}

/// Begins a tap, from the idle reader to the outcome, as `chipwright_begin_contact` does a
/// transaction in the slot.
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_begin_tap(
    memory: *mut c_void,
    length: usize,
    transaction: *const Transaction,
    context: *mut *mut Context,
) -> Status {
    let task = |session: &'static Session<'static>,
                transaction,
                given: &Transaction,
                arena: &mut Arena| {
        // SAFETY: the caller promises it.
        let terminal = unsafe { pointer::read(given.terminal) }?;
        // SAFETY: the caller promises it.
        let combinations = unsafe { terminal.combinations(arena) }?;
        let reader = Reader { transaction, combinations, autorun: given.autorun != 0 };
        Ok(chipwright_entry_point::transact(session, arena.keep(reader)?, &Linked))
    };
    // SAFETY: the caller promises it.
    Status::of(unsafe { begin(memory, length, transaction, context, task) })
}

/// Ends a transaction, whether it has come to its end or not: what it knew of the card is wiped, and
/// the memory has zeros.
///
/// Status: NULL, MISALIGNED, NOT_BEGUN, MOVED, BUSY.
///
/// # Safety
/// `context` is null or points to memory as long as a context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_end(context: *mut Context) -> Status {
    // SAFETY: the caller promises it.
    Status::of(unsafe { enter(context) }.map(|entered| {
        let head = entered.head;
        core::mem::forget(entered);
        // SAFETY: it was begun here, and nobody else is in it.
        unsafe { finish(head) };
    }))
}

/// Begins a transaction, with the task that `make` makes.
///
/// # Safety
/// As [`chipwright_begin_contact`].
unsafe fn begin<F: Future<Output = Outcome> + 'static>(
    memory: *mut c_void,
    length: usize,
    transaction: *const Transaction,
    context: *mut *mut Context,
    make: impl FnOnce(
        &'static Session<'static>,
        &'static config::Transaction<'static>,
        &Transaction,
        &mut Arena,
    ) -> Result<F, Status>,
) -> Result<(), Status> {
    let context = check(context)?;
    let head = check(memory.cast::<Head>())?;
    if !head.addr().get().is_multiple_of(CONTEXT_ALIGNMENT) {
        return Err(Status::Misaligned);
    }
    if length > isize::MAX.unsigned_abs() {
        return Err(Status::TooLong);
    }
    // SAFETY: the caller promises the memory to us alone.
    let mut arena = unsafe { Arena::new(head.cast(), length) };
    arena.apart(context.as_ptr(), 1)?;
    arena.apart(transaction, 1)?;
    // SAFETY: the caller promises it.
    let given = unsafe { pointer::read(transaction) }?;
    let head = arena.take::<Head>(1)?;
    // SAFETY: there is room for a head, and so for a seal.
    match unsafe { Seal::check(head.cast()) } {
        Err(Status::NotBegun) => {}
        Ok(()) => return Err(Status::InUse),
        Err(status) => return Err(status),
    }
    // SAFETY: the caller promises it.
    match unsafe { fill(head, length, arena, given, make) } {
        Ok(()) => {
            // SAFETY: not null and aligned; the caller promises room for a pointer.
            unsafe { context.write(head.as_ptr().cast()) };
            Ok(())
        }
        Err(status) => {
            // SAFETY: the caller promises the memory, and nothing in it is used any more.
            unsafe { wipe(head.cast(), length) };
            Err(status)
        }
    }
}

/// Puts every piece of a transaction in its place.
///
/// # Safety
/// As [`begin`]; `head` and `arena` are parts of the memory.
unsafe fn fill<F: Future<Output = Outcome> + 'static>(
    head: NonNull<Head>,
    length: usize,
    mut arena: Arena,
    given: &Transaction,
    make: impl FnOnce(
        &'static Session<'static>,
        &'static config::Transaction<'static>,
        &Transaction,
        &mut Arena,
    ) -> Result<F, Status>,
) -> Result<(), Status> {
    // SAFETY: the caller promises it.
    let transaction = unsafe { given.read(&mut arena) }?;
    let data = Database::new(arena.bytes(DATABASE_LENGTH)?);
    let apdu = Buffer::new(arena.bytes(BUFFER_LENGTH)?);
    let session = arena.place(Session::new(data, apdu))?;
    // SAFETY: placed just now; it is dropped by `finish` alone, after all that refers to it.
    let lent = unsafe { session.as_ref() };
    let task = make(lent, transaction, given, &mut arena)?;
    let task: NonNull<dyn Future<Output = Outcome>> = arena.place(task)?;
    // SAFETY: placed just now, and this is the only reference to it.
    let polled = unsafe { &mut *task.as_ptr() };
    // SAFETY: it does not move, and is dropped where it lies before its memory is used for anything
    // else, which is what `Pin` asks for.
    let pinned = unsafe { Pin::new_unchecked(polled) };
    let driver = Driver::new(lent, pinned);
    // SAFETY: there is room for a head.
    unsafe { head.write(Head { seal: Seal::NONE, length, driver, task, session }) };
    // SAFETY: likewise.
    unsafe { Seal::wait(head.cast()) };
    Ok(())
}

/// Drops a transaction and wipes its memory.
///
/// # Safety
/// There is one at `head`, and nobody is in it.
unsafe fn finish(head: NonNull<Head>) {
    // SAFETY: the caller promises a head, which is moved out of the memory, and dropped once.
    let Head { length, driver, task, session, .. } = unsafe { head.read() };
    drop(driver);
    // SAFETY: only the driver referred to it.
    unsafe { task.drop_in_place() };
    // SAFETY: only driver and task referred to it.
    unsafe { session.drop_in_place() };
    // SAFETY: nothing is left in the memory, whose length was noted when it was lent.
    unsafe { wipe(head.cast(), length) };
}

/// Wipes lent memory.
///
/// # Safety
/// Nothing in it is used any more.
unsafe fn wipe(memory: NonNull<u8>, length: usize) {
    // SAFETY: makes sure that all of it is initialised before it is seen as bytes.
    unsafe { memory.write_bytes(0, length) };
    // SAFETY: it is, and nobody else uses it.
    unsafe { NonNull::slice_from_raw_parts(memory, length).as_mut() }.zeroize();
}

/// A context that nobody else enters.
pub(crate) struct Entered {
    head: NonNull<Head>,
}

/// Enters a context.
///
/// # Safety
/// `context` is null or points to memory as long as a context.
pub(crate) unsafe fn enter(context: *mut Context) -> Result<Entered, Status> {
    let head = check(context.cast::<Head>())?;
    // SAFETY: a context has room for a seal.
    unsafe { Seal::check(head.cast()) }?;
    // SAFETY: likewise.
    unsafe { Seal::busy(head.cast()) };
    Ok(Entered { head })
}

impl Entered {
    /// Memory that goes with a call lies outside of the context, and is not too long.
    pub(crate) fn apart<T>(&self, pointer: *const T, count: usize) -> Result<(), Status> {
        // SAFETY: the seal was right, so there is a head.
        let length = unsafe { (*self.head.as_ptr()).length };
        pointer::apart((self.head.addr().get(), length), pointer, count)
    }

    /// Writes where a pointer points to, outside of the context.
    ///
    /// # Safety
    /// There is room for a `T`.
    pub(crate) unsafe fn write<T>(&self, pointer: *mut T, value: T) -> Result<(), Status> {
        self.apart(pointer, 1)?;
        // SAFETY: the caller promises it.
        unsafe { pointer::write(pointer, value) }
    }

    /// The driver of the transaction.
    pub(crate) fn driver(&self) -> &Driver<'static, 'static> {
        // SAFETY: the seal was right, so there is a head; only its driver is referred to.
        let driver = unsafe { &raw const (*self.head.as_ptr()).driver };
        // SAFETY: whoever is entered is alone.
        unsafe { &*driver }
    }

    /// The same, to change it.
    pub(crate) fn driver_mut(&mut self) -> &mut Driver<'static, 'static> {
        // SAFETY: as above.
        let driver = unsafe { &raw mut (*self.head.as_ptr()).driver };
        // SAFETY: as above.
        unsafe { &mut *driver }
    }
}

/// Whoever was entered waits again.
impl Drop for Entered {
    fn drop(&mut self) {
        // SAFETY: the seal was right, so there is room for one.
        unsafe { Seal::wait(self.head.cast()) };
    }
}
