//! What is shown to the cardholder: messages by their standard identifiers.

use chipwright::database::Database;
use chipwright::dictionary::emv::LANGUAGE_PREFERENCE;
use chipwright::fault::{Blame, Cause};
use chipwright::outcome::{Conclusion, End};
use chipwright::value::{Amount, Code};

/// Standard messages by their identifiers. [B4 11.2] Those from 14 on are Book A's, which
/// terminals with both interfaces share.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Message {
    /// Approved.
    Approved = 0x03,
    /// Call your bank.
    CallYourBank = 0x04,
    /// Cancel or enter.
    CancelOrEnter = 0x05,
    /// Card error.
    CardError = 0x06,
    /// Declined; on a contactless terminal: not authorised.
    Declined = 0x07,
    /// Enter amount.
    EnterAmount = 0x08,
    /// Enter PIN.
    EnterPin = 0x09,
    /// Incorrect PIN.
    IncorrectPin = 0x0A,
    /// Insert card.
    InsertCard = 0x0B,
    /// Not accepted.
    NotAccepted = 0x0C,
    /// PIN OK.
    PinOk = 0x0D,
    /// Please wait.
    PleaseWait = 0x0E,
    /// Processing error.
    ProcessingError = 0x0F,
    /// Remove card.
    RemoveCard = 0x10,
    /// Use chip reader.
    UseChipReader = 0x11,
    /// Use magnetic stripe.
    UseMagneticStripe = 0x12,
    /// Try again.
    TryAgain = 0x13,
    /// Welcome.
    Welcome = 0x14,
    /// Present card.
    PresentCard = 0x15,
    /// Processing.
    Processing = 0x16,
    /// Card read OK, remove card.
    CardReadOk = 0x17,
    /// Insert or swipe card.
    InsertOrSwipeCard = 0x18,
    /// Present one card only.
    PresentOneCard = 0x19,
    /// Approved, sign.
    ApprovedSign = 0x1A,
    /// Authorising, wait.
    Authorising = 0x1B,
    /// Insert, swipe or try another card.
    TryAnotherCard = 0x1C,
    /// Insert card (Book A's number for it).
    InsertCardInstead = 0x1D,
    /// Nothing: the display is cleared.
    Clear = 0x1E,
    /// See phone for instructions.
    SeePhone = 0x20,
    /// Present card again.
    PresentCardAgain = 0x21,
}

impl Message {
    /// The standard identifier.
    pub const fn identifier(self) -> u8 {
        self as u8
    }
}

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
    /// not known yet.
    pub price: Option<Price>,
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
        Self { message, language, tries_left: None, price: None, hold: 0 }
    }
}

/// The language to speak: the first of the card's preferences that the terminal has, or the
/// terminal's first. [B4 11.1]
///
/// `spoken`: the terminal's languages, ISO 639 in two small letters. A card's preference counts
/// whatever case its letters have.
pub fn language(data: &Database<'_>, spoken: &[[u8; 2]]) -> [u8; 2] {
    let preferred = data.bytes(LANGUAGE_PREFERENCE.tag).unwrap_or_default();
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

    /// [B4 11]
    #[test]
    fn identifiers_are_the_standard_ones() {
        // covers B4 11.2
        for (message, identifier) in [
            (Message::Approved, 0x03),
            (Message::CardError, 0x06),
            (Message::Declined, 0x07),
            (Message::EnterPin, 0x09),
            (Message::IncorrectPin, 0x0A),
            (Message::InsertCard, 0x0B),
            (Message::NotAccepted, 0x0C),
            (Message::PinOk, 0x0D),
            (Message::PleaseWait, 0x0E),
            (Message::ProcessingError, 0x0F),
            (Message::RemoveCard, 0x10),
            (Message::UseChipReader, 0x11),
            (Message::UseMagneticStripe, 0x12),
            (Message::TryAgain, 0x13),
            (Message::CardReadOk, 0x17),
            (Message::ApprovedSign, 0x1A),
            (Message::Authorising, 0x1B),
            (Message::PresentCardAgain, 0x21),
        ] {
            assert_eq!(message.identifier(), identifier, "{message:?}");
        }
    }

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
