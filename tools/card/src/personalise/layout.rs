//! Which object stands in which record, and how a terminal finds the records. [B3 5.3, 10.2]

use std::collections::BTreeMap;

use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;

use super::{Part, objects};
use crate::object::{Objects, encode, template};
use crate::profile::ProfileError;

/// Most bytes of objects in a record of our own making: with its template it fits an answer.
const ROOM: usize = 253;

/// Longest answer, without its status word.
const ANSWER: usize = 256;

/// Where objects go unless the profile says otherwise: files that are not signed. All other
/// objects stand in file [`SIGNED`].
const UNSIGNED: [(u8, &[u32]); 3] = [
    (1, &[0x57, 0x5F20]),
    (3, &[0x8F, 0x9F32, 0x92, 0x90, 0x93]),
    (4, &[0x9F47, 0x9F48, 0x9F46, 0x9F2E, 0x9F2F, 0x9F2D]),
];

const SIGNED: u8 = 2;

/// A record before its objects are written.
#[derive(Clone)]
pub(super) struct Slot {
    sfi: u8,
    number: u8,
    signed: bool,
    located: bool,
    content: Content,
}

#[derive(Clone)]
enum Content {
    Tags(Vec<Tag>),
    Bytes(Vec<u8>),
}

/// How the objects of an application are laid out.
pub(super) enum Plan {
    /// By the table of files.
    Ours,
    /// By the profile.
    Given(Vec<Slot>),
}

/// The records of an application, in the order in which a terminal reads them.
pub(super) struct Records(Vec<(Slot, Vec<u8>)>);

impl Plan {
    /// The plan of a profile.
    ///
    /// # Errors
    /// [`ProfileError`] about a record that cannot be.
    pub(super) fn of(part: &Part<'_>) -> Result<Self, ProfileError> {
        let Some(records) = &part.application.record else {
            return Ok(Self::Ours);
        };
        let mut slots: Vec<Slot> = Vec::new();
        for (position, record) in records.iter().enumerate() {
            let key = |key: &str| format!("record.{position}.{key}");
            part.require(matches!(record.sfi, 1..=30), &key("sfi"), "not 1 to 30")?;
            part.require(record.number > 0, &key("number"), "records count from 1")?;
            let twice =
                slots.iter().any(|slot| (slot.sfi, slot.number) == (record.sfi, record.number));
            part.require(!twice, &key("number"), "there is this record already")?;
            let content = match (&record.tags, &record.data) {
                (Some(tags), None) => {
                    let tags = tags.iter().map(|tag| objects::tag_of(part, &key("tags"), tag));
                    Content::Tags(tags.collect::<Result<_, _>>()?)
                }
                (None, Some(data)) => Content::Bytes(data.to_vec()),
                _ => return Err(part.error(&key("tags"), "a record has either tags or data")),
            };
            slots.push(Slot {
                sfi: record.sfi,
                number: record.number,
                signed: record.signed,
                located: record.located,
                content,
            });
        }
        Ok(Self::Given(slots))
    }

    /// The static data to be authenticated. [B3 10.3]
    ///
    /// # Errors
    /// [`ProfileError`] about a record that cannot be signed.
    pub(super) fn static_data(
        &self,
        part: &Part<'_>,
        objects: &Objects,
        aip: [u8; 2],
    ) -> Result<Vec<u8>, ProfileError> {
        let mut data = Vec::new();
        let slots = self.slots(objects);
        let signed = slots.iter().enumerate().filter(|(_, slot)| slot.signed && slot.located);
        for (position, slot) in signed {
            let bytes = slot.bytes(part, position, objects)?;
            let inner = match Tlvs::new(&bytes).only() {
                Ok(Some(record)) if record.tag == Tag(0x70) => record.value.to_vec(),
                _ => {
                    let key = format!("record.{position}.data");
                    return Err(part.error(&key, "signed, but no record template"));
                }
            };
            // Files of payment systems and issuers count with their template.
            data.extend(if slot.sfi <= 10 { inner } else { bytes });
        }
        if objects.get(&Tag(0x9F4A)).is_some_and(|list| list == &[0x82]) {
            data.extend(aip);
        }
        Ok(data)
    }

