//! Scenarios that come with the crate: `test-vectors/attacks`.

macro_rules! attacks {
    ($($name:literal,)*) => {
        const ATTACKS: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!("../../../../test-vectors/attacks/", $name, ".toml")),
        ),)*];
    };
}

attacks! {
    "a01",
    "a02",
    "a07",
    "a10",
    "a12",
    "a13",
    "b01",
    "b02",
    "b03",
    "b04",
}

/// The file of an attack, by its number in the catalogue.
pub fn builtin(id: &str) -> Option<&'static str> {
    ATTACKS.iter().find(|(name, _)| name.eq_ignore_ascii_case(id)).map(|(_, text)| *text)
}
