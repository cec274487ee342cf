//! Profiles that come with the crate: `test-vectors/cards`.

/// A profile that comes with the crate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Builtin {
    /// Its name: that of its file.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! builtin {
    ($($name:literal),* $(,)?) => {
        &[$(Builtin {
            name: $name,
            text: include_str!(concat!("../../../test-vectors/cards/", $name, ".toml")),
        }),*]
    };
}

/// The profiles that come with the crate, the default first.
pub const fn builtin() -> &'static [Builtin] {
    BUILTIN
}

const BUILTIN: &[Builtin] = builtin![
    "contact-dda",
    "contact-dda-pin",
    "contact-dda-65537",
    "contact-cda",
    "contact-sda",
    "contact-no-oda",
    "contact-expired",
    "contact-mastercard",
    "contact-unionpay",
    "contact-offline",
    "contact-sda-forged",
    "contact-dda-forged",
    "contact-cda-forged",
    "contact-cda-incomplete",
    "contact-unknown-authority",
    "contact-stale-certificates",
    "contact-default-ddol",
    "contact-static-ddol",
    "contact-not-yet",
    "contact-abroad",
    "contact-atm-only",
    "contact-no-cash",
    "contact-version",
    "contact-pin-blocked",
    "contact-pin-only",
    "contact-pin-signature",
    "contact-enciphered-pin",
    "contact-enciphered-pin-icc",
    "contact-enciphered-pin-lost",
    "contact-online-pin",
    "contact-no-cvm",
    "contact-no-verification",
    "contact-no-rules",
    "contact-amounts",
    "contact-unrecognised-cvm",
    "contact-fail-cvm",
    "contact-lower-limit",
    "contact-upper-limit",
    "contact-new",
    "contact-counters",
    "contact-counter-back",
    "contact-issuer-authentication",
    "contact-declines",
    "contact-declines-after",
    "contact-overreaches",
    "contact-default-tdol",
    "contact-incomplete",
    "contact-card-blocked",
    "contact-blocked",
    "contact-first-blocked",
    "contact-first-unavailable",
    "contact-many",
    "contact-many-listless",
    "contact-confirm",
    "contact-foreign",
    "quickpass-debit",
    "quickpass-credit",
    "quickpass-quasi-credit",
    "quickpass-phone",
    "quickpass-offline",
    "quickpass-expired",
    "quickpass-no-ctq",
    "quickpass-pin",
    "quickpass-signature",
    "quickpass-broken-signature",
    "quickpass-broken-number",
    "quickpass-broken-amount",
    "quickpass-broken-related-length",
    "quickpass-broken-version",
    "quickpass-broken-qualifiers",
    "quickpass-broken-certificate",
    "quickpass-broken-profile",
    "quickpass-broken-record",
    "dual-application",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Card, Profile};

    #[test]
    fn every_file_makes_a_card() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test-vectors/cards");
        let files = std::fs::read_dir(folder).unwrap();
        let files = files.filter(|file| {
            let path = file.as_ref().unwrap().path();
            path.extension().is_some_and(|extension| extension == "toml")
        });
        assert_eq!(files.count(), builtin().len());
        for Builtin { name, text } in builtin() {
            let profile = Profile::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            Card::new(&profile, 0).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
