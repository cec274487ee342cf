//! libgcrypt: import, power, export.
#![allow(unsafe_code, reason = "a foreign library")]

use core::ffi::{c_int, c_uint, c_void};
use core::ptr;

type Mpi = *mut c_void;

const UNSIGNED: c_int = 5;

#[link(name = "gcrypt")]
unsafe extern "C" {
    fn gcry_check_version(wanted: *const i8) -> *const i8;
    fn gcry_mpi_scan(
        out: *mut Mpi,
        format: c_int,
        bytes: *const u8,
        length: usize,
        scanned: *mut usize,
    ) -> c_uint;
    fn gcry_mpi_new(bits: c_uint) -> Mpi;
    fn gcry_mpi_powm(power: Mpi, base: Mpi, exponent: Mpi, modulus: Mpi);
    fn gcry_mpi_print(
        format: c_int,
        out: *mut u8,
        room: usize,
        written: *mut usize,
        number: Mpi,
    ) -> c_uint;
    fn gcry_mpi_release(number: Mpi);
}

/// A number of the library, released with its owner.
struct Number(Mpi);

impl Number {
    fn scan(bytes: &[u8]) -> Self {
        let mut number = ptr::null_mut();
        // SAFETY: the bytes are read for as long as they are, and the library makes the number.
        let error = unsafe {
            gcry_mpi_scan(&raw mut number, UNSIGNED, bytes.as_ptr(), bytes.len(), ptr::null_mut())
        };
        assert_eq!(error, 0, "libgcrypt reads every unsigned number");
        Self(number)
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        // SAFETY: the number is the library's, and this is its only owner.
        unsafe { gcry_mpi_release(self.0) };
    }
}

pub(super) fn power(modulus: &[u8], exponent: &[u8], block: &[u8]) -> Vec<u8> {
    let (modulus_number, exponent, base) =
        (Number::scan(modulus), Number::scan(exponent), Number::scan(block));
    // SAFETY: numbers of the library, each alive until the end of this function.
    let power = unsafe {
        gcry_check_version(ptr::null());
        let power = Number(gcry_mpi_new(0));
        gcry_mpi_powm(power.0, base.0, exponent.0, modulus_number.0);
        power
    };
    let mut out = vec![0; modulus.len()];
    let mut written = 0;
    // SAFETY: the library writes no more than there is room for.
    let error =
        unsafe { gcry_mpi_print(UNSIGNED, out.as_mut_ptr(), out.len(), &raw mut written, power.0) };
    assert_eq!((error, written), (0, out.len()), "the block begins with 6A");
    out
}
