#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_possible_wrap,
        clippy::unreachable,
        clippy::todo
    )
)]
//! EMV contact transactions: Books 1 to 4.
//!
//! [`transact`] is the whole kernel. Its flow is one function, `Contact::process`, in the order
//! and words of Book 3; each phase is a file of its own. It does no I/O: a
//! [`Driver`](chipwright::driver::Driver) polls it and hands its requests to the integrator.
//!
//! | Phase | File | Commands |
//! |---|---|---|
//! | Application Selection [B1 12] | `select.rs`, `directory.rs` | SELECT, READ RECORD |
//! | Initiate Application Processing [B3 10.1] | `initiate.rs` | GET PROCESSING OPTIONS |
//! | Read Application Data [B3 10.2] | `read.rs` | READ RECORD |
//! | Offline Data Authentication [B3 10.3] | `authenticate.rs` | INTERNAL AUTHENTICATE |
//! | Processing Restrictions [B3 10.4] | `chipwright::restrictions` | |
//! | Cardholder Verification [B3 10.5] | `verify.rs` | GET DATA; VERIFY by the PIN pad |
//! | Terminal Risk Management [B3 10.6] | `assess.rs` | GET DATA |
//! | Terminal and Card Action Analysis [B3 10.7, 10.8] | `cryptogram.rs`, `combined.rs` | GENERATE AC |
//! | Issuer-to-Card Script Processing [B3 10.10] | `scripts.rs` | the issuer's |
//! | Online Processing, Completion [B3 10.9, 10.11] | `online.rs` | EXTERNAL AUTHENTICATE, GENERATE AC |

mod assess;
mod authenticate;
mod combined;
mod cryptogram;
mod directory;
mod harden;
mod initiate;
mod online;
mod prepare;
mod read;
mod scripts;
mod select;
mod verify;

use chipwright::actions::Decision;
use chipwright::config::{Application, Transaction};
use chipwright::cvm::Verified;
use chipwright::dictionary::emv::{AMOUNT_OTHER, TSI, TVR};
use chipwright::event::Event;
use chipwright::fault::Failed;
use chipwright::field::{
    CryptogramType, TerminalVerificationResults as Tvr, TransactionStatusInformation as Tsi,
};
use chipwright::findings::Findings;
use chipwright::identity::Identity;
use chipwright::outcome::{Authority, Conclusion, End, Outcome};
use chipwright::phase::Phase;
use chipwright::restrictions::{self, Restricted};
use chipwright::risk::Assessed;
use chipwright::session::{Ended, Link, Proceed, Review, Session};
use chipwright::value::Amount;

use authenticate::Authenticated;

/// Which kernel this is.
pub const IDENTITY: Identity = Identity {
    name: "chipwright-contact",
    version: env!("CARGO_PKG_VERSION"),
    checksum: env!("CHIPWRIGHT_CHECKSUM"),
};

/// Performs one EMV contact transaction.
///
/// Poll it with a [`Driver`](chipwright::driver::Driver) over the same session. The future is
/// small (see `docs/size.md`): data and buffer are borrowed.
pub async fn transact(session: &Session<'_>, transaction: &Transaction<'_>) -> Outcome {
    let link = Link::new(session, transaction);
    let mut contact = Contact {
        link,
        transaction,
        application: None,
        phase: Phase::Idle,
        combined: false,
        refusal_wanted: false,
        refused: false,
        authority: Authority::Offline,
        issuer_approved: false,
        signature: false,
        advice: false,
    };
    let outcome = match contact.process().await {
        Ok(outcome) => outcome,
        Err(ended) => contact.terminated(contact.link.why(ended)),
    };
    contact.link.events.emit(&Event::Ended(outcome));
    outcome
}

/// One transaction under way.
struct Contact<'t, 's, 'b> {
    link: Link<'s, 'b>,
    transaction: &'t Transaction<'t>,
    /// The terminal's configuration of the selected application.
    application: Option<&'t Application<'t>>,
    phase: Phase,
    /// Cryptograms that promise something are asked for with a combined signature.
    combined: bool,
    /// The integrator wants a refusal.
    refusal_wanted: bool,
    /// The hardened profile refuses, for what was found so far.
    refused: bool,
    /// Who decides, from here on.
    authority: Authority,
    /// The issuer approved: whatever else ends the transaction must undo it.
    issuer_approved: bool,
    signature: bool,
    advice: bool,
}

/// Proof that every phase before the first GENERATE AC was done: GENERATE AC takes it by value,
/// so a kernel that skips one does not compile.
#[expect(dead_code, reason = "receipts are shown, not read")]
struct Checks {
    authenticated: Authenticated,
    restricted: Restricted,
    verified: Verified,
    assessed: Assessed,
}

