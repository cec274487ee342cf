//! Start C: which application, and which kernel. [B 3.3]
//!
//! Reads: directory of the card (PPSE), combinations of the reader. Keeps the directory: what is
//! left of the candidate list is what comes behind the candidate that is tried. [B 3.3.2.6]

use crate::EntryPoint;
use crate::candidates::{self, Candidate, Key, first_after};
use crate::configuration::{Combination, Kernels};
use chipwright::apdu::Command;
use chipwright::contactless::{KernelId, OutcomeParameters, OutcomeType, Status, UiRequest};
use chipwright::database::Kept;
use chipwright::dictionary::emv::{ISSUER_AUTHENTICATION_DATA, PDOL};
use chipwright::dol::Dol;
use chipwright::event::Event;
use chipwright::fci::Fci;
use chipwright::message::Message;
use chipwright::phase::Phase;
use chipwright::session::Ended;
use chipwright::status::Status as Answer;
use chipwright::tag::Tag;
use chipwright::tlv;

/// Card and reader have nothing in common. [B 3.3.2.7]
pub(crate) const END_APPLICATION: OutcomeParameters =
    OutcomeParameters::new(OutcomeType::EndApplication)
        .showing(UiRequest::new(Message::TryAnotherCard, Status::ReadyToRead));

/// Name of the Proximity Payment System Environment. [B 3.3.2.2]
const PPSE: &[u8] = b"2PAY.SYS.DDF01";
/// Registered application provider of Visa. [B 3.3.3.6]
const VISA: &[u8] = &[0xA0, 0x00, 0x00, 0x00, 0x03];
const TERMINAL_TRANSACTION_QUALIFIERS: Tag = Tag(0x9F66);

impl<K: Kernels> EntryPoint<'_, '_, '_, K> {
    /// Reads the directory of the card; a card without one has no candidates. [B 3.3.2.2]
    pub(crate) async fn read_directory(&mut self) -> Result<(), Ended> {
        self.link.enter(Phase::ApplicationSelection);
        self.candidate = None;
        self.link.data.discard(Kept::Directory);
        let status = self.link.exchange(Command::SELECT, PPSE).await?;
        // [B 3.3.2.3]
        if status == Answer::SUCCESS {
            self.link.data.keep(Kept::Directory, self.link.apdu.data())?;
            self.tell_entries();
            self.next_candidate();
        }
        Ok(())
    }

    /// Selects the application of the best candidate that the card lets us select; `false` when
    /// none is left. [B 3.3.3]
    pub(crate) async fn select_combination(&mut self) -> Result<bool, Ended> {
        self.link.enter(Phase::ApplicationSelection);
        while let Some(Key { priority, .. }) = self.candidate {
            let (name, length) = self.selection_name();
            let name = name.get(..length).unwrap_or_default();
            self.link.events.emit(&Event::Candidate { name, priority });
            let status = self.link.exchange(Command::SELECT, name).await?; // [B 3.3.3.4]
            if status != Answer::SUCCESS && self.has_issuer_data() {
                return Ok(false); // [B 3.3.3.5]
            }
            if status == Answer::SUCCESS && self.settle_kernel() {
                return Ok(true);
            }
            self.next_candidate(); // [B 3.3.3.5, 3.3.3.6]
        }
        Ok(false)
    }

    /// Goes on to the next candidate in order; the one that was tried is removed. [B 3.3.3.2]
    pub(crate) fn next_candidate(&mut self) {
        let directory = self.link.data.kept(Kept::Directory).unwrap_or_default();
        let allowed = |combination: &Combination<'_>| {
            !self.prepared(combination).indicators.application_not_allowed
        };
        self.candidate = first_after(self.candidate, directory, self.reader.combinations, allowed);
    }

    /// The candidate that is tried, and its combination.
    pub(crate) fn chosen(&self) -> Option<(Candidate<'_>, &Combination<'_>)> {
        let key = self.candidate?;
        let directory = self.link.data.kept(Kept::Directory)?;
        let combination = self.reader.combinations.get(usize::from(key.combination))?;
        Some((candidates::candidate(directory, key)?, combination))
    }

    /// The name that is selected, and its length: extended where both sides want it.
    /// [B 3.3.3.3]
    pub(crate) fn selection_name(&self) -> ([u8; 16], usize) {
        self.chosen().map_or(([0; 16], 0), |(candidate, combination)| {
            let extend = combination.extended_selection == Some(true);
            candidate.selection_name(extend)
        })
    }

    /// Whether the application that answered goes with its kernel: one of Visa that does not ask
    /// for the qualifiers is processed by kernel 1, if there is one. [B 3.3.3.6]
    fn settle_kernel(&mut self) -> bool {
        let Some((_, combination)) = self.chosen() else {
            return false;
        };
        let mut kernel_1 = false;
        if combination.kernel == KernelId::new(3) && combination.aid.starts_with(VISA) {
            let pdol = Fci::read(self.link.apdu.data())
                .ok()
                .and_then(|fci| tlv::find(fci.proprietary, PDOL.tag).ok().flatten());
            let asked =
                Dol::new(pdol.unwrap_or_default()).asks_for(TERMINAL_TRANSACTION_QUALIFIERS);
            if !asked && !self.kernels.supports(KernelId::new(1)) {
                return false;
            }
            kernel_1 = !asked;
        }
        self.kernel_1 = kernel_1;
        true
    }

    /// Whether the issuer sent something for the card. [B 3.3.2.1]
    pub(crate) fn has_issuer_data(&self) -> bool {
        let data = &self.link.data;
        data.bytes(ISSUER_AUTHENTICATION_DATA.tag).is_some()
            || data.kept(Kept::Scripts).is_some_and(|scripts| !scripts.is_empty())
    }

    /// Tells which entries of the directory are passed over, and why.
    fn tell_entries(&self) {
        let directory = self.link.data.kept(Kept::Directory).unwrap_or_default();
        for (number, entry) in (1..).zip(candidates::entries(directory)) {
            if let Err(why) = entry.usable(self.reader.combinations) {
                self.link.events.emit(&Event::EntryPassed { number, why });
            }
        }
    }
}
