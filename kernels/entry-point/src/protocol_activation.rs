//! Start B: one card in the field. [B 3.2]

use crate::EntryPoint;
use crate::configuration::Kernels;
use chipwright::contactless::{Status, UiRequest};
use chipwright::message::Message;
use chipwright::outcome::End;
use chipwright::session::{Field, Polled};

/// The reader waits for a card. [B 3.2.1.1]
pub(crate) const PRESENT_CARD: UiRequest =
    UiRequest::new(Message::PresentCard, Status::ReadyToRead);

impl<K: Kernels> EntryPoint<'_, '_, '_, K> {
    /// Asks for a card, and polls until there is one. Only a stop ends the wait.
    pub(crate) async fn activate_protocol(&mut self) -> Result<(), End> {
        // [B 3.2.1.1]
        let request = self.request_on_restart.take().unwrap_or(PRESENT_CARD);
        self.link.show(request).await?;
        self.link.field(Field::On).await?;
        let mut collision = false;
        loop {
            match self.link.poll().await? {
                Polled::Card => return Ok(()),
                // [B 3.2.1.3]
                Polled::Collision if !collision => {
                    collision = true;
                    self.show_collision(Status::ProcessingError).await?;
                }
                Polled::Nothing if collision => {
                    collision = false;
                    self.show_collision(Status::ReadyToRead).await?;
                }
                Polled::Collision | Polled::Nothing => {}
            }
        }
    }

    async fn show_collision(&mut self, status: Status) -> Result<(), End> {
        self.link.show(UiRequest::new(Message::PresentOneCard, status)).await
    }
}
