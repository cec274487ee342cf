//! Card readers through PC/SC.

mod card;
mod link;
mod service;
mod system;

use chipwright::atr::Atr;
use core::time::Duration;
use serde_json::{Value, json};

use crate::Report;
use crate::arguments::{Interface, Pay, Readers};
use crate::failure::{Exit, Failure};
use crate::page::{Page, Style, cell};
use crate::pay::offered::Offered;
use card::CardInReader;
use link::Link;
use service::{Inside, Listed};

/// How long the service may take to say which readers there are.
const PATIENCE: Duration = Duration::from_secs(10);

/// Columns of a reader's name, and of what is in it.
const NAME: usize = 44;
const STATE: usize = 24;

/// Shows the readers, and what is in them.
pub(crate) fn run(arguments: &Readers) -> Result<Report, Failure> {
    let readers = Link::new(system::open, PATIENCE).readers()?;
    if readers.is_empty() {
        return Err(Failure::missing("no reader is connected"));
    }
    let text = if arguments.json {
        let entries = readers.iter().map(entry).collect::<Vec<_>>();
        let document = json!({ "command": "readers", "readers": entries, "exit_code": 0 });
        format!("{document:#}\n")
    } else {
        let page = Page::new();
        for reader in &readers {
            page.row(&[
                cell(Style::Bold, &reader.name).wide(NAME),
                cell(Style::Plain, state(reader)).wide(STATE),
                cell(Style::Dim, &answer_to_reset(&reader.inside).unwrap_or_default()),
            ]);
        }
        page.text()
    };
    Ok(Report { text, exit: Exit::Success })
}

/// The card in the reader of this name, once there is one.
pub(crate) fn offered(name: &str, arguments: &Pay) -> Result<Offered<'static>, Failure> {
    let patience = Duration::from_secs(arguments.wait);
    let mut link = Link::new(system::open, patience);
    let readers = link.readers()?;
    let name = find(name, &readers)?;
    link.choose(&name);
    let interface = match arguments.interface {
        Interface::Auto => {
            if readers.iter().any(|reader| reader.name == name && reader.inside == Inside::Nothing)
            {
                eprintln!("chipwright: {name}: waiting for a card");
            }
            place(&link.card()?)
        }
        asked => asked,
    };
    let title = match interface {
        Interface::Contactless => "whatever is held to this reader",
        _ => "whatever is in this reader",
    };
    Ok(Offered {
        name,
        title: title.to_owned(),
        interface,
        entries: arguments.entries()?,
        presence: Box::new(CardInReader::new(link, patience)),
    })
}

/// The reader of this name, or the only one whose name has this in it.
fn find(name: &str, readers: &[Listed]) -> Result<String, Failure> {
    let names = || readers.iter().map(|reader| reader.name.as_str());
    if names().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    let found: Vec<&str> = names().filter(|known| known.contains(name)).collect();
    match found[..] {
        [only] => Ok(only.to_owned()),
        [] if readers.is_empty() => Err(Failure::missing("no reader is connected")),
        [] => {
            let known = names().collect::<Vec<_>>().join(", ");
            Err(Failure::missing(format!("no reader is called `{name}`; connected: {known}")))
        }
        _ => Err(Failure::usage(format!("--reader {name}: could be {}", found.join(", ")))),
    }
}

/// Where a card with this answer to reset is: readers give cards in a field one of a fixed form.
/// [PC/SC Part 3, 3.1.3.2.3]
fn place(answer: &[u8]) -> Interface {
    match *answer {
        [0x3B, format, 0x80, 0x01, ..] if format >> 4 == 8 && Atr::read(answer).is_ok() => {
            Interface::Contactless
        }
        _ => Interface::Contact,
    }
}

fn state(reader: &Listed) -> &'static str {
    match (&reader.inside, reader.busy) {
        (Inside::Nothing, _) => "empty",
        (Inside::Mute, _) => "card does not answer",
        (Inside::Card(_), true) => "card, in use",
        (Inside::Card(answer), false) => match place(answer) {
            Interface::Contactless => "card in the field",
            _ => "card in the slot",
        },
    }
}

fn answer_to_reset(inside: &Inside) -> Option<String> {
    match inside {
        Inside::Card(answer) => Some(hex::encode_upper(answer)),
        Inside::Nothing | Inside::Mute => None,
    }
}

fn entry(reader: &Listed) -> Value {
    json!({
        "name": reader.name,
        "state": state(reader),
        "answer_to_reset": answer_to_reset(&reader.inside),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str) -> Listed {
        Listed { name: name.to_owned(), inside: Inside::Nothing, busy: false }
    }

    #[test]
    fn a_part_of_a_name_must_be_of_one_reader() {
        let readers = [listed("ACME Slot 00 00"), listed("ACME Field 00 01"), listed("ACME")];
        assert_eq!(find("Field", &readers).unwrap(), "ACME Field 00 01");
        assert_eq!(find("ACME", &readers).unwrap(), "ACME", "the whole name counts first");
        let failure = find("00", &readers).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert_eq!(failure.message, "--reader 00: could be ACME Slot 00 00, ACME Field 00 01");
        let failure = find("other", &readers[..1]).unwrap_err();
        assert_eq!(failure.exit, Exit::Missing);
        assert_eq!(failure.message, "no reader is called `other`; connected: ACME Slot 00 00");
        let failure = find("", &[]).unwrap_err();
        assert_eq!(
            (failure.exit, failure.message.as_str()),
            (Exit::Missing, "no reader is connected")
        );
    }

    #[test]
    fn the_answer_to_reset_tells_slot_and_field_apart() {
        for (answer, field) in [
            (&[0x3B, 0x80, 0x80, 0x01, 0x01][..], true),
            (&[0x3B, 0x81, 0x80, 0x01, 0x80, 0x80], true),
            (&[0x3B, 0x80, 0x80, 0x01, 0x02], false), // check character
            (&[0x3B, 0x60, 0x00, 0x00], false),
            (&[0x3B, 0xE0, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x45, 0xEB], false),
            (&[], false),
        ] {
            assert_eq!(place(answer) == Interface::Contactless, field, "{answer:02X?}");
        }
    }

    #[test]
    fn every_state_has_its_words() {
        let words = |inside, busy| state(&Listed { name: String::new(), inside, busy });
        let slot = || Inside::Card(vec![0x3B, 0x60, 0x00, 0x00]);
        assert_eq!(words(Inside::Nothing, false), "empty");
        assert_eq!(words(Inside::Mute, false), "card does not answer");
        assert_eq!(words(slot(), false), "card in the slot");
        assert_eq!(words(slot(), true), "card, in use");
        let field = Inside::Card(vec![0x3B, 0x80, 0x80, 0x01, 0x01]);
        assert_eq!(words(field, false), "card in the field");
    }
}
