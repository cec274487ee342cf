//! Commands and answers of a transcript, told apart by application.

use crate::vectors::application::Application;
use crate::vectors::node::{Node, unreadable};
use crate::vectors::report::Problem;
use chipwright::fci::Fci;

/// What a transcript says of every application that was started.
pub(super) struct Transcript {
    pub(super) applications: Vec<Visited>,
}

/// An application that answered GET PROCESSING OPTIONS.
pub(super) struct Visited {
    /// Its name, as its File Control Information has it.
    pub(super) name: Vec<u8>,
    pub(super) application: Application,
    /// The first dynamic signature that was asked for.
    pub(super) signed: Option<Signed>,
}

/// A command that asked for a dynamic signature.
pub(super) struct Signed {
    /// By GENERATE AC rather than INTERNAL AUTHENTICATE.
    pub(super) combined: bool,
    /// The command's data.
    pub(super) data: Vec<u8>,
    /// The answer without status word.
    pub(super) answer: Vec<u8>,
}

const SELECT: u8 = 0xA4;
const GET_PROCESSING_OPTIONS: u8 = 0xA8;
const READ_RECORD: u8 = 0xB2;
const INTERNAL_AUTHENTICATE: u8 = 0x88;
const GENERATE_AC: u8 = 0xAE;

impl Transcript {
    /// Reads the exchanges that the card answered with 9000.
    pub(super) fn read(vector: Node<'_>) -> Result<Self, Problem> {
        let mut applications: Vec<Visited> = Vec::new();
        let mut name = Vec::new();
        let mut started = false;
        for exchange in vector.list("exchanges")? {
            let (command, answer) = (exchange.hex("c")?, exchange.hex("r")?);
            let [_, instruction, p1, p2, rest @ ..] = command.as_slice() else {
                return Err(unreadable("exchanges.c", "is shorter than a command"));
            };
            let Some(answer) = answer.strip_suffix(&[0x90, 0x00]) else {
                started &= *instruction != SELECT;
                continue;
            };
            let data = || data(rest).to_vec();
            let current = applications.last_mut().filter(|_| started);
            match (*instruction, current) {
                (SELECT, _) => {
                    started = false;
                    name = Fci::read(answer).map(|fci| fci.df_name.to_vec()).unwrap_or_default();
                }
                (GET_PROCESSING_OPTIONS, _) => {
                    started = true;
                    applications.push(Visited {
                        name: name.clone(),
                        application: Application::answered(answer)?,
                        signed: None,
                    });
                }
                (READ_RECORD, Some(current)) => {
                    current.application.add_record(p2 >> 3, *p1, answer.to_vec());
                }
                (INTERNAL_AUTHENTICATE, Some(current)) if current.signed.is_none() => {
                    current.signed = Some(Signed {
                        combined: false,
                        data: data(),
                        answer: answer.to_vec(),
                    });
                }
                // Bit 5 of P1 asks for a signature as well. [B3 6.5.5]
                (GENERATE_AC, Some(current)) if p1 & 0x10 != 0 && current.signed.is_none() => {
                    current.signed = Some(Signed {
                        combined: true,
                        data: data(),
                        answer: answer.to_vec(),
                    });
                }
                _ => {}
            }
        }
        Ok(Self { applications })
    }
}

/// The data of a command behind its length byte.
fn data(behind_header: &[u8]) -> &[u8] {
    let Some((length, rest)) = behind_header.split_first() else {
        return &[];
    };
    rest.get(..usize::from(*length)).unwrap_or(rest)
}
