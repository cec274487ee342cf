//! A terminal on bare metal that waits asynchronously.
//!
//! While a transaction waits for card, cardholder or host, the processor runs other tasks or
//! sleeps: here a task for the display. The lines to the devices end at interrupts, which a board
//! support crate wires; `interrupts` has what they call. The image is meant to be compiled, and
//! to be copied from.

#![no_std]
#![no_main]

mod devices;
mod line;
mod setup;
mod taps;

use chipwright::config::TransactionType;
use chipwright::object::Value;
use chipwright::outcome::Conclusion;
use chipwright::value::{Amount, Code, Date};
use chipwright_terminal::device::NoHooks;
use chipwright_terminal::journal::{Delivery, Due};
use chipwright_terminal::{
    Contactless, Devices, Failure, Journal, JournalFailure, Memory, Order, Workspace, tap_or_insert,
};
use core::cell::Cell;
use cortex_m_rt as _; // vectors and start-up code
use devices::{Antenna, CancelKey, Flash, Keys, LIGHTS, Modem, Pad, SCREEN, Screen, Slot, Watch};
use embassy_executor::Spawner;
use line::TILL;
use setup::SETUP;
use taps::Linked;

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    if let Ok(display) = display() {
        spawner.spawn(display);
    }
    if let Ok(lights) = lights() {
        spawner.spawn(lights);
    }
    let mut workspace = Workspace::new();
    // What a power failure left open is closed before anything else; a storage that does not
    // answer is asked again.
    loop {
        let memory = workspace.lend().record;
        if let Ok(recovery) = Journal::recover(&mut Flash, 1, memory).await {
            serve(recovery.journal, &mut workspace).await;
        }
    }
}

/// Serves the till until the journal fails.
async fn serve(mut journal: Journal, workspace: &mut Workspace) {
    while !journal.needs_recovery() && deliver(&mut journal, Due::Now, workspace).await.is_ok() {
        let mut message = [0; 16];
        let report = match TILL.receive(&mut message).await {
            [b'B'] => match deliver(&mut journal, Due::Everything, workspace).await {
                Ok(Delivery { left: 0, .. }) => b'B',
                _ => b'L',
            },
            message => match order(message) {
                Some((order, watch)) => {
                    let result = transact(&order, &watch, &mut journal, workspace.lend()).await;
                    result.unwrap_or(b'F')
                }
                None => b'?',
            },
        };
        TILL.send(report, &[]).await;
    }
}

/// Delivers what is owed to the acquirer, as far as the line lets it.
async fn deliver(
    journal: &mut Journal,
    due: Due,
    workspace: &mut Workspace,
) -> Result<Delivery, JournalFailure> {
    let memory = workspace.lend_to_journal();
    journal.deliver(&mut Flash, &mut Modem, due, &SETUP.lists, memory).await
}

/// One transaction; what it came to, in a letter.
async fn transact(
    order: &Order,
    watch: &Watch,
    journal: &mut Journal,
    memory: Memory<'_>,
) -> Result<u8, Failure> {
    let devices = Devices {
        reader: &mut Slot,
        pad: &mut Pad,
        cardholder: &mut Keys,
        host: &mut Modem,
        storage: &mut Flash,
        hooks: &mut NoHooks,
        display: &mut Screen,
        clock: watch,
        cancel: &CancelKey,
    };
    let contactless = Contactless { kernels: &Linked, reader: &mut Antenna };
    let record = tap_or_insert(&SETUP, order, contactless, devices, journal, memory).await?;
    Ok(match record.conclusion {
        Conclusion::Approved => b'A',
        Conclusion::Declined => b'D',
        _ => b'T',
    })
}

/// What the till orders: kind, amount, date, time.
fn order(message: &[u8]) -> Option<(Order, Watch)> {
    let (kind, rest) = message.split_first()?;
    let (amount, rest) = rest.split_first_chunk::<6>()?;
    let (date, time) = rest.split_first_chunk::<3>()?;
    let order = Order {
        kind: match kind {
            b'P' => TransactionType::Purchase,
            b'R' => TransactionType::Refund,
            _ => return None,
        },
        amount: Some(Amount::decode(amount)?),
        amount_other: Amount::ZERO,
        currency: Code::new(978)?,
        currency_exponent: 2,
        force_online: false,
    };
    let now = (Date::decode(date)?, time.try_into().ok()?);
    Some((order, Watch(Cell::new(now))))
}

/// Shows one message after the other, while the transaction goes on.
#[embassy_executor::task]
async fn display() {
    loop {
        let show = SCREEN.receive().await;
        line::PAD.send(show.message.identifier(), &show.language).await;
    }
}

/// Has the reader's lights and buzzer follow.
#[embassy_executor::task]
async fn lights() {
    loop {
        let status = LIGHTS.wait().await;
        line::PAD.send(b'L', &[status as u8]).await;
    }
}

/// What the interrupts of the ports call.
#[expect(dead_code, reason = "a board support crate wires them")]
mod interrupts {
    use crate::devices::{CANCELLED, NOISE};
    use crate::line::Line;
    use core::sync::atomic::Ordering;

    /// A port has a byte, or room for one.
    pub(crate) fn port(line: &Line, byte: Option<u8>) -> Option<u8> {
        if let Some(byte) = byte {
            line.arrived(byte);
        }
        line.next()
    }

    /// The cancel key went down.
    pub(crate) fn cancel_key() {
        CANCELLED.store(true, Ordering::Relaxed);
    }

    /// The noise source has 32 bits.
    pub(crate) fn noise(bits: u32) {
        NOISE.store(bits, Ordering::Relaxed);
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        cortex_m::asm::wfi();
    }
}
