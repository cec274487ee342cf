//! Start D: the kernel takes over. [B 3.4]

use crate::EntryPoint;
use crate::configuration::Kernels;
use chipwright::contactless::{Activation, KernelId, Start};
use chipwright::fault::{Cause, Fault};
use chipwright::session::Ended;

impl<K: Kernels> EntryPoint<'_, '_, '_, K> {
    /// Hands over to the kernel of the combination. Every activation has its own Unpredictable
    /// Number. [B 3.4.1, 3.4.1.1, 3.4.1.2] [A 8.1.1.8]
    pub(crate) async fn activate_kernel(&mut self, start: Start) -> Result<(), Ended> {
        let (name, length) = self.selection_name();
        let name = name.get(..length).unwrap_or_default();
        let place = self.candidate.map(|key| usize::from(key.combination));
        // Start D without a candidate: the kernel asked to be started again, so there is one.
        let combination = place.and_then(|place| self.reader.combinations.get(place));
        let combination = combination.ok_or(Fault::new(Cause::Missing));
        let combination = self.link.data.noted(combination)?;
        let prepared = self.prepared(combination);
        let activation = Activation {
            transaction: self.reader.transaction,
            kernel: if self.kernel_1 { KernelId::new(1) } else { combination.kernel },
            aid: combination.aid,
            indicators: prepared.indicators,
            qualifiers: prepared.qualifiers,
            start,
            restart: self.restart,
        };
        activation.provide(&mut self.link.data, name)?;
        self.outcome = self.kernels.activate(&mut self.link, &activation).await?;
        Ok(())
    }
}
