//! The part of T=0 that a reader may leave to the terminal. [B1 9.3.1.5]

mod procedure;

pub use procedure::{Line, Procedure};

use chipwright::apdu::RESPONSE_LENGTH;
use chipwright::session::LinkError;

use crate::device::CardChannel;

/// Commands that one answer may take.
const MAX_ROUNDS: usize = 16;

/// A card that answers by the rules of T=0: 61xx says that xx more bytes wait for GET RESPONSE,
/// 6Cxx that the command is to be repeated with Le = xx, and behind a warning that stands where
/// data could be there may be data. What comes out is the whole answer.
#[derive(Clone, Debug)]
pub struct T0<C> {
    card: C,
}

impl<C: CardChannel> T0<C> {
    /// Through `card`.
    pub const fn new(card: C) -> Self {
        Self { card }
    }

    /// The card.
    pub const fn card(&self) -> &C {
        &self.card
    }
}

impl<C: CardChannel> CardChannel for T0<C> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let with_data = command.len() > 5 && has_le(command);
        let mut command = command.to_vec();
        let (mut data, mut warning) = (Vec::new(), None);
        for _ in 0..MAX_ROUNDS {
            let answer = self.card.transmit(&command)?;
            match answer[..] {
                [ref more @ .., 0x61, waiting] => {
                    data.extend_from_slice(more);
                    command = get_response(waiting);
                }
                [0x6C, length] if has_le(&command) => {
                    if let Some(le) = command.last_mut() {
                        *le = length;
                    }
                }
                [sw1 @ (0x62 | 0x63), sw2] if with_data && warning.is_none() && data.is_empty() => {
                    warning = Some([sw1, sw2]);
                    command = get_response(0x00);
                }
                _ => {
                    // The command ended with its warning, whether there were data or not.
                    match (warning, answer.strip_suffix(&[0x90, 0x00])) {
                        (None, _) => data.extend_from_slice(&answer),
                        (Some(warning), Some(more)) => data.extend([more, &warning].concat()),
                        (Some(warning), None) => data.extend(warning),
                    }
                    return Ok(data);
                }
            }
            if data.len() > RESPONSE_LENGTH {
                break;
            }
        }
        Err(LinkError::Protocol) // a card that never comes to an end
    }
}

fn get_response(length: u8) -> Vec<u8> {
    vec![0x00, 0xC0, 0x00, 0x00, length]
}

/// Whether the last byte of a command says how long an answer is expected.
fn has_le(command: &[u8]) -> bool {
    match *command {
        [_, _, _, _, _] => true,
        [_, _, _, _, lc, ref body @ ..] => body.len() == usize::from(lc) + 1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers in turn, the last one for ever; keeps the commands.
    struct Script {
        answers: Vec<Vec<u8>>,
        commands: Vec<Vec<u8>>,
    }

    impl CardChannel for Script {
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
            self.commands.push(command.to_vec());
            assert!(self.commands.len() < 1_000, "commands without end");
            let place = self.commands.len().min(self.answers.len()) - 1;
            Ok(self.answers[place].clone())
        }
    }

    fn asked(command: &[u8], answers: &[&[u8]]) -> (Result<Vec<u8>, LinkError>, Vec<Vec<u8>>) {
        let answers = answers.iter().map(|answer| answer.to_vec()).collect();
        let mut card = T0::new(Script { answers, commands: Vec::new() });
        let answer = card.transmit(command);
        (answer, card.card.commands)
    }

    const SELECT: [u8; 7] = [0x00, 0xA4, 0x04, 0x00, 0x01, 0x77, 0x00];

    #[test]
    fn what_waits_is_fetched() {
        let (answer, commands) =
            asked(&SELECT, &[&[0x61, 0x03], &[1, 2, 0x61, 0x01], &[3, 0x90, 0]]);
        assert_eq!(answer, Ok(vec![1, 2, 3, 0x90, 0x00]));
        assert_eq!(commands[1..], [[0, 0xC0, 0, 0, 3], [0, 0xC0, 0, 0, 1]]);
    }

    #[test]
    fn a_wrong_length_is_corrected() {
        let (answer, commands) = asked(&SELECT, &[&[0x6C, 0x09], &[7, 0x90, 0x00]]);
        assert_eq!(answer, Ok(vec![7, 0x90, 0x00]));
        assert_eq!(commands[1], [0x00, 0xA4, 0x04, 0x00, 0x01, 0x77, 0x09]);
        // Without Le there is nothing to correct.
        let (answer, commands) = asked(&SELECT[..6], &[&[0x6C, 0x09]]);
        assert_eq!((answer, commands.len()), (Ok(vec![0x6C, 0x09]), 1));
    }

    #[test]
    fn behind_a_warning_there_may_be_data() {
        let blocked: &[u8] = &[0x62, 0x83];
        let (answer, commands) = asked(&SELECT, &[blocked, &[0x6C, 0x02], &[1, 2, 0x90, 0x00]]);
        assert_eq!(answer, Ok(vec![1, 2, 0x62, 0x83]));
        assert_eq!(commands[1..], [[0, 0xC0, 0, 0, 0], [0, 0xC0, 0, 0, 2]]);
        let (answer, _) = asked(&SELECT, &[blocked, &[0x61, 0x01], &[7, 0x90, 0x00]]);
        assert_eq!(answer, Ok(vec![7, 0x62, 0x83]));
        // Nothing there: the warning stands.
        for nothing in [&[0x6D, 0x00][..], &[0x69, 0x85], &[0x62, 0x83], &[0x90, 0x00]] {
            let (answer, commands) = asked(&SELECT, &[blocked, nothing]);
            assert_eq!((answer, commands.len()), (Ok(vec![0x62, 0x83]), 2));
        }
        // It came with its data, or to a command that has none.
        for (command, warned) in [
            (&SELECT[..], &[9, 0x62, 0x83][..]),
            (&SELECT[..6], blocked),
            (&[0x80, 0xCA, 0x9F, 0x17, 0x00], blocked),
            (&[0x00, 0x20, 0x00, 0x80, 0x01, 0x24], &[0x63, 0xC2]),
        ] {
            let (answer, commands) = asked(command, &[warned]);
            assert_eq!((answer, commands.len()), (Ok(warned.to_vec()), 1));
        }
    }

    #[test]
    fn an_endless_card_comes_to_an_end() {
        let long = [[5; 200].as_slice(), &[0x61, 0x05]].concat();
        for endless in [&[0x61, 0x00][..], &[1, 0x61, 0x00], &[0x6C, 0x00], &long] {
            let (answer, commands) = asked(&SELECT, &[endless]);
            assert_eq!(answer, Err(LinkError::Protocol));
            assert!(commands.len() <= MAX_ROUNDS);
        }
    }

    #[test]
    fn other_answers_pass() {
        let (answer, commands) = asked(&SELECT, &[&[0x6A, 0x82]]);
        assert_eq!((answer, commands.len()), (Ok(vec![0x6A, 0x82]), 1));
        assert_eq!(asked(&SELECT, &[&[]]).0, Ok(vec![]));
    }
}
