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
//! UnionPay QuickPass over contactless: Kernel 7.
//!
//! [`process`] is the whole kernel: Entry Point calls it when it has selected an application. Its
//! flow is one function, in the order of section 4 of the notes; each phase is a file of its own.
//! [`transact`] is the same for somebody else's Entry Point.
//!
//! | Phase | File | Commands |
//! |---|---|---|
//! | Activation [C7 4.1] | `activate.rs` | |
//! | Initiate Application Processing [C7 4.2, 4.3, 4.4] | `initiate.rs`, `cryptogram.rs` | GET PROCESSING OPTIONS |
//! | Read Application Data [C7 4.6] | `read.rs` | READ RECORD |
//! | Processing Restrictions [C7 4.7] | `restrict.rs` | |
//! | Cardholder Verification [C7 4.8, 5] | `verify.rs` | |
//! | Offline Data Authentication [C7 6] | `authenticate.rs` | |
//! | Outcome [C7 7] | `conclude.rs`, `outcome.rs`, `record.rs` | |
//!
//! What the notes mark as uncertain is a setting of [`Configuration`].
//!
//! Floor limits are Entry Point's: where a terminal has neither a reader floor limit nor one of
//! Book 4 (9F1B), pre-processing should require an online cryptogram, as section 3 of the notes has it.

mod activate;
mod authenticate;
mod conclude;
mod configuration;
mod cryptogram;
pub mod dictionary;
pub mod field;
mod harden;
mod initiate;
mod outcome;
mod read;
mod record;
mod restrict;
mod verify;

pub use configuration::{
    Configuration, MethodResults, Prompt, Refusal, Requests, Signature, SignedDataFormat,
    UnwantedTc,
};
pub use record::{DATA_RECORD, DISCRETIONARY_DATA, authenticated, data_record, discretionary_data};

use chipwright::contactless::{
    Activation, KernelId, OutcomeParameters, Reason, TerminalTransactionQualifiers as Ttq,
};
use chipwright::dictionary::emv::{TRACK_2, TVR};
use chipwright::event::Event;
use chipwright::fault::{Blame, Cause, Failed, Fault};
use chipwright::field::{CryptogramType, TerminalVerificationResults as Tvr};
use chipwright::identity::Identity;
use chipwright::outcome::End;
use chipwright::phase::Phase;
use chipwright::session::{Ended, Link, Session};
use chipwright::tag::Tag;
use chipwright::value::Track2;

use chipwright::object::Value;
use dictionary::{CARD_TRANSACTION_QUALIFIERS, TERMINAL_TRANSACTION_QUALIFIERS};
use field::CardTransactionQualifiers as Ctq;
use outcome::Conclusion;

/// Which kernel this is.
pub const IDENTITY: Identity = Identity {
    name: "chipwright-c7",
    version: env!("CARGO_PKG_VERSION"),
    checksum: env!("CHIPWRIGHT_CHECKSUM"),
};

/// The number under which Entry Point knows this kernel. [C7 1]
pub const KERNEL_ID: KernelId = KernelId::new(7);

/// Processes the application that Entry Point selected; the card's answer to SELECT lies in
/// `link.apdu`, the data of terminal and transaction among the data objects
/// ([`Activation::provide`]: a new Unpredictable Number with each). [C7 4.1 unpredictable-number]
///
/// What the card does wrong becomes its outcome, told as an event; a link that fails asks for the
/// card again. [C7 4]
///
/// # Errors
/// [`End`] when the transaction was stopped, or when the terminal is at fault:
/// [`Cause::Configuration`] without Terminal Transaction Qualifiers, [`Cause::Random`],
/// [`Cause::StoreFull`].
pub async fn process(
    link: &mut Link<'_, '_>,
    activation: &Activation<'_>,
    configuration: &Configuration<'_>,
) -> Result<OutcomeParameters, Ended> {
    let missing = Fault::new(Cause::Configuration).about(TERMINAL_TRANSACTION_QUALIFIERS.tag);
    let qualifiers = activation.qualifiers.ok_or_else(|| link.data.note(missing))?;
    let mut kernel = QuickPass { link, activation, configuration, qualifiers };
    let conclusion = match kernel.follow().await {
        Ok(conclusion) | Err(Exit::Concluded(conclusion)) => conclusion,
        Err(Exit::Ended(ended)) => kernel.ended(ended)?,
    };
    Ok(outcome::parameters(conclusion, configuration, &kernel.link.data))
}