    /// The records with their objects.
    ///
    /// # Errors
    /// [`ProfileError`] about a record that cannot be written.
    pub(super) fn records(
        self,
        part: &Part<'_>,
        objects: &Objects,
    ) -> Result<Records, ProfileError> {
        let slots = self.slots(objects).into_iter().enumerate();
        let written = slots.map(|(position, slot)| {
            let bytes = slot.bytes(part, position, objects)?;
            Ok((slot, bytes))
        });
        Ok(Records(written.collect::<Result<_, _>>()?))
    }

    fn slots(&self, objects: &Objects) -> Vec<Slot> {
        match self {
            Self::Ours => ours(objects),
            Self::Given(slots) => slots.clone(),
        }
    }
}

/// Packs the objects that are there into files, in the table's order.
fn ours(objects: &Objects) -> Vec<Slot> {
    let placed = |tag: &Tag| UNSIGNED.iter().any(|(_, tags)| tags.contains(&tag.0));
    let signed: Vec<Tag> = objects.keys().copied().filter(|tag| !placed(tag)).collect();
    let tags = |tags: &[u32]| tags.iter().copied().map(Tag).collect();
    let unsigned = UNSIGNED.iter().map(|(sfi, list)| (*sfi, false, tags(list)));
    let mut files: Vec<(u8, bool, Vec<Tag>)> = unsigned.collect();
    files.insert(1, (SIGNED, true, signed));

    let mut slots: Vec<Slot> = Vec::new();
    for (sfi, signed, tags) in files {
        let mut used = usize::MAX;
        let mut number = 0;
        for tag in tags {
            let Some(value) = objects.get(&tag) else {
                continue;
            };
            let length = encode(tag, value).len();
            used = used.saturating_add(length);
            match slots.last_mut() {
                Some(Slot { content: Content::Tags(tags), .. }) if used <= ROOM => tags.push(tag),
                _ => {
                    number += 1;
                    used = length;
                    let content = Content::Tags(vec![tag]);
                    slots.push(Slot { sfi, number, signed, located: true, content });
                }
            }
        }
    }
    slots
}

impl Slot {
    /// The record; `position` is its place in the profile.
    fn bytes(
        &self,
        part: &Part<'_>,
        position: usize,
        objects: &Objects,
    ) -> Result<Vec<u8>, ProfileError> {
        let key = |key: &str| format!("record.{position}.{key}");
        let (bytes, key) = match &self.content {
            Content::Bytes(bytes) => (bytes.clone(), key("data")),
            Content::Tags(tags) => {
                let encoded = tags.iter().map(|tag| match objects.get(tag) {
                    Some(value) => Ok(encode(*tag, value)),
                    None if self.signed => {
                        let message = format!("{tag} is not there to be signed");
                        Err(part.error(&key("tags"), message))
                    }
                    None => Err(part.error(&key("tags"), format!("the card has no {tag}"))),
                });
                let encoded: Vec<Vec<u8>> = encoded.collect::<Result<_, _>>()?;
                (template(Tag(0x70), encoded), key("tags"))
            }
        };
        let message =
            format!("record {} of file {} has more than {ANSWER} bytes", self.number, self.sfi);
        part.require(bytes.len() <= ANSWER, &key, &message)?;
        Ok(bytes)
    }
}

impl Records {
    /// The Application File Locator: an entry for each run of records, signed ones at its start.
    /// [B3 10.2]
    pub(super) fn file_locator(&self) -> Vec<u8> {
        let mut entries: Vec<[u8; 4]> = Vec::new();
        for (slot, _) in self.0.iter().filter(|(slot, _)| slot.located) {
            let file = slot.sfi << 3;
            match entries.last_mut() {
                Some([sfi, first, last, signed])
                    if *sfi == file
                        && last.checked_add(1) == Some(slot.number)
                        && (!slot.signed || *signed == *last - *first + 1) =>
                {
                    *last = slot.number;
                    *signed += u8::from(slot.signed);
                }
                _ => entries.push([file, slot.number, slot.number, u8::from(slot.signed)]),
            }
        }
        entries.concat()
    }

    /// The records by short file identifier and number.
    pub(super) fn by_number(self) -> BTreeMap<(u8, u8), Vec<u8>> {
        let numbered = self.0.into_iter();
        numbered.map(|(slot, bytes)| ((slot.sfi, slot.number), bytes)).collect()
    }
}
