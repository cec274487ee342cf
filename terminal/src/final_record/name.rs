//! An application's name.

use chipwright::object::Value;
use core::fmt;

/// An application's name: 5 to 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name {
    bytes: [u8; 16],
    length: u8,
}

impl Name {
    /// The name.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl Value for Name {
    type Bytes = [u8; 16];
    fn decode(bytes: &[u8]) -> Option<Self> {
        let length = u8::try_from(bytes.len()).ok().filter(|length| matches!(length, 5..=16))?;
        let mut name = Self { bytes: [0; 16], length };
        name.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(name)
    }
    fn encode(self) -> [u8; 16] {
        self.bytes
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes().iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_5_to_16_bytes() {
        assert_eq!(Name::decode(&[1; 4]), None);
        assert_eq!(Name::decode(&[1; 17]), None);
        assert_eq!(Name::decode(&[1; 16]).unwrap().bytes(), [1; 16]);
        assert_eq!(format!("{:?}", Name::decode(&[0xA0, 0, 0, 0, 3]).unwrap()), "A000000003");
    }
}