/// Processes an application that somebody else's Entry Point selected; `answer` is the card's
/// answer to SELECT with its status word.
///
/// # Errors
/// As [`process`]; [`Cause::CommandLength`] when the answer is longer than the buffer.
pub async fn transact(
    session: &Session<'_>,
    activation: &Activation<'_>,
    configuration: &Configuration<'_>,
    answer: &[u8],
) -> Result<OutcomeParameters, End> {
    let mut link = Link::new(session, activation.transaction);
    let provided = activation.provide(&mut link.data, activation.aid);
    link.data.told(provided)?;
    link.apdu.load(answer)?;
    process(&mut link, activation, configuration).await.map_err(|ended| link.why(ended))
}

/// One application under way.
struct QuickPass<'k, 's, 'b> {
    link: &'k mut Link<'s, 'b>,
    activation: &'k Activation<'k>,
    configuration: &'k Configuration<'k>,
    qualifiers: Ttq,
}

/// Why the flow is left before its end.
enum Exit {
    /// The outcome is known.
    Concluded(Conclusion),
    /// A rule was broken, the link failed, or someone stopped it.
    Ended(Ended),
}

impl<E: Into<Ended>> From<E> for Exit {
    fn from(ended: E) -> Self {
        Self::Ended(ended.into())
    }
}

impl QuickPass<'_, '_, '_> {
    /// The application, in the order of section 4.
    async fn follow(&mut self) -> Result<Conclusion, Exit> {
        self.activate()?; //                                             [C7 4.1]
        let cryptogram = self.initiate_application().await?; //          [C7 4.2, 4.3, 4.4]
        // [C7 4.5 unread]
        if cryptogram == CryptogramType::Aac {
            return Ok(self.declined(Reason::DeclinedByCard)); //         [C7 4.5]
        }
        let restricted = self.read_application_data().await?; //         [C7 4.6, 4.7]
        if self.refuses_account() {
            return Ok(Conclusion::Declined);
        }
        let verified = self.verify_cardholder(cryptogram)?; //           [C7 4.8]

        let card_read = outcome::request(&self.configuration.requests.card_read, &self.link.data);
        self.link.show(card_read).await?; //                             [C7 4.9, 4.10]
        // [C7 4.11] From here on nothing is sent to the card.
        Ok(match cryptogram {
            CryptogramType::Tc => self.approve_offline(restricted, verified)?, // [C7 4.10]
            _ => self.request_online(restricted, verified)?, //                   [C7 4.9]
        })
    }

    #[inline(never)]
    fn enter(&self, phase: Phase) {
        self.link.enter(phase);
    }

    /// Tells why, and about which object.
    #[inline(never)]
    fn tell(&self, reason: Reason, tag: Option<Tag>) {
        self.link.events.emit(&Event::Contactless { reason, tag });
    }

    fn declined(&self, reason: Reason) -> Conclusion {
        self.tell(reason, None);
        Conclusion::Declined
    }

    /// Whether a bit of the terminal's qualifiers is set. [C7 2]
    #[inline(never)]
    fn terminal(&self, bit: Ttq) -> bool {
        self.qualifiers.contains(bit)
    }

    /// Whether the terminal can go online. [C7 2]
    fn online_capable(&self) -> bool {
        !self.terminal(Ttq::OFFLINE_ONLY)
    }

    /// What the card wants; none where it does not say. [C7 2]
    fn card_qualifiers(&self) -> Option<Ctq> {
        self.link.data.bytes(CARD_TRANSACTION_QUALIFIERS.tag).and_then(Ctq::decode)
    }

    /// The account number in the track, in format cn, and how many bytes it fills.
    fn account_of_track(&self) -> Option<([u8; 10], usize)> {
        let track = self.link.data.bytes(TRACK_2.tag).and_then(Track2::new)?;
        Some((track.pan_bytes(), track.pan_length()))
    }

    /// Adds to the Terminal Verification Results, where they are to tell. [C7 4.12]
    fn add_results(&mut self, found: Tvr) -> Result<(), Failed> {
        if self.configuration.verification_results {
            let results = self.link.data.bytes(TVR.tag).and_then(Tvr::decode).unwrap_or_default();
            self.link.data.put(TVR, results | found)?;
        }
        Ok(())
    }

    /// What an end before its time comes to.
    fn ended(&self, ended: Ended) -> Result<Conclusion, Ended> {
        let end = self.link.why(ended);
        match end {
            // [C7 4.2 link]
            End::Link(_) => {
                self.tell(Reason::LinkFailed, None);
                Ok(Conclusion::CardAgain)
            }
            End::Fault(fault) => {
                self.link.events.emit(&Event::Fault(fault));
                match fault.blame() {
                    Blame::Card => Ok(Conclusion::EndApplication),
                    _ => Err(self.link.end(end)),
                }
            }
            _ => Err(self.link.end(end)),
        }
    }
}
