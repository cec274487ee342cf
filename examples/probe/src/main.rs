//! Smallest image that takes part in a contact transaction.
//!
//! It has no std, no allocator and no main, and is not meant to run: the card reader is a register
//! at a fixed address. It shows what a terminal has to link, and `cargo xtask` reads from it what
//! that costs (`size`) and that nothing in it can panic (`panics`).

#![no_std]
#![no_main]

mod device;
mod sizes;

use chipwright::crypto::Crypto;
use chipwright_rustcrypto::RustCrypto;

/// First function of the image.
///
/// The name is what the linker looks for.
#[unsafe(no_mangle)]
extern "C" fn start() -> ! {
    let crypto = Crypto {
        hash: &RustCrypto,
        rsa: &RustCrypto,
        random: &device::Random,
    };
    let mut block = [0; chipwright::crypto::MAX_MODULUS];
    let mut modulus = [0; chipwright::crypto::MAX_MODULUS];
    loop {
        let length = device::read(&mut block);
        device::read(&mut modulus);
        if let (Some(block), Some(modulus)) = (block.get_mut(..length), modulus.get(..length))
            && crypto.rsa.recover(modulus, &[3], block).is_ok()
        {
            let digest = crypto.hash.sha1(&mut core::iter::once(&*block));
            device::write(&digest);
        }
    }
}
