//! A card made of recorded answers.

use crate::device::CardChannel;
use chipwright::session::LinkError;

/// One recorded exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The command, or its beginning.
    pub command: Vec<u8>,
    /// Whether every command that begins so gets the answer.
    pub is_prefix: bool,
    /// The answer, status word included; empty when the record has none.
    pub answer: Vec<u8>,
}

/// Answers commands with what was recorded.
///
/// The next exchange of the record that fits answers, or else an earlier one, since terminals
/// differ in the order in which they ask. A command that differs from the recorded one in its
/// data alone gets the recorded answer, and the difference is kept. What another terminal did not
/// ask for and a card may lack is answered as by a card that lacks it, and that is kept as well.
#[derive(Clone, Debug)]
pub struct RecordedCard {
    exchanges: Vec<Exchange>,
    next: usize,
    used: Vec<bool>,
    notes: Vec<Note>,
}

/// Where replay and record part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The record has this command with other data.
    Differs {
        /// What the kernel sent.
        sent: Vec<u8>,
        /// What was recorded.
        recorded: Vec<u8>,
        /// Place in the record, from 0.
        place: usize,
    },
    /// The record does not have this command; a card without the file or object was assumed.
    Assumed {
        /// What the kernel sent.
        sent: Vec<u8>,
        /// The status word given.
        status: [u8; 2],
    },
    /// The record has no answer: the replay ends here.
    Missing {
        /// What the kernel sent.
        sent: Vec<u8>,
    },
}

impl RecordedCard {
    /// The card with these answers.
    pub fn new(exchanges: Vec<Exchange>) -> Self {
        let used = vec![false; exchanges.len()];
        Self { exchanges, next: 0, used, notes: Vec::new() }
    }

    /// The exchanges, in order.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// How many exchanges of the record were used.
    pub fn used(&self) -> usize {
        self.used.iter().filter(|used| **used).count()
    }

    /// Where replay and record parted, in order.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    fn find(&self, fits: impl Fn(&Exchange) -> bool) -> Option<usize> {
        let from = |start: usize, end: usize| {
            (start..end)
                .find(|i| !self.exchanges[*i].answer.is_empty() && fits(&self.exchanges[*i]))
        };
        from(self.next, self.exchanges.len()).or_else(|| from(0, self.next))
    }

    /// Whether the last answer said that more waits.
    fn waits(&self) -> bool {
        let last = self.next.checked_sub(1).and_then(|last| self.exchanges.get(last));
        last.is_some_and(|last| matches!(last.answer[..], [.., 0x61, _]))
    }

    fn answer(&mut self, place: usize) -> Result<Vec<u8>, LinkError> {
        self.next = place + 1;
        self.used[place] = true;
        Ok(self.exchanges[place].answer.clone())
    }
}

impl CardChannel for RecordedCard {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let exact = self.find(|exchange| {
            if exchange.is_prefix {
                command.starts_with(&exchange.command)
            } else {
                without_le(command) == without_le(&exchange.command)
            }
        });
        if let Some(place) = exact {
            return self.answer(place);
        }
        let sent = command.to_vec();
        let instruction = command.get(1).copied();
        if let Some(status) = match instruction {
            Some(SELECT) => Some([0x6A, 0x82]),
            Some(GET_DATA) => Some([0x6A, 0x88]),
            _ => None,
        } {
            self.notes.push(Note::Assumed { sent, status });
            return Ok(status.to_vec());
        }
        let same_header = self.find(|exchange| {
            instruction != Some(READ_RECORD) && exchange.command.get(..4) == command.get(..4)
        });
        match same_header {
            Some(place) => {
                let recorded = self.exchanges[place].command.clone();
                self.notes.push(Note::Differs { sent, recorded, place });
                self.answer(place)
            }
            // Data behind a warning that no recorder asked for.
            None if instruction == Some(GET_RESPONSE) && !self.waits() => {
                let status = [0x6D, 0x00];
                self.notes.push(Note::Assumed { sent, status });
                Ok(status.to_vec())
            }
            // What waits behind 61xx can only be what was recorded next.
            None if instruction == Some(GET_RESPONSE) && self.next < self.exchanges.len() => {
                let (place, recorded) = (self.next, self.exchanges[self.next].command.clone());
                self.notes.push(Note::Differs { sent, recorded, place });
                self.answer(place)
            }
            None => {
                self.notes.push(Note::Missing { sent });
                Err(LinkError::Removed)
            }
        }
    }
}

