//! Which interface to use, and when to switch to another one.
//!
//! Decisions over plain data: whoever runs the interfaces asks after every attempt what is next.

use chipwright::outcome::{Conclusion, End, Outcome};
use chipwright::phase::Phase;

/// A way to read a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum Interface {
    /// A chip in the slot.
    Contact = 0x01,
    /// A chip in the field.
    Contactless = 0x02,
    /// The magnetic stripe.
    MagneticStripe = 0x04,
}

/// A set of [`Interface`]s.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Interfaces(u8);

impl Interfaces {
    /// None.
    pub const NONE: Self = Self(0);

    /// This set and one more.
    #[must_use]
    pub const fn and(self, interface: Interface) -> Self {
        Self(self.0 | interface as u8)
    }

    /// Whether the interface is in the set.
    pub const fn contains(self, interface: Interface) -> bool {
        self.0 & interface as u8 != 0
    }
}

impl Interface {
    /// POS Entry Mode (9F39): the first two digits of ISO 8583's, n 2. `fallback`: the chip was
    /// tried first and could not be read.
    pub const fn entry_mode(self, fallback: bool) -> u8 {
        match (self, fallback) {
            (Self::Contact, _) => 0x05,
            (Self::Contactless, _) => 0x07,
            (Self::MagneticStripe, false) => 0x90,
            (Self::MagneticStripe, true) => 0x80,
        }
    }
}

/// How far a terminal goes with a chip that cannot be read. Schemes and acquirers differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fallback {
    /// How often the card is asked for once more before the chip counts as unreadable.
    pub retries: u8,
    /// The magnetic stripe may be used when the chip is unreadable.
    pub unreadable_chip: bool,
    /// The magnetic stripe may be used when card and terminal share no application.
    pub no_common_application: bool,
}

impl Fallback {
    /// One more try, then the stripe; never for want of an application.
    pub const DEFAULT: Self =
        Self { retries: 1, unreadable_chip: true, no_common_application: false };
}

/// What became of an attempt at the chip in the slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attempt {
    /// The card gave no answer to reset, or one that is none.
    Mute,
    /// The kernel ran and came to this.
    Ran(Outcome),
}

/// What is next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Nothing: the transaction has its outcome.
    Finished,
    /// The same interface once more.
    Again,
    /// Another interface. Nothing that was read may be kept.
    Switch(Interface),
    /// This card cannot be used here.
    Refuse,
}

/// What is next after an attempt at the chip in the slot.
///
/// `failed`: attempts before this one that came to nothing. A chip is given up for the stripe
/// only where it could not be read: never after a decision, nor when it or its application is
/// blocked, since that would undo what the issuer did to it.
pub fn after_contact(attempt: Attempt, failed: u8, offered: Interfaces, rules: Fallback) -> Next {
    let stripe = |allowed| {
        if allowed && offered.contains(Interface::MagneticStripe) {
            Next::Switch(Interface::MagneticStripe)
        } else {
            Next::Refuse
        }
    };
    let unreadable =
        || if failed < rules.retries { Next::Again } else { stripe(rules.unreadable_chip) };
    let Attempt::Ran(outcome) = attempt else {
        return unreadable();
    };
    match (outcome.conclusion, outcome.end) {
        (Conclusion::TryAnotherInterface, _) if offered.contains(Interface::Contactless) => {
            Next::Switch(Interface::Contactless)
        }
        (Conclusion::TryAnotherInterface, _) => stripe(true),
        (_, Some(End::NoCommonApplication)) => stripe(rules.no_common_application),
        (_, Some(End::CardBlocked | End::NotConfirmed)) => Next::Refuse,
        // The link broke before the card committed itself to anything.
        (_, Some(End::Link(_))) if outcome.phase < Phase::CardActionAnalysis => unreadable(),
        _ => Next::Finished,
    }
}

/// What is next after a tap. Only an outcome that asks for another interface leads to one: a
/// refusal stands. [A 6.2]
pub fn after_tap(conclusion: Conclusion, offered: Interfaces) -> Next {
    let others = [Interface::Contact, Interface::MagneticStripe];
    let mut offered = others.into_iter().filter(|other| offered.contains(*other));
    match conclusion {
        Conclusion::TryAnotherInterface => offered.next().map_or(Next::Refuse, Next::Switch),
        _ => Next::Finished,
    }
}

