//! Data among other text: logs, messages, dumps.

use chipwright::tag::Tag;
use chipwright_harness::describe::{definitions_of, name_of};

use super::found::{Found, Place};
use super::input::base64;
use super::piece::{Piece, known, split, whole};
use crate::arguments::tag;

/// Lines that one string may go over.
const MAX_LINES: usize = 64;
/// Words before a string that belong to something else: a time, an offset, a direction.
const MAX_WORDS: usize = 8;
/// Shortest base64 that is tried.
const SHORTEST: usize = 16;

/// Finds objects, commands, answers, resets and named values.
pub(super) fn scan(text: &str) -> Vec<Found> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut number = 0;
    while let Some(line) = lines.get(number) {
        let before = found.len();
        let mut used = 1;
        for run in runs(line) {
            if let Some(piece) = whole_run(&run, number, &found) {
                found.push(piece);
            } else if let Some((piece, count)) = over_lines(&run, &lines, number) {
                found.push(piece);
                used = used.max(count);
            }
        }
        if found.len() == before {
            found.extend(named(line, number));
        }
        if found.len() == before {
            found.extend(letters(line, number));
        }
        number += used;
    }
    found
}

/// Digits that stand together, in words.
#[derive(Debug)]
struct Run<'t> {
    words: Vec<(usize, &'t str)>,
}

impl Run<'_> {
    fn digits(&self, from: usize) -> String {
        self.words.iter().skip(from).map(|(_, word)| *word).collect()
    }

    fn place(&self, from: usize, line: usize) -> Option<Place> {
        let (column, _) = self.words.get(from)?;
        Some(Place { line: line + 1, column: column + 1 })
    }
}

/// The runs of hexadecimal words of even length in a line; `0x` before a word is passed over.
fn runs(line: &str) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = vec![Run { words: Vec::new() }];
    let mut at = 0;
    let separator = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
    for word in line.split_inclusive(separator) {
        let end = word.trim_end_matches(separator);
        let digits = end.strip_prefix("0x").unwrap_or(end);
        let skipped = end.len() - digits.len();
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let tail = &word[end.len()..];
        if is_hex && !digits.is_empty() && digits.len().is_multiple_of(2) {
            if let Some(run) = runs.last_mut() {
                run.words.push((at + skipped, digits));
            }
            // Bytes stand apart by these; anything else ends a run.
            if !matches!(tail, "" | " " | ":" | "-" | ",") {
                runs.push(Run { words: Vec::new() });
            }
        } else if !end.is_empty() || !matches!(tail, " " | ",") {
            runs.push(Run { words: Vec::new() });
        }
        at += word.len();
    }
    runs.retain(|run| !run.words.is_empty());
    runs
}

/// What a string of digits is, if it is anything for sure.
fn piece(digits: &str, after_command: bool) -> Option<Found> {
    let bytes = hex::decode(digits).ok()?;
    let (objects, status) = split(&bytes);
    let piece = match Piece::of(&bytes) {
        // What begins with padding is rather a number.
        Piece::Objects
            if objects.len() > 2
                && objects.first() != Some(&0)
                && known(objects)
                && whole(objects) =>
        {
            Piece::Objects
        }
        Piece::Command => Piece::Command,
        Piece::Status if after_command && status.is_some() => Piece::Status,
        piece @ (Piece::Field(_) | Piece::Reset) => piece,
        _ => return None,
    };
    Some(Found { place: None, bytes, piece })
}

/// The run as one string, without what may stand before it.
fn whole_run(run: &Run<'_>, line: usize, before: &[Found]) -> Option<Found> {
    let after_command = before.last().is_some_and(|found| found.piece == Piece::Command);
    (0..run.words.len().min(MAX_WORDS)).find_map(|from| {
        let found = piece(&run.digits(from), after_command)?;
        Some(Found { place: run.place(from, line), ..found })
    })
}

/// The run with the lines below it that its length asks for, as long as they are nothing but
/// digits.
fn over_lines(run: &Run<'_>, lines: &[&str], line: usize) -> Option<(Found, usize)> {
    (0..run.words.len().min(MAX_WORDS)).find_map(|from| {
        let mut digits = run.digits(from);
        let needed = 2 * needed(&digits)?;
        let mut used = 1;
        while digits.len() < needed && used < MAX_LINES {
            digits.push_str(&continued(lines.get(line + used)?)?);
            used += 1;
        }
        let found = if used > 1 { piece(&digits, false) } else { None }?;
        Some((Found { place: run.place(from, line), ..found }, used))
    })
}

/// How many bytes the object has that digits begin with, if it is one that somebody knows.
fn needed(digits: &str) -> Option<usize> {
    let head = hex::decode(digits.get(..digits.len().min(16))?).ok()?;
    let length = (1..=4).find(|length| {
        let tag = head.get(..*length).and_then(Tag::from_bytes);
        tag.is_some_and(|tag| name_of(tag).is_some())
    })?;
    let (&first, behind) = head.get(length..)?.split_first()?;
    let (more, value) = match first {
        0x00..=0x7F => (0, usize::from(first)),
        0x81..=0x83 => {
            let more = usize::from(first & 0x0F);
            let bytes = behind.get(..more)?;
            (more, bytes.iter().fold(0, |value, byte| value << 8 | usize::from(*byte)))
        }
        _ => return None,
    };
    Some(length + 1 + more + value)
}

