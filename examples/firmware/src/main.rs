//! A terminal's firmware: contact and contactless on a Cortex-M4, without an allocator.
//!
//! `cargo xtask firmware` builds it and runs it in QEMU, with a simulated card and acquirer at the
//! end of a serial line and the till at the end of another. Configuration and keys are constants
//! in flash; all memory is one static.

#![no_std]
#![no_main]
#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "registers, and the linker's symbols")]
mod board;
mod devices;
mod line;
mod record;
mod serial;
mod setup;
mod tap;
mod till;

use board::Uart;
use chipwright::crypto::Crypto;
use chipwright::event::Events;
use chipwright_rustcrypto::RustCrypto;
use chipwright_terminal::{Failure, Workspace};
use devices::{Flash, Noise};
use record::Record;
use serial::Serial;
use till::{Card, Till};

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut WORKSPACE: Workspace = Workspace::new();
    Uart::Till.open();
    Uart::Counter.open();
    record::begin();
    let well = day(WORKSPACE) == Ok(true);
    record::row(record::STACK, &board::stack::high_water().to_be_bytes());
    board::exit(well)
}

/// A sale, a tap, and the batch in the evening; whether all went well.
fn day(workspace: &mut Workspace) -> Result<bool, Failure> {
    let noise = Noise::new();
    let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &noise };
    let setup = setup::setup(crypto, Events::to(&Record));
    let mut flash = Flash::open();
    let mut till = Till::start(&Serial, &mut flash, setup, workspace)?;
    Ok(till.sell(Card::InSlot)? & till.sell(Card::InField)? & till.settle()?)
}
