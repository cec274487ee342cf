//! The kernels for taps.

use chipwright::contactless::{Activation, KernelId, OutcomeParameters, OutcomeType};
use chipwright::session::{Ended, Link};
use chipwright_entry_point::Kernels;

/// The kernels for taps.
pub(crate) struct Linked;

impl Kernels for Linked {
    fn supports(&self, kernel: KernelId) -> bool {
        kernel == chipwright_c7::KERNEL_ID
    }

    async fn activate(
        &self,
        link: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, Ended> {
        match activation.kernel {
            chipwright_c7::KERNEL_ID => {
                let configuration = &chipwright_c7::Configuration::DEFAULT;
                chipwright_c7::process(link, activation, configuration).await
            }
            _ => Ok(OutcomeParameters::new(OutcomeType::SelectNext)),
        }
    }
}
