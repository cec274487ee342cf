//! Counts on whose account instructions are executed: the phases of a transaction, and apart from
//! them what is done in cryptography and in devices.

use crate::line::{Line, Whom};
use crate::record;
use chipwright::crypto::{Hash, KeyRefused, Parts, RsaRecover};
use chipwright::event::{Event, Sink};
use chipwright_terminal::blocking::Storage;
use chipwright_terminal::device::StorageFailed;
use core::cell::Cell;
use core::ops::Range;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;

/// Last value of the counter before it begins anew: it has 24 bits.
const LAST_TICK: u32 = 0x00FF_FFFF;

/// Lets the processor's own timer count.
///
/// With `-icount` QEMU gives every instruction the same time, so that ticks count instructions. The
/// cycle counter of a real Cortex-M4 is not emulated.
pub(crate) fn start_counting(timer: &mut SYST) {
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(LAST_TICK);
    timer.clear_current();
    timer.enable_counter();
}

/// Ticks since the count began, in 24 bits.
fn ticks() -> u32 {
    LAST_TICK - SYST::get_current()
}

/// Accounts: one for every phase by its number, and these. The terminal layer is on the first
/// before a transaction, and on one of its own afterwards.
const AFTERWARDS: u8 = 13;
const RSA: u8 = 14;
const HASH: u8 = 15;
const DEVICES: u8 = 16;
const ACCOUNTS: usize = 17;

/// Ticks by account.
pub(crate) struct Meter {
    spent: [Cell<u32>; ACCOUNTS],
    account: Cell<u8>,
    since: Cell<u32>,
}

impl Meter {
    pub(crate) const fn new() -> Self {
        Self {
            spent: [const { Cell::new(0) }; ACCOUNTS],
            account: Cell::new(0),
            since: Cell::new(0),
        }
    }

    /// Counts something, and tells the till: the kind of business, the account, its ticks.
    pub(crate) fn count<T>(&self, business: u8, something: impl FnOnce() -> T) -> T {
        self.spent.iter().for_each(|spent| spent.set(0));
        self.account.set(0);
        self.since.set(ticks());
        let done = something();
        self.switch(0);
        for (account, spent) in (0..).zip(&self.spent) {
            let [a, b, c, d] = spent.get().to_be_bytes();
            record::row(record::SPENT, &[business, account, a, b, c, d]);
        }
        done
    }

    /// From now on it is on this account; gives the one before.
    fn switch(&self, account: u8) -> u8 {
        let now = ticks();
        let passed = now.wrapping_sub(self.since.replace(now)) & LAST_TICK;
        let before = self.account.replace(account);
        if let Some(spent) = self.spent.get(usize::from(before)) {
            spent.set(spent.get().wrapping_add(passed));
        }
        before
    }

    /// Does something on another account.
    fn on<T>(&self, account: u8, something: impl FnOnce() -> T) -> T {
        let before = self.switch(account);
        let done = something();
        self.switch(before);
        done
    }
}

impl Sink for Meter {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Phase(phase) => self.switch(*phase as u8),
            Event::Ended(_) => self.switch(AFTERWARDS),
            _ => return,
        };
    }
}

/// Something whose work is on an account of its own.
pub(crate) struct Metered<'m, T>(pub(crate) &'m Meter, pub(crate) T);

impl<T: RsaRecover> RsaRecover for Metered<'_, T> {
    fn recover(&self, modulus: &[u8], exponent: &[u8], block: &mut [u8]) -> Result<(), KeyRefused> {
        self.0.on(RSA, || self.1.recover(modulus, exponent, block))
    }
}

impl<T: Hash> Hash for Metered<'_, T> {
    fn sha1(&self, parts: Parts<'_, '_>) -> [u8; 20] {
        self.0.on(HASH, || self.1.sha1(parts))
    }
}

impl<T: Line> Line for Metered<'_, T> {
    fn ask<'o>(&self, whom: Whom, content: [&[u8]; 2], out: &'o mut [u8]) -> &'o [u8] {
        self.0.on(DEVICES, || self.1.ask(whom, content, out))
    }
}

impl<T: Storage> Storage for Metered<'_, T> {
    fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        self.1.places()
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        self.0.on(DEVICES, || self.1.append(record))
    }

    fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        self.0.on(DEVICES, || self.1.read(place, out))
    }

    fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        self.0.on(DEVICES, || self.1.erase(place))
    }
}
