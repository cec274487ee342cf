//! How the command ends.

use chipwright::outcome::Conclusion;
use core::fmt;

/// Exit codes; one table for every command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Approved, passed, or as expected.
    Success = 0,
    /// Declined, failed, or different.
    Failure = 1,
    /// Terminated.
    Terminated = 2,
    /// Another interface is asked for, and none is left.
    OtherInterface = 3,
    /// Power failed, as the command line wanted.
    PowerFailed = 4,
    /// The command line asks for what does not exist.
    Usage = 64,
    /// A file or value cannot be used.
    Data = 65,
    /// A reader or a service is not there.
    Missing = 69,
}

impl Exit {
    /// The code for the end of a transaction.
    pub(crate) const fn of(conclusion: Conclusion) -> Self {
        match conclusion {
            Conclusion::Approved | Conclusion::CardRead => Self::Success,
            Conclusion::Declined => Self::Failure,
            Conclusion::TryAnotherInterface => Self::OtherInterface,
            _ => Self::Terminated,
        }
    }
}

/// Why a command could not be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
}

impl Failure {
    /// What the command line asks for does not exist.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    /// A file or value cannot be used.
    pub(crate) fn data(message: impl Into<String>) -> Self {
        Self { exit: Exit::Data, message: message.into() }
    }

    /// A reader or a service is not there.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self { exit: Exit::Missing, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_conclusion_has_its_code() {
        assert_eq!(Exit::of(Conclusion::Approved) as u8, 0);
        assert_eq!(Exit::of(Conclusion::Declined) as u8, 1);
        assert_eq!(Exit::of(Conclusion::Terminated) as u8, 2);
        assert_eq!(Exit::of(Conclusion::TryAnotherInterface) as u8, 3);
        assert_eq!(Failure::usage("x").exit as u8, 64);
        assert_eq!(Failure::data("x").exit as u8, 65);
        assert_eq!(Failure::missing("x").exit as u8, 69);
    }
}
