//! What a transaction comes to, as the journal codes it.

use super::JournalFailure;
use super::entry::{Entry, Stage};
use super::pages::Pages;
use crate::device::Storage;
use crate::duties::Duties;
use crate::final_record::{Details, FinalCause, FinalRecord};
use crate::host::{MessageKind, ReversalReason};
use crate::objects::Objects;
use chipwright::config::TransactionType;
use chipwright::object::Value;
use chipwright::outcome::{Authority, Conclusion};
use chipwright::tag::Tag;
use chipwright::tlv::Writer;

/// A transaction that is settled: what recovery needs to know of it beside its objects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settled {
    pub(crate) conclusion: Conclusion,
    pub(crate) authority: Authority,
    pub(crate) signature: bool,
    pub(crate) advice: bool,
}

/// Appends the final record.
pub(super) async fn append_final<S: Storage>(
    pages: &mut Pages<'_, S>,
    record: &FinalRecord,
) -> Result<(), JournalFailure> {
    let settled = Settled {
        conclusion: record.conclusion,
        authority: record.authority,
        signature: record.signature,
        advice: false,
    };
    let objects = |out: &mut Writer<'_>| {
        out.put(KIND, &[kind_code(record.kind)])?;
        out.put(DUTIES, &[record.duties.byte()])?;
        out.put(CAUSE, &record.cause.0.to_be_bytes())?;
        record.details.write(out)
    };
    pages.compose(Stage::Closed, record.sequence, settled.notes(), objects)?;
    pages.append().await
}

/// Reads a final record; `None` when the entry is none.
pub(super) fn final_record(entry: &Entry<'_>) -> Option<FinalRecord> {
    let settled = Settled::read(entry.notes).filter(|_| entry.stage == Stage::Closed)?;
    let objects = Objects::Kept(entry.objects);
    let (kind, duties) = (*objects.bytes(KIND)?.first()?, *objects.bytes(DUTIES)?.first()?);
    Some(FinalRecord {
        sequence: entry.sequence,
        kind: *KINDS.get(usize::from(kind))?,
        conclusion: settled.conclusion,
        authority: settled.authority,
        cause: FinalCause(u16::decode(objects.bytes(CAUSE)?)?),
        signature: settled.signature,
        duties: Duties::from_byte(duties),
        details: Details::read(&objects),
    })
}

/// What a final record says of the ending, and of what was owed then.
pub(super) fn ending(entry: &Entry<'_>) -> Option<(Settled, Duties)> {
    let duties = *Objects::Kept(entry.objects).bytes(DUTIES)?.first()?;
    Some((Settled::read(entry.notes)?, Duties::from_byte(duties)))
}

/// Objects of the final record that no book names.
const KIND: Tag = Tag(0xC1);
const DUTIES: Tag = Tag(0xC2);
const CAUSE: Tag = Tag(0xC3);

// The places in these tables are what the storage holds: they stay.
pub(super) const KINDS: [TransactionType; 6] = [
    TransactionType::Purchase,
    TransactionType::ManualCash,
    TransactionType::UnattendedCash,
    TransactionType::Cashback,
    TransactionType::Refund,
    TransactionType::Inquiry,
];
const CONCLUSIONS: [Conclusion; 5] = [
    Conclusion::Terminated,
    Conclusion::Approved,
    Conclusion::Declined,
    Conclusion::CardRead,
    Conclusion::TryAnotherInterface,
];
const AUTHORITIES: [Authority; 3] =
    [Authority::Offline, Authority::Online, Authority::UnableToGoOnline];
const SIGNATURE: u8 = 0x40;
const ADVICE: u8 = 0x80;

pub(super) fn kind_code(kind: TransactionType) -> u8 {
    place(&KINDS, &kind)
}

/// Place in a table; a value that is not in it is taken for the first.
fn place<T: PartialEq>(table: &[T], value: &T) -> u8 {
    (0..).zip(table).find(|(_, known)| *known == value).map_or(0, |(place, _)| place)
}

impl Settled {
    pub(super) fn notes(self) -> [u8; 2] {
        let mut authority = place(&AUTHORITIES, &self.authority);
        if self.signature {
            authority |= SIGNATURE;
        }
        if self.advice {
            authority |= ADVICE;
        }
        [place(&CONCLUSIONS, &self.conclusion), authority]
    }

    pub(super) fn read([conclusion, authority]: [u8; 2]) -> Option<Self> {
        Some(Self {
            conclusion: *CONCLUSIONS.get(usize::from(conclusion))?,
            authority: *AUTHORITIES.get(usize::from(authority & !(SIGNATURE | ADVICE)))?,
            signature: authority & SIGNATURE != 0,
            advice: authority & ADVICE != 0,
        })
    }
}

impl Duties {
    /// The messages, in the order in which they go out.
    pub(super) fn kinds(self) -> impl Iterator<Item = MessageKind> {
        [
            (self.reversal, MessageKind::Reversal),
            (self.advice, MessageKind::Advice),
            (self.batch, MessageKind::Batch),
        ]
        .into_iter()
        .filter_map(|(owed, kind)| owed.then_some(kind))
    }

    /// How many of them do not wait for the batch.
    pub(super) fn urgent(self) -> u32 {
        u32::from(self.reversal) + u32::from(self.advice)
    }
}

pub(super) const fn owed_notes(kind: MessageKind, reason: ReversalReason) -> [u8; 2] {
    let reversal = matches!(kind, MessageKind::Reversal);
    [kind as u8, if reversal { reason as u8 } else { 0 }]
}
