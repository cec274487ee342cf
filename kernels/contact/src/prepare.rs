//! Before the first command: what the terminal brings into the transaction.

use crate::Contact;
use chipwright::config::Application;
use chipwright::database::check_string;
use chipwright::dictionary::emv::{
    AID, APPLICATION_VERSION_NUMBER_TERMINAL, DDOL, TDOL, TERMINAL_CAPABILITIES,
    TERMINAL_FLOOR_LIMIT, TERMINAL_TYPE, TSI, TVR, UNPREDICTABLE_NUMBER,
};
use chipwright::dol::Dol;
use chipwright::fault::{Cause, Failed, Fault};
use chipwright::field::{
    TerminalCapabilities as Can, TerminalVerificationResults as Tvr,
    TransactionStatusInformation as Tsi,
};
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;

/// What the terminal may not claim: this kernel does not do it.
const NOT_SUPPORTED: Can = Can([
    0,
    Can::ONLINE_BIOMETRIC.0[1] | Can::OFFLINE_BIOMETRIC.0[1] | Can::ENCIPHERED_PIN_OFFLINE_ECC.0[1],
    Can::XDA.0[2],
]);

impl<'t> Contact<'t, '_, '_> {
    /// Checks the configuration and sets the terminal's data. [B4 6.5, 10.1]
    pub(crate) fn prepare(&mut self) -> Result<(), Failed> {
        let terminal = self.transaction.terminal;
        if !terminal.terminal_type.is_valid() {
            return Err(self.misconfigured(TERMINAL_TYPE.tag));
        }
        if terminal.capabilities.intersects(NOT_SUPPORTED) {
            return Err(self.misconfigured(TERMINAL_CAPABILITIES.tag));
        }
        let names = terminal.applications.iter().map(|application| application.aid.len());
        if !names.into_iter().all(|length| matches!(length, 5..=16)) {
            return Err(self.misconfigured(AID.tag)); // [B1 12.2.1]
        }
        self.link.data.noted(check_string(terminal.data))?;
        for application in terminal.applications {
            self.link.data.noted(check_default_lists(application))?;
            self.link.data.noted(check_string(application.data))?;
        }
        self.link.data.clear();
        // [B3 10.1] All results are zero at the start. First in the store: read most often.
        self.link.data.put(TVR, Tvr::EMPTY)?;
        self.link.data.put(TSI, Tsi::EMPTY)?;
        self.transaction.provide(&mut self.link.data)?;
        self.renew_unpredictable_number()
    }

    /// Sets what belongs to the selected application.
    pub(crate) fn prepare_application(
        &mut self,
        application: &'t Application<'t>,
    ) -> Result<(), Failed> {
        self.application = Some(application);
        self.link.data.put(APPLICATION_VERSION_NUMBER_TERMINAL, application.version)?;
        self.link.data.put(TERMINAL_FLOOR_LIMIT, application.floor_limit)?;
        self.link.data.put_string(application.data)?;
        // An application's own capabilities are under the same conditions as the terminal's.
        let capabilities = self.link.data.require(TERMINAL_CAPABILITIES)?;
        if capabilities.intersects(NOT_SUPPORTED) {
            return Err(self.misconfigured(TERMINAL_CAPABILITIES.tag));
        }
        let capabilities = self.transaction.terminal.options.accepted(capabilities);
        self.link.data.put(TERMINAL_CAPABILITIES, capabilities)
    }

    /// Takes back what belonged to an application that was given up.
    pub(crate) fn withdraw_application(&mut self) -> Result<(), Failed> {
        if let Some(application) = self.application.take() {
            for tlv in Tlvs::new(application.data).flatten() {
                self.link.data.forget(tlv.tag);
            }
            self.transaction.terminal.provide(&mut self.link.data)?;
        }
        Ok(())
    }

    /// Draws an Unpredictable Number (9F37). [B4 6.5.6]
    pub(crate) fn renew_unpredictable_number(&mut self) -> Result<(), Failed> {
        let mut number = [0; 4];
        self.draw(&mut number)?;
        self.link.data.put(UNPREDICTABLE_NUMBER, number)
    }

    /// Fills bytes that the card cannot predict.
    pub(crate) fn draw(&self, out: &mut [u8]) -> Result<(), Failed> {
        let drawn = self.transaction.crypto.random.fill(out);
        self.link.data.noted(drawn.map_err(|_| Fault::new(Cause::Random)))
    }

    fn misconfigured(&self, tag: Tag) -> Failed {
        self.link.data.note(misconfigured(tag))
    }
}

/// Whether the default lists of an application are lists, and a command can carry the DDOL.
/// [B3 5.3, 5.4]
fn check_default_lists(application: &Application<'_>) -> Result<(), Fault> {
    for (tag, list, longest) in [
        (DDOL.tag, application.default_ddol, usize::from(u8::MAX)),
        (TDOL.tag, application.default_tdol, usize::MAX),
    ] {
        let length = Dol::new(list.unwrap_or_default()).filled_length();
        if length.map_err(|error| misconfigured(tag).at(error.offset))? > longest {
            return Err(misconfigured(tag));
        }
    }
    Ok(())
}

const fn misconfigured(tag: Tag) -> Fault {
    Fault::new(Cause::Configuration).about(tag)
}
