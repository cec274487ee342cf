//! Data objects of the terminal in recorded commands: what the card's lists asked for.

use std::collections::BTreeMap;

use chipwright::apdu::Command;
use chipwright::dictionary::emv::{CDOL1, CDOL2, DDOL, PDOL};
use chipwright::dol::Dol;
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;

use crate::describe::{command, list_values};
use crate::recorded::Exchange;

/// Templates inside templates that are looked into.
const MAX_DEPTH: usize = 8;

/// The first value of every data object in the recorded answers.
pub(super) fn of_card(exchanges: &[Exchange]) -> BTreeMap<Tag, Vec<u8>> {
    let mut objects = BTreeMap::new();
    for exchange in exchanges {
        if let [data @ .., _, _] = &exchange.answer[..] {
            collect(data, MAX_DEPTH, &mut objects);
        }
    }
    objects
}

fn collect(bytes: &[u8], depth: usize, objects: &mut BTreeMap<Tag, Vec<u8>>) {
    for tlv in Tlvs::new(bytes).map_while(Result::ok) {
        if !tlv.tag.is_constructed() {
            objects.entry(tlv.tag).or_insert_with(|| tlv.value.to_vec());
        } else if depth > 0 {
            collect(tlv.value, depth - 1, objects);
        }
    }
}

/// The tag of the list that fills a command's data; `second`: not the first GENERATE AC.
fn list_of(name: &str, second: bool) -> Option<Tag> {
    let lists =
        [(0xA8, PDOL.tag), (0x88, DDOL.tag), (0xAE, if second { CDOL2.tag } else { CDOL1.tag })];
    lists.into_iter().find(|(ins, _)| Command::name(*ins) == name).map(|(_, list)| list)
}

/// Takes the data of a command apart as a list of the card asked for it; `None` when they do not
/// fit each other.
pub(super) fn listed(
    bytes: &[u8],
    second: bool,
    card: &BTreeMap<Tag, Vec<u8>>,
) -> Option<Vec<(Tag, Vec<u8>)>> {
    let instruction = command(bytes);
    let list = Dol::new(card.get(&list_of(instruction.name, second)?)?);
    let mut values = list_values(&instruction);
    if list.filled_length().ok()? != values.len() {
        return None;
    }
    let mut objects = Vec::new();
    for entry in list.entries().flatten() {
        let (value, rest) = values.split_at_checked(usize::from(entry.length))?;
        objects.push((entry.tag, value.to_vec()));
        values = rest;
    }
    Some(objects)
}

/// Whether a command is GENERATE AC.
pub(super) fn is_generate_ac(bytes: &[u8]) -> bool {
    bytes.get(1) == Some(&0xAE)
}

/// The GENERATE AC commands of the record, whole ones only.
pub(super) fn cryptogram_commands(exchanges: &[Exchange]) -> impl Iterator<Item = &[u8]> {
    exchanges
        .iter()
        .filter(|exchange| !exchange.is_prefix && is_generate_ac(&exchange.command))
        .map(|exchange| &exchange.command[..])
}

/// The terminal's objects in the data of the recorded commands: those of the first command that
/// has them.
pub(super) fn of_terminal(
    exchanges: &[Exchange],
    card: &BTreeMap<Tag, Vec<u8>>,
) -> BTreeMap<Tag, Vec<u8>> {
    let mut objects = BTreeMap::new();
    let first = cryptogram_commands(exchanges).next().into_iter();
    let others = exchanges.iter().map(|exchange| &exchange.command[..]);
    for bytes in first.chain(others.filter(|bytes| !is_generate_ac(bytes))) {
        for (tag, value) in listed(bytes, false, card).unwrap_or_default() {
            objects.entry(tag).or_insert(value);
        }
    }
    objects
}

/// A data object that a command sent with another value than the recorded one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The object.
    pub tag: Tag,
    /// The recorded value.
    pub recorded: Vec<u8>,
    /// The value that was sent.
    pub sent: Vec<u8>,
}

/// The data objects in which two commands differ, as far as a list of the card tells them apart.
pub fn changed(exchanges: &[Exchange], recorded: &[u8], sent: &[u8]) -> Vec<Changed> {
    let card = of_card(exchanges);
    let second = cryptogram_commands(exchanges).nth(1) == Some(recorded);
    let pair = listed(recorded, second, &card).zip(listed(sent, second, &card));
    let Some((recorded, sent)) = pair else { return Vec::new() };
    recorded
        .into_iter()
        .zip(sent)
        .filter(|(recorded, sent)| recorded != sent)
        .map(|((tag, recorded), (_, sent))| Changed { tag, recorded, sent })
        .collect()
}
