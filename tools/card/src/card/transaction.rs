//! A transaction as the card follows it.

use super::Memory;
use super::quickpass::Said;
use crate::issuer_data::Results;
use crate::object::Objects;

/// What the card knows since GET PROCESSING OPTIONS.
#[derive(Clone)]
pub(super) struct Transaction {
    /// What the terminal sent so far, as it was sent: values of PDOL, CDOL1, CDOL2.
    pub(super) sent: Vec<u8>,
    /// The same by tag; what came later counts.
    pub(super) objects: Objects,
    pub(super) results: Results,
    pub(super) stage: Stage,
    /// What a contactless card says beside its cryptogram.
    pub(super) said: Option<Said>,
    /// Commands of the issuer that came, whether they were obeyed or not.
    pub(super) script_commands: u8,
    /// One of them was not obeyed.
    pub(super) script_failed: bool,
}

/// How far a transaction is.
#[derive(Clone, Copy)]
pub(super) enum Stage {
    /// No cryptogram yet.
    Begun,
    /// The card asked the issuer.
    Online(Request),
    /// The last cryptogram is given; whether the issuer had been asked before it.
    Ended(Option<Request>),
}

/// A question to the issuer, and what became of it.
#[derive(Clone, Copy)]
pub(super) struct Request {
    pub(super) cryptogram: [u8; 8],
    pub(super) unpredictable_number: [u8; 4],
    /// Whether the issuer approved, once an answer was verified.
    pub(super) approved: Option<bool>,
}

impl Stage {
    /// The question to the issuer, whose commands the card obeys from then on.
    pub(super) const fn request(self) -> Option<Request> {
        match self {
            Self::Begun => None,
            Self::Online(request) => Some(request),
            Self::Ended(request) => request,
        }
    }
}

impl Transaction {
    pub(super) fn new(sent: &[u8], objects: Objects, memory: &Memory) -> Self {
        Self {
            sent: sent.to_vec(),
            objects,
            results: Results {
                pin_tries_left: memory.pin_tries_left,
                last_online_incomplete: memory.last_online_incomplete,
                last_authentication_failed: memory.last_authentication_failed,
                new_card: memory.last_online_atc == 0,
                script_commands: memory.script_commands,
                script_failed: memory.script_failed,
                ..Results::default()
            },
            stage: Stage::Begun,
            said: None,
            script_commands: 0,
            script_failed: false,
        }
    }
}
