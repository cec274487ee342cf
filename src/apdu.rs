//! Commands and answers, in the one buffer of a transaction. [B3 6] [B1 11.1; B3 6.3; B3 9.1]

use crate::fault::{Cause, Fault};
use crate::field::CryptogramType;
use crate::status::Status;
use crate::tag::Tag;
use core::fmt;

/// Bytes that a [`Buffer`] needs: header, length, 255 bytes of data and Le; or 256 bytes of
/// answer and the status word.
pub const BUFFER_LENGTH: usize = 261;

/// Bytes of the longest answer: 256, and the status word. A link that brings more is at fault.
pub const RESPONSE_LENGTH: usize = 258;

/// CLA, INS, P1, P2 and Lc.
const HEADER_LENGTH: usize = 5;

/// A command without its data. [B3 6.5]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Command {
    /// CLA, INS, P1, P2.
    pub header: [u8; 4],
    /// Whether an answer is expected: Le = 00 closes the command.
    pub expects_answer: bool,
}

impl Command {
    /// SELECT the first application whose name begins with the data. [B1 11.3]
    pub const SELECT: Self = Self::answered([0x00, 0xA4, 0x04, 0x00]);
    /// SELECT the next one. [B1 11.3]
    pub const SELECT_NEXT: Self = Self::answered([0x00, 0xA4, 0x04, 0x02]);
    /// GET PROCESSING OPTIONS. [B3 6.5.8]
    pub const GET_PROCESSING_OPTIONS: Self = Self::answered([0x80, 0xA8, 0x00, 0x00]);
    /// INTERNAL AUTHENTICATE. [B3 6.5.9]
    pub const INTERNAL_AUTHENTICATE: Self = Self::answered([0x00, 0x88, 0x00, 0x00]);
    /// EXTERNAL AUTHENTICATE. [B3 6.5.4]
    pub const EXTERNAL_AUTHENTICATE: Self = Self::unanswered([0x00, 0x82, 0x00, 0x00]);
    /// GET CHALLENGE. [B3 6.5.6]
    pub const GET_CHALLENGE: Self = Self::answered([0x00, 0x84, 0x00, 0x00]);
    /// VERIFY with a plaintext PIN block. [B3 6.5.12]
    pub const VERIFY_PLAINTEXT: Self = Self::unanswered([0x00, 0x20, 0x00, 0x80]);
    /// VERIFY with an enciphered PIN block. [B3 6.5.12]
    pub const VERIFY_ENCIPHERED: Self = Self::unanswered([0x00, 0x20, 0x00, 0x88]);

    /// READ RECORD. [B3 6.5.11]
    pub const fn read_record(sfi: u8, number: u8) -> Self {
        Self::answered([0x00, 0xB2, number, sfi << 3 | 0x04])
    }

    /// GET DATA for an object with a tag of one or two bytes. [B3 6.5.7]
    pub const fn get_data(tag: Tag) -> Self {
        let [_, _, p1, p2] = tag.to_be_bytes();
        Self::answered([0x80, 0xCA, p1, p2])
    }

    /// GENERATE AC, with or without a combined signature. [B3 6.5.5]
    pub const fn generate_ac(kind: CryptogramType, combined: bool) -> Self {
        let p1 = kind.code() | if combined { 0x10 } else { 0x00 };
        Self::answered([0x80, 0xAE, p1, 0x00])
    }

    const fn answered(header: [u8; 4]) -> Self {
        Self { header, expects_answer: true }
    }

    const fn unanswered(header: [u8; 4]) -> Self {
        Self { header, expects_answer: false }
    }

    /// The instruction in the books' words, by INS.
    pub const fn name(ins: u8) -> &'static str {
        match ins {
            0xA4 => "SELECT",
            0xB2 => "READ RECORD",
            0xA8 => "GET PROCESSING OPTIONS",
            0xCA => "GET DATA",
            0x88 => "INTERNAL AUTHENTICATE",
            0x82 => "EXTERNAL AUTHENTICATE",
            0x84 => "GET CHALLENGE",
            0x20 => "VERIFY",
            0xAE => "GENERATE AC",
            0xC0 => "GET RESPONSE",
            0x1E => "APPLICATION BLOCK",
            0x18 => "APPLICATION UNBLOCK",
            0x16 => "CARD BLOCK",
            0x24 => "PIN CHANGE/UNBLOCK",
            0xDA => "PUT DATA",
            0xDC => "UPDATE RECORD",
            _ => "command",
        }
    }
}

/// Command out, answer in: the only APDU storage of a transaction, lent by the integrator.
///
/// It passes between kernel and driver; exactly one of them holds it. An empty one (the default)
/// takes nothing.
#[derive(Default)]
pub struct Buffer<'b> {
    bytes: &'b mut [u8],
    length: usize,
}

impl<'b> Buffer<'b> {
    /// Uses `bytes`; [`BUFFER_LENGTH`] of them hold every command and answer.
    pub const fn new(bytes: &'b mut [u8]) -> Self {
        Self { bytes, length: 0 }
    }

    /// What the buffer holds: a command or a whole answer.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }

    /// Where the data of a command is written, before [`compose`](Self::compose): up to 255 bytes.
    #[inline(never)]
    pub fn room(&mut self) -> &mut [u8] {
        // Behind it there is room for Le.
        let end = self.bytes.len().saturating_sub(1).min(HEADER_LENGTH + 255);
        self.bytes.get_mut(HEADER_LENGTH..end).unwrap_or_default()
    }

