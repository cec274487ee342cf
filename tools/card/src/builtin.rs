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
    builtin![
        "contact-dda",
        "contact-dda-pin",
        "contact-dda-65537",
        "contact-cda",
        "contact-sda",
        "contact-no-oda",
        "contact-expired",
        "contact-mastercard",
        "contact-unionpay",
    ]
}

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
