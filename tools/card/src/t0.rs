//! A card's side of T=0, for readers that leave the transport to card and terminal. [B1 9.3.1.5]

use chipwright::status::Status;

use crate::Card;
use crate::command::{Shape, WRONG_LENGTH, shape};

/// Most data of an answer.
const LONGEST: usize = 256;

/// What of an answer waits for GET RESPONSE.
///
/// A command goes to the card without Le beside data, and with P3 where it has neither. An answer
/// to a command with data waits for GET RESPONSE, announced by 61xx; one to a command without data
/// has to be asked for with its length, or is refused with 6Cxx.
#[derive(Clone, Default)]
pub struct T0 {
    waiting: Vec<u8>,
}

impl T0 {
    /// Takes a command of T=0 to the card, gives what the card answers at once.
    pub fn transmit(&mut self, command: &[u8], card: &mut Card) -> Vec<u8> {
        let waiting = core::mem::take(&mut self.waiting);
        let (header, length, body) = match *command {
            [class, code, p1, p2] => ([class, code, p1, p2], 0, &[][..]),
            [class, code, p1, p2, length, ref body @ ..] => ([class, code, p1, p2], length, body),
            _ => return word(WRONG_LENGTH),
        };
        if header == [0x00, 0xC0, 0x00, 0x00] && body.is_empty() {
            return self.respond(waiting, length);
        }
        match shape(header[0], header[1]) {
            Some(Shape { data: false, .. }) => {
                asked(&card.transmit(&[&header[..], &[0x00]].concat()), length)
            }
            Some(Shape { answer, .. }) => {
                // Terminals may send Le along, which is none of T=0.
                let data = match body.split_at_checked(usize::from(length)) {
                    Some((data, [] | [_])) => data,
                    _ => return word(WRONG_LENGTH),
                };
                let whole = [&header[..], &[length], data, if answer { &[0x00] } else { &[] }];
                self.announce(card.transmit(&whole.concat()))
            }
            None => card.transmit(command),
        }
    }

    /// Power off and on: what waited is lost.
    pub fn reset(&mut self) {
        self.waiting.clear();
    }

    /// Keeps the data and says how many there are; behind a warning, the terminal asks unsaid.
    fn announce(&mut self, answer: Vec<u8>) -> Vec<u8> {
        let (data, status) = parts(&answer);
        if data.is_empty() {
            return answer;
        }
        self.waiting = data.to_vec();
        if status == Status::SUCCESS { more(data.len()) } else { word(status) }
    }

    /// GET RESPONSE: all that waits, or its beginning.
    fn respond(&mut self, waiting: Vec<u8>, length: u8) -> Vec<u8> {
        if waiting.is_empty() {
            return word(Status::CONDITIONS_NOT_SATISFIED);
        }
        let (given, rest) = match waiting.split_at_checked(wanted(length)) {
            Some(split) => split,
            None => {
                let correct = vec![0x6C, byte(waiting.len())];
                self.waiting = waiting;
                return correct;
            }
        };
        let status = if rest.is_empty() { word(Status::SUCCESS) } else { more(rest.len()) };
        self.waiting = rest.to_vec();
        [given, &status].concat()
    }
}

/// An answer to a command without data, if it was asked for with its length.
fn asked(answer: &[u8], length: u8) -> Vec<u8> {
    let (data, _) = parts(answer);
    if data.is_empty() || data.len() == wanted(length) {
        answer.to_vec()
    } else {
        vec![0x6C, byte(data.len())]
    }
}

/// Data and status word.
fn parts(answer: &[u8]) -> (&[u8], Status) {
    match answer {
        [data @ .., sw1, sw2] => (data, Status(u16::from_be_bytes([*sw1, *sw2]))),
        _ => (&[], WRONG_LENGTH),
    }
}

fn word(status: Status) -> Vec<u8> {
    status.0.to_be_bytes().to_vec()
}

fn more(length: usize) -> Vec<u8> {
    vec![0x61, byte(length)]
}

/// A length as a byte says it: 00 is 256.
fn byte(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(0)
}

fn wanted(length: u8) -> usize {
    if length == 0 { LONGEST } else { usize::from(length) }
}

