//! What Entry Point itself does of an outcome. [B 3.5]

use crate::EntryPoint;
use crate::configuration::Kernels;
use chipwright::session::{Ended, Field};

impl<K: Kernels> EntryPoint<'_, '_, '_, K> {
    /// Shows what is to be shown, switches the field off, and keeps what is to be shown later.
    /// [B 3.5.1]
    pub(crate) async fn process_outcome(&mut self) -> Result<(), Ended> {
        if let Some(request) = self.outcome.ui_request_on_outcome {
            self.link.show(request).await?; // [B 3.5.1 request]
        }
        if let Some(hold) = self.outcome.field_off_request {
            self.link.field(Field::Off(hold)).await?; // [B 3.5.1 field-off]
        }
        Ok(())
    }
}
