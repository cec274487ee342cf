//! T=0 command by command: the procedure bytes by which a card asks for the next step. [B1 9]

use chipwright::session::LinkError;

use crate::device::CardChannel;

/// Steps that one command may take: every byte may be asked for by itself.
const MAX_STEPS: usize = 600;

/// A line to a card of T=0.
pub trait Line {
    /// Sends bytes, or none; gives what comes back before the card waits again.
    ///
    /// # Errors
    /// When the card does not answer, or not properly.
    fn exchange(&mut self, bytes: &[u8]) -> Result<Vec<u8>, LinkError>;
}

/// Sends every command as its header and its data apart, as the card's procedure bytes ask for
/// them; for readers that leave even that to the terminal. [`T0`](super::T0) does what remains.
#[derive(Clone, Debug)]
pub struct Procedure<L> {
    line: L,
}

impl<L: Line> Procedure<L> {
    /// Over `line`.
    pub const fn new(line: L) -> Self {
        Self { line }
    }

    /// The line.
    pub const fn line(&self) -> &L {
        &self.line
    }
}

impl<L: Line> CardChannel for Procedure<L> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let (header, mut data) = split(command)?;
        let instruction = header[1];
        let mut answer = Vec::new();
        let mut received = self.line.exchange(&header)?;
        for _ in 0..MAX_STEPS {
            received = match received[..] {
                // Please wait.
                [0x60] => self.line.exchange(&[])?,
                [0x60, ref more @ ..] => more.to_vec(),
                // All data, please; or all of them, and the status word.
                [byte] if byte == instruction => self.line.exchange(core::mem::take(&mut data))?,
                [byte, ref more @ ..] if byte == instruction && more.len() >= 2 => {
                    return Ok([&answer, more].concat());
                }
                // One byte, please; or one byte.
                [byte] if byte == !instruction && !data.is_empty() => {
                    let (next, rest) = data.split_at(1);
                    data = rest;
                    self.line.exchange(next)?
                }
                [byte, next, ref more @ ..] if byte == !instruction => {
                    answer.push(next);
                    more.to_vec()
                }
                [sw1, sw2] if matches!(sw1 >> 4, 0x6 | 0x9) => {
                    answer.extend([sw1, sw2]);
                    return Ok(answer);
                }
                _ => break,
            };
        }
        Err(LinkError::Protocol)
    }
}

/// A command's header with P3, and its data: Le is not sent beside data. [B1 9]
fn split(command: &[u8]) -> Result<([u8; 5], &[u8]), LinkError> {
    match *command {
        [cla, ins, p1, p2] => Ok(([cla, ins, p1, p2, 0x00], &[])),
        [cla, ins, p1, p2, p3, ref body @ ..] => {
            let length = if body.is_empty() { 0 } else { usize::from(p3) };
            let (data, le) = body.split_at_checked(length).ok_or(LinkError::Protocol)?;
            let header = [cla, ins, p1, p2, p3];
            if le.len() > 1 { Err(LinkError::Protocol) } else { Ok((header, data)) }
        }
        _ => Err(LinkError::Protocol),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers in turn, the last one for ever; keeps what was sent.
    struct Script {
        answers: Vec<Vec<u8>>,
        sent: Vec<Vec<u8>>,
    }

    impl Line for Script {
        fn exchange(&mut self, bytes: &[u8]) -> Result<Vec<u8>, LinkError> {
            self.sent.push(bytes.to_vec());
            let place = self.sent.len().min(self.answers.len()) - 1;
            Ok(self.answers[place].clone())
        }
    }

    fn asked(command: &[u8], answers: &[&[u8]]) -> (Result<Vec<u8>, LinkError>, Vec<Vec<u8>>) {
        let answers = answers.iter().map(|answer| answer.to_vec()).collect();
        let mut card = Procedure::new(Script { answers, sent: Vec::new() });
        let answer = card.transmit(command);
        (answer, card.line.sent)
    }

    const VERIFY: [u8; 8] = [0x00, 0x20, 0x00, 0x80, 0x03, 1, 2, 3];

    // Public exchanges of every kind are in the test vectors.
    #[test]
    fn data_go_out_as_they_are_asked_for() {
        let (answer, sent) = asked(&VERIFY, &[&[0x20], &[0x90, 0x00]]);
        assert_eq!(answer, Ok(vec![0x90, 0x00]));
        assert_eq!(sent, [&VERIFY[..5], &VERIFY[5..]]);
        let slow: [&[u8]; 5] = [&[0x60, 0xDF], &[0x60], &[0xDF], &[0x20], &[0x63, 0xC2]];
        let (answer, sent) = asked(&VERIFY, &slow);
        assert_eq!(answer, Ok(vec![0x63, 0xC2]));
        assert_eq!(sent[1..], [&[1][..], &[], &[2], &[3]]);
        // With Le behind the data, which is not sent.
        let select = [0x00, 0xA4, 0x04, 0x00, 0x01, 0x77, 0x00];
        let (_, sent) = asked(&select, &[&[0xA4], &[0x61, 0x10]]);
        assert_eq!(sent, [&select[..5], &[0x77]]);
        let (_, sent) = asked(&select[..4], &[&[0x90, 0x00]]);
        assert_eq!(sent, [[0x00, 0xA4, 0x04, 0x00, 0x00]]);
    }

    #[test]
    fn answers_come_in_as_they_are_sent() {
        let read = [0x00, 0xB2, 0x01, 0x0C, 0x02];
        assert_eq!(asked(&read, &[&[0xB2, 7, 8, 0x90, 0x00]]).0, Ok(vec![7, 8, 0x90, 0x00]));
        let bytewise = [0x4D, 7, 0x60, 0x4D, 8, 0x90, 0x00];
        assert_eq!(asked(&read, &[&bytewise]).0, Ok(vec![7, 8, 0x90, 0x00]));
        assert_eq!(asked(&read, &[&[0x6A, 0x83]]).0, Ok(vec![0x6A, 0x83]));
    }

    #[test]
    fn broken_rules_end_it() {
        for answer in [&[][..], &[0x55], &[0x20, 0x90], &[0x90], &[0x90, 0x00, 0x00], &[0x60]] {
            let (answer, sent) = asked(&VERIFY, &[answer]);
            assert_eq!(answer, Err(LinkError::Protocol));
            assert!(sent.len() <= MAX_STEPS + 1);
        }
        for command in [&[0x00, 0xB2, 0x01][..], &VERIFY[..7], &[0, 0x20, 0, 0x80, 1, 1, 2, 3]] {
            assert_eq!(asked(command, &[&[0x90, 0x00]]).0, Err(LinkError::Protocol));
        }
    }
}
