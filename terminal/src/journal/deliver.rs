//! Messages that are owed to the acquirer.

use super::entry::Stage;
use super::{Journal, JournalFailure, Pages, settling};
use crate::device::{Host, Storage};
use crate::host::{self, HostMessage, MessageKind, MessageLists, ReversalReason};
use crate::objects::Objects;
use zeroize::Zeroize;

/// Which messages are to be delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Due {
    /// Those that cannot wait: reversals and advices.
    Now,
    /// All: the batch as well.
    Everything,
}

/// How far it came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Delivery {
    /// Messages that were acknowledged, and wiped.
    pub delivered: u32,
    /// Messages that are still owed, of those that were due.
    pub left: u32,
}

/// A message that waits in the journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Owed {
    /// Transaction Sequence Counter (9F41) of its transaction.
    pub sequence: u32,
    /// What it is for.
    pub kind: MessageKind,
    /// Why, for a reversal.
    pub reason: Option<ReversalReason>,
}

impl Journal {
    /// The message that is owed at a place; `None` when there is another record or none.
    ///
    /// # Errors
    /// When the storage fails or the record is of another version.
    pub async fn owed<S: Storage>(
        storage: &mut S,
        place: u32,
        memory: &mut [u8],
    ) -> Result<Option<Owed>, JournalFailure> {
        let mut pages = Pages::new(storage, memory);
        let entry = pages.load(place).await?.filter(|entry| entry.stage == Stage::Owed);
        Ok(entry.and_then(|entry| {
            let (kind, reason) = (owed(entry.notes)?, reason(entry.notes));
            Some(Owed { sequence: entry.sequence, kind, reason })
        }))
    }

    /// Delivers messages that are owed, in the order in which they arose, until one is not
    /// acknowledged. Each is erased when it was. [B4 12.2.5]
    ///
    /// Call it when the terminal starts, when the line is back, and with [`Due::Everything`] to
    /// settle the batch; a transaction delivers what it owes itself. `record` and `field_55`:
    /// [`RECORD_LENGTH`](crate::RECORD_LENGTH) and
    /// [`FIELD_55_LENGTH`](crate::FIELD_55_LENGTH) bytes.
    ///
    /// # Errors
    /// [`JournalFailure::NotRecovered`] while a transaction is open; when the storage fails, or a
    /// message does not fit.
    pub async fn deliver<S: Storage, H: Host>(
        &mut self,
        storage: &mut S,
        host: &mut H,
        due: Due,
        lists: &MessageLists<'_>,
        (record, field_55): (&mut [u8], &mut [u8]),
    ) -> Result<Delivery, JournalFailure> {
        let mut pages = Pages::new(storage, record);
        let delivery = self.deliver_from(None, &mut pages, host, due, lists, field_55).await;
        field_55.zeroize();
        delivery
    }

    /// As [`deliver`](Self::deliver). What lies at `fresh` or behind it was never delivered
    /// before; of the rest nobody knows.
    pub(crate) async fn deliver_from<S: Storage, H: Host>(
        &mut self,
        fresh: Option<u32>,
        pages: &mut Pages<'_, S>,
        host: &mut H,
        due: Due,
        lists: &MessageLists<'_>,
        field_55: &mut [u8],
    ) -> Result<Delivery, JournalFailure> {
        if self.needs_recovery() {
            return Err(JournalFailure::NotRecovered);
        }
        match due {
            Due::Now if self.urgent == 0 => Ok(Delivery::default()),
            Due::Now => self.deliver_due(fresh, pages, host, due, lists, field_55).await,
            Due::Everything => {
                settling::begin(pages).await?;
                let delivery = self.deliver_due(fresh, pages, host, due, lists, field_55).await?;
                settling::end(pages).await?;
                Ok(delivery)
            }
        }
    }

    async fn deliver_due<S: Storage, H: Host>(
        &mut self,
        fresh: Option<u32>,
        pages: &mut Pages<'_, S>,
        host: &mut H,
        due: Due,
        lists: &MessageLists<'_>,
        field_55: &mut [u8],
    ) -> Result<Delivery, JournalFailure> {
        let mut delivery = Delivery::default();
        for place in pages.places().await? {
            let entry = pages.load(place).await?.filter(|entry| entry.stage == Stage::Owed);
            let Some((entry, kind)) = entry.and_then(|entry| Some((entry, owed(entry.notes)?)))
            else {
                continue;
            };
            if due == Due::Now && kind == MessageKind::Batch {
                continue;
            }
            if delivery.left > 0 {
                delivery.left += 1; // the line is down
                continue;
            }
            let objects = Objects::Kept(entry.objects);
            let message = HostMessage {
                kind,
                sequence: entry.sequence,
                repeat: fresh.is_none_or(|fresh| place < fresh),
                reason: reason(entry.notes),
                removal_timeout: 0,
                objects,
                field_55: host::field_55(lists.of(kind), &objects, field_55)?,
            };
            if host.deliver(&message).await.is_ok() {
                pages.erase(place).await?;
                delivery.delivered += 1;
                if kind != MessageKind::Batch {
                    self.urgent = self.urgent.saturating_sub(1);
                }
            } else {
                delivery.left += 1;
            }
        }
        Ok(delivery)
    }
}

/// What kind of message is owed. An authorisation never is: the transaction that asked for it is
/// over.
fn owed([kind, _]: [u8; 2]) -> Option<MessageKind> {
    let kind = MessageKind::ALL.into_iter().find(|known| *known as u8 == kind);
    kind.filter(|kind| *kind != MessageKind::Authorisation)
}

fn reason([_, reason]: [u8; 2]) -> Option<ReversalReason> {
    ReversalReason::ALL.into_iter().find(|known| *known as u8 == reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_but_an_authorisation_can_be_owed() {
        for kind in MessageKind::ALL {
            let expected = (kind != MessageKind::Authorisation).then_some(kind);
            assert_eq!(owed([kind as u8, 0]), expected);
        }
        assert_eq!(owed([0, 0]), None);
    }
}
