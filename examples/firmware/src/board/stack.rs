//! How much of the stack was ever used. The start-up code has painted it.

use cortex_m_rt::STACK_PAINT_VALUE;

unsafe extern "C" {
    /// The stack grows down from here; the linker says where it is.
    static _stack_start: u32;
    /// And may reach down to here.
    static _stack_end: u32;
}

/// Bytes that are in use now.
#[allow(dead_code, reason = "one of the images measures by it")]
pub(crate) fn depth() -> u32 {
    (&raw const _stack_start as u32) - cortex_m::register::msp::read()
}

/// Bytes from the lowest word that has lost its paint to the top.
pub(crate) fn high_water() -> u32 {
    let top = &raw const _stack_start;
    let mut word = &raw const _stack_end;
    // SAFETY: both addresses are the linker's, aligned to words, and between them lies memory that
    // nothing but the stack uses; what is above `word` when the loop ends was in use and is not read.
    while word < top && unsafe { word.read_volatile() } == STACK_PAINT_VALUE {
        word = word.wrapping_add(1);
    }
    (top as u32) - (word as u32)
}
