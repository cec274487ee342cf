//! An application as a card gave it: the answer to GET PROCESSING OPTIONS and the records. [B3 10.2]

use super::chain::{Given, store};
use super::node::{Node, unreadable};
use super::report::Problem;
use chipwright::afl::Afl;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::{Place, emv};
use chipwright::fault::{Fault, RecordId};
use chipwright::response::{self, Response};
use chipwright::tag::Tag;
use chipwright::tlv::{self, Tlvs};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a card gave of one application.
#[derive(Clone, Debug, Default)]
pub(super) struct Application {
    options: Vec<Given>,
    afl: Vec<u8>,
    records: BTreeMap<(u8, u8), Vec<u8>>,
}

/// An application that was read as its AFL says.
#[derive(Clone, Debug)]
pub(super) struct Read {
    /// What was read.
    pub(super) given: Vec<Given>,
    /// Records that the AFL names and the vector does not have.
    pub(super) missing: Vec<RecordId>,
}

impl Application {
    /// From the answer to GET PROCESSING OPTIONS, without its status word.
    pub(super) fn answered(answer: &[u8]) -> Result<Self, Fault> {
        match Response::read(answer)? {
            Response::Format2(content) => Ok(Self {
                afl: tlv::find(content, emv::AFL.tag)?.unwrap_or_default().to_vec(),
                options: vec![Given::Objects(Place::Response, content.to_vec())],
                records: BTreeMap::new(),
            }),
            Response::Format1(value) => {
                let objects = response::processing_options(value)?;
                let [(_, aip), (_, afl)] = objects;
                Ok(Self::with_options(aip, afl))
            }
        }
    }

    /// From AIP and AFL.
    pub(super) fn with_options(aip: &[u8], afl: &[u8]) -> Self {
        let object = |tag, value: &[u8]| Given::Object(tag, value.to_vec());
        Self {
            options: vec![object(emv::AIP.tag, aip), object(emv::AFL.tag, afl)],
            afl: afl.to_vec(),
            records: BTreeMap::new(),
        }
    }

    /// Adds the answer to READ RECORD, without its status word.
    pub(super) fn add_record(&mut self, sfi: u8, number: u8, answer: Vec<u8>) {
        self.records.insert((sfi, number), answer);
    }

    /// Adds a list of `{sfi, record, data}`.
    pub(super) fn add_records(&mut self, card: Node<'_>, path: &str) -> Result<(), Problem> {
        for record in card.list(path)? {
            let place = |name| {
                let number = u8::try_from(record.number(name)?);
                number.map_err(|_| unreadable(name, "is more than a byte"))
            };
            self.add_record(place("sfi")?, place("record")?, record.hex("data")?);
        }
        Ok(())
    }

    /// What was given before any record.
    pub(super) fn options(&self) -> &[Given] {
        &self.options
    }

    /// Reads the records that the AFL names, in its order.
    pub(super) fn read(&self) -> Result<Read, Fault> {
        let (mut given, mut missing) = (self.options.clone(), Vec::new());
        if !self.afl.is_empty() {
            for (id, covered) in Afl::read(&self.afl)?.records() {
                match self.records.get(&(id.sfi, id.number)) {
                    Some(answer) => {
                        given.push(Given::Record { id, covered, answer: answer.clone() });
                    }
                    None => missing.push(id),
                }
            }
        }
        Ok(Read { given, missing })
    }
}

impl Read {
    /// Compares the records that are missing with a list of `[SFI, record]`, if there is one.
    pub(super) fn compare_missing(&self, expected: Node<'_>) -> Result<(), Problem> {
        let Some(expected) = expected.find("missing_records") else {
            return Ok(());
        };
        let found = self.missing.iter();
        let found: Vec<_> = found.map(|id| json!([id.sfi, id.number])).collect();
        Problem::compare("missing_records", expected.0, &Value::from(found))
    }
}

/// Compares the static data to be authenticated, if the vector has them. [B3 10.3]
pub(super) fn compare_static_data(expected: Node<'_>, given: &[Given]) -> Result<(), Problem> {
    let name = "static_data_to_be_authenticated";
    if expected.find(name).is_none() {
        return Ok(());
    }
    let mut memory = [0; DATABASE_LENGTH];
    let mut data = Database::new(&mut memory);
    store(given, &mut data)?;
    match data.static_data() {
        Ok(parts) => {
            let found = parts.collect::<Vec<_>>().concat();
            Problem::compare_bytes(name, &expected.hex(name)?, &found)
        }
        Err(_) => Err(Problem::differs(name, expected.text(name)?, "unusable")),
    }
}

/// How often a card gives an object.
pub(super) fn occurrences(given: &[Given], tag: Tag) -> usize {
    let all = given.iter().flat_map(tags);
    all.filter(|other| *other == tag).count()
}

/// An object of the card by its tag, whether a dictionary knows it or not.
pub(super) fn object(given: &[Given], tag: Tag) -> Option<&[u8]> {
    let mut all = given.iter().flat_map(|given| Tlvs::new(content(given)).map_while(Result::ok));
    all.find(|tlv| tlv.tag == tag).map(|tlv| tlv.value)
}

/// What is left when every object counts only where it came first: a card that gives objects
/// twice is refused, but its certificates can still be looked at. Covered records come first and
/// stay whole, for they are signed as they are.
pub(super) fn without_repeats(given: &[Given]) -> Vec<Given> {
    let (covered, others): (Vec<_>, Vec<_>) = given.iter().partition(|given| match given {
        Given::Record { covered, .. } => *covered,
        _ => true,
    });
    let mut seen: Vec<Tag> = covered.iter().flat_map(|given| tags(given)).collect();
    let mut kept: Vec<Given> = covered.into_iter().cloned().collect();
    for given in others {
        for tlv in Tlvs::new(content(given)).map_while(Result::ok) {
            if !seen.contains(&tlv.tag) {
                seen.push(tlv.tag);
                kept.push(Given::Objects(Place::Record, tlv.raw.to_vec()));
            }
        }
    }
    kept
}

fn tags(given: &Given) -> Vec<Tag> {
    match given {
        Given::Object(tag, _) => vec![*tag],
        _ => Tlvs::new(content(given)).map_while(Result::ok).map(|tlv| tlv.tag).collect(),
    }
}

/// The data objects of a template, coded.
fn content(given: &Given) -> &[u8] {
    match given {
        Given::Record { answer, .. } => match Tlvs::new(answer).only() {
            Ok(Some(template)) => template.value,
            _ => &[],
        },
        Given::Objects(_, content) => content,
        Given::Object(..) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_count_where_they_came_first_and_covered_records_stay() {
        let record = |number, covered, answer: &str| Given::Record {
            id: RecordId { sfi: 1, number },
            covered,
            answer: hex::decode(answer).unwrap(),
        };
        let given = [
            record(1, false, "70079F4701035A01AA"),
            record(2, false, "70049F470111"),
            record(3, true, "70035A01AA"),
        ];
        let kept = without_repeats(&given);
        assert!(matches!(&kept[0], Given::Record { id, .. } if id.number == 3));
        assert!(matches!(&kept[1], Given::Objects(_, raw) if *raw == [0x9F, 0x47, 1, 3]));
        assert_eq!(kept.len(), 2);
    }
}
