//! What cards say of themselves before the first command: ISO/IEC 7816-3 and 7816-4, ISO/IEC 14443-4.

use chipwright::atr::{Atr, Convention, Group, Reset};

use super::printable;

/// An answer to reset, part by part: a title and a line for each part.
///
/// # Errors
/// Why the bytes are none.
pub fn answer_to_reset(bytes: &[u8]) -> Result<(String, Vec<String>), String> {
    let atr = Atr::read(bytes).map_err(|error| format!("no answer to reset: {error}"))?;
    let convention = match atr.convention() {
        Convention::Direct => "TS  3B direct convention",
        Convention::Inverse => "TS  3F inverse convention",
    };
    let mut lines = vec![convention.to_owned()];
    let historical = atr.historical();
    lines.push(format!("T0  {} historical characters", historical.len()));
    for (number, group) in (1..).zip(atr.groups()) {
        lines.extend(characters(number, &group));
    }
    lines.extend(historical_lines(historical));
    for (reset, name) in [(Reset::Cold, "cold"), (Reset::Warm, "warm")] {
        lines.push(match atr.check(reset) {
            Ok(()) => format!("an EMV terminal goes on after a {name} reset"),
            Err(violation) => {
                format!("an EMV terminal rejects it after a {name} reset: {violation}")
            }
        });
    }
    Ok((format!("answer to reset, first protocol T={}", atr.first_protocol()), lines))
}

/// The interface characters of a group.
fn characters(number: u8, group: &Group) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |name: &str, value: Option<u8>, text: &dyn Fn(u8) -> String| {
        lines.extend(value.map(|value| format!("{name}{number} {value:02X} {}", text(value))));
    };
    let t1 = group.protocol == 1;
    line("TA", group.ta, &|value| match number {
        1 => speed(value),
        2 => specific_mode(value),
        _ if t1 => format!("field size of the card {value}"),
        _ if group.protocol == 15 => clock_and_class(value),
        _ => String::new(),
    });
    line("TB", group.tb, &|value| match number {
        1 | 2 if value == 0 => "no programming voltage".to_owned(),
        1 | 2 => "programming voltage".to_owned(),
        _ if t1 => format!(
            "block waiting time integer {}, character waiting time integer {}",
            value >> 4,
            value & 0x0F
        ),
        _ => String::new(),
    });
    line("TC", group.tc, &|value| match number {
        1 if value == 0xFF => "least guard time".to_owned(),
        1 => format!("extra guard time {value}"),
        2 => format!("waiting time integer {value}"),
        _ if t1 && value & 1 == 0 => "longitudinal redundancy check".to_owned(),
        _ if t1 => "cyclic redundancy check".to_owned(),
        _ => String::new(),
    });
    line("TD", group.td, &|value| match value & 0x0F {
        15 => "global characters follow".to_owned(),
        protocol => format!("protocol T={protocol}"),
    });
    lines
}

/// TA1: clock rate conversion, baud rate adjustment, highest frequency.
fn speed(value: u8) -> String {
    let conversion = match value >> 4 {
        0 => Some((372, "4")),
        1 => Some((372, "5")),
        2 => Some((558, "6")),
        3 => Some((744, "8")),
        4 => Some((1116, "12")),
        5 => Some((1488, "16")),
        6 => Some((1860, "20")),
        9 => Some((512, "5")),
        10 => Some((768, "7.5")),
        11 => Some((1024, "10")),
        12 => Some((1536, "15")),
        13 => Some((2048, "20")),
        _ => None,
    };
    let adjustment = match value & 0x0F {
        1 => Some(1),
        2 => Some(2),
        3 => Some(4),
        4 => Some(8),
        5 => Some(16),
        6 => Some(32),
        7 => Some(64),
        8 => Some(12),
        9 => Some(20),
        _ => None,
    };
    match (conversion, adjustment) {
        (Some((f, mhz)), Some(d)) => {
            format!("F {f}, D {d}: {} clock cycles for a bit, at most {mhz} MHz", f / d)
        }
        _ => "reserved speed".to_owned(),
    }
}

