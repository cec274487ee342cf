//! Which kernels these are.

use chipwright::identity::Identity as Core;

use crate::{Status, pointer};

/// What a conformance statement says of a kernel: strings that end with 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Identity {
    /// Its name.
    pub name: [u8; 32],
    /// Its version.
    pub version: [u8; 24],
    /// SHA-256 over sources, locked dependencies and features, 64 hexadecimal digits.
    pub checksum: [u8; 65],
}

/// Says name, version and checksum of the kernel at a place, counted from 0.
///
/// Status: NULL; NOT_FOUND behind the last.
///
/// # Safety
/// There is room at `identity`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_kernel(place: usize, identity: *mut Identity) -> Status {
    const ALL: [Core; 3] =
        [chipwright_contact::IDENTITY, chipwright_entry_point::IDENTITY, chipwright_c7::IDENTITY];
    let kernel = ALL.get(place).ok_or(Status::NotFound);
    Status::of(kernel.and_then(|kernel| {
        let strings = Identity {
            name: terminated(kernel.name),
            version: terminated(kernel.version),
            checksum: terminated(kernel.checksum),
        };
        // SAFETY: the caller promises it.
        unsafe { pointer::write(identity, strings) }
    }))
}

/// A string that ends with 0, cut where it is longer.
fn terminated<const N: usize>(text: &str) -> [u8; N] {
    let mut string = [0; N];
    let all_but_last = string.iter_mut().take(N.saturating_sub(1));
    all_but_last.zip(text.bytes()).for_each(|(place, byte)| *place = byte);
    string
}
