//! Start B: one card in the field. [B 3.2]

use crate::EntryPoint;
use crate::configuration::Kernels;
use chipwright::contactless::{Status, UiRequest};
use chipwright::message::Message;
use chipwright::session::{Ended, Field, Polled};

/// The reader waits for a card. [B 3.2.1.2]
pub(crate) const PRESENT_CARD: UiRequest =
    UiRequest::new(Message::PresentCard, Status::ReadyToRead);

impl<K: Kernels> EntryPoint<'_, '_, '_, K> {
    /// Asks for a card, and polls until there is one. Only a stop ends the wait.
    pub(crate) async fn activate_protocol(&mut self) -> Result<(), Ended> {
        // [B 3.2.1.2]
        let request = self.outcome.ui_request_on_restart.take().unwrap_or(PRESENT_CARD);
        self.link.show(request).await?;
        self.link.field(Field::On).await?; // [B 3.2.1.3]
        let mut collision = false;
        loop {
            let polled = self.link.poll().await?;
            // [B 3.2.1.4, 3.2.1.5] Its end is told as well, even if one of the cards stayed.
            if collision != (polled == Polled::Collision) {
                collision = !collision;
                let status = if collision { Status::ProcessingError } else { Status::ReadyToRead };
                self.link.show(UiRequest::new(Message::PresentOneCard, status)).await?;
            }
            if polled == Polled::Card {
                return Ok(());
            }
        }
    }
}
