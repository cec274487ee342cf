//! What the firmware tells its till: an event record, of which only the firmware's own rows concern
//! us. A row is two bytes of length, a byte that says what kind it is, and its content.

use anyhow::{Result, bail};

/// A row of the firmware's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// The display shows a message.
    Shown(u8),
    /// A transaction ended: conclusion and authority, by their numbers.
    Ended(u8, u8),
    /// Bytes of stack that were used.
    Stack(u32),
    /// Bytes of stack that one RSA operation took.
    Operation(u32),
    /// Ticks that were spent: kind of business, account.
    Spent(u8, u8, u32),
}

/// Reads rows.
///
/// # Errors
/// When one is cut, or is not what its kind says.
pub(super) fn rows(mut bytes: &[u8]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length));
        let Some(([kind, content @ ..], rest)) = rest.split_at_checked(length) else {
            bail!("the record ends within a row");
        };
        bytes = rest;
        rows.push(match (*kind, content) {
            (0xC0, [message, ..]) => Row::Shown(*message),
            (0xC1, [conclusion, authority]) => Row::Ended(*conclusion, *authority),
            (0xC2, &[a, b, c, d]) => Row::Stack(u32::from_be_bytes([a, b, c, d])),
            (0xC4, &[a, b, c, d]) => Row::Operation(u32::from_be_bytes([a, b, c, d])),
            (0xC3, &[business, account, a, b, c, d]) => {
                Row::Spent(business, account, u32::from_be_bytes([a, b, c, d]))
            }
            (..0xC0, _) => continue,
            _ => bail!("a row of kind {kind:02X} and {length} bytes is none of the firmware's"),
        });
    }
    if !bytes.is_empty() {
        bail!("the record ends within a row");
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_events_passed_over() {
        let bytes = hex::decode(
            "00020001 0004C003656E 00020105 0003C10001 0005C200000010 0005C400000020"
                .replace(' ', ""),
        );
        let expected = [Row::Shown(3), Row::Ended(0, 1), Row::Stack(16), Row::Operation(32)];
        assert_eq!(rows(&bytes.unwrap()).unwrap(), expected);
    }

    #[test]
    fn what_is_cut_is_refused() {
        for bytes in ["00", "0000", "0002C0", "0002C100", "0002C400", "0001C9"] {
            let bytes = hex::decode(bytes.replace(' ', "")).unwrap();
            assert!(rows(&bytes).is_err(), "{bytes:02X?}");
        }
    }
}
