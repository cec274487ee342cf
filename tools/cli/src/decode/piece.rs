//! What a string of bytes is.

use chipwright::atr::Atr;
use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;
use chipwright_harness::describe;

/// What a string of bytes is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    /// BER-TLV objects, with or without a status word behind them.
    Objects,
    /// The same behind so many bytes of a length, as in field 55 of a message.
    Field(usize),
    /// A command.
    Command,
    /// A status word.
    Status,
    /// A data object list.
    List,
    /// A list of tags.
    Tags,
    /// The value of an object.
    Value(Tag),
    /// An answer to reset.
    Reset,
    /// An answer to select.
    Select,
}

impl Piece {
    /// What bytes look like; objects when nothing fits, for the error that this gives.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let is_status = |status: Option<Status>| status.is_some() && bytes.len() == 2;
        let field = [1usize, 2, 3].into_iter().find(|length| is_field(bytes, *length));
        if Atr::read(bytes).is_ok() && bytes.len() > 3 {
            Self::Reset
        } else if is_status(split(bytes).1) {
            Self::Status
        } else if is_command(bytes) {
            Self::Command
        } else if let (false, Some(length)) = (whole(split(bytes).0), field) {
            Self::Field(length)
        } else if !whole(split(bytes).0) && describe::answer_to_select(bytes).is_ok() {
            Self::Select
        } else {
            Self::Objects
        }
    }
}

/// Whether the bytes are objects, templates inside included.
pub(super) fn whole(bytes: &[u8]) -> bool {
    describe::tree(bytes, describe::Context::default()).is_ok()
}

/// Whether every outer object is one that somebody knows.
pub(super) fn known(bytes: &[u8]) -> bool {
    let mut objects = Tlvs::new(bytes).peekable();
    objects.peek().is_some()
        && objects.all(|tlv| tlv.is_ok_and(|tlv| describe::name_of(tlv.tag).is_some()))
}

/// Takes the status word off an answer of a card: two bytes that can be one, behind whole objects.
pub(super) fn split(bytes: &[u8]) -> (&[u8], Option<Status>) {
    let Some((data, &[sw1, sw2])) = bytes.split_last_chunk::<2>() else { return (bytes, None) };
    let is_status = (sw1, sw2) == (0x90, 0x00) || (0x61..=0x6F).contains(&sw1);
    let objects = Tlvs::new(data).all(|tlv| tlv.is_ok());
    if is_status && objects {
        (data, Some(Status(u16::from_be_bytes([sw1, sw2]))))
    } else {
        (bytes, None)
    }
}

/// Whether the bytes are a command of EMV whose length fits.
pub(super) fn is_command(bytes: &[u8]) -> bool {
    let &[class, instruction, p1, p2, ref body @ ..] = bytes else { return false };
    let known = match class {
        0x00 => matches!(instruction, 0xA4 | 0xB2 | 0x88 | 0x82 | 0x84 | 0x20 | 0xC0),
        0x80 => matches!(instruction, 0xA8 | 0xAE | 0xCA | 0xEA),
        0x84 | 0x8C => matches!(instruction, 0x16 | 0x18 | 0x1E | 0x24 | 0xDA | 0xDC | 0x32 | 0x34),
        _ => false,
    };
    // A name of 22 or 24 bytes begins as blocking commands do, whose parameters are nothing.
    let plain = !matches!(instruction, 0x16 | 0x18 | 0x1E) || (p1, p2) == (0, 0);
    let fits = match body {
        [] | [_] => true,
        [length, data @ ..] => {
            let length = usize::from(*length);
            data.len() == length || (data.len() == length + 1)
        }
    };
    known && plain && fits && (class != 0x84 || !whole(bytes))
}

/// Whether objects follow a length of so many bytes, in binary, digits or letters.
fn is_field(bytes: &[u8], length: usize) -> bool {
    let Some((before, behind)) = bytes.split_at_checked(length) else { return false };
    let binary = before.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
    let digits = |text: &str| text.parse().ok();
    let packed = digits(&hex::encode(before));
    let letters = str::from_utf8(before).ok().and_then(digits);
    let is_length = [Some(binary), packed, letters].contains(&Some(behind.len()));
    is_length && known(behind) && whole(behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(hex: &str) -> Piece {
        Piece::of(&hex::decode(hex.replace(' ', "")).unwrap())
    }

    #[test]
    fn status_words_stand_behind_whole_objects() {
        let status = |hex: &str| split(&hex::decode(hex).unwrap()).1.map(|status| status.0);
        assert_eq!(status("9A032601159000"), Some(0x9000));
        assert_eq!(status("6A82"), Some(0x6A82));
        assert_eq!(status("9F36026A82"), None, "part of a value");
        assert_eq!(status("9A03260115"), None);
        assert_eq!(status("90"), None);
    }

    #[test]
    fn bytes_are_what_they_look_like() {
        for (hex, expected) in [
            ("9A03260115", Piece::Objects),
            ("9A03260115 9000", Piece::Objects),
            ("6985", Piece::Status),
            ("00A4040007A0000000031010 00", Piece::Command),
            ("00B2010C00", Piece::Command),
            ("80AE8000 02 0102 00", Piece::Command),
            ("80CA9F1700", Piece::Command),
            ("8418000008 1122334455667788", Piece::Command),
            ("8407A0000000031010", Piece::Objects),
            ("8006 3C00 08010100", Piece::Objects),
            ("0008 9A03260115 9C0100", Piece::Field(2)),
            ("08 9A03260115 9C0100", Piece::Field(1)),
            ("303038 9A03260115 9C0100", Piece::Field(3)),
            ("3B6D000000318071866567010000009000", Piece::Reset),
            ("0578807002", Piece::Select),
            ("9A0326", Piece::Objects),
        ] {
            assert_eq!(of(hex), expected, "{hex}");
        }
    }
}
