//! The outside world: registers that the compiler knows nothing about.

use core::panic::PanicInfo;

use chipwright::config::History;
use chipwright::crypto::RandomFailed;
use chipwright::value::{Amount, Pan};

/// What stands around the image.
#[derive(Clone, Copy)]
pub(crate) enum Register {
    Till = 0x4000_0000,
    Card = 0x4000_0004,
    PinPad = 0x4000_0008,
    Host = 0x4000_000C,
    Display = 0x4000_0010,
    Noise = 0x4000_0014,
    #[allow(dead_code, reason = "the journal's: one of the images has it")]
    Flash = 0x4000_0018,
}

impl Register {
    fn get(self) -> u8 {
        // SAFETY: nothing runs this image; were it run, the register is one of the device's.
        unsafe { (self as usize as *const u8).read_volatile() }
    }

    fn put(self, byte: u8) {
        // SAFETY: as in `get`.
        unsafe { (self as usize as *mut u8).write_volatile(byte) };
    }
}

/// Where the panic handler leaves what happened. `cargo xtask panics` finds the handler by it.
#[unsafe(no_mangle)]
static mut CHIPWRIGHT_PROBE_PANIC: *const PanicInfo<'static> = core::ptr::null();

/// Reads a message into `memory`: two bytes of length, then the bytes. One that is too long is
/// taken for an empty one.
#[inline(never)]
pub(crate) fn read(register: Register, memory: &mut [u8]) -> &[u8] {
    let length = u16::from_be_bytes([register.get(), register.get()]);
    let message = memory.get_mut(..usize::from(length)).unwrap_or_default();
    message.fill_with(|| register.get());
    message
}

/// Writes a message, byte by byte.
pub(crate) fn write(register: Register, message: &[u8]) {
    for byte in message {
        register.put(*byte);
    }
}

/// Random numbers from the device.
#[derive(Debug)]
pub(crate) struct Random;

impl chipwright::crypto::Random for Random {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        out.fill_with(|| Register::Noise.get());
        Ok(())
    }
}

/// What the device remembers of accounts.
#[derive(Debug)]
pub(crate) struct Log;

impl History for Log {
    fn on_exception_file(&self, pan: Pan<'_>, _: Option<u8>) -> bool {
        ask(pan) == 1
    }

    fn logged_amount(&self, pan: Pan<'_>, _: Option<u8>) -> Amount {
        Amount::new(ask(pan)).unwrap_or(Amount::ZERO)
    }
}

fn ask(pan: Pan<'_>) -> u64 {
    pan.digits().for_each(|digit| Register::Till.put(digit));
    u64::from(Register::Till.get())
}

/// What no code of this image may reach.
///
/// It keeps the description, so that the compiler cannot take different panics for one.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let info = core::ptr::from_ref(info).cast();
    // SAFETY: nothing else uses the static, and nothing runs this image.
    unsafe { (&raw mut CHIPWRIGHT_PROBE_PANIC).write_volatile(info) };
    loop {}
}

/// Vector table of a Cortex-M: top of the stack, first instruction.
#[cfg(target_arch = "arm")]
mod vectors {
    #[repr(C)]
    struct Vectors(*const u8, extern "C" fn() -> !);

    // SAFETY: the table is only read, and by the processor.
    unsafe impl Sync for Vectors {}

    #[used]
    #[unsafe(link_section = ".vectors")]
    static VECTORS: Vectors = Vectors(0x2001_0000 as *const u8, crate::start);
}
