//! The firmware with the card's answers in flash: it counts what it executes, phase by phase.
//!
//! `cargo xtask firmware` builds it with what was said on the line when the firmware ran, and runs
//! it in QEMU.

#![no_std]
#![no_main]
#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "registers, and the linker's symbols")]
#[allow(dead_code, reason = "there is no line")]
mod board;
mod devices;
mod line;
mod meter;
mod record;
mod said;
mod setup;
mod tap;
mod till;

use board::Uart;
use chipwright::crypto::Crypto;
use chipwright::event::Events;
use chipwright_rustcrypto::RustCrypto;
use chipwright_terminal::{Failure, Setup, Workspace};
use devices::{Flash, Noise};
use line::Line;
use meter::{Meter, Metered};
use said::Said;
use till::{Card, Till};

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut WORKSPACE: Workspace = Workspace::new();
    static FRAMES: &[u8] = include_bytes!(env!("CHIPWRIGHT_SAID"));
    Uart::Till.open();
    record::begin();
    if let Some(mut peripherals) = cortex_m::Peripherals::take() {
        meter::start_counting(&mut peripherals.SYST);
    }
    let (meter, noise) = (Meter::new(), Noise::new());
    let (hash, rsa) = (Metered(&meter, RustCrypto), Metered(&meter, RustCrypto));
    let crypto = Crypto { hash: &hash, rsa: &rsa, random: &noise };
    let setup = setup::setup(crypto, Events::to(&meter));
    let line = Metered(&meter, Said::new(FRAMES));
    let well = day(&line, setup, WORKSPACE, &meter) == Ok(true);
    record::row(record::STACK, &board::stack_high_water().to_be_bytes());
    board::exit(well)
}

/// A sale, a tap and the batch, each counted; whether all went well.
fn day(
    line: &dyn Line,
    setup: Setup<'_>,
    workspace: &mut Workspace,
    meter: &Meter,
) -> Result<bool, Failure> {
    let mut flash = Metered(meter, Flash::open());
    let mut till = Till::start(line, &mut flash, setup, workspace)?;
    meter.start();
    let sold = till.sell(Card::InSlot)?;
    meter.end(0);
    meter.start();
    let tapped = till.sell(Card::InField)?;
    meter.end(1);
    meter.start();
    let settled = till.settle()?;
    meter.end(2);
    Ok(sold && tapped && settled)
}
