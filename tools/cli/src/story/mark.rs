//! Marks at the beginning of rows.

use crate::page::Style;

/// What a row is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mark {
    /// Something goes out.
    Sent,
    /// The answer to it.
    Received,
    /// An answer that is no success.
    Refused,
    /// No answer.
    Lost,
    /// A question to somebody.
    Asked,
    /// Something that the cardholder sees.
    Shown,
    /// Something came to a list.
    Added,
    /// Something is as it is.
    Point,
    /// Something is as it should be.
    Good,
    /// Something is worth a look.
    Noted,
    /// Something is not as it should be.
    Wrong,
    /// Something failed.
    Bad,
    /// It goes on.
    Decided,
    /// It does not.
    Declined,
}

impl Mark {
    pub(super) const fn symbol(self) -> &'static str {
        match self {
            Self::Sent => "\u{2192}",
            Self::Received | Self::Refused | Self::Lost => "\u{2190}",
            Self::Asked => "?",
            Self::Shown => "\u{25A1}",
            Self::Added => "+",
            Self::Point => "\u{00B7}",
            Self::Good => "\u{2713}",
            Self::Noted | Self::Wrong => "!",
            Self::Bad => "\u{2717}",
            Self::Decided | Self::Declined => "\u{21D2}",
        }
    }

    pub(super) const fn style(self) -> Style {
        match self {
            Self::Sent | Self::Received => Style::Link,
            Self::Shown => Style::Bold,
            Self::Refused | Self::Asked | Self::Noted => Style::Note,
            Self::Added | Self::Point => Style::Plain,
            Self::Good | Self::Decided => Style::Good,
            Self::Lost | Self::Wrong | Self::Bad | Self::Declined => Style::Bad,
        }
    }
}
