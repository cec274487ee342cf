//! Commands as a card reads them. [B3 6]

use chipwright::status::Status;

/// Commands that simulated cards know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Instruction {
    Select,
    ReadRecord,
    GetProcessingOptions,
    GetData,
    InternalAuthenticate,
    GetChallenge,
    Verify,
    GenerateAc,
    ExternalAuthenticate,
    /// What the issuer orders, with a MAC.
    Script(Order),
}

/// What an issuer orders in a script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    BlockApplication,
    UnblockApplication,
    BlockCard,
    ChangePin,
    PutData,
    UpdateRecord,
}

/// A command whose shape is right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Command<'c> {
    pub(crate) instruction: Instruction,
    pub(crate) p1: u8,
    pub(crate) p2: u8,
    /// Class to length of the data.
    pub(crate) header: &'c [u8],
    pub(crate) data: &'c [u8],
}

pub(crate) const WRONG_LENGTH: Status = Status(0x6700);
pub(crate) const WRONG_PARAMETERS: Status = Status(0x6A86);
pub(crate) const WRONG_DATA: Status = Status(0x6A80);
pub(crate) const UNKNOWN_INSTRUCTION: Status = Status(0x6D00);
pub(crate) const UNKNOWN_CLASS: Status = Status(0x6E00);
pub(crate) const INTERNAL_ERROR: Status = Status(0x6F00);

/// What a command carries.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) data: bool,
    pub(crate) answer: bool,
}

const SENDS: Shape = Shape { data: true, answer: false };
const ASKS: Shape = Shape { data: false, answer: true };
const BOTH: Shape = Shape { data: true, answer: true };

/// Class, instruction, and what they stand for.
const INSTRUCTIONS: [(u8, u8, Instruction, Shape); 15] = [
    (0x00, 0xA4, Instruction::Select, BOTH),
    (0x00, 0xB2, Instruction::ReadRecord, ASKS),
    (0x80, 0xA8, Instruction::GetProcessingOptions, BOTH),
    (0x80, 0xCA, Instruction::GetData, ASKS),
    (0x00, 0x88, Instruction::InternalAuthenticate, BOTH),
    (0x00, 0x84, Instruction::GetChallenge, ASKS),
    (0x00, 0x20, Instruction::Verify, SENDS),
    (0x80, 0xAE, Instruction::GenerateAc, BOTH),
    (0x00, 0x82, Instruction::ExternalAuthenticate, SENDS),
    (0x84, 0x1E, Instruction::Script(Order::BlockApplication), SENDS),
    (0x84, 0x18, Instruction::Script(Order::UnblockApplication), SENDS),
    (0x84, 0x16, Instruction::Script(Order::BlockCard), SENDS),
    (0x84, 0x24, Instruction::Script(Order::ChangePin), SENDS),
    (0x04, 0xDA, Instruction::Script(Order::PutData), SENDS),
    (0x04, 0xDC, Instruction::Script(Order::UpdateRecord), SENDS),
];

/// Classes in use: those of the commands above.
const CLASSES: [u8; 4] = [0x00, 0x80, 0x84, 0x04];

/// What the command of this class and instruction carries, if there is one.
pub(crate) fn shape(class: u8, code: u8) -> Option<Shape> {
    let known = INSTRUCTIONS
        .iter()
        .find(|(known, instruction, ..)| (*known, *instruction) == (class, code));
    known.map(|(.., shape)| *shape)
}

impl<'c> Command<'c> {
    /// Reads a command.
    ///
    /// # Errors
    /// The status word that a card answers: unknown class, unknown instruction, wrong length. A
    /// length that does not count the data is wrong, and so is an Le other than 00.
    pub(crate) fn parse(bytes: &'c [u8]) -> Result<Self, Status> {
        let (&[class, code, p1, p2], body) = bytes.split_first_chunk().ok_or(WRONG_LENGTH)?;
        if !CLASSES.contains(&class) {
            return Err(UNKNOWN_CLASS);
        }
        let known = INSTRUCTIONS.iter().find(|(_, known, ..)| *known == code);
        let (wanted, _, instruction, shape) = *known.ok_or(UNKNOWN_INSTRUCTION)?;
        if class != wanted {
            return Err(UNKNOWN_CLASS);
        }
        let data = match (shape, body) {
            (Shape { data: false, answer: true }, [0x00]) => &[],
            (Shape { data: true, answer: true }, [length, data @ .., 0x00])
            | (Shape { data: true, answer: false }, [length, data @ ..])
                if *length > 0 && data.len() == usize::from(*length) =>
            {
                data
            }
            _ => return Err(WRONG_LENGTH),
        };
        let header = bytes.get(..5).unwrap_or(bytes);
        Ok(Self { instruction, p1, p2, header, data })
    }

    /// Refuses parameters other than 00 00.
    pub(crate) fn without_parameters(&self) -> Result<(), Status> {
        if (self.p1, self.p2) == (0, 0) { Ok(()) } else { Err(WRONG_PARAMETERS) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_of_a_command_is_checked() {
        let select = Command::parse(&[0x00, 0xA4, 4, 0, 2, 7, 8, 0]).unwrap();
        assert_eq!(
            (select.instruction, select.p1, select.data),
            (Instruction::Select, 4, &[7, 8][..])
        );
        assert!(Command::parse(&[0x00, 0x84, 0, 0, 0]).unwrap().data.is_empty());
        assert_eq!(Command::parse(&[0x00, 0x82, 0, 0, 1, 9]).unwrap().data, [9]);
        for wrong in [
            &[][..],
            &[0x00, 0xA4, 4],
            &[0x00, 0xA4, 4, 0],             // nothing at all
            &[0x00, 0xA4, 4, 0, 0],          // no name
            &[0x00, 0xA4, 4, 0, 2, 7, 8],    // no Le
            &[0x00, 0xA4, 4, 0, 2, 7, 8, 1], // Le not 00
            &[0x00, 0xA4, 4, 0, 3, 7, 8, 0], // Lc too long
            &[0x00, 0xA4, 4, 0, 1, 7, 8, 0], // Lc too short
            &[0x00, 0x82, 0, 0, 1, 9, 0],    // Le where there is no answer
            &[0x00, 0xB2, 1, 12],            // no Le
            &[0x00, 0xB2, 1, 12, 1, 0, 0],   // data where there are none
        ] {
            assert_eq!(Command::parse(wrong), Err(WRONG_LENGTH), "{wrong:02X?}");
        }
    }

    #[test]
    fn classes_and_instructions_belong_together() {
        let status = |class, code| Command::parse(&[class, code, 0, 0, 0]).map(drop);
        assert_eq!(status(0x80, 0xCA), Ok(()));
        assert_eq!(status(0x00, 0xCA), Err(UNKNOWN_CLASS));
        assert_eq!(status(0xA0, 0xA4), Err(UNKNOWN_CLASS));
        assert_eq!(status(0x84, 0x1E), Err(WRONG_LENGTH));
        assert_eq!(status(0x84, 0xDA), Err(UNKNOWN_CLASS));
        assert_eq!(status(0x84, 0xC0), Err(UNKNOWN_INSTRUCTION));
        assert_eq!(status(0x00, 0xC0), Err(UNKNOWN_INSTRUCTION));
    }
}
