//! The batch on its way: which items may be with the acquirer although nobody acknowledged them.

use super::entry::Stage;
use super::{JournalFailure, Pages};
use crate::device::Storage;
use crate::host::MessageKind;

/// Writes down that the items which are there are about to be sent, if there are any.
pub(super) async fn begin<S: Storage>(pages: &mut Pages<'_, S>) -> Result<(), JournalFailure> {
    for place in pages.places().await? {
        if is_item(pages, place).await? {
            pages.compose(Stage::Settling, 0, [0; 2], |_| Ok(()))?;
            return pages.append().await;
        }
    }
    Ok(())
}

/// Erases the marks before which no item is left, and those that a later one makes needless.
pub(super) async fn end<S: Storage>(pages: &mut Pages<'_, S>) -> Result<(), JournalFailure> {
    let (mut items, mut kept) = (false, None);
    for place in pages.places().await? {
        let entry = pages.load(place).await?;
        if entry.is_some_and(|entry| entry.stage == Stage::Settling) {
            let needless = if items { kept.replace(place) } else { Some(place) };
            if let Some(needless) = needless {
                pages.erase(needless).await?;
            }
        } else if !items {
            items = is_item(pages, place).await?;
        }
    }
    Ok(())
}

/// Whether there is an item of the batch at a place.
async fn is_item<S: Storage>(pages: &mut Pages<'_, S>, place: u32) -> Result<bool, JournalFailure> {
    let entry = pages.load(place).await?;
    Ok(entry.is_some_and(|entry| {
        entry.stage == Stage::Owed && entry.notes.first() == Some(&(MessageKind::Batch as u8))
    }))
}
