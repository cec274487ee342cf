//! The line over a serial port.

use crate::board::Uart;
use crate::line::{LENGTH, Line, Whom};

/// The serial port.
pub(crate) struct Serial;

impl Line for Serial {
    fn ask<'o>(&self, whom: Whom, content: [&[u8]; 2], out: &'o mut [u8]) -> &'o [u8] {
        let length = content.iter().map(|part| part.len()).sum::<usize>();
        let head = u16::try_from(length).unwrap_or(LENGTH) & LENGTH | whom as u16;
        head.to_be_bytes().into_iter().for_each(|byte| Uart::Counter.send(byte));
        content.into_iter().flatten().for_each(|byte| Uart::Counter.send(*byte));
        let head = u16::from_be_bytes([Uart::Counter.receive(), Uart::Counter.receive()]);
        let length = usize::from(head & LENGTH);
        let mut room = out.iter_mut();
        for _ in 0..length {
            let byte = Uart::Counter.receive();
            if let Some(place) = room.next() {
                *place = byte;
            }
        }
        out.get(..length).unwrap_or_default()
    }
}