/// The digits of a line that goes on with what was above: nothing but digits, or an offset, digits
/// and the letters that they are.
fn continued(line: &str) -> Option<String> {
    let line = line.trim();
    let line = line.split_once(": ").map_or(line, |(offset, rest)| {
        if offset.bytes().all(|byte| byte.is_ascii_hexdigit()) { rest.trim_start() } else { line }
    });
    // Letters of a dump stand apart by two spaces.
    let line = line.split("  ").next()?;
    let digits: String = line.split_ascii_whitespace().collect();
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hex && !digits.is_empty() && digits.len().is_multiple_of(2)).then_some(digits)
}

/// Values beside their tags: `95: 0000008000`, `"9F26": "1122334455667788"`, `TVR (95) = ...`.
fn named(line: &str, number: usize) -> Vec<Found> {
    let words: Vec<(usize, &str)> = line
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .scan(0, |at, word| {
            let start = *at;
            *at += word.len() + 1;
            Some((start, word))
        })
        .filter(|(_, word)| !word.is_empty())
        .collect();
    let mut found = Vec::new();
    let mut rest = words.as_slice();
    while let [(column, name), behind @ ..] = rest {
        rest = behind;
        let Some((_, value)) = behind.first() else { break };
        let (Ok(own), Ok(bytes)) = (tag(name), hex::decode(value)) else { continue };
        let fits = definitions_of(own).iter().any(|definition| {
            (definition.min..=definition.max.unwrap_or(usize::MAX)).contains(&bytes.len())
        });
        // Two numbers beside each other are not yet tag and value.
        let long = name.len() > 2 || bytes.len() > 1;
        if fits && long && name_of(own).is_some() && !own.is_constructed() {
            let place = Some(Place { line: number + 1, column: column + 1 });
            found.push(Found { place, bytes, piece: Piece::Value(own) });
            rest = behind.get(1..).unwrap_or_default();
        }
    }
    found
}

/// Words in base64 that are objects.
fn letters(line: &str, number: usize) -> Vec<Found> {
    let outside = |letter: char| !letter.is_ascii_alphanumeric() && !"+/=".contains(letter);
    let mut at = 0;
    let mut found = Vec::new();
    for word in line.split_inclusive(outside) {
        let letters = word.trim_end_matches(outside);
        let bytes = if letters.len() < SHORTEST { None } else { base64(letters) };
        if let Some(bytes) = bytes.filter(|bytes| known(split(bytes).0) && whole(split(bytes).0)) {
            let place = Some(Place { line: number + 1, column: at + 1 });
            found.push(Found { place, bytes, piece: Piece::Objects });
        }
        at += word.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<(usize, usize, Piece, String)> {
        let entry = |found: Found| {
            let place = found.place.unwrap();
            (place.line, place.column, found.piece, hex::encode_upper(found.bytes))
        };
        scan(text).into_iter().map(entry).collect()
    }

    #[test]
    fn a_dialogue_is_found_among_its_remarks() {
        let log = "12:30:05.123 reader 2 says hello\n\
                   12:30:05 > 00 A4 04 00 07 A0 00 00 00 03 10 10 00\n\
                   12:30:06 < 6F 09 84 07 A0 00 00 00 03 10 10 90 00\n\
                   > 80CA9F1700\n\
                   < 6A 88\n\
                   ended 2026 with 6A88\n";
        assert_eq!(
            found(log),
            [
                (2, 12, Piece::Command, "00A4040007A000000003101000".to_owned()),
                (3, 12, Piece::Objects, "6F098407A00000000310109000".to_owned()),
                (4, 3, Piece::Command, "80CA9F1700".to_owned()),
                (5, 3, Piece::Status, "6A88".to_owned()),
            ]
        );
    }

    #[test]
    fn strings_go_over_lines() {
        let dump = "answer:\n6F098407A0\n00000003\n1010\nend\n";
        assert_eq!(found(dump), [(2, 1, Piece::Objects, "6F098407A0000000031010".to_owned())]);
        let dump = "0000: 6f 09 84 07 a0  o....\n0005: 00 00 00 03 10 10  ......\n";
        assert_eq!(found(dump), [(1, 7, Piece::Objects, "6F098407A0000000031010".to_owned())]);
    }

    #[test]
    fn values_are_found_beside_their_tags() {
        let log = "TVR (95) = 0000008000, \"9F26\": \"1122334455667788\"\nport 80 12 34\n";
        assert_eq!(
            found(log),
            [
                (1, 6, Piece::Value(Tag(0x95)), "0000008000".to_owned()),
                (1, 25, Piece::Value(Tag(0x9F26)), "1122334455667788".to_owned()),
            ]
        );
    }

    #[test]
    fn letters_may_stand_for_objects() {
        let log = "de55=mgMmARWcAQCfNgIAAQ== done\nnothing here: SGVsbG8gV29ybGQhISE=\n";
        let expected = (1, 6, Piece::Objects, "9A032601159C01009F36020001".to_owned());
        assert_eq!(found(&log.replace("de55=", "de55 ")), [expected]);
    }

    proptest! {
        #[test]
        fn any_text_can_be_scanned(text in "[ -~\n]{0,200}|[0-9A-F \n:]{0,200}|\\PC{0,80}") {
            for found in scan(&text) {
                let place = found.place.unwrap();
                prop_assert!(place.line <= text.lines().count());
            }
        }
    }
}
