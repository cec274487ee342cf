//! Messages to the cardholder by their standard identifiers. [B4 11.2] [A 9.4]

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
    /// Every message, in the order of the identifiers.
    pub const ALL: [Self; 30] = [
        Self::Approved,
        Self::CallYourBank,
        Self::CancelOrEnter,
        Self::CardError,
        Self::Declined,
        Self::EnterAmount,
        Self::EnterPin,
        Self::IncorrectPin,
        Self::InsertCard,
        Self::NotAccepted,
        Self::PinOk,
        Self::PleaseWait,
        Self::ProcessingError,
        Self::RemoveCard,
        Self::UseChipReader,
        Self::UseMagneticStripe,
        Self::TryAgain,
        Self::Welcome,
        Self::PresentCard,
        Self::Processing,
        Self::CardReadOk,
        Self::InsertOrSwipeCard,
        Self::PresentOneCard,
        Self::ApprovedSign,
        Self::Authorising,
        Self::TryAnotherCard,
        Self::InsertCardInstead,
        Self::Clear,
        Self::SeePhone,
        Self::PresentCardAgain,
    ];

    /// The message of an identifier; none where no standard defines one.
    pub fn identified(identifier: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|message| message.identifier() == identifier)
    }

    /// The standard identifier.
    pub const fn identifier(self) -> u8 {
        self as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(Message::identified(identifier), Some(message));
        }
        assert!(Message::ALL.is_sorted_by_key(|message| message.identifier()));
        assert_eq!(Message::identified(0x1F), None);
    }
}
