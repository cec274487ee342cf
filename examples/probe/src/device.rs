//! The outside world: registers that the compiler knows nothing about.

use core::panic::PanicInfo;

use chipwright::crypto::RandomFailed;

/// Register of an imagined device. Each read gives a byte, each write takes one.
const REGISTER: *mut u8 = 0x4000_0000 as *mut u8;

/// Where the panic handler leaves what happened. `cargo xtask panics` finds the handler by it.
#[unsafe(no_mangle)]
static mut CHIPWRIGHT_PROBE_PANIC: *const PanicInfo<'static> = core::ptr::null();

/// Fills `bytes` with what the device sends and returns how many of them are to be used.
pub(crate) fn read(bytes: &mut [u8]) -> usize {
    for byte in &mut *bytes {
        // SAFETY: nothing runs this image; were it run, the register is one of the device's.
        *byte = unsafe { REGISTER.read_volatile() };
    }
    bytes.first().map_or(0, |length| usize::from(*length))
}

/// Sends `bytes` to the device.
pub(crate) fn write(bytes: &[u8]) {
    for byte in bytes {
        // SAFETY: as in `read`.
        unsafe { REGISTER.write_volatile(*byte) };
    }
}

/// Random numbers from the device.
#[derive(Debug)]
pub(crate) struct Random;

impl chipwright::crypto::Random for Random {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        read(out);
        Ok(())
    }
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
