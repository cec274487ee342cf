//! How much memory a context takes.

use chipwright::apdu::BUFFER_LENGTH;
use chipwright::config;
use chipwright::database::DATABASE_LENGTH;
use chipwright::hardening::Profile;
use chipwright::session::Session;
use chipwright_entry_point::Reader;

use crate::context::Head;
use crate::linked::Linked;
use crate::{Callbacks, Terminal, pointer};

/// How lent memory is aligned, in bytes.
pub const CONTEXT_ALIGNMENT: usize = 8;
/// Bytes of a context whatever the size of a pointer.
pub const CONTEXT_BYTES: usize = 4768;
/// Pointers in a context.
pub const CONTEXT_POINTERS: usize = 238;
/// Bytes of a context for each application, beside `CHIPWRIGHT_APPLICATION_POINTERS`.
pub const APPLICATION_BYTES: usize = 32;
/// Pointers in a context for each application.
pub const APPLICATION_POINTERS: usize = 8;
/// Bytes of a context for each key, beside `CHIPWRIGHT_KEY_POINTERS`.
pub const KEY_BYTES: usize = 8;
/// Pointers in a context for each key.
pub const KEY_POINTERS: usize = 4;
/// Bytes of a context for each revoked certificate.
pub const REVOCATION_BYTES: usize = 9;
/// Bytes of a context for each combination, beside `CHIPWRIGHT_COMBINATION_POINTERS`.
pub const COMBINATION_BYTES: usize = 80;
/// Pointers in a context for each combination.
pub const COMBINATION_POINTERS: usize = 2;

/// What the constants promise, on every target: this crate does not compile where it is not kept.
const _: () = {
    const fn bound(bytes: usize, pointers: usize) -> usize {
        bytes + pointers * size_of::<*const ()>()
    }
    assert!(base_size() <= bound(CONTEXT_BYTES, CONTEXT_POINTERS));
    assert!(size_of::<config::Application<'_>>() <= bound(APPLICATION_BYTES, APPLICATION_POINTERS));
    assert!(size_of::<config::CaPublicKey<'_>>() <= bound(KEY_BYTES, KEY_POINTERS));
    assert!(size_of::<config::Revocation>() <= REVOCATION_BYTES);
    assert!(
        size_of::<chipwright_entry_point::Combination<'_>>()
            <= bound(COMBINATION_BYTES, COMBINATION_POINTERS)
    );
    assert!(align_of::<Head>() <= CONTEXT_ALIGNMENT);
    assert!(align_of::<chipwright_entry_point::Combination<'_>>() <= CONTEXT_ALIGNMENT);
};

/// Everything but the tables of the terminal, each piece with the padding that it may need.
const fn base_size() -> usize {
    const fn padded<T>() -> usize {
        size_of::<T>() + align_of::<T>() - 1
    }
    let contact = size_of_future(chipwright_contact::transact);
    let tap = size_of_reader(chipwright_entry_point::transact::<Linked>);
    let future = if contact > tap { contact } else { tap };
    let tables = 4 * (CONTEXT_ALIGNMENT - 1);
    size_of::<Head>()
        + (DATABASE_LENGTH + BUFFER_LENGTH)
        + padded::<Callbacks>()
        + padded::<config::Terminal<'_>>()
        + padded::<Profile<'_>>()
        + padded::<config::Transaction<'_>>()
        + padded::<Reader<'_>>()
        + padded::<Session<'_>>()
        + (future + CONTEXT_ALIGNMENT - 1)
        + tables
}

/// Size of a kernel's future.
const fn size_of_future<F>(
    _: fn(&'static Session<'static>, &'static config::Transaction<'static>) -> F,
) -> usize {
    size_of::<F>()
}

/// The same of Entry Point.
const fn size_of_reader<F>(
    _: fn(&'static Session<'static>, &'static Reader<'static>, &'static Linked) -> F,
) -> usize {
    size_of::<F>()
}

/// How many bytes a context needs for this terminal, whatever is done with it.
/// `CHIPWRIGHT_CONTEXT_SIZE` is an upper bound of it that compilers know. 0 when `terminal` is null
/// or misaligned.
///
/// # Safety
/// `terminal` is null or points to a terminal.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_context_size(terminal: *const Terminal) -> usize {
    // SAFETY: the caller promises it.
    let Ok(terminal) = (unsafe { pointer::read(terminal) }) else { return 0 };
    [
        (terminal.application_count, size_of::<config::Application<'_>>()),
        (terminal.key_count, size_of::<config::CaPublicKey<'_>>()),
        (terminal.revocation_count, size_of::<config::Revocation>()),
        (terminal.combination_count, size_of::<chipwright_entry_point::Combination<'_>>()),
    ]
    .into_iter()
    .fold(base_size(), |size, (count, row)| size.saturating_add(count.saturating_mul(row)))
}
