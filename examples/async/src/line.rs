//! Lines to the devices: bytes that interrupts move.
//!
//! A message is two bytes of length and as many bytes. The interrupt of a port calls
//! [`Line::arrived`] for every byte that came, and [`Line::next`] for the next one to go.

use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex as Mutex;
use embassy_sync::pipe::Pipe;

/// A line in both directions.
pub(crate) struct Line {
    received: Pipe<Mutex, 600>,
    sent: Pipe<Mutex, 600>,
}

/// The card reader's controller.
pub(crate) static CARD: Line = Line::new();
/// The PIN pad.
pub(crate) static PAD: Line = Line::new();
/// The modem.
pub(crate) static MODEM: Line = Line::new();
/// The serial flash.
pub(crate) static FLASH: Line = Line::new();
/// The till.
pub(crate) static TILL: Line = Line::new();

impl Line {
    const fn new() -> Self {
        Self { received: Pipe::new(), sent: Pipe::new() }
    }

    /// Sends a message made of two parts.
    pub(crate) async fn send(&self, kind: u8, content: &[u8]) {
        let length = u16::try_from(content.len() + 1).unwrap_or(u16::MAX).to_be_bytes();
        self.sent.write_all(&length).await;
        self.sent.write_all(&[kind]).await;
        self.sent.write_all(content).await;
    }

    /// Receives a message into the front of `out` and gives it; what does not fit is dropped.
    pub(crate) async fn receive<'o>(&self, out: &'o mut [u8]) -> &'o [u8] {
        let length = u16::from_be_bytes([self.byte().await, self.byte().await]);
        let mut used = 0;
        for _ in 0..length {
            let byte = self.byte().await;
            if let Some(room) = out.get_mut(used) {
                *room = byte;
                used += 1;
            }
        }
        out.get(..used).unwrap_or_default()
    }

    async fn byte(&self) -> u8 {
        let mut byte = [0];
        self.received.read(&mut byte).await;
        byte[0]
    }

    /// A byte came.
    pub(crate) fn arrived(&self, byte: u8) {
        // A line that overflows garbles its message, and the message is then refused.
        let _full = self.received.try_write(&[byte]);
    }

    /// The next byte to go.
    pub(crate) fn next(&self) -> Option<u8> {
        let mut byte = [0];
        self.sent.try_read(&mut byte).ok().map(|_| byte[0])
    }
}
