//! Commands and answers of a transcript, told apart by application.

use crate::vectors::application::Application;
use crate::vectors::decode::split;
use crate::vectors::node::Node;
use crate::vectors::report::Problem;
use chipwright::dictionary::emv::PDOL;
use chipwright::dictionary::emv::template::COMMAND_TEMPLATE;
use chipwright::fci::Fci;
use chipwright::tag::Tag;
use chipwright::tlv;

/// What a transcript says of every application that was started.
pub(super) struct Transcript {
    pub(super) applications: Vec<Visited>,
}

/// An application that answered GET PROCESSING OPTIONS.
pub(super) struct Visited {
    /// Its name, as its File Control Information has it.
    pub(super) name: Vec<u8>,
    pub(super) application: Application,
    /// The PDOL, as its File Control Information has it.
    pdol_list: Vec<u8>,
    /// The filled PDOL.
    pdol: Vec<u8>,
    /// Data of the first GENERATE AC.
    cdol1: Option<Vec<u8>>,
    /// The first dynamic signature that was asked for.
    pub(super) signed: Option<Signed>,
}

/// A command that asked for a dynamic signature.
pub(super) struct Signed {
    /// The command's data.
    pub(super) data: Vec<u8>,
    /// The lists sent until then, where GENERATE AC asked for a combined signature: PDOL, CDOL1,
    /// CDOL2.
    pub(super) sent: Option<[Vec<u8>; 3]>,
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
        let (mut name, mut pdol_list) = (Vec::new(), Vec::new());
        let mut started = false;
        for exchange in vector.list("exchanges")? {
            let (command, answer) = (exchange.hex("c")?, exchange.hex("r")?);
            let [_, instruction, p1, p2, rest @ ..] = command.as_slice() else {
                continue; // a prefix that says nothing
            };
            let (answer, data) = (answer.strip_suffix(&[0x90, 0x00]), data(rest));
            started &= *instruction != SELECT;
            let current = applications.last_mut().filter(|_| started);
            match (*instruction, answer, current) {
                (SELECT, Some(answer), _) => {
                    let fci = Fci::read(answer).ok();
                    name = fci.map(|fci| fci.df_name.to_vec()).unwrap_or_default();
                    let list = fci.and_then(|fci| tlv::find(fci.proprietary, PDOL.tag).ok()?);
                    pdol_list = list.unwrap_or_default().to_vec();
                }
                (GET_PROCESSING_OPTIONS, Some(answer), _) => {
                    started = true;
                    let application = Application::answered(answer)?;
                    let lists = (pdol_list.clone(), data);
                    applications.push(Visited::new(name.clone(), application, lists));
                }
                (READ_RECORD, Some(answer), Some(current)) => {
                    let sfi = p2 >> 3;
                    current.application.add_record(sfi, *p1, answer.to_vec());
                }
                (INTERNAL_AUTHENTICATE, Some(answer), Some(current)) => {
                    current.sign(data, None, answer);
                }
                (GENERATE_AC, Some(answer), Some(current)) => {
                    let sent = current.generate(data);
                    // Bit 5 of P1 asks for a signature as well. [B3 6.5.5]
                    if p1 & 0x10 != 0 {
                        current.sign(data, Some(sent), answer);
                    }
                }
                _ => {}
            }
        }
        Ok(Self { applications })
    }
}

impl Visited {
    /// `lists` are the PDOL and the data of GET PROCESSING OPTIONS.
    fn new(name: Vec<u8>, application: Application, lists: (Vec<u8>, &[u8])) -> Self {
        let (pdol_list, data) = lists;
        let pdol = tlv::find(data, COMMAND_TEMPLATE).ok().flatten();
        Self {
            name,
            application,
            pdol_list,
            pdol: pdol.unwrap_or_default().to_vec(),
            cdol1: None,
            signed: None,
        }
    }

    /// What was sent with GET PROCESSING OPTIONS, object by object.
    pub(super) fn options_sent(&self) -> Result<Vec<(Tag, &[u8])>, Problem> {
        split(&self.pdol_list, &self.pdol)
    }

    /// The lists sent with this GENERATE AC and before it.
    fn generate(&mut self, data: &[u8]) -> [Vec<u8>; 3] {
        let pdol = self.pdol.clone();
        match &self.cdol1 {
            Some(first) => [pdol, first.clone(), data.to_vec()],
            None => {
                self.cdol1 = Some(data.to_vec());
                [pdol, data.to_vec(), Vec::new()]
            }
        }
    }

    /// Keeps the first signature.
    fn sign(&mut self, data: &[u8], sent: Option<[Vec<u8>; 3]>, answer: &[u8]) {
        let (data, answer) = (data.to_vec(), answer.to_vec());
        self.signed.get_or_insert(Signed { data, sent, answer });
    }
}

/// The data of a command behind its length byte.
fn data(behind_header: &[u8]) -> &[u8] {
    let Some((length, rest)) = behind_header.split_first() else {
        return &[];
    };
    rest.get(..usize::from(*length)).unwrap_or(rest)
}
