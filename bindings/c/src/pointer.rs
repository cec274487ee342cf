//! What is checked of every pointer before anything is read.

use core::ptr::NonNull;

use crate::Status;

/// Bytes: where they are, and how many. None may be at null.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Bytes {
    /// The first of them.
    pub bytes: *const u8,
    /// How many.
    pub length: usize,
}

/// More than any string of bytes in a transaction has.
pub(crate) const MAX_LENGTH: usize = 0xFFFF;

impl Bytes {
    /// None.
    pub const NONE: Self = Self { bytes: core::ptr::null(), length: 0 };

    /// These.
    pub(crate) const fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.as_ptr(), length: bytes.len() }
    }

    /// The bytes.
    ///
    /// # Safety
    /// They are initialised, and nobody writes to them for as long as `'a`.
    pub(crate) unsafe fn read<'a>(self) -> Result<&'a [u8], Status> {
        // SAFETY: what the caller promises is what is asked for.
        unsafe { table(self.bytes, self.length) }
    }

    /// The same, where null and no bytes differ.
    ///
    /// # Safety
    /// As [`read`](Self::read).
    pub(crate) unsafe fn read_if_any<'a>(self) -> Result<Option<&'a [u8]>, Status> {
        if self.bytes.is_null() && self.length == 0 {
            return Ok(None);
        }
        // SAFETY: what the caller promises is what is asked for.
        unsafe { self.read() }.map(Some)
    }
}

/// Rows at a pointer, which may be null when there are none.
///
/// # Safety
/// They are initialised, and nobody writes to them for as long as `'a`.
pub(crate) unsafe fn table<'a, T>(rows: *const T, count: usize) -> Result<&'a [T], Status> {
    if count == 0 {
        return Ok(&[]);
    }
    check(rows)?;
    if count > MAX_LENGTH {
        return Err(Status::TooLong);
    }
    // SAFETY: not null and aligned; the caller promises the rest; 65,535 rows of a type of this
    // interface are far from `isize::MAX` bytes.
    Ok(unsafe { core::slice::from_raw_parts(rows, count) })
}

/// Memory to write to, zeroed.
///
/// # Safety
/// It can be written, and nobody else reads or writes it for as long as `'a`.
pub(crate) unsafe fn room<'a>(bytes: *mut u8, length: usize) -> Result<&'a mut [u8], Status> {
    if length == 0 {
        return Ok(&mut []);
    }
    let bytes = check(bytes)?;
    // What is longer than anything that is ever written is cut.
    let length = length.min(MAX_LENGTH);
    // SAFETY: not null, and bytes are always aligned; the caller promises the rest.
    unsafe { bytes.write_bytes(0, length) };
    // SAFETY: as before, and initialised by now.
    Ok(unsafe { NonNull::slice_from_raw_parts(bytes, length).as_mut() })
}

/// What a pointer points to.
///
/// # Safety
/// It is initialised, and nobody writes to it for as long as `'a`.
pub(crate) unsafe fn read<'a, T>(pointer: *const T) -> Result<&'a T, Status> {
    check(pointer)?;
    // SAFETY: not null and aligned; the caller promises the rest.
    Ok(unsafe { &*pointer })
}

/// Writes where a pointer points to.
///
/// # Safety
/// There is room for a `T`.
pub(crate) unsafe fn write<T>(pointer: *mut T, value: T) -> Result<(), Status> {
    check(pointer)?;
    // SAFETY: not null and aligned; the caller promises the rest.
    unsafe { pointer.write(value) };
    Ok(())
}

/// Rows lie outside of `length` bytes at an address, and are not too many.
pub(crate) fn apart<T>(
    (address, length): (usize, usize),
    rows: *const T,
    count: usize,
) -> Result<(), Status> {
    if count > MAX_LENGTH {
        return Err(Status::TooLong);
    }
    let before = rows.addr().saturating_add(count.saturating_mul(size_of::<T>())) <= address;
    let behind = rows.addr() >= address.saturating_add(length);
    if before || behind { Ok(()) } else { Err(Status::Overlapping) }
}

/// Neither null nor misaligned.
pub(crate) fn check<T>(pointer: *const T) -> Result<NonNull<T>, Status> {
    let pointer = NonNull::new(pointer.cast_mut()).ok_or(Status::Null)?;
    if pointer.is_aligned() { Ok(pointer) } else { Err(Status::Misaligned) }
}
