//! A reader for Kernel 7: what it can do, and how the kernel is configured.

use crate::terminal::{APPLICATIONS, Setup};
use chipwright::config::Transaction;
use chipwright::contactless::{
    Activation, Indicators, Start, TerminalTransactionQualifiers as Ttq,
};
use chipwright_c7::{Configuration, KERNEL_ID, UnwantedTc};

/// Three bytes that say what kind of reader it is.
#[derive(Debug)]
pub struct Settings {
    /// Cryptography, and the hardened profile.
    pub setup: Setup,
    /// What the reader can do and the transaction requires.
    pub qualifiers: Ttq,
    /// How the kernel is configured.
    pub configuration: Configuration<'static>,
}

impl Settings {
    /// Takes them off the front; the rest are replies.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let [setup, reader, settings, replies @ ..] = bytes else { return None };
        let hardened = setup & (Setup::TRANSPARENT | Setup::HARDENED);
        let bits = [0x20 | reader & 0x1F, reader & 0x80 | (reader & 0x20) << 1, 0, 0x80];
        let settings = Self {
            setup: Setup(hardened, settings >> 2 & Setup::ENFORCED),
            qualifiers: Ttq(bits),
            configuration: Self::configuration(*settings),
        };
        Some((settings, replies))
    }

    /// What calls the kernel.
    #[must_use]
    pub fn activation<'a>(&self, transaction: &'a Transaction<'a>) -> Activation<'a> {
        Activation {
            transaction,
            kernel: KERNEL_ID,
            aid: APPLICATIONS[0].aid,
            indicators: Indicators::default(),
            qualifiers: Some(self.qualifiers),
            start: Start::C,
            restart: false,
        }
    }

    fn configuration(bits: u8) -> Configuration<'static> {
        let is = |bit| bits & bit != 0;
        let mut configuration = Configuration::default();
        configuration.signature.version_0 = is(0x01);
        configuration.signature.by_application_version = !is(0x02);
        configuration.signature.compare_qualifiers = !is(0x04);
        configuration.authentication_online = is(0x08);
        configuration.verification_results = is(0x10);
        configuration.effective_date = !is(0x20);
        configuration.prefer_contact_chip = is(0x08);
        configuration.unwanted_tc =
            if is(0x40) { UnwantedTc::Declined } else { UnwantedTc::OnlineRequest };
        configuration
    }
}
