//! Serial ports: CMSDK APB UARTs.

/// A serial port.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(crate) enum Uart {
    /// To the till: the event record.
    Till = 0x4000_4000,
    /// To what stands around the terminal: card and acquirer.
    Counter = 0x4000_5000,
}

/// Registers of a port by their offset.
#[derive(Clone, Copy)]
#[repr(u32)]
enum Register {
    Data = 0x00,
    State = 0x04,
    Control = 0x08,
    BaudDivider = 0x10,
}

/// Bits of the state: no room to send, something received.
const FULL: u32 = 1;
const RECEIVED: u32 = 2;

impl Uart {
    /// Switches sender and receiver on.
    pub(crate) fn open(self) {
        self.put(Register::BaudDivider, 16);
        self.put(Register::Control, 0b11);
    }

    pub(crate) fn send(self, byte: u8) {
        while self.get(Register::State) & FULL != 0 {}
        self.put(Register::Data, u32::from(byte));
    }

    /// Waits for a byte.
    pub(crate) fn receive(self) -> u8 {
        while self.get(Register::State) & RECEIVED == 0 {}
        let [byte, ..] = self.get(Register::Data).to_le_bytes();
        byte
    }

    fn address(self, register: Register) -> *mut u32 {
        (self as u32 + register as u32) as *mut u32
    }

    fn get(self, register: Register) -> u32 {
        // SAFETY: the board has a register of this port at the address; reading it touches no
        // memory of the program.
        unsafe { self.address(register).read_volatile() }
    }

    fn put(self, register: Register, value: u32) {
        // SAFETY: as in `get`; no interrupt or DMA is enabled that writing could start.
        unsafe { self.address(register).write_volatile(value) }
    }
}
