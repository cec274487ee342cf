//! GMP: import, power, export.
#![allow(unsafe_code, reason = "a foreign library")]

use core::ffi::{c_int, c_void};
use core::ptr;

/// What the library keeps of a number.
#[repr(C)]
struct Mpz {
    room: c_int,
    size: c_int,
    limbs: *mut c_void,
}

/// Most significant byte first.
const BIG_ENDIAN: c_int = 1;

#[link(name = "gmp")]
unsafe extern "C" {
    #[link_name = "__gmpz_init"]
    fn init(number: *mut Mpz);
    #[link_name = "__gmpz_clear"]
    fn clear(number: *mut Mpz);
    #[link_name = "__gmpz_import"]
    fn import(
        number: *mut Mpz,
        count: usize,
        order: c_int,
        size: usize,
        endian: c_int,
        nails: usize,
        bytes: *const c_void,
    );
    #[link_name = "__gmpz_export"]
    fn export(
        out: *mut c_void,
        count: *mut usize,
        order: c_int,
        size: usize,
        endian: c_int,
        nails: usize,
        number: *const Mpz,
    ) -> *mut c_void;
    #[link_name = "__gmpz_powm"]
    fn powm(power: *mut Mpz, base: *const Mpz, exponent: *const Mpz, modulus: *const Mpz);
}

/// A number of the library, cleared with its owner.
struct Number(Mpz);

impl Number {
    fn new(bytes: &[u8]) -> Self {
        let mut number = Self(Mpz { room: 0, size: 0, limbs: ptr::null_mut() });
        // SAFETY: the library writes the three fields, and does not keep where they are.
        unsafe { init(&raw mut number.0) };
        let bytes_at = bytes.as_ptr().cast();
        // SAFETY: as many single bytes are read as there are.
        unsafe { import(&raw mut number.0, bytes.len(), BIG_ENDIAN, 1, BIG_ENDIAN, 0, bytes_at) };
        number
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        // SAFETY: it was initialised, and is not used after this.
        unsafe { clear(&raw mut self.0) };
    }
}

pub(super) fn power(modulus: &[u8], exponent: &[u8], block: &[u8]) -> Vec<u8> {
    let (modulus_number, exponent, base) =
        (Number::new(modulus), Number::new(exponent), Number::new(block));
    let mut power = Number::new(&[]);
    // SAFETY: four initialised numbers, and the modulus is not zero.
    unsafe { powm(&raw mut power.0, &base.0, &exponent.0, &modulus_number.0) };
    let mut out = vec![0_u8; modulus.len()];
    let mut written = 0;
    let out_at = out.as_mut_ptr().cast();
    // SAFETY: the power is below the modulus: it takes no more bytes.
    unsafe { export(out_at, &raw mut written, BIG_ENDIAN, 1, BIG_ENDIAN, 0, &power.0) };
    assert_eq!(written, out.len(), "the block begins with 6A");
    out
}