const SELECT: u8 = 0xA4;
const GET_DATA: u8 = 0xCA;
const GET_RESPONSE: u8 = 0xC0;
const READ_RECORD: u8 = 0xB2;

/// A command without its final Le byte: recorders differ in whether they keep it.
fn without_le(command: &[u8]) -> &[u8] {
    match command {
        [_, _, _, _, lc, body @ ..] if !body.is_empty() && body.len() == usize::from(*lc) + 1 => {
            &command[..command.len() - 1]
        }
        _ => command,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(command: &[u8], answer: &[u8]) -> Exchange {
        Exchange { command: command.to_vec(), is_prefix: false, answer: answer.to_vec() }
    }

    #[test]
    fn answers_in_order_and_says_where_it_parts_from_the_record() {
        let mut card = RecordedCard::new(vec![
            exchange(&[0, 0xA4, 4, 0, 1, 7], &[0x90, 0]),
            exchange(&[0, 0xB2, 1, 0xC, 0], &[0x6A, 0x83]),
            Exchange { is_prefix: true, ..exchange(&[0x80, 0xAE, 0x40], &[0x69, 0x85]) },
            exchange(&[0x80, 0xAE, 0x80, 0, 1, 5, 0], &[0x69, 0x86]),
            exchange(&[0, 0x84, 0, 0, 0], &[]),
        ]);
        assert_eq!(card.transmit(&[0, 0xA4, 4, 0, 1, 7, 0]), Ok(vec![0x90, 0]));
        assert_eq!(card.transmit(&[0x80, 0xAE, 0x40, 2, 3]), Ok(vec![0x69, 0x85]));
        assert_eq!(card.transmit(&[0, 0xB2, 1, 0xC, 0]), Ok(vec![0x6A, 0x83]), "asked for later");
        assert_eq!(card.notes(), []);
        assert_eq!(card.transmit(&[0x80, 0xAE, 0x80, 0, 1, 6, 0]), Ok(vec![0x69, 0x86]));
        assert_eq!(card.transmit(&[0, 0xA4, 4, 0, 1, 9, 0]), Ok(vec![0x6A, 0x82]));
        assert_eq!(card.transmit(&[0x80, 0xCA, 0x9F, 0x17, 0]), Ok(vec![0x6A, 0x88]));
        assert_eq!(card.transmit(&[0, 0xB2, 2, 0xC, 0]), Err(LinkError::Removed));
        assert_eq!(
            card.transmit(&[0, 0x84, 0, 0, 0]),
            Err(LinkError::Removed),
            "no answer recorded"
        );
        let kinds: Vec<_> = card.notes().iter().map(core::mem::discriminant).collect();
        let missing = core::mem::discriminant(&Note::Missing { sent: vec![] });
        assert_eq!(kinds[3..], [missing, missing]);
        assert!(matches!(&card.notes()[0], Note::Differs { place: 3, .. }));
        assert!(matches!(&card.notes()[1], Note::Assumed { status: [0x6A, 0x82], .. }));
    }

    #[test]
    fn what_waits_is_what_was_recorded_next() {
        let mut card = RecordedCard::new(vec![
            exchange(&[0, 0xA4, 4, 0, 1, 7, 0], &[0x61, 0x03]),
            exchange(&[], &[1, 0x90, 0]),
            exchange(&[0, 0xA4, 4, 0, 1, 8, 0], &[0x62, 0x83]),
            exchange(&[0, 0xB2, 1, 0xC, 0], &[2, 0x90, 0]),
        ]);
        let get_response = [0, 0xC0, 0, 0, 3];
        assert_eq!(card.transmit(&[0, 0xA4, 4, 0, 1, 7, 0]), Ok(vec![0x61, 0x03]));
        assert_eq!(card.transmit(&get_response), Ok(vec![1, 0x90, 0]));
        assert_eq!(card.transmit(&[0, 0xA4, 4, 0, 1, 8, 0]), Ok(vec![0x62, 0x83]));
        assert_eq!(card.transmit(&get_response), Ok(vec![0x6D, 0x00]), "nothing waits");
        assert_eq!(card.transmit(&[0, 0xB2, 1, 0xC, 0]), Ok(vec![2, 0x90, 0]));
        assert!(matches!(card.notes()[1], Note::Assumed { status: [0x6D, 0x00], .. }));
    }
}