fn specific_mode(value: u8) -> String {
    let change = if value & 0x80 == 0 { "may change after a warm reset" } else { "cannot change" };
    let by = if value & 0x10 == 0 { "by interface characters" } else { "implicit" };
    format!("specific mode T={}, {change}, parameters {by}", value & 0x0F)
}

fn clock_and_class(value: u8) -> String {
    let stop = match value >> 6 {
        0 => "clock must not stop",
        1 => "clock may stop low",
        2 => "clock may stop high",
        _ => "clock may stop",
    };
    let classes = [(0x01, "A (5 V)"), (0x02, "B (3 V)"), (0x04, "C (1.8 V)")];
    let classes: Vec<&str> =
        classes.into_iter().filter(|(bit, _)| value & bit != 0).map(|(_, name)| name).collect();
    format!("{stop}, classes {}", classes.join(", "))
}

/// Historical characters: objects in compact coding, or what the card's maker wants.
fn historical_lines(bytes: &[u8]) -> Vec<String> {
    let Some((&category, rest)) = bytes.split_first() else { return Vec::new() };
    let mut lines = vec![format!("historical {} {}", hex::encode_upper(bytes), printable(bytes))];
    let (objects, status) = match category {
        // The last three bytes are a status in this category.
        0x00 => match rest.split_last_chunk::<3>() {
            Some((objects, status)) => (objects, Some(status)),
            None => (rest, None),
        },
        0x80 => (rest, None),
        _ => return lines,
    };
    lines.extend(compact(objects));
    lines.extend(
        status
            .map(|[life, sw1, sw2]| format!("  life cycle {life:02X}, status {sw1:02X}{sw2:02X}")),
    );
    lines
}

/// Objects in compact coding: four bits of tag, four of length.
fn compact(mut rest: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    while let Some((&header, behind)) = rest.split_first() {
        // The card of a contactless reader for PC/SC: an application in long form.
        let (name, length, behind) = match (header, behind) {
            (0x4F, [length, behind @ ..]) => {
                ("application identifier", usize::from(*length), behind)
            }
            _ => (compact_name(header >> 4), usize::from(header & 0x0F), behind),
        };
        let Some((value, behind)) = behind.split_at_checked(length) else {
            lines.push("  cut short".to_owned());
            break;
        };
        lines.push(format!("  {name} {}", hex::encode_upper(value)).trim_end().to_owned());
        rest = behind;
    }
    lines
}

const fn compact_name(tag: u8) -> &'static str {
    match tag {
        0x1 => "country code",
        0x2 => "issuer identification number",
        0x3 => "card service data",
        0x4 => "initial access data",
        0x5 => "card issuer's data",
        0x6 => "pre-issuing data",
        0x7 => "card capabilities",
        0x8 => "status",
        0xF => "application identifier",
        _ => "object",
    }
}

/// An answer to select of a contactless card, part by part.
///
/// # Errors
/// Why the bytes are none.
pub fn answer_to_select(bytes: &[u8]) -> Result<(String, Vec<String>), String> {
    let cut = || "no answer to select: shorter than its parts".to_owned();
    let (&length, rest) = bytes.split_first().ok_or_else(cut)?;
    if usize::from(length) != bytes.len() {
        return Err(format!("no answer to select: length {length} of {} bytes", bytes.len()));
    }
    let mut lines = vec![format!("TL  {length} bytes")];
    let Some((&format, mut rest)) = rest.split_first() else {
        return Ok(("answer to select".to_owned(), lines));
    };
    let sizes = [16, 24, 32, 40, 48, 64, 96, 128, 256, 512, 1024, 2048, 4096];
    let size = sizes
        .get(usize::from(format & 0x0F))
        .map_or("reserved".to_owned(), |size| size.to_string());
    lines.push(format!("T0  {format:02X} frames of the card: {size} bytes"));
    for (bit, name) in [(0x10, "TA"), (0x20, "TB"), (0x40, "TC")] {
        if format & bit == 0 {
            continue;
        }
        let (&value, behind) = rest.split_first().ok_or_else(cut)?;
        let text = match name {
            "TA" => bit_rates(value),
            "TB" => waiting_time(value),
            _ => protocol_options(value),
        };
        lines.push(format!("{name}1 {value:02X} {text}"));
        rest = behind;
    }
    lines.extend(historical_lines(rest));
    Ok(("answer to select".to_owned(), lines))
}