/// Data that wait are not shown.
impl core::fmt::Debug for T0 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "T0({} bytes wait)", self.waiting.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Profile, builtin};

    const SELECT_1PAY: &[u8] = b"\x00\xA4\x04\x00\x0E1PAY.SYS.DDF01\x00";

    fn card(name: &str) -> Card {
        let builtin = builtin().iter().find(|builtin| builtin.name == name).unwrap();
        Card::new(&Profile::parse(builtin.text).unwrap(), 1).unwrap()
    }

    fn response(length: u8) -> [u8; 5] {
        [0x00, 0xC0, 0x00, 0x00, length]
    }

    #[test]
    fn answers_to_data_wait() {
        let (mut card, mut t0) = (card("contact-dda"), T0::default());
        let whole = card.clone().transmit(SELECT_1PAY);
        let length = u8::try_from(whole.len() - 2).unwrap();
        // With Le and without.
        for command in [SELECT_1PAY, &SELECT_1PAY[..SELECT_1PAY.len() - 1]] {
            assert_eq!(t0.transmit(command, &mut card), [0x61, length]);
            assert_eq!(t0.transmit(&response(length + 1), &mut card), [0x6C, length]);
            assert_eq!(t0.transmit(&response(0), &mut card), [0x6C, length]);
            let begin = t0.transmit(&response(4), &mut card);
            assert_eq!(begin, [&whole[..4], &[0x61, length - 4]].concat());
            assert_eq!(t0.transmit(&response(length - 4), &mut card), whole[4..]);
            assert_eq!(t0.transmit(&response(1), &mut card), [0x69, 0x85], "nothing is left");
        }
        t0.transmit(SELECT_1PAY, &mut card);
        t0.reset();
        assert_eq!(t0.transmit(&response(length), &mut card), [0x69, 0x85]);
        // Another command: what waited is lost.
        t0.transmit(SELECT_1PAY, &mut card);
        t0.transmit(&[0x00, 0xB2, 0x01, 0x0C, 0x00], &mut card);
        assert_eq!(t0.transmit(&response(length), &mut card), [0x69, 0x85]);
    }

    #[test]
    fn answers_without_data_are_asked_for_by_their_length() {
        let (mut card, mut t0) = (card("contact-dda"), T0::default());
        card.transmit(SELECT_1PAY);
        let read = |length| [0x00, 0xB2, 0x01, 0x0C, length];
        let whole = card.clone().transmit(&read(0));
        let length = u8::try_from(whole.len() - 2).unwrap();
        assert_eq!(t0.transmit(&read(0), &mut card), [0x6C, length]);
        assert_eq!(t0.transmit(&read(1), &mut card), [0x6C, length]);
        assert_eq!(t0.transmit(&read(length), &mut card), whole);
        assert_eq!(t0.transmit(&[0x00, 0xB2, 0x09, 0x0C, 0x00], &mut card), [0x6A, 0x83]);
    }

    #[test]
    fn data_wait_behind_a_warning() {
        let (mut card, mut t0) = (card("contact-blocked"), T0::default());
        let select = b"\x00\xA4\x04\x00\x07\xA0\x00\x00\x00\x03\x10\x10";
        assert_eq!(t0.transmit(select, &mut card), [0x62, 0x83]);
        let [0x6C, length] = t0.transmit(&response(0), &mut card)[..] else {
            panic!("data are there, and longer than asked for");
        };
        let fci = t0.transmit(&response(length), &mut card);
        assert!(fci.starts_with(&[0x6F]) && fci.ends_with(&[0x90, 0x00]), "{fci:02X?}");
    }

    #[test]
    fn what_is_no_command_is_refused() {
        let (mut card, mut t0) = (card("contact-dda"), T0::default());
        for (command, status) in [
            (&[][..], [0x67, 0x00]),
            (&[0x00, 0xA4, 0x04], [0x67, 0x00]),
            (&[0x00, 0xA4, 0x04, 0x00], [0x67, 0x00]),
            (&[0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0], [0x67, 0x00]),
            (&[0x00, 0xA4, 0x04, 0x00, 0x01, 0xA0, 0x00, 0x00], [0x67, 0x00]),
            (&[0x00, 0x20, 0x00, 0x80, 0x01, 0x24], [0x69, 0x85]),
            (&[0x00, 0xFE, 0x00, 0x00, 0x00], [0x6D, 0x00]),
            (&[0xFF, 0xCA, 0x00, 0x00, 0x00], [0x6E, 0x00]),
        ] {
            assert_eq!(t0.transmit(command, &mut card), status, "{command:02X?}");
        }
    }
}
