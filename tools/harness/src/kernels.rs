//! The contactless kernels that are linked here.

use chipwright::contactless::{Activation, KernelId, OutcomeParameters, OutcomeType};
use chipwright::session::{Ended, Link};
use chipwright_entry_point::Kernels;

/// Kernel 7, as it is by default.
#[derive(Clone, Copy, Debug)]
pub struct Linked;

impl Kernels for Linked {
    fn supports(&self, kernel: KernelId) -> bool {
        kernel == chipwright_c7::KERNEL_ID
    }

    async fn activate(
        &self,
        link: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, Ended> {
        if !self.supports(activation.kernel) {
            return Ok(OutcomeParameters::new(OutcomeType::SelectNext));
        }
        let configuration = chipwright_c7::Configuration::DEFAULT;
        chipwright_c7::process(link, activation, &configuration).await
    }
}
