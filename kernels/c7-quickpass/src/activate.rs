//! Activation: what the card's answer to SELECT says. [C7 4.1]
//!
//! Reads: FCI. Writes: AID (9F06), Terminal Transaction Qualifiers (9F66), the FCI's objects.

use crate::dictionary::{C7, TERMINAL_TRANSACTION_QUALIFIERS};
use crate::{Exit, QuickPass, Reason, Ttq};
use chipwright::database::Repeat;
use chipwright::dictionary::Place;
use chipwright::dictionary::emv::template::FCI_ISSUER_DISCRETIONARY_DATA;
use chipwright::dictionary::emv::{AID, CVM_RESULTS, DF_NAME, PDOL, TVR};
use chipwright::dol::Dol;
use chipwright::event::Event;
use chipwright::fault::Failed;
use chipwright::fci::Fci;
use chipwright::field::TerminalVerificationResults as Tvr;
use chipwright::phase::Phase;
use chipwright::tlv;

impl QuickPass<'_, '_, '_> {
    /// Prepares the data, reads the FCI, and sees whether the card wants what this kernel sends.
    pub(crate) fn activate(&mut self) -> Result<(), Exit> {
        self.enter(Phase::ApplicationSelection);
        self.prepare()?;
        self.store_fci()?;
        // [C7 4.1 qualifiers]
        let pdol = Dol::new(self.link.data.bytes(PDOL.tag).unwrap_or_default());
        if !pdol.asks_for(TERMINAL_TRANSACTION_QUALIFIERS.tag) {
            self.tell(Reason::QualifiersNotRequested, Some(PDOL.tag));
            let refusal = self.configuration.qualifiers_not_requested;
            return Err(Exit::Concluded(self.refused(refusal)));
        }
        Ok(())
    }

    /// Sets what this kernel alone brings.
    fn prepare(&mut self) -> Result<(), Failed> {
        let data = &mut self.link.data;
        data.forget(CVM_RESULTS.tag);
        data.put(TVR, Tvr::EMPTY)?; // [C7 4.12]
        // [C7 6.2 undeclared]
        if !self.configuration.authentication_online {
            self.qualifiers.clear(Ttq::ODA_FOR_ONLINE_AUTHORISATIONS);
        }
        self.demand()?;
        self.link.data.put(TERMINAL_TRANSACTION_QUALIFIERS, self.qualifiers)
    }

    /// Stores the FCI, if it is of the application that was selected.
    fn store_fci(&mut self) -> Result<(), Failed> {
        let (data, events) = (&mut self.link.data, self.link.events);
        let fci = data.noted(Fci::read(self.link.apdu.data()))?;
        // [C7 4.1 name]
        if !fci.df_name.starts_with(self.activation.aid) {
            return Err(data.malformed(DF_NAME.tag));
        }
        data.put_card(DF_NAME.tag, fci.df_name, Repeat::Refuse)?;
        data.put_bytes(AID.tag, fci.df_name)?;
        data.store(fci.proprietary, Place::Fci, Repeat::Refuse, C7, events)?;
        let content = tlv::find(fci.proprietary, FCI_ISSUER_DISCRETIONARY_DATA);
        if let Some(content) = data.noted(content)? {
            data.store(content, Place::Fci, Repeat::Refuse, C7, events)?;
        }
        events.emit(&Event::Selected { name: fci.df_name });
        Ok(())
    }
}
