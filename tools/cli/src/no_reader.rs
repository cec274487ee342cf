//! Readers, in a build that has none: what they need of the system is left out.

use crate::Report;
use crate::arguments::{Pay, Readers};
use crate::failure::Failure;
use crate::pay::offered::Offered;

/// Says why there are none.
pub(crate) fn run(_: &Readers) -> Result<Report, Failure> {
    Err(none("readers"))
}

/// Says why there is none.
pub(crate) fn offered(_: &str, _: &Pay) -> Result<Offered<'static>, Failure> {
    Err(none("--reader"))
}

fn none(what: &str) -> Failure {
    Failure::missing(format!("{what}: no PC/SC in this build: it needs `--features pcsc`"))
}
