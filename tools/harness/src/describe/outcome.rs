//! How a transaction ended, in words.

use chipwright::outcome::{Authority, Conclusion, End};
use chipwright::session::{LinkError, Stop};

/// The conclusion.
pub const fn conclusion(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Approved => "approved",
        Conclusion::Declined => "declined",
        Conclusion::Terminated => "terminated",
        Conclusion::TryAnotherInterface => "try another interface",
        Conclusion::CardRead => "card read",
        _ => "unknown",
    }
}

/// Who decided.
pub const fn authority(authority: Authority) -> &'static str {
    match authority {
        Authority::Offline => "offline",
        Authority::Online => "online",
        Authority::UnableToGoOnline => "unable to go online",
    }
}

/// Why it ended before its time.
pub fn end(end: End) -> String {
    match end {
        End::Fault(fault) => fault.to_string(),
        End::Link(error) => link_error(error).to_owned(),
        End::Stopped(why) => stop(why).to_owned(),
        End::CardBlocked => "the card is blocked".to_owned(),
        End::NoCommonApplication => "card and terminal have no application in common".to_owned(),
        End::NotConfirmed => "the cardholder did not confirm the application".to_owned(),
        End::CardRead => "the card was read, and nothing more was wanted".to_owned(),
        _ => "for a reason without words".to_owned(),
    }
}

/// A stable name for it.
pub const fn end_code(end: End) -> &'static str {
    match end {
        End::Fault(_) => "fault",
        End::Link(_) => "link",
        End::Stopped(_) => "stopped",
        End::CardBlocked => "card-blocked",
        End::NoCommonApplication => "no-common-application",
        End::NotConfirmed => "not-confirmed",
        End::CardRead => "card-read",
        _ => "other",
    }
}

/// Why the link failed.
pub const fn link_error(error: LinkError) -> &'static str {
    match error {
        LinkError::Timeout => "the card did not answer in time",
        LinkError::Transmission => "the card's answer was garbled",
        LinkError::Protocol => "the card broke the transport protocol",
        LinkError::Removed => "the card was removed",
    }
}

/// Who stopped it.
pub const fn stop(stop: Stop) -> &'static str {
    match stop {
        Stop::Cancelled => "cancelled",
        Stop::Timeout => "a deadline passed",
        Stop::CardRemoved => "the card was removed",
    }
}
