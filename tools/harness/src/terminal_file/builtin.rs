//! The terminals that need no file.

/// The terminal that is used when none is named.
pub const DEFAULT: &str = "attended-offline-online";

macro_rules! terminals {
    ($($name:literal,)*) => {
        const TERMINALS: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!("../../../../test-vectors/terminals/", $name, ".toml")),
        ),)*];
    };
}

terminals! {
    "attended-offline-online",
    "attended-online-only",
    "unattended-offline-online",
    "offline-only",
    "atm",
}

pub(super) fn text(name: &str) -> Option<&'static str> {
    TERMINALS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    TERMINALS.iter().map(|(name, _)| *name)
}
