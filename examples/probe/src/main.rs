//! Image that takes part in contact transactions and taps.
//!
//! As the smaller image beside it ("contact"), it is not meant to run.

#![no_std]
#![no_main]

#[macro_use]
mod export;
mod device;
mod kernel;
mod linked;
mod sizes;
mod tap;
mod tap_sizes;
mod terminal;

use device::Register;

/// First function of the image.
///
/// The name is what the linker looks for.
#[unsafe(no_mangle)]
extern "C" fn start() -> ! {
    loop {
        let light = match (kernel::order(), interface()) {
            (None, _) => 0,
            (Some(transaction), CONTACTLESS) => kernel::light(tap::tap(&transaction)),
            (Some(transaction), _) => kernel::light(kernel::transact(&transaction)),
        };
        device::write(Register::Display, &[light]);
    }
}

/// Where the card is: in a field.
const CONTACTLESS: u8 = 1;

/// Where the card is.
fn interface() -> u8 {
    let mut interface = [0];
    device::read(Register::Till, &mut interface).first().copied().unwrap_or_default()
}
