//! What is linked for taps: combinations, and Kernel 7.

use chipwright::contactless::{
    Activation, KernelId, OutcomeParameters, OutcomeType, TerminalTransactionQualifiers,
};
use chipwright::session::{Ended, Link};
use chipwright::value::Amount;
use chipwright_c7::{Configuration, KERNEL_ID};
use chipwright_entry_point::{Combination, Kernels};

/// The combinations of the reader.
pub(crate) const COMBINATIONS: [Combination<'static>; 1] = [Combination {
    transaction_limit: Amount::new(100_000),
    floor_limit: Amount::new(0),
    cvm_required_limit: Amount::new(30_000),
    qualifiers: Some(TerminalTransactionQualifiers([0x36, 0x00, 0x00, 0x80])),
    ..Combination::new(&[0xA0, 0x00, 0x00, 0x03, 0x33], KERNEL_ID)
}];

/// The kernels of the image.
pub(crate) struct Linked;

impl Kernels for Linked {
    fn supports(&self, kernel: KernelId) -> bool {
        kernel == KERNEL_ID
    }

    async fn activate(
        &self,
        link: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, Ended> {
        match activation.kernel {
            KERNEL_ID => chipwright_c7::process(link, activation, &Configuration::DEFAULT).await,
            _ => Ok(OutcomeParameters::new(OutcomeType::SelectNext)),
        }
    }
}
