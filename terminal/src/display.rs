//! What is shown to the cardholder: messages by their standard identifiers.

use chipwright::database::Database;
use chipwright::dictionary::emv::LANGUAGE_PREFERENCE;
use chipwright::fault::{Blame, Cause};
pub use chipwright::message::Message;
use chipwright::outcome::{Conclusion, End};
use chipwright::value::{Amount, Code};

/// One request to the display.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Show {
    /// What to show, in words of the language.
    pub message: Message,
    /// Language, ISO 639 in two small letters. [B4 11.1]
    pub language: [u8; 2],
    /// PIN tries left, where the card told: with [`Message::EnterPin`] and
    /// [`Message::IncorrectPin`]. One means that this is the last try, which is to be said; no
    /// standard identifier says it. [B4 6.3.4.1]
    pub tries_left: Option<u8>,
    /// What is to be confirmed by a PIN: with [`Message::EnterPin`]. Nothing where the amount is
    /// not known yet. Or what a tap is about, where its kernel wants that shown.
    pub price: Option<Price>,
    /// What is left on the card: with [`Message::Approved`] of a tap. [A 7]
    pub balance: Option<Price>,
    /// How long the message stays before the next one replaces it, in tenths of a second.
    pub hold: u8,
}

/// An amount that can be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Price {
    /// In minor units.
    pub amount: Amount,
    /// Currency, ISO 4217.
    pub currency: Code,
    /// Digits of the minor unit.
    pub exponent: u8,
}

impl Show {
    /// A message and nothing more.
    pub const fn new(message: Message, language: [u8; 2]) -> Self {
        Self { message, language, tries_left: None, price: None, balance: None, hold: 0 }
    }
}

/// The language to speak: the first of the card's preferences that the terminal has, or the
/// terminal's first. [B4 11.1]
///
/// `spoken`: the terminal's languages, ISO 639 in two small letters. A card's preference counts
/// whatever case its letters have.
pub fn language(data: &Database<'_>, spoken: &[[u8; 2]]) -> [u8; 2] {
    spoken_by(data.bytes(LANGUAGE_PREFERENCE.tag).unwrap_or_default(), spoken)
}

/// As [`language`], of these preferences.
pub(crate) fn spoken_by(preferred: &[u8], spoken: &[[u8; 2]]) -> [u8; 2] {
    let (preferred, _) = preferred.as_chunks::<2>();
    let mut shared = preferred
        .iter()
        .filter_map(|wanted| spoken.iter().find(|language| language.eq_ignore_ascii_case(wanted)));
    shared.next().or(spoken.first()).copied().unwrap_or(*b"en")
}

/// The message that tells how a transaction ended; none when someone stopped it, who knows.
/// [B4 11.2]
pub fn closing(conclusion: Conclusion, signature: bool, end: Option<End>) -> Option<Message> {
    Some(match conclusion {
        Conclusion::Approved if signature => Message::ApprovedSign,
        Conclusion::Approved => Message::Approved,
        Conclusion::Declined => Message::Declined,
        Conclusion::CardRead => Message::CardReadOk,
        Conclusion::TryAnotherInterface => Message::TryAnotherCard,
        _ => match end? {
            End::Stopped(_) => return None,
            End::Fault(fault) if fault.cause == Cause::ServiceNotAllowed => Message::NotAccepted,
            End::Fault(fault) if fault.blame() == Blame::Card => Message::CardError,
            End::Fault(_) => Message::ProcessingError,
            End::Link(_) => Message::CardError,
            // [B3 10.1, B1 12.4] Nothing on this card will do.
            _ => Message::NotAccepted,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::fault::Fault;
    use chipwright::session::{LinkError, Stop};

    #[test]
    fn speaks_the_first_language_that_both_have() {
        // covers B4 11.1
        let spoken = [*b"en", *b"de", *b"fr"];
        let heard = |preferred: &[u8]| {
            let mut memory = [0; 64];
            let mut data = Database::new(&mut memory);
            data.put_bytes(LANGUAGE_PREFERENCE.tag, preferred).unwrap();
            language(&data, &spoken)
        };
        assert_eq!(heard(b"frde"), *b"fr");
        assert_eq!(heard(b"fiDEen"), *b"de");
        assert_eq!(heard(b"fisv"), *b"en");
        assert_eq!(heard(b""), *b"en");
        assert_eq!(language(&Database::default(), &spoken), *b"en");
        assert_eq!(language(&Database::default(), &[]), *b"en");
    }

    #[test]
    fn every_end_has_its_message() {
        let approved = |signature| closing(Conclusion::Approved, signature, None);
        assert_eq!(approved(false), Some(Message::Approved));
        assert_eq!(approved(true), Some(Message::ApprovedSign));
        assert_eq!(closing(Conclusion::Declined, false, None), Some(Message::Declined));
        let terminated = |end| closing(Conclusion::Terminated, false, Some(end));
        for (end, message) in [
            (End::Stopped(Stop::Cancelled), None),
            (End::Link(LinkError::Removed), Some(Message::CardError)),
            (End::CardBlocked, Some(Message::NotAccepted)),
            (End::NoCommonApplication, Some(Message::NotAccepted)),
            (End::NotConfirmed, Some(Message::NotAccepted)),
            (End::Fault(Fault::new(Cause::ServiceNotAllowed)), Some(Message::NotAccepted)),
            (End::Fault(Fault::new(Cause::Missing)), Some(Message::CardError)),
            (End::Fault(Fault::new(Cause::StoreFull)), Some(Message::ProcessingError)),
            (End::Fault(Fault::new(Cause::HostAnswer)), Some(Message::ProcessingError)),
        ] {
            assert_eq!(terminated(end), message, "{end:?}");
        }
    }
}
