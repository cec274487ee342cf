//! Cards out of a vector's exchanges, and what they are made up of where it has none.

use crate::device::CardChannel;
use crate::t0::Line;
use crate::vectors::node::Node;
use crate::vectors::report::Problem;
use chipwright::apdu::Command;
use chipwright::dictionary::emv::template::{
    FCI_PROPRIETARY_TEMPLATE, FCI_TEMPLATE, RECORD_TEMPLATE, RESPONSE_FORMAT_1, RESPONSE_FORMAT_2,
};
use chipwright::dictionary::emv::{AIP, APPLICATION_LABEL, DF_NAME};
use chipwright::session::LinkError;
use chipwright::tag::Tag;
use chipwright::tlv::Writer;

/// The application of cards that a vector does not name: no scheme's.
pub(super) const AID: [u8; 5] = [0xA0, 0x00, 0x00, 0x09, 0x99];

/// Answers the commands that it knows, each once and in order, and no others.
#[derive(Debug, Default)]
pub(super) struct Script {
    exchanges: Vec<(Vec<u8>, Vec<u8>)>,
    used: usize,
    unexpected: Option<Vec<u8>>,
}

impl Script {
    /// Knows the exchanges of a list of `{c, r}`; an absent one has none.
    pub(super) fn read(vector: Node<'_>, path: &str) -> Result<Self, Problem> {
        let mut script = Self::default();
        for exchange in vector.list_or_empty(path) {
            script.exchanges.push((exchange.hex("c")?, exchange.hex("r")?));
        }
        Ok(script)
    }

    /// Knows one more exchange, behind the others.
    pub(super) fn push(&mut self, command: Command, data: &[u8], answer: &[u8]) {
        let mut bytes = command.header.to_vec();
        if !data.is_empty() {
            bytes.push(u8::try_from(data.len()).unwrap_or(u8::MAX));
            bytes.extend(data);
        }
        bytes.push(0x00);
        self.exchanges.push((bytes, [answer, &[0x90, 0x00]].concat()));
    }

    /// Knows what another script knows, behind its own.
    pub(super) fn append(&mut self, other: Self) {
        self.exchanges.extend(other.exchanges);
    }

    /// The answer that was given last, or nothing.
    pub(super) fn last_answer(&self) -> &[u8] {
        let last = self.used.checked_sub(1).and_then(|last| self.exchanges.get(last));
        last.map_or(&[], |(_, answer)| answer)
    }

    /// That nothing else was asked than what it knows.
    pub(super) fn agrees(&self) -> Result<(), Problem> {
        let Some(unexpected) = &self.unexpected else {
            return Ok(());
        };
        let known = self.exchanges.get(self.used).map(|(command, _)| hex::encode_upper(command));
        let known = known.unwrap_or("none".to_owned());
        Err(Problem::differs("command", known, hex::encode_upper(unexpected)))
    }

    /// Exchanges that were not asked for.
    pub(super) const fn left(&self) -> usize {
        self.exchanges.len() - self.used
    }

    fn answer(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        match self.exchanges.get(self.used) {
            Some((known, answer)) if known == command => {
                self.used += 1;
                Ok(answer.clone())
            }
            _ => {
                self.unexpected.get_or_insert_with(|| command.to_vec());
                Err(LinkError::Removed)
            }
        }
    }
}

impl CardChannel for Script {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.answer(command)
    }
}

impl Line for Script {
    fn exchange(&mut self, bytes: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.answer(bytes)
    }
}

/// A card whose only application is [`AID`]: found by the list of AIDs and selected.
pub(super) fn with_one_application() -> Script {
    let fci = coded(|writer| {
        writer.nest(FCI_TEMPLATE, |fci| {
            fci.put(DF_NAME.tag, &AID)?;
            fci.nest(FCI_PROPRIETARY_TEMPLATE, |fci| fci.put(APPLICATION_LABEL.tag, b"APP"))
        })
    });
    selected(&AID, &fci)
}

/// A card that is asked twice for `name`, by the list of AIDs and to select it.
pub(super) fn selected(name: &[u8], fci: &[u8]) -> Script {
    let mut script = Script::default();
    script.push(Command::SELECT, name, fci);
    script.push(Command::SELECT, name, fci);
    script
}

/// The answer to GET PROCESSING OPTIONS of a card that can nothing: no authentication, no
/// cardholder verification. Without an AFL it is of format 2, since format 1 has none without.
pub(super) fn processing_options(afl: Option<&[u8]>) -> Vec<u8> {
    const NOTHING: [u8; 2] = [0x00, 0x00];
    coded(|writer| match afl {
        Some(afl) => writer.put(RESPONSE_FORMAT_1, &[&NOTHING, afl].concat()),
        None => writer.nest(RESPONSE_FORMAT_2, |content| content.put(AIP.tag, &NOTHING)),
    })
}

/// A record with these objects.
pub(super) fn record(objects: &[(Tag, Vec<u8>)]) -> Vec<u8> {
    coded(|writer| {
        writer.nest(RECORD_TEMPLATE, |record| {
            objects.iter().try_for_each(|(tag, value)| record.put(*tag, value))
        })
    })
}

/// What `write` writes, as far as an answer can hold it.
fn coded(write: impl FnOnce(&mut Writer<'_>) -> Result<(), chipwright::tlv::Full>) -> Vec<u8> {
    let mut memory = [0; 256];
    let mut writer = Writer::new(&mut memory);
    let _ = write(&mut writer);
    writer.written().to_vec()
}
