//! What was said before: whose application it is, and the lists that commands fill.

use chipwright::afl::Afl;
use chipwright::dictionary::emv;
use chipwright::dol::Dol;
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;
use chipwright_harness::describe::{self, Book, Context, Covered, Node};
use std::collections::BTreeMap;

use super::difference::flat;
use super::found::Found;
use super::piece::{Piece, split};

/// Lists that are remembered: PDOL, CDOL1, CDOL2, DDOL.
const LISTS: [Tag; 4] = [emv::PDOL.tag, emv::CDOL1.tag, emv::CDOL2.tag, emv::DDOL.tag];

/// What earlier strings of a dialogue said.
#[derive(Default)]
pub(super) struct Dialogue {
    /// Book of the application that was named last.
    pub(super) book: Option<Book>,
    lists: BTreeMap<Tag, Vec<u8>>,
    /// Every object, for certificates.
    pub(super) objects: Vec<(Tag, Vec<u8>)>,
    /// The first GENERATE AC is over.
    generated: bool,
    /// The record that was asked for last, by file and number.
    asked: Option<(u8, u8)>,
    /// Answers to READ RECORD.
    records: BTreeMap<(u8, u8), Vec<u8>>,
    /// Data of INTERNAL AUTHENTICATE.
    signed: Option<Vec<u8>>,
}

impl Dialogue {
    /// Takes note of a string.
    pub(super) fn hear(&mut self, found: &Found) {
        match found.piece {
            Piece::Objects => {
                let objects = split(&found.bytes).0;
                if let Some(record) = self.asked.take() {
                    self.records.insert(record, objects.to_vec());
                }
                self.hear_objects(objects);
            }
            Piece::Field(length) => {
                let objects = found.bytes.get(length..).unwrap_or_default();
                self.hear_objects(objects);
            }
            Piece::Value(tag) => self.hear_object(tag, &found.bytes),
            Piece::Command => {
                let instruction = found.bytes.get(1);
                self.asked = match found.bytes.as_slice() {
                    [_, 0xB2, number, file, ..] => Some((file >> 3, *number)),
                    _ => None,
                };
                if instruction == Some(&0x88) {
                    self.signed = Some(describe::command(&found.bytes).data);
                }
                if instruction == Some(&0xA4) {
                    let selected = describe::command(&found.bytes).data;
                    self.book = Book::of_aid(&selected).or(self.book);
                    self.generated = false;
                    self.records.clear();
                }
                self.generated |= instruction == Some(&0xAE);
            }
            _ => {}
        }
    }

    fn hear_objects(&mut self, bytes: &[u8]) {
        for object in flat(bytes) {
            self.hear_object(object.tag, object.value);
        }
    }

    fn hear_object(&mut self, tag: Tag, value: &[u8]) {
        if matches!(tag.0, 0x84 | 0x4F | 0x9F06) {
            self.book = Book::of_aid(value).or(self.book);
        }
        if LISTS.contains(&tag) {
            self.lists.insert(tag, value.to_vec());
        }
        self.objects.push((tag, value.to_vec()));
    }

    /// The context with the book of the dialogue, unless somebody said another.
    pub(super) fn context(&self, context: Context) -> Context {
        Context { book: context.book.or(self.book), ..context }
    }

    /// What signatures cover, as far as it was said.
    pub(super) fn covered(&self) -> Covered {
        Covered { static_data: self.static_data(), terminal_data: self.signed.clone() }
    }

    /// The records that the file locator says are signed, and the profile where the card's list
    /// wants it. [B3 10.3]
    fn static_data(&self) -> Option<Vec<u8>> {
        let object =
            |tag| self.objects.iter().rev().find(|(own, _)| *own == tag).map(|(_, value)| value);
        let afl = Afl::read(object(emv::AFL.tag)?).ok()?;
        let mut data = Vec::new();
        for entry in afl.entries() {
            for number in (entry.first..=entry.last).take(entry.covered.into()) {
                let record = self.records.get(&(entry.sfi, number))?;
                match entry.sfi {
                    ..=10 => data.extend_from_slice(Tlvs::new(record).only().ok()??.value),
                    _ => data.extend_from_slice(record),
                }
            }
        }
        if object(emv::STATIC_DATA_AUTHENTICATION_TAG_LIST.tag).is_some() {
            data.extend_from_slice(object(emv::AIP.tag)?);
        }
        Some(data)
    }

    /// The values that a command carries for the list it fills; `None` when nobody said the list,
    /// or it does not fit.
    pub(super) fn filled(&self, command: &[u8], context: Context) -> Option<Vec<Node>> {
        let list = match (command.get(1)?, self.generated) {
            (0xA8, _) => emv::PDOL.tag,
            (0xAE, false) => emv::CDOL1.tag,
            (0xAE, true) => emv::CDOL2.tag,
            (0x88, _) => emv::DDOL.tag,
            _ => return None,
        };
        let list = Dol::new(self.lists.get(&list)?);
        let instruction = describe::command(command);
        let mut rest = describe::list_values(&instruction);
        let mut values = Vec::new();
        for entry in list.entries() {
            let entry = entry.ok()?;
            let (value, behind) = rest.split_at_checked(entry.length.into())?;
            values.push((entry.tag, value));
            rest = behind;
        }
        rest.is_empty().then(|| describe::nodes(&values, context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(hex: &str) -> Found {
        Found::whole(hex::decode(hex).unwrap(), None)
    }

    #[test]
    fn commands_fill_the_list_that_was_heard_before() {
        let mut dialogue = Dialogue::default();
        dialogue.hear(&found("6F098407A00000000410109000"));
        dialogue.hear(&found("700E8C069F02069F37048D048A0295059000"));
        assert_eq!(dialogue.book, Some(Book::C2));
        let first = hex::decode("80AE80000A0000000012340102030400").unwrap();
        let nodes = dialogue.filled(&first, Context::default()).unwrap();
        let tags: Vec<_> = nodes.iter().map(|node| node.tag).collect();
        assert_eq!(tags, [Tag(0x9F02), Tag(0x9F37)]);
        dialogue.hear(&found("80AE80000A0000000012340102030400"));
        let second = hex::decode("80AE4000073030000000800000").unwrap();
        let nodes = dialogue.filled(&second, Context::default()).unwrap();
        assert_eq!(nodes[1].tag, Tag(0x95));
        assert_eq!(dialogue.filled(&first, Context::default()), None, "another length");
    }
}
