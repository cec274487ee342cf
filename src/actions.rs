//! Terminal action analysis: decline, ask the issuer, or approve. [B3 10.7] [B4 6.3.6]

use crate::config::ActionCodes;
use crate::event::{Event, Events};
use crate::field::{CryptogramType, OnlineCapability, TerminalVerificationResults as Tvr};

/// A column of the action codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Column {
    /// Denial.
    Denial,
    /// Online.
    Online,
    /// Default.
    Default,
}

/// The codes of both sides and what they are held against.
#[derive(Clone, Copy, Debug)]
pub struct Analysis<'e> {
    /// Terminal Verification Results (95).
    pub results: Tvr,
    /// Issuer Action Codes (9F0D to 9F0F), with [`ISSUER_DEFAULT`] for those absent.
    pub issuer: ActionCodes,
    /// Terminal Action Codes.
    pub terminal: ActionCodes,
    /// What the terminal can do about the issuer.
    pub capability: OnlineCapability,
    /// Where events go.
    pub events: Events<'e>,
}

/// What stands for Issuer Action Codes that the card does not have. [B3 10.7]
pub const ISSUER_DEFAULT: ActionCodes =
    ActionCodes { denial: Tvr::EMPTY, online: Tvr([0xFF; 5]), default: Tvr([0xFF; 5]) };

/// What the terminal decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// The cryptogram to ask for.
    pub request: CryptogramType,
    /// Authorisation Response Code (8A) that the terminal sets for it. [B4 A6]
    pub authorisation_response_code: Option<[u8; 2]>,
}

impl Decision {
    /// The issuer is asked.
    pub const ONLINE: Self =
        Self { request: CryptogramType::Arqc, authorisation_response_code: None };
    const APPROVED: Self = Self::offline(CryptogramType::Tc, *b"Y1");
    /// Declined offline.
    pub const DECLINED: Self = Self::offline(CryptogramType::Aac, *b"Z1");
    const UNABLE_APPROVED: Self = Self::offline(CryptogramType::Tc, *b"Y3");
    /// Declined, after the issuer could not be asked.
    pub const UNABLE_DECLINED: Self = Self::offline(CryptogramType::Aac, *b"Z3");

    const fn offline(request: CryptogramType, code: [u8; 2]) -> Self {
        Self { request, authorisation_response_code: Some(code) }
    }
}

impl Analysis<'_> {
    /// Before the first GENERATE AC. [B3 10.7]
    pub fn first(&self) -> Decision {
        // [B3 10.7 denial]
        let decision = if self.hits(Column::Denial) {
            Decision::DECLINED
        } else {
            match self.capability {
                OnlineCapability::OnlineOnly => Decision::ONLINE,
                // [B3 10.7 online]
                OnlineCapability::OfflineWithOnline if self.hits(Column::Online) => {
                    Decision::ONLINE
                }
                // [B3 10.7 default]
                OnlineCapability::OfflineOnly if self.hits(Column::Default) => Decision::DECLINED,
                _ => Decision::APPROVED,
            }
        };
        self.tell(decision)
    }

    /// After an ARQC, when the issuer cannot be asked. [B3 10.7, B4 6.3.8]
    pub fn unable_to_go_online(&self) -> Decision {
        // An online-only terminal has nothing to approve on.
        // [B3 10.7 online-only]
        let online_only = self.capability == OnlineCapability::OnlineOnly;
        // [B3 10.7 unable]
        let decision = if online_only || self.hits(Column::Default) {
            Decision::UNABLE_DECLINED
        } else {
            Decision::UNABLE_APPROVED
        };
        self.tell(decision)
    }

    /// Whether a bit of the column, issuer's or terminal's, is set in the results.
    fn hits(&self, column: Column) -> bool {
        let pick = |codes: ActionCodes| match column {
            Column::Denial => codes.denial,
            Column::Online => codes.online,
            Column::Default => codes.default,
        };
        let mut hit = false;
        for (codes, issuer) in [(self.issuer, true), (self.terminal, false)] {
            let bits = self.results & pick(codes);
            if !bits.is_empty() {
                hit = true;
                self.events.emit(&Event::ActionCode { column, issuer, bits });
            }
        }
        hit
    }

    /// Tells the events a decision, this one or one that the integrator took.
    pub fn tell(&self, decision: Decision) -> Decision {
        let Decision { request, authorisation_response_code } = decision;
        self.events.emit(&Event::Decision { request, authorisation_response_code });
        decision
    }
}

#[cfg(test)]
mod tests;
