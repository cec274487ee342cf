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
    "a03",
    "a05",
    "a07",
    "a10",
    "a11",
    "a12",
    "a13",
    "a14",
    "b01",
    "b02",
    "b03",
    "b04",
    "b05",
    "b06",
    "b07",
    "b09",
    "b10",
    "b13",
    "b14",
    "b15",
    "b18",
    "b19",
    "b20",
    "b21",
    "b22",
    "b23",
    "b24",
    "b25",
    "b26",
    "c01",
    "c02",
    "c06",
    "c07",
    "d01",
    "d02",
    "d03",
    "d04",
    "d05",
    "d06",
    "d07",
    "d08",
    "d09",
    "d10",
    "d11",
    "d12",
    "d13",
    "d14",
    "d15",
    "d16",
    "d17",
    "d18",
    "d19",
    "d20",
    "d21",
    "d22",
    "d26",
    "d27",
    "d28",
    "d29",
    "e01",
    "e02",
    "e03",
    "e04",
    "e05",
}

/// The file of an attack, by its number in the catalogue.
pub fn builtin(id: &str) -> Option<&'static str> {
    ATTACKS.iter().find(|(name, _)| name.eq_ignore_ascii_case(id)).map(|(_, text)| *text)
}
