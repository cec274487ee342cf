//! Lent memory, given out piece by piece and never taken back.

use core::ptr::NonNull;

use crate::{Status, pointer};

/// What is left of lent memory.
pub(crate) struct Arena {
    /// Address and length of all of it.
    memory: (usize, usize),
    next: NonNull<u8>,
    left: usize,
}

impl Arena {
    /// Gives out `length` bytes at `memory`.
    ///
    /// # Safety
    /// They can be read and written, and whoever holds what is given out is the only one to do so.
    pub(crate) unsafe fn new(memory: NonNull<u8>, length: usize) -> Self {
        Self { memory: (memory.addr().get(), length), next: memory, left: length }
    }

    /// What is read lies outside of the memory.
    pub(crate) fn apart<T>(&self, rows: *const T, count: usize) -> Result<(), Status> {
        pointer::apart(self.memory, rows, count)
    }

    /// Moves a value into the memory.
    pub(crate) fn place<T>(&mut self, value: T) -> Result<NonNull<T>, Status> {
        let place = self.take::<T>(1)?;
        // SAFETY: aligned memory for one `T`, which is given out once.
        unsafe { place.write(value) };
        Ok(place)
    }

    /// The same for what needs no drop: it stays for as long as the context.
    pub(crate) fn keep<T: Copy>(&mut self, value: T) -> Result<&'static T, Status> {
        let place = self.place(value)?;
        // SAFETY: initialised just now, and given out once. The context does not move, and wipes
        // its memory only when what refers to it is dropped.
        Ok(unsafe { place.as_ref() })
    }

    /// Memory for bytes, zeros.
    pub(crate) fn bytes(&mut self, length: usize) -> Result<&'static mut [u8], Status> {
        let place = self.take::<u8>(length)?;
        // SAFETY: memory for as many bytes.
        unsafe { place.write_bytes(0, length) };
        // SAFETY: initialised just now, and given out once; as above.
        Ok(unsafe { NonNull::slice_from_raw_parts(place, length).as_mut() })
    }

    /// Translates rows of the interface to rows of the core.
    pub(crate) fn table<S, T: Copy>(
        &mut self,
        rows: &[S],
        translate: impl Fn(&S) -> Result<T, Status>,
    ) -> Result<&'static [T], Status> {
        let place = self.take::<T>(rows.len())?;
        for (index, row) in rows.iter().enumerate() {
            let value = translate(row)?;
            // SAFETY: there is memory for as many as there are rows.
            let place = unsafe { place.add(index) };
            // SAFETY: aligned memory for one `T`.
            unsafe { place.write(value) };
        }
        // SAFETY: initialised just now, every row of it, and given out once; as above.
        Ok(unsafe { NonNull::slice_from_raw_parts(place, rows.len()).as_ref() })
    }

    /// Aligned memory for `count` values.
    pub(crate) fn take<T>(&mut self, count: usize) -> Result<NonNull<T>, Status> {
        let padding = self.next.addr().get().wrapping_neg() % align_of::<T>();
        let length = count.checked_mul(size_of::<T>()).ok_or(Status::TooSmall)?;
        let taken = padding.checked_add(length).ok_or(Status::TooSmall)?;
        self.left = self.left.checked_sub(taken).ok_or(Status::TooSmall)?;
        // SAFETY: `taken` bytes were left, of which these are the first.
        let place = unsafe { self.next.add(padding) };
        // SAFETY: and these are all.
        self.next = unsafe { self.next.add(taken) };
        Ok(place.cast())
    }
}
