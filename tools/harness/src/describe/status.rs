//! Status words in words.

use chipwright::status::Status;

/// What a status word says. [B3 6.3.5]
pub fn status(status: Status) -> String {
    if let Some(tries) = status.tries_left() {
        return match tries {
            0 => "wrong, no try left".to_owned(),
            1 => "wrong, 1 try left".to_owned(),
            tries => format!("wrong, {tries} tries left"),
        };
    }
    let text = match status.0 {
        0x9000 => "success",
        0x6283 => "selected file invalidated",
        0x6300 => "authentication failed",
        0x6700 => "wrong length",
        0x6882 => "secure messaging not supported",
        0x6982 => "security status not satisfied",
        0x6983 => "authentication method blocked",
        0x6984 => "referenced data invalidated",
        0x6985 => "conditions of use not satisfied",
        0x6986 => "command not allowed",
        0x6987 => "secure messaging objects missing",
        0x6988 => "secure messaging objects incorrect",
        0x6A80 => "wrong data",
        0x6A81 => "function not supported",
        0x6A82 => "file not found",
        0x6A83 => "record not found",
        0x6A86 => "wrong P1 or P2",
        0x6A88 => "referenced data not found",
        0x6D00 => "instruction not supported",
        0x6E00 => "class not supported",
        _ => return by_first_byte(status),
    };
    text.to_owned()
}

fn by_first_byte(status: Status) -> String {
    match status.sw1() {
        0x61 => format!("{} more bytes", expected(status.sw2())),
        0x6C => format!("wrong Le, {} expected", expected(status.sw2())),
        0x62 => "warning, nothing changed".to_owned(),
        0x63 => "warning, something changed".to_owned(),
        0x64 => "execution error, nothing changed".to_owned(),
        0x65 => "execution error, something changed".to_owned(),
        0x67..=0x6F => "checking error".to_owned(),
        _ => "unknown status".to_owned(),
    }
}

const fn expected(sw2: u8) -> u16 {
    if sw2 == 0 { 256 } else { sw2 as u16 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_words() {
        assert_eq!(status(Status(0x63C2)), "wrong, 2 tries left");
        assert_eq!(status(Status(0x6C00)), "wrong Le, 256 expected");
        assert_eq!(status(Status(0x6985)), "conditions of use not satisfied");
        assert_eq!(status(Status(0x1234)), "unknown status");
    }
}
