//! What contactless readers say of themselves to cards of one scheme.

/// Contactless Reader Capabilities (9F6D) of American Express: generation and cardholder
/// verification, in the first byte; `None` when there is none.
pub fn contactless_reader_capabilities(value: &[u8]) -> Option<[&'static str; 2]> {
    let first = value.first()?;
    let generation = match first >> 6 {
        0b00 => "Expresspay 1.0",
        0b01 => "Expresspay 2.0 magnetic stripe",
        0b10 => "Expresspay 2.0 EMV and magnetic stripe",
        _ => "Expresspay mobile EMV",
    };
    let verification = if first & 0x08 == 0 { "CVM not required" } else { "CVM required" };
    Some([generation, verification])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_bits_and_one_are_told() {
        let told = contactless_reader_capabilities;
        assert_eq!(told(&[0x00]), Some(["Expresspay 1.0", "CVM not required"]));
        assert_eq!(told(&[0x48]), Some(["Expresspay 2.0 magnetic stripe", "CVM required"]));
        assert_eq!(
            told(&[0x80, 0x00]),
            Some(["Expresspay 2.0 EMV and magnetic stripe", "CVM not required"])
        );
        assert_eq!(told(&[0xC8]), Some(["Expresspay mobile EMV", "CVM required"]));
        assert_eq!(told(&[]), None);
    }
}