fn bit_rates(value: u8) -> String {
    let rates = |bits: u8| {
        let known = [(0x01, "212"), (0x02, "424"), (0x04, "848")];
        let faster = known.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, rate)| rate);
        core::iter::once("106").chain(faster).collect::<Vec<_>>().join(", ")
    };
    let same = if value & 0x80 == 0 { "" } else { ", the same both ways" };
    format!("kbit/s from the card: {}, to the card: {}{same}", rates(value >> 4), rates(value & 7))
}

fn waiting_time(value: u8) -> String {
    // 256 * 16 / 13.56 MHz, doubled for each step.
    let microseconds = |steps: u8| 4096.0 / 13.56 * f64::from(1u32 << steps.min(14));
    let guard = match value & 0x0F {
        0 => "none".to_owned(),
        steps => format!("{:.1} ms", microseconds(steps) / 1000.0),
    };
    format!(
        "frame waiting time {:.1} ms, start-up guard time {guard}",
        microseconds(value >> 4) / 1000.0
    )
}

fn protocol_options(value: u8) -> String {
    let has = |bit: u8| if value & bit == 0 { "no" } else { "with" };
    format!("{} card identifier, {} node address", has(0x02), has(0x01))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex::decode(hex).unwrap()
    }

    #[test]
    fn answers_to_reset_are_told_part_by_part() {
        let (title, lines) = answer_to_reset(&bytes("3B6D000000318071866567010000009000")).unwrap();
        assert_eq!(title, "answer to reset, first protocol T=0");
        assert!(lines.contains(&"TB1 00 no programming voltage".to_owned()), "{lines:?}");
        assert!(lines.contains(&"TC1 00 extra guard time 0".to_owned()), "{lines:?}");
        let (title, lines) =
            answer_to_reset(&bytes("3BF81300008131FE454A434F5076323431B7")).unwrap();
        assert!(title.ends_with("T=1"), "{title}");
        for expected in [
            "TA1 13 F 372, D 4: 93 clock cycles for a bit, at most 5 MHz",
            "TA3 FE field size of the card 254",
            "TB3 45 block waiting time integer 4, character waiting time integer 5",
            "historical 4A434F5076323431 JCOPv241",
        ] {
            assert!(lines.contains(&expected.to_owned()), "{expected} {lines:?}");
        }
        assert!(answer_to_reset(&[0x3C]).is_err());
        assert_eq!(speed(0x11), "F 372, D 1: 372 clock cycles for a bit, at most 5 MHz");
        assert_eq!(speed(0x70), "reserved speed");
    }

    /// A contactless card as readers show it to PC/SC.
    #[test]
    fn readers_of_contactless_cards_name_an_application() {
        let (_, lines) =
            answer_to_reset(&bytes("3B8F8001804F0CA000000306030001000000006A")).unwrap();
        let expected = "  application identifier A00000030603000100000000";
        assert!(lines.contains(&expected.to_owned()), "{lines:?}");
    }

    #[test]
    fn answers_to_select_are_told_part_by_part() {
        let (_, lines) = answer_to_select(&bytes("0578807002")).unwrap();
        assert_eq!(lines[1], "T0  78 frames of the card: 256 bytes");
        assert_eq!(
            lines[2],
            "TA1 80 kbit/s from the card: 106, to the card: 106, the same both ways"
        );
        assert_eq!(lines[3], "TB1 70 frame waiting time 38.7 ms, start-up guard time none");
        assert_eq!(lines[4], "TC1 02 with card identifier, no node address");
        assert!(answer_to_select(&bytes("0678807002")).is_err());
        assert!(answer_to_select(&bytes("0278")).is_err());
        assert!(answer_to_select(&[]).is_err());
    }
}
