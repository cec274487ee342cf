//! The card's end of vpcd, a virtual PC/SC reader.
//!
//! The card is the client. vpcd sends messages: two bytes, big-endian, that say how long it is, and
//! that many bytes. One byte is an order to the card's contacts, more are a command. Commands and
//! the question for the answer to reset are answered by a message, the other orders are not.

use core::time::Duration;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};

use super::Inserted;
use crate::failure::Failure;

/// Orders to the contacts.
const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const ANSWER_TO_RESET: u8 = 4;

/// How long vpcd may take to let the card in.
const PATIENCE: Duration = Duration::from_secs(5);

/// Puts the card into the reader at this address, until the reader is gone.
pub(super) fn run(address: &str, mut card: Inserted) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::missing(format!("--vpcd {address}: {error}"));
    let stream = connect(address).map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    crate::print(&format!("inserted at {address}\n"));
    serve(&mut Prompt(&stream), &mut &stream, &mut card)
        .map_err(|error| Failure::data(format!("--vpcd {address}: {error}")))
}

fn connect(address: &str) -> io::Result<TcpStream> {
    let mut refused = io::Error::new(ErrorKind::NotFound, "no such address");
    for place in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&place, PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// Obeys and answers until the reader closes the connection between two messages.
fn serve(from: &mut dyn Read, to: &mut dyn Write, card: &mut Inserted) -> io::Result<()> {
    card.power();
    while let Some(message) = receive(from)? {
        match message[..] {
            [POWER_OFF | POWER_ON | RESET] => card.power(),
            [ANSWER_TO_RESET] => send(to, &card.answer_to_reset())?,
            [] => return Err(io::Error::other("a message has no bytes")),
            [order] => return Err(io::Error::other(format!("there is no order {order}"))),
            ref command => send(to, &card.transmit(command))?,
        }
    }
    Ok(())
}

/// The next message; none when the connection ends before it.
fn receive(from: &mut dyn Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 2];
    match from.read_exact(&mut length[..1]) {
        Err(error) if is_end(&error) => return Ok(None),
        read => read?,
    }
    let cut = |error| match is_end(&error) {
        true => io::Error::other("the connection ends within a message"),
        false => error,
    };
    from.read_exact(&mut length[1..]).map_err(cut)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    from.read_exact(&mut message).map_err(cut)?;
    Ok(Some(message))
}

/// Whether the reader has gone, with or without a good-bye.
fn is_end(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset)
}

fn send(to: &mut dyn Write, message: &[u8]) -> io::Result<()> {
    let too_long = |_| io::Error::other("an answer is longer than a message");
    let length = u16::try_from(message.len()).map_err(too_long)?;
    to.write_all(&[&length.to_be_bytes(), message].concat())?;
    to.flush()
}

/// A stream that acknowledges at once: vpcd sends a message in two pieces, and holds the second
/// back until the first is acknowledged, which takes 40 ms otherwise.
struct Prompt<'s>(&'s TcpStream);

impl Read for Prompt<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(target_os = "linux")]
        std::os::linux::net::TcpStreamExt::set_quickack(self.0, true)?;
        self.0.read(buffer)
    }
}
