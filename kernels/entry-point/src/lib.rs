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
//! Entry Point and the reader around it: contactless transactions up to the kernel, and after it.
//!
//! [`transact`] is a whole contactless transaction; a [`Driver`](chipwright::driver::Driver) polls
//! it and hands its requests to the integrator, as with a contact kernel. The kernels are the
//! integrator's: [`Kernels`] calls those that are linked, and one that is not costs nothing.
//!
//! | Part | File | Commands |
//! |---|---|---|
//! | the reader [A 8] | `reader.rs` | |
//! | Start A, Pre-Processing [B 3.1] | `pre_processing.rs` | |
//! | Start B, Protocol Activation [B 3.2] | `protocol_activation.rs` | |
//! | Start C, Combination Selection [B 3.3] | `combination_selection.rs`, `candidates.rs` | SELECT |
//! | Start D, Kernel Activation [B 3.4] | `kernel_activation.rs` | the kernel's |
//! | Outcome Processing [B 3.5] | `outcome_processing.rs` | |

mod candidates;
mod combination_selection;
mod configuration;
mod kernel_activation;
mod outcome_processing;
mod pre_processing;
mod protocol_activation;
mod reader;

pub use configuration::{Combination, Kernels, Reader};
pub use pre_processing::Prepared;

use candidates::Key;
use chipwright::contactless::{OutcomeParameters, OutcomeType, Start};
use chipwright::event::Event;
use chipwright::fault::{Cause, Fault};
use chipwright::identity::Identity;
use chipwright::outcome::{End, Outcome};
use chipwright::session::{Ended, Link, Session};
use reader::Issuer;

/// Which Entry Point this is.
pub const IDENTITY: Identity = Identity {
    name: "chipwright-entry-point",
    version: env!("CARGO_PKG_VERSION"),
    checksum: env!("CHIPWRIGHT_CHECKSUM"),
};

/// Performs one contactless transaction, from the idle reader to the final outcome. [A 8]
///
/// Poll it with a [`Driver`](chipwright::driver::Driver) over the same session. The field is off
/// when it ends.
pub async fn transact<K: Kernels>(
    session: &Session<'_>,
    reader: &Reader<'_>,
    kernels: &K,
) -> Outcome {
    let mut entry_point = EntryPoint {
        link: Link::new(session, reader.transaction),
        reader,
        kernels,
        pre_processed: false,
        restart: false,
        candidate: None,
        kernel_1: false,
        outcome: OutcomeParameters::new(OutcomeType::TryAgain),
        issuer: Issuer::NotAsked,
        pin_missing: false,
        rounds_left: ROUNDS,
    };
    entry_point.read().await
}

/// How often Entry Point begins anew in one transaction, for whatever reason: presentments,
/// candidates, restarts. A card that always asks for more must not keep a reader for ever.
const ROUNDS: u8 = 64;

/// One transaction under way.
struct EntryPoint<'t, 's, 'b, K> {
    link: Link<'s, 'b>,
    reader: &'t Reader<'t>,
    kernels: &'t K,
    /// Start A was passed; otherwise the reader began at Start B, and qualifiers are fixed.
    pre_processed: bool,
    /// The reader started Entry Point again. [A 8.1.1.19]
    restart: bool,
    /// The candidate that is tried; those before it were removed from the list.
    candidate: Option<Key>,
    /// Kernel 1 processes the application instead of kernel 3. [B 3.3.3.6]
    kernel_1: bool,
    /// What the last part came to; in the end, the final outcome.
    outcome: OutcomeParameters,
    /// What the issuer said.
    issuer: Issuer,
    /// A PIN for the issuer was asked for, and none was entered.
    pin_missing: bool,
    rounds_left: u8,
}

impl<K: Kernels> EntryPoint<'_, '_, '_, K> {
    /// Entry Point, from `start` to a final outcome. Select Next and Try Again stay inside.
    /// [B 3]
    async fn process(&mut self, start: Start) -> Result<(), Ended> {
        self.link.events.emit(&Event::EntryPoint { start, restart: self.restart });
        // [B 3.2.1.2] A card that stayed in the field is told at once, another when it is polled for.
        if matches!(start, Start::C | Start::D)
            && let Some(request) = self.outcome.ui_request_on_restart.take()
        {
            self.link.show(request).await?;
        }
        let mut begin = Beginning { start, by_reader: true };
        loop {
            let left = self.rounds_left.checked_sub(1).ok_or(Fault::new(Cause::TooManyExchanges));
            self.rounds_left = self.link.data.noted(left)?;
            if let Err(ended) = self.pass(begin, start).await {
                match self.link.why(ended) {
                    // [B 3.3.3.7] Whatever is lost on the way, the card is polled for again.
                    End::Link(_) => self.outcome = OutcomeParameters::new(OutcomeType::TryAgain),
                    end => return Err(self.link.end(end)),
                }
            }
            let approved = self.outcome.outcome == OutcomeType::Approved;
            if approved {
                // So it can be written down before it is shown, and nobody stops it any more.
                self.link.decide(self.conclude(None));
            }
            let processed = self.process_outcome().await; //              [B 3.5]
            match processed {
                Err(ended) if approved => drop(self.link.why(ended)),
                processed => processed?,
            }
            begin.by_reader = false;
            begin.start = match self.outcome.outcome {
                OutcomeType::SelectNext => Start::C,
                OutcomeType::TryAgain => Start::B,
                _ => return Ok(()),
            };
        }
    }

    /// One pass through the parts from where it begins; `start` is where Entry Point was started.
    /// A kernel is told that, unless it was Start D and another one takes over.
    async fn pass(&mut self, begin: Beginning, start: Start) -> Result<(), Ended> {
        use Start::{A, B, C, D};
        let Beginning { start: from, by_reader } = begin;
        if from == A && !self.pre_process() {
            self.outcome = pre_processing::NOT_ALLOWED; //                [B 3.1.1.13]
            return Ok(());
        }
        if matches!(from, A | B) {
            self.activate_protocol().await?; //                           [B 3.2]
        }
        // [B 3.3.2.1]
        let with_issuer_data = by_reader && from == B && self.has_issuer_data();
        if matches!(from, A | B) && !with_issuer_data {
            self.read_directory().await?; //                              [B 3.3.2]
        }
        if from == C && !by_reader {
            self.next_candidate(); //                                   [B 3.5.1 select-next]
        }
        if from == D {
            self.link.apdu.wipe(); //                                     [B 3.4.1.3]
        } else if !self.select_combination().await? {
            self.outcome = combination_selection::END_APPLICATION; //     [B 3.3.2.7]
            return Ok(());
        }
        let start = if start == D { from } else { start };
        self.activate_kernel(start).await //                              [B 3.4]
    }
}

/// Where a pass begins, and who wants it.
#[derive(Clone, Copy)]
struct Beginning {
    start: Start,
    /// The reader, and not Entry Point itself.
    by_reader: bool,
}
