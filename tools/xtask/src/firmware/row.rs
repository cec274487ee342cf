//! What the firmware tells its till: rows of a kind, a length and as many bytes.

use anyhow::{Result, bail};

/// A row that concerns us; the others are those of the event record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// The display shows a message.
    Shown(u8),
    /// A transaction ended: conclusion and authority, by their numbers.
    Ended(u8, u8),
    /// Bytes of stack that were used.
    Stack(u32),
    /// Ticks that were spent: kind of business, account.
    Spent(u8, u8, u32),
}

/// Reads rows.
///
/// # Errors
/// When one is cut, or is not what its kind says.
pub(super) fn rows(mut bytes: &[u8]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    while let Some((&[kind, first, second], rest)) = bytes.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([first, second]));
        let Some((content, rest)) = rest.split_at_checked(length) else {
            bail!("the record ends within a row of kind {kind:02X}");
        };
        bytes = rest;
        rows.push(match (kind, content) {
            (0xC0, [message, ..]) => Row::Shown(*message),
            (0xC1, [conclusion, authority]) => Row::Ended(*conclusion, *authority),
            (0xC2, &[a, b, c, d]) => Row::Stack(u32::from_be_bytes([a, b, c, d])),
            (0xC3, &[business, account, a, b, c, d]) => {
                Row::Spent(business, account, u32::from_be_bytes([a, b, c, d]))
            }
            (..0xC0, _) => continue,
            _ => bail!("a row of kind {kind:02X} with {length} bytes is none of the firmware's"),
        });
    }
    if !bytes.is_empty() {
        bail!("the record ends within the head of a row");
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_events_passed_over() {
        let bytes =
            hex::decode("C000030365 6E 010000 C1 0002 0001 C20004 00000010".replace(' ', ""));
        let expected = [Row::Shown(3), Row::Ended(0, 1), Row::Stack(16)];
        assert_eq!(rows(&bytes.unwrap()).unwrap(), expected);
    }

    #[test]
    fn what_is_cut_is_refused() {
        for bytes in ["C0", "C00003", "C000030365", "C1000100", "C9 0000"] {
            let bytes = hex::decode(bytes.replace(' ', "")).unwrap();
            assert!(rows(&bytes).is_err(), "{bytes:02X?}");
        }
    }
}
