//! What the card gives, and what is taken of it. [B3 7.5, 10.2] [B2 5.1.1]

use super::{Database, Standing};
use crate::crypto::Parts;
use crate::dictionary::emv::template::RECORD_TEMPLATE;
use crate::dictionary::emv::{
    AIP, APPLICATION_CRYPTOGRAM, ATC, CRYPTOGRAM_INFORMATION_DATA, ISSUER_APPLICATION_DATA,
    LAST_ONLINE_ATC_REGISTER, LOG_FORMAT, PIN_TRY_COUNTER, SIGNED_DYNAMIC_APPLICATION_DATA,
    STATIC_DATA_AUTHENTICATION_TAG_LIST,
};
use crate::dictionary::{Dictionary, Place, Source};
use crate::event::{Event, Events, Ignored, Octets};
use crate::fault::{Cause, Failed, Fault, RecordId};
use crate::tag::Tag;
use crate::tlv::{Tlv, Tlvs};

/// What to do with an object that the card gave before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeat {
    /// Refuse it: within one application an object comes once. [B3 10.2]
    Refuse,
    /// Replace it, if it is one of those that answers to GET DATA and GENERATE AC bring anew;
    /// what came with FCI or records stays as it was read.
    Replace,
}

/// Objects that the card may give anew. [B3 6.5.5, 6.5.7]
const RENEWED: [Tag; 8] = [
    CRYPTOGRAM_INFORMATION_DATA.tag,
    APPLICATION_CRYPTOGRAM.tag,
    ATC.tag,
    SIGNED_DYNAMIC_APPLICATION_DATA.tag,
    ISSUER_APPLICATION_DATA.tag,
    LAST_ONLINE_ATC_REGISTER.tag,
    PIN_TRY_COUNTER.tag,
    LOG_FORMAT.tag,
];

/// The static data cannot be authenticated: a record to be authenticated is not coded in
/// template 70, or the tag list asks for more than the AIP. [B3 10.3]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StaticDataUnusable;

