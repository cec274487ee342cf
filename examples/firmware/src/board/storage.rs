//! Memory that stands in for a serial flash: the board has none. QEMU starts with it empty.

/// Where it lies: the board's PSRAM, which the linker gives to nobody.
const START: usize = 0x2100_0000;

/// Bytes of it that are used.
pub(crate) const ROOM: usize = 0x1_0000;

/// The byte at a place; zero behind the end.
pub(crate) fn read(place: usize) -> u8 {
    if place >= ROOM {
        return 0;
    }
    // SAFETY: there is memory at the address, which no variable of the program lies in.
    unsafe { ((START + place) as *const u8).read_volatile() }
}

/// Writes a byte; behind the end does nothing.
pub(crate) fn write(place: usize, byte: u8) {
    if place < ROOM {
        // SAFETY: as in `read`.
        unsafe { ((START + place) as *mut u8).write_volatile(byte) }
    }
}

/// Overwrites a range with zeros.
pub(crate) fn erase(places: core::ops::Range<usize>) {
    places.for_each(|place| write(place, 0));
}