/// What is next after the stripe of a card was read.
///
/// `service_code`: three digits, n 3, as read from the track. A card with a chip (2 or 6 in
/// front) is sent to the chip reader, unless the chip was tried and failed.
pub const fn after_stripe(service_code: u16, chip_failed: bool, offered: Interfaces) -> Next {
    let has_chip = matches!(service_code / 100, 2 | 6);
    if has_chip && !chip_failed && offered.contains(Interface::Contact) {
        Next::Switch(Interface::Contact)
    } else {
        Next::Finished
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::outcome::Authority;
    use chipwright::session::{LinkError, Stop};

    const ALL: Interfaces = Interfaces::NONE
        .and(Interface::Contact)
        .and(Interface::Contactless)
        .and(Interface::MagneticStripe);
    const STRIPE: Next = Next::Switch(Interface::MagneticStripe);

    fn ran(conclusion: Conclusion, end: Option<End>, phase: Phase) -> Attempt {
        Attempt::Ran(Outcome {
            conclusion,
            authority: Authority::Offline,
            end,
            phase,
            signature: false,
            reversal: false,
            advice: false,
        })
    }

    fn next(attempt: Attempt, failed: u8) -> Next {
        after_contact(attempt, failed, ALL, Fallback::DEFAULT)
    }

    #[test]
    fn a_mute_chip_is_tried_again_and_then_given_up() {
        assert_eq!(next(Attempt::Mute, 0), Next::Again);
        assert_eq!(next(Attempt::Mute, 1), STRIPE);
        let strict = Fallback { unreadable_chip: false, ..Fallback::DEFAULT };
        assert_eq!(after_contact(Attempt::Mute, 1, ALL, strict), Next::Refuse);
        let slot = Interfaces::NONE.and(Interface::Contact);
        assert_eq!(after_contact(Attempt::Mute, 1, slot, Fallback::DEFAULT), Next::Refuse);
    }

    #[test]
    fn a_link_that_breaks_counts_as_unreadable_until_the_card_committed_itself() {
        let broken = Some(End::Link(LinkError::Timeout));
        let early = ran(Conclusion::Terminated, broken, Phase::ReadApplicationData);
        let late = ran(Conclusion::Terminated, broken, Phase::CardActionAnalysis);
        assert_eq!((next(early, 0), next(early, 1)), (Next::Again, STRIPE));
        assert_eq!((next(late, 0), next(late, 1)), (Next::Finished, Next::Finished));
    }

    #[test]
    fn no_decision_of_the_card_is_got_round() {
        let blocked = ran(Conclusion::Terminated, Some(End::CardBlocked), Phase::Idle);
        assert_eq!(next(blocked, 9), Next::Refuse);
        let none = ran(Conclusion::Terminated, Some(End::NoCommonApplication), Phase::Idle);
        assert_eq!(next(none, 9), Next::Refuse);
        let lenient = Fallback { no_common_application: true, ..Fallback::DEFAULT };
        assert_eq!(after_contact(none, 0, ALL, lenient), STRIPE);
        for conclusion in [Conclusion::Approved, Conclusion::Declined, Conclusion::CardRead] {
            assert_eq!(next(ran(conclusion, None, Phase::Ended), 0), Next::Finished);
        }
        let stopped = Some(End::Stopped(Stop::Cancelled));
        assert_eq!(next(ran(Conclusion::Terminated, stopped, Phase::Idle), 0), Next::Finished);
    }

    #[test]
    fn another_interface_is_one_that_is_offered() {
        let other = ran(Conclusion::TryAnotherInterface, None, Phase::Ended);
        assert_eq!(next(other, 0), Next::Switch(Interface::Contactless));
        let without = Interfaces::NONE.and(Interface::MagneticStripe);
        assert_eq!(after_contact(other, 0, without, Fallback::DEFAULT), STRIPE);
        let nothing = after_contact(other, 0, Interfaces::NONE, Fallback::DEFAULT);
        assert_eq!(nothing, Next::Refuse);
    }

    #[test]
    fn a_tap_leads_to_another_interface_only_where_it_asks_for_one() {
        let other = |offered| after_tap(Conclusion::TryAnotherInterface, offered);
        assert_eq!(other(ALL), Next::Switch(Interface::Contact));
        assert_eq!(other(Interfaces::NONE.and(Interface::MagneticStripe)), STRIPE);
        assert_eq!(other(Interfaces::NONE.and(Interface::Contactless)), Next::Refuse);
        for conclusion in [Conclusion::Approved, Conclusion::Declined, Conclusion::Terminated] {
            assert_eq!(after_tap(conclusion, ALL), Next::Finished, "{conclusion:?}");
        }
    }

    #[test]
    fn a_stripe_of_a_chip_card_leads_to_the_chip() {
        let chip = Next::Switch(Interface::Contact);
        assert_eq!(after_stripe(201, false, ALL), chip);
        assert_eq!(after_stripe(620, false, ALL), chip);
        assert_eq!(after_stripe(201, true, ALL), Next::Finished);
        assert_eq!(after_stripe(101, false, ALL), Next::Finished);
        let stripe = Interfaces::NONE.and(Interface::MagneticStripe);
        assert_eq!(after_stripe(201, false, stripe), Next::Finished);
    }

    #[test]
    fn entry_modes_tell_fallback_from_choice() {
        assert_eq!(Interface::Contact.entry_mode(false), 0x05);
        assert_eq!(Interface::Contactless.entry_mode(false), 0x07);
        assert_eq!(Interface::MagneticStripe.entry_mode(false), 0x90);
        assert_eq!(Interface::MagneticStripe.entry_mode(true), 0x80);
    }
}