impl Database<'_> {
    /// Stores the objects directly inside a template of the card's answer.
    ///
    /// # Errors
    /// The card's: BER-TLV, [`Cause::Redundant`], [`Cause::Format`] for a length that the
    /// dictionary does not allow. Ours: [`Cause::StoreFull`].
    pub fn store(
        &mut self,
        content: &[u8],
        place: Place,
        repeat: Repeat,
        dictionary: Dictionary<'_>,
        events: Events<'_>,
    ) -> Result<(), Failed> {
        let mut tlvs = Tlvs::new(content);
        loop {
            let offset = tlvs.offset();
            let Some(tlv) = self.noted(tlvs.next().transpose())? else {
                return Ok(());
            };
            let Tlv { tag, value, .. } = tlv;
            let earlier = content.get(..offset).unwrap_or_default();
            let given_by = self.source(tag);
            let known = if repeat == Repeat::Replace && RENEWED.contains(&tag) {
                Tlvs::new(earlier).flatten().any(|other| other.tag == tag)
            } else {
                given_by == Some(Source::Card)
            };
            match self.admit(tlv, offset, given_by, place, dictionary)? {
                Some(why) => self.pass_over((tag, offset), why, events)?,
                None if known => return Err(self.redundant(tag, offset)),
                None => self.set(tag, Standing::from(Source::Card), value)?,
            }
        }
    }

    /// Stores the answer to READ RECORD as received, and the objects in it. [B3 10.2]
    ///
    /// `covered` says whether the AFL marks the record for offline data authentication.
    ///
    /// # Errors
    /// As [`store`](Self::store), in the record; [`Cause::Template`] when the file is one of EMV
    /// (SFI 1 to 10) and the answer is not exactly one template 70.
    pub fn store_record(
        &mut self,
        record: RecordId,
        answer: &[u8],
        covered: bool,
        dictionary: Dictionary<'_>,
        events: Events<'_>,
    ) -> Result<(), Failed> {
        self.place_record(record, answer, covered, dictionary, events)
            .map_err(|failed| self.note(self.fault(failed).in_record(record)))
    }

    fn place_record(
        &mut self,
        record: RecordId,
        answer: &[u8],
        covered: bool,
        dictionary: Dictionary<'_>,
        events: Events<'_>,
    ) -> Result<(), Failed> {
        let only = Tlvs::new(answer).only().ok().flatten();
        let Some(template) = only.filter(|tlv| tlv.tag == RECORD_TEMPLATE) else {
            return self.store_foreign_record(record, answer, covered);
        };
        let base = self.append(answer, usize::from(covered), RECORD_TEMPLATE, Source::Card)?;
        let padding = answer.iter().take_while(|byte| **byte == 0).count();
        let inside = base + padding + template.raw.len() - template.value.len();
        let standing = Standing::from(Source::Card);
        let standing = if covered { standing.covered() } else { standing };
        if covered {
            // [B3 10.3] Files of EMV: without the template's tag and length; others: all of it.
            // [B3 10.2 template]
            let (start, length) = if record.sfi <= 10 {
                (inside, template.value.len())
            } else {
                (base, answer.len())
            };
            self.point(RECORD_TEMPLATE, standing, start, length)?;
        }
        self.index(template.value, inside, standing, dictionary, events)
    }

    /// A record that is not one template 70: allowed outside the files of EMV only, and nothing
    /// that could be authenticated. [B3 10.2, 10.3]
    fn store_foreign_record(
        &mut self,
        record: RecordId,
        answer: &[u8],
        covered: bool,
    ) -> Result<(), Failed> {
        if record.sfi <= 10 {
            self.noted(Tlvs::new(answer).only())?;
            return Err(self.note(Fault::new(Cause::Template).about(RECORD_TEMPLATE)));
        }
        if covered {
            let standing = Standing::from(Source::Card).covered().unusable();
            self.point(RECORD_TEMPLATE, standing, 0, 0)?;
        }
        Ok(())
    }

    /// Points the index to the objects of a record that was appended before; `base` is where
    /// `content` lies.
    fn index(
        &mut self,
        content: &[u8],
        base: usize,
        standing: Standing,
        dictionary: Dictionary<'_>,
        events: Events<'_>,
    ) -> Result<(), Failed> {
        let mut tlvs = Tlvs::new(content);
        loop {
            let offset = tlvs.offset();
            let Some(tlv) = self.noted(tlvs.next().transpose())? else {
                return Ok(());
            };
            let tag = tlv.tag;
            let given_by = self.source(tag);
            match self.admit(tlv, offset, given_by, Place::Record, dictionary)? {
                Some(why) => self.pass_over((tag, offset), why, events)?,
                None if given_by.is_some() => {
                    // [B3 7.5 twice]
                    return Err(self.redundant(tag, offset));
                }
                None => {
                    let start = base + tlvs.offset() - tlv.value.len();
                    self.point(tag, standing, start, tlv.value.len())?;
                }
            }
        }
    }

    #[cold]
    fn redundant(&self, tag: Tag, offset: usize) -> Failed {
        self.note(Fault::new(Cause::Redundant).about(tag).at(offset))
    }

    /// Why an object of the card is not stored, if it is not. [B3 7.5]
    fn admit(
        &self,
        tlv: Tlv<'_>,
        offset: usize,
        given_by: Option<Source>,
        place: Place,
        dictionary: Dictionary<'_>,
    ) -> Result<Option<Ignored>, Failed> {
        let Some(entry) = dictionary.entry(tlv.tag) else {
            return Ok(Some(Ignored::Unknown));
        };
        let owned = given_by.is_some_and(|source| source != Source::Card);
        // [B3 7.5 sources]
        if entry.source() != Source::Card || owned {
            return Ok(Some(Ignored::NotTheCards));
        }
        // [B3 7.5 places]
        if !entry.places.contains(place) {
            return Ok(Some(Ignored::WrongTemplate));
        }
        // [B3 7.5 lengths]
        if (usize::from(entry.min)..=usize::from(entry.max)).contains(&tlv.value.len()) {
            Ok(None)
        } else if entry.tolerates_length() {
            Ok(Some(Ignored::WrongLength))
        } else {
            Err(self.note(Fault::format(tlv.tag).at(offset)))
        }
    }

    /// The static data to be authenticated, piece by piece: the covered records in the order of
    /// the AFL, then the AIP where the tag list asks for it. [B3 10.3]
    ///
    /// # Errors
    /// [`StaticDataUnusable`].
    pub fn static_data(&self) -> Result<impl Iterator<Item = &[u8]>, StaticDataUnusable> {
        let records = || self.slots().filter(|slot| slot.tag == RECORD_TEMPLATE);
        // [B3 10.3 record]
        if records().any(|slot| slot.standing.is_unusable()) {
            return Err(StaticDataUnusable);
        }
        let aip = match self.bytes(STATIC_DATA_AUTHENTICATION_TAG_LIST.tag) {
            None => None,
            Some([0x82]) => self.bytes(AIP.tag),
            // [B3 10.3 tag-list]
            Some(_) => return Err(StaticDataUnusable),
        };
        Ok(records().map(|slot| self.value(slot)).chain(aip))
    }

    /// Tells the events what a signature over the static data covers.
    pub fn tell_static_data(&self, events: Events<'_>) {
        if let Ok(mut parts) = self.static_data() {
            let parts: Parts<'_, '_> = &mut parts;
            parts.for_each(|part| events.emit(&Event::StaticData(Octets(part))));
        }
    }

    /// Records that a signature over the static data was verified: every object in it counts as
    /// signed from now on.
    pub fn mark_static_data_signed(&mut self) {
        let with_aip = self.bytes(STATIC_DATA_AUTHENTICATION_TAG_LIST.tag) == Some(&[0x82]);
        for place in 0..self.objects {
            if let Some(slot) = self.slot_at(place)
                && (slot.standing.is_covered() || (with_aip && slot.tag == AIP.tag))
            {
                self.write_slot(place, slot.with(slot.standing.signed()));
            }
        }
    }
}
