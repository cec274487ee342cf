//! Smallest image that takes part in contact transactions.
//!
//! It has no std, no allocator and no main, and is not meant to run: reader, PIN pad, display and
//! host are registers at fixed addresses. It shows what a terminal has to link, and
//! `cargo xtask` reads from it what that costs (`size`) and that nothing in it can panic
//! (`panics`).

#![no_std]
#![no_main]

#[macro_use]
mod export;
mod device;
mod kernel;
mod sizes;
mod terminal;

use device::Register;

/// First function of the image.
///
/// The name is what the linker looks for.
#[unsafe(no_mangle)]
extern "C" fn start() -> ! {
    loop {
        let light =
            kernel::order().map_or(0, |transaction| kernel::light(kernel::transact(&transaction)));
        device::write(Register::Display, &[light]);
    }
}
