//! Taps: which application by which kernel, and the kernel that is linked.

use chipwright::contactless::{
    Activation, KernelId, OutcomeParameters, OutcomeType, TerminalTransactionQualifiers as Ttq,
};
use chipwright::session::{Ended, Link};
use chipwright::value::Amount;
use chipwright_c7::{Configuration, KERNEL_ID};
use chipwright_entry_point::{Combination, Kernels};

/// Names of the provider that nobody registered, by Kernel 7: EMV mode, contact chip, online PIN,
/// signature, and version 01 of fDDA.
pub(crate) const COMBINATIONS: [Combination<'static>; 1] = [Combination {
    transaction_limit: Amount::new(500_000),
    floor_limit: Amount::new(2_000),
    cvm_required_limit: Amount::new(5_000),
    qualifiers: Some(Ttq([0x36, 0x00, 0x00, 0x80])),
    ..Combination::new(b"\xF0CHIP", KERNEL_ID)
}];

/// Kernel 7 alone.
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