    /// Makes a command of the `written` bytes in the [`room`](Self::room).
    ///
    /// # Errors
    /// [`Cause::CommandLength`] when it does not fit.
    pub fn compose(&mut self, command: Command, written: usize) -> Result<(), Fault> {
        const TOO_LONG: Fault = Fault::new(Cause::CommandLength);
        let lc = u8::try_from(written).map_err(|_| TOO_LONG)?;
        let (header, body) = self.bytes.split_first_chunk_mut::<HEADER_LENGTH>().ok_or(TOO_LONG)?;
        let [cla, ins, p1, p2] = command.header;
        *header = [cla, ins, p1, p2, lc];
        self.length = if written == 0 && command.expects_answer {
            HEADER_LENGTH // no data: the byte is Le
        } else {
            *body.get_mut(written).ok_or(TOO_LONG)? = 0x00;
            HEADER_LENGTH + written + usize::from(command.expects_answer)
        };
        Ok(())
    }

    /// The data of the composed command.
    pub fn command_data(&self) -> &[u8] {
        match self.bytes() {
            [_, _, _, _, lc, body @ ..] => body.get(..usize::from(*lc)).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Writes a command as it is: an issuer script's.
    ///
    /// # Errors
    /// [`Cause::CommandLength`] when it does not fit.
    pub fn load(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let room = self.bytes.get_mut(..bytes.len()).ok_or(Fault::new(Cause::CommandLength))?;
        room.copy_from_slice(bytes);
        self.length = bytes.len();
        Ok(())
    }

    /// The status word of the answer.
    ///
    /// # Errors
    /// [`Cause::ResponseLength`] when there is none.
    pub fn status(&self) -> Result<Status, Fault> {
        match *self.bytes() {
            [.., sw1, sw2] => Ok(Status(u16::from_be_bytes([sw1, sw2]))),
            _ => Err(Fault::new(Cause::ResponseLength)),
        }
    }

    /// The answer without its status word.
    #[inline(never)]
    pub fn data(&self) -> &[u8] {
        match self.bytes() {
            [data @ .., _, _] => data,
            _ => &[],
        }
    }

    /// Wipes the buffer.
    pub fn wipe(&mut self) {
        zeroize::Zeroize::zeroize(self.bytes);
        self.length = 0;
    }
}

impl Drop for Buffer<'_> {
    #[inline(never)]
    fn drop(&mut self) {
        if !self.bytes.is_empty() {
            self.wipe();
        }
    }
}

/// Commands and answers carry account data: only the length is shown.
impl fmt::Debug for Buffer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({} of {} bytes)", self.length, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(command: Command, data: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut bytes = [0xEE; BUFFER_LENGTH];
        let mut buffer = Buffer::new(&mut bytes);
        let room = buffer.room().iter_mut();
        room.zip(data).for_each(|(to, from)| *to = *from);
        buffer.compose(command, data.len())?;
        Ok(buffer.bytes().to_vec())
    }

    /// [B1 11.1; B3 6]
    #[test]
    fn composes_the_four_cases() {
        assert_eq!(composed(Command::SELECT, &[1, 2]).unwrap(), [0, 0xA4, 4, 0, 2, 1, 2, 0]);
        assert_eq!(composed(Command::read_record(1, 2), &[]).unwrap(), [0, 0xB2, 2, 0x0C, 0]);
        assert_eq!(composed(Command::EXTERNAL_AUTHENTICATE, &[7]).unwrap(), [0, 0x82, 0, 0, 1, 7]);
        assert_eq!(composed(Command::GET_CHALLENGE, &[]).unwrap(), [0, 0x84, 0, 0, 0]);
        assert_eq!(composed(Command::get_data(Tag(0x9F17)), &[]).unwrap()[2..4], [0x9F, 0x17]);
        let longest = composed(Command::SELECT, &[5; 255]).unwrap();
        assert_eq!((longest.len(), longest[4], longest[260]), (261, 0xFF, 0));
        assert_eq!(composed(Command::SELECT, &[5; 256]).unwrap_err().cause, Cause::CommandLength);
    }

    /// [B3 6.5; B3 9.1]
    #[test]
    fn generate_ac_says_type_and_signature_in_p1() {
        let p1 = |kind, combined| Command::generate_ac(kind, combined).header[2];
        assert_eq!(p1(CryptogramType::Aac, false), 0x00);
        assert_eq!(p1(CryptogramType::Tc, true), 0x50);
        assert_eq!(p1(CryptogramType::Arqc, false), 0x80);
    }

    /// [B3 6.3]
    #[test]
    fn answers_end_in_a_status_word() {
        let mut bytes = [0; 8];
        let mut buffer = Buffer::new(&mut bytes);
        buffer.load(&[0x70, 0x00, 0x90, 0x00]).unwrap();
        assert_eq!((buffer.status().unwrap(), buffer.data()), (Status::SUCCESS, &[0x70, 0x00][..]));
        buffer.load(&[0x90]).unwrap();
        assert_eq!(buffer.status().unwrap_err().cause, Cause::ResponseLength);
        assert!(buffer.load(&[0; 9]).is_err());
        assert!(Buffer::default().load(&[0]).is_err());
        assert!(Buffer::default().compose(Command::SELECT, 0).is_err());
    }

    #[test]
    fn is_wiped_when_dropped() {
        let mut bytes = [0; 8];
        Buffer::new(&mut bytes).load(&[0x5A; 8]).unwrap();
        assert_eq!(bytes, [0; 8]);
    }
}
