//! What taps need: a reader with a field, and the kernels that are linked.

use crate::devices::transmit;
use crate::line::{Line, Whom};
use chipwright::contactless::{Activation, KernelId, OutcomeParameters, OutcomeType};
use chipwright::session::{Ended, Field, Link, LinkError, Polled};
use chipwright_c7::{Configuration, KERNEL_ID};
use chipwright_entry_point::Kernels;
use chipwright_terminal::blocking::ContactlessReader;
use chipwright_terminal::device::{Answered, PollEnded};

/// The reader with a field.
pub(crate) struct Antenna<'l>(pub(crate) &'l dyn Line);

impl ContactlessReader for Antenna<'_> {
    fn field(&mut self, _: Field) {}

    fn poll(&mut self) -> Result<Polled, PollEnded> {
        Ok(match self.0.ask(Whom::Field, [&[], &[]], &mut [0; 33]) {
            [] => Polled::Nothing,
            _ => Polled::Card,
        })
    }

    fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        transmit(self.0, Whom::Field, command, out)
    }
}

/// The kernels of the terminal: Kernel 7.
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
