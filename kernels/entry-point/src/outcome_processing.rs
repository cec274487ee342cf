//! What Entry Point itself does of an outcome. [B 3.5]

use crate::EntryPoint;
use crate::configuration::Kernels;
use chipwright::contactless::OutcomeParameters;
use chipwright::outcome::End;
use chipwright::session::Field;

impl<K: Kernels> EntryPoint<'_, '_, '_, K> {
    /// Shows what is to be shown, switches the field off, and keeps what is to be shown later.
    /// [B 3.5.1]
    pub(crate) async fn process_outcome(&mut self, outcome: &OutcomeParameters) -> Result<(), End> {
        self.request_on_restart = outcome.ui_request_on_restart; // [A 8.1.1.19]
        if let Some(request) = outcome.ui_request_on_outcome {
            self.link.show(request).await?; // [B 3.5.1 request]
        }
        if let Some(hold) = outcome.field_off_request {
            self.link.field(Field::Off(hold)).await?; // [B 3.5.1 field-off]
        }
        Ok(())
    }
}
