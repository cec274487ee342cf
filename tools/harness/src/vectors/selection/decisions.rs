//! Processing restrictions [B3 10.4] and risk management [B3 10.6]: the results when the first
//! cryptogram is asked for.

use super::card::{self, Script};
use super::scene::{Asked, Objects, Scene, Turn};
use crate::vectors::node::Node;
use crate::vectors::report::Problem;
use chipwright::apdu::Command;
use chipwright::config::History;
use chipwright::dictionary::emv;
use chipwright::field::TerminalVerificationResults as Tvr;
use chipwright::phase::Phase;
use chipwright::tag::Tag;
use chipwright::value::{Amount, Pan};

/// One record, the first of the first file, and none of it signed.
const AFL: [u8; 4] = [0x08, 0x01, 0x01, 0x00];

pub(super) fn check(vector: Node<'_>) -> Result<(), Problem> {
    let mut script = card::with_one_application();
    let options = card::processing_options(Some(&AFL));
    script.push(Command::GET_PROCESSING_OPTIONS, &[0x83, 0x00], &options);
    script.push(Command::read_record(1, 1), &[], &card::record(&objects(vector)?));
    script.append(Script::read(vector, "inputs.card_exchanges")?);
    let log = Log::read(vector)?;
    let scene = Scene {
        applications: vec![(card::AID.to_vec(), false)],
        history: Some(&log),
        objects: Objects::read(vector, &["inputs.terminal_config", "inputs.transaction_params"])?,
        ..Scene::default()
    };
    let played = scene.play(script, |asked, driver| match asked {
        Asked::Command(_) if driver.phase() == Phase::CardActionAnalysis => {
            let data = driver.data();
            Turn::Enough((data.told(data.require(emv::TVR)), data.told(data.require(emv::TSI))))
        }
        _ => Turn::GoOn,
    })?;
    let (results, status) = played.used_up()?;
    if vector.find("expected.tsi").is_some() {
        Problem::compare_bytes("tsi", &vector.hex("expected.tsi")?, &status?.0)?;
    }
    let mut results = results?;
    // The card that was made up around the vector cannot authenticate itself.
    results.clear(Tvr::ODA_NOT_PERFORMED);
    Problem::compare_bytes("tvr", &vector.hex("expected.tvr")?, &results.0)
}

/// The card's objects, and the mandatory ones among them that the vector does not have.
fn objects(vector: Node<'_>) -> Result<Vec<(Tag, Vec<u8>)>, Problem> {
    let mut objects = Vec::new();
    for object in vector.list("inputs.icc_data")? {
        objects.push((object.tag("tag")?, object.hex("value")?));
    }
    let tvr = vec![0x95, 0x05];
    for (tag, value) in [
        (emv::PAN.tag, vec![0x54, 0x13, 0x33, 0x00, 0x89, 0x02, 0x00, 0x11]),
        (emv::APPLICATION_EXPIRATION_DATE.tag, vec![0x49, 0x12, 0x31]),
        (emv::CDOL1.tag, tvr.clone()),
        (emv::CDOL2.tag, tvr),
    ] {
        if !objects.iter().any(|(other, _)| *other == tag) {
            objects.push((tag, value));
        }
    }
    Ok(objects)
}

/// The terminal's log of a vector, in order.
#[derive(Debug)]
struct Log(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    pan: Vec<u8>,
    sequence_number: u8,
    amount: Amount,
}

impl Log {
    fn read(vector: Node<'_>) -> Result<Self, Problem> {
        let mut entries = Vec::new();
        for entry in vector.list_or_empty("inputs.transaction_log") {
            let [sequence_number] = entry.array("pan_seq")?;
            let amount = Amount::new(entry.number("amount")?).unwrap_or_default();
            entries.push(Entry { pan: entry.hex("pan")?, sequence_number, amount });
        }
        Ok(Self(entries))
    }
}

impl History for Log {
    fn on_exception_file(&self, _: Pan<'_>, _: Option<u8>) -> bool {
        false
    }

    /// A card without a sequence number is every card of its account.
    fn logged_amount(&self, pan: Pan<'_>, sequence_number: Option<u8>) -> Amount {
        let same = |entry: &&Entry| {
            Pan::new(&entry.pan) == Some(pan)
                && sequence_number.is_none_or(|number| number == entry.sequence_number)
        };
        self.0.iter().rev().find(same).map_or(Amount::ZERO, |entry| entry.amount)
    }
}