impl<'t> Contact<'t, '_, '_> {
    /// The transaction, in the order of Book 3, figure 7.
    async fn process(&mut self) -> Result<Outcome, Ended> {
        self.prepare()?;
        self.select_and_initiate().await?; //                             [B1 12] [B3 10.1]
        self.read_application_data().await?; //                           [B3 10.2]
        let forced = self.review_records().await?;
        self.check_account();

        let authenticated = self.authenticate_offline_data().await?; //   [B3 10.3]
        let restricted = self.check_restrictions()?; //                   [B3 10.4]
        let verified = self.verify_cardholder().await?; //                [B3 10.5]
        let assessed = self.manage_risk().await?; //                      [B3 10.6]

        let checks = Checks { authenticated, restricted, verified, assessed };
        let decision = self.analyse_actions(forced)?; //                  [B3 10.7]
        match self.first_cryptogram(decision.request, checks).await? {
            CryptogramType::Tc => Ok(self.concluded(Conclusion::Approved)),
            CryptogramType::Aac => Ok(self.concluded(Conclusion::Declined)),
            CryptogramType::Arqc => self.go_online().await, //            [B3 10.9, 10.11]
        }
    }

    /// Selects an application and starts it; one that refuses to start makes room for the next.
    async fn select_and_initiate(&mut self) -> Result<(), Ended> {
        self.build_candidate_list().await?;
        if self.transaction.terminal.options.reviews.candidates {
            match self.link.review(Review::Candidates).await? {
                Proceed::Continue => {}
                Proceed::CardRead => return Err(self.link.end(End::CardRead)),
                Proceed::Decline => self.refusal_wanted = true,
            }
        }
        let mut consent_needed = false;
        loop {
            let number = self.select_application(consent_needed).await?;
            if self.initiate_application().await? {
                return Ok(());
            }
            // [B3 10.1, B4 6.3.1] Back to the list, without this application; what the
            // cardholder chose is not replaced behind their back.
            consent_needed |= self.give_up(number)?;
        }
    }

    /// Lets the integrator look at the card's data; says whether it wants a refusal.
    async fn review_records(&mut self) -> Result<Option<Decision>, Ended> {
        if self.transaction.terminal.options.reviews.records {
            match self.link.review(Review::Records).await? {
                Proceed::Continue => {}
                Proceed::CardRead => return Err(self.link.end(End::CardRead)),
                Proceed::Decline => self.refusal_wanted = true,
            }
        }
        Ok(self.refusal_wanted.then_some(Decision::DECLINED))
    }

    /// Processing Restrictions. [B3 10.4]
    fn check_restrictions(&mut self) -> Result<Restricted, Ended> {
        self.enter(Phase::ProcessingRestrictions);
        let Transaction { terminal, kind, .. } = *self.transaction;
        let cashback = self.link.data.require(AMOUNT_OTHER)? > Amount::ZERO;
        let mut findings = Findings::new(self.link.events);
        let restricted =
            restrictions::process(&self.link.data, terminal, kind, cashback, &mut findings)?;
        self.add_results(findings)?;
        Ok(restricted)
    }

    #[inline(never)]
    fn enter(&mut self, phase: Phase) {
        if self.phase != phase {
            self.phase = phase;
            self.link.enter(phase);
        }
    }

    /// Adds what a check found to the Terminal Verification Results.
    fn add_results(&mut self, findings: Findings<'_>) -> Result<(), Failed> {
        self.change_results(|results| results.set(findings.bits()))
    }

    fn change_results(&mut self, change: impl FnOnce(&mut Tvr)) -> Result<(), Failed> {
        let mut results = self.link.data.require(TVR)?;
        change(&mut results);
        self.link.data.put(TVR, results)
    }

    /// Sets a bit of the Transaction Status Information.
    fn add_status(&mut self, bit: Tsi) -> Result<(), Failed> {
        let status = self.link.data.require(TSI)?;
        self.link.events.emit(&Event::Status(bit));
        self.link.data.put(TSI, status | bit)
    }

    fn concluded(&self, conclusion: Conclusion) -> Outcome {
        let approved = conclusion == Conclusion::Approved;
        Outcome {
            conclusion,
            authority: self.authority,
            end: None,
            phase: self.phase,
            signature: approved && self.signature,
            reversal: self.issuer_approved && !approved,
            advice: self.advice,
        }
    }

    #[inline(never)]
    fn terminated(&self, end: End) -> Outcome {
        if let End::Fault(fault) = end {
            self.link.events.emit(&Event::Fault(fault));
        }
        let conclusion = match end {
            End::CardRead => Conclusion::CardRead,
            _ => Conclusion::Terminated,
        };
        Outcome { end: Some(end), ..self.concluded(conclusion) }
    }
}

/// The example in the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
