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
mod kernels;
mod line;
mod meter;
mod record;
mod said;
mod setup;
mod tap;
mod till;

use board::Uart;
use chipwright::crypto::{Crypto, RsaRecover};
use chipwright::event::Events;
use chipwright_rustcrypto::RustCrypto;
use chipwright_terminal::{Failure, Setup, Workspace};
use devices::{Flash, Noise};
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
    let bench = Bench { line: &line, noise: &noise, setup, meter: &meter };
    let well = bench.operation() && bench.day(WORKSPACE) == Ok(true);
    record::row(record::STACK, &board::stack::high_water().to_be_bytes());
    board::exit(well)
}

/// Everything that transactions are counted with.
struct Bench<'b> {
    line: &'b Metered<'b, Said>,
    noise: &'b Noise,
    setup: Setup<'b>,
    meter: &'b Meter,
}

impl Bench<'_> {
    /// One RSA operation under the authority's key; first of all, while the stack below is still
    /// untouched.
    #[inline(never)]
    fn operation(&self) -> bool {
        let mut block = [0x5A; 248];
        let Some(key) = self.setup.terminal.keys.first() else { return false };
        let depth = board::stack::depth();
        let done =
            self.meter.count(5, || RustCrypto.recover(key.modulus, key.exponent, &mut block));
        record::row(record::OPERATION, &(board::stack::high_water() - depth).to_be_bytes());
        done.is_ok() && block != [0x5A; 248]
    }

    /// A sale, a tap and the batch, each counted; whether all went well. Sale and tap are done
    /// twice, with the same words: by the kernels alone, and by the terminal layer.
    fn day(&self, workspace: &mut Workspace) -> Result<bool, Failure> {
        let Self { line, setup, meter, .. } = self;
        let mut flash = Metered(meter, Flash::open());
        let mut well = self.alone(0, || kernels::sale(*line, setup, workspace.lend()));
        let mut till = Till::start(*line, &mut flash, *setup, workspace)?;
        well &= meter.count(1, || till.sell(Card::InSlot))?;
        well &= self.alone(2, || kernels::tap(*line, setup, till.memory()));
        well &= meter.count(3, || till.sell(Card::InField))?;
        well &= meter.count(4, || till.settle())?;
        Ok(well)
    }

    /// Counts what is said again afterwards.
    fn alone(&self, business: u8, something: impl FnOnce() -> bool) -> bool {
        let (line, noise) = (self.line.1.clone(), self.noise.clone());
        let done = self.meter.count(business, something);
        self.line.1.rewind(&line);
        self.noise.rewind(&noise);
        done
    }
}
