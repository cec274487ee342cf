//! The board: an MPS2 with image AN386, as QEMU emulates it. All that is `unsafe` is here.

pub(crate) mod stack;
mod storage;
mod uart;

pub(crate) use storage::{ROOM, erase, read, write};
pub(crate) use uart::Uart;

use cortex_m_semihosting::debug;

/// Tells the emulator that the program is over.
pub(crate) fn exit(well: bool) -> ! {
    debug::exit(if well { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {
        cortex_m::asm::wfi();
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    exit(false)
}
