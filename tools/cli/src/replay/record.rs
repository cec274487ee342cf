//! Traces of other terminals, replayed as far as their answers reach.

use chipwright::dictionary::emv::UNPREDICTABLE_NUMBER;
use chipwright::event::Events;
use chipwright::outcome::Conclusion;
use chipwright_harness::describe::{self, Context};
use chipwright_harness::record::{self, Journal};
use chipwright_harness::recorded::Note;
use chipwright_harness::trace::{Changed, Replayed, Trace, changed, replay};
use serde_json::{Value, json};

use crate::Report;
use crate::failure::Exit;
use crate::page::{Page, Style, cell};

/// Columns of a row's first words.
const WHAT: usize = 14;
/// Digits of a command in a row: whole bytes.
const DIGITS: usize = 64;

/// Replays a trace; says where it ends and why.
pub(super) fn run(trace: &Trace, json: bool) -> Report {
    let journal = Journal::new(Context::default());
    let replayed = replay(trace, Events::to(&journal), &journal);
    let exit = exit(&replayed);
    let page = Page::new();
    for exchange in &trace.exchanges {
        page.secrets.borrow_mut().learn(&exchange.answer);
    }
    let text = if json {
        let document = document(trace, &replayed, &journal, exit);
        page.secrets.borrow().hide(&format!("{document:#}\n"))
    } else {
        tell(&page, trace, &replayed);
        page.text()
    };
    Report { text, exit }
}

/// As recorded to the end of the record is as expected, whatever the end.
fn exit(replayed: &Replayed) -> Exit {
    if !replayed.is_as_recorded() {
        Exit::Failure
    } else if replayed.unanswered().is_some() {
        Exit::Success
    } else {
        match replayed.outcome.conclusion {
            Conclusion::Approved | Conclusion::Declined => Exit::Success,
            _ => Exit::Terminated,
        }
    }
}

fn tell(page: &Page, trace: &Trace, replayed: &Replayed) {
    page.row(&[cell(Style::Bold, &trace.title)]);
    page.gap();
    let line = |what: &str, style: Style, text: &str| {
        page.row(&[cell(Style::Dim, what).wide(WHAT), cell(style, text)]);
    };
    let setup = &replayed.setup;
    let number = setup
        .unpredictable_number
        .map(|number| format!(", {} {}", UNPREDICTABLE_NUMBER.tag, hex::encode_upper(number)));
    let kind = describe::transaction_type(setup.kind);
    let amount = setup.currency.show(setup.amount);
    line(
        "transaction",
        Style::Plain,
        &format!("{kind} of {amount} on {}{}", setup.date, number.unwrap_or_default()),
    );
    for note in &replayed.notes {
        tell_note(page, trace, note);
    }
    if replayed.assumed_pins > 0 {
        line("assumed", Style::Note, "the PIN was right: the record has no VERIFY");
    }
    let used = format!("{} of {} recorded answers", replayed.used, trace.exchanges.len());
    line("used", Style::Plain, &used);
    let outcome = &replayed.outcome;
    let phase = outcome.phase.name();
    if let Some(command) = replayed.unanswered() {
        let about = about(command);
        line("ends", Style::Plain, &format!("in {phase}: the record has no answer to {about}"));
    } else {
        let conclusion = describe::conclusion(outcome.conclusion);
        let how = match outcome.end {
            Some(end) => describe::end(end),
            None => describe::authority(outcome.authority).to_owned(),
        };
        line("ends", Style::Plain, &format!("in {phase}: {conclusion}, {how}"));
    }
    let (style, verdict) = if replayed.is_as_recorded() {
        (Style::Good, "as recorded, as far as the answers reach")
    } else {
        (Style::Bad, "differs from the record")
    };
    line("verdict", style, verdict);
}

fn about(command: &[u8]) -> String {
    let instruction = describe::command(command);
    format!("{} {}", instruction.name, instruction.about).trim_end().to_owned()
}

fn tell_note(page: &Page, trace: &Trace, note: &Note) {
    match note {
        Note::Assumed { sent, status } => {
            let status = hex::encode_upper(status);
            let text = format!("{} is answered by {status}: it is not in the record", about(sent));
            page.row(&[cell(Style::Dim, "assumed").wide(WHAT), cell(Style::Note, &text)]);
        }
        Note::Differs { sent, recorded, place } => {
            let text = format!("exchange {}, {}", place + 1, about(sent));
            page.row(&[cell(Style::Dim, "differs").wide(WHAT), cell(Style::Bad, &text)]);
            compare(page, recorded, sent);
            for Changed { tag, recorded, sent } in changed(&trace.exchanges, recorded, sent) {
                let name = describe::name_of(tag).unwrap_or("unknown");
                let values = [recorded, sent].map(|value| describe::hex_of(tag, &value));
                let text = format!("{tag} {name}: recorded {}, sent {}", values[0], values[1]);
                page.row(&[cell(Style::Plain, "").wide(WHAT), cell(Style::Plain, &text)]);
            }
        }
        // It is told where the replay ends.
        Note::Missing { .. } => {}
    }
}

/// Two commands, one below the other, with a mark under every digit that differs.
fn compare(page: &Page, recorded: &[u8], sent: &[u8]) {
    let (recorded, sent) = (hex::encode_upper(recorded), hex::encode_upper(sent));
    let length = recorded.len().max(sent.len());
    let part = |text: &str, start: usize| {
        text.get(start..(start + DIGITS).min(text.len())).unwrap_or_default().to_owned()
    };
    for start in (0..length).step_by(DIGITS) {
        let (left, right) = (part(&recorded, start), part(&sent, start));
        let marks: String =
            (0..left.len().max(right.len()))
                .map(|place| {
                    if left.as_bytes().get(place) == right.as_bytes().get(place) {
                        ' '
                    } else {
                        '^'
                    }
                })
                .collect();
        for (what, text) in [("  recorded", &left), ("  sent", &right), ("", &marks)] {
            if !text.trim().is_empty() {
                page.row(&[cell(Style::Dim, what).wide(WHAT), cell(Style::Plain, text)]);
            }
        }
    }
}

fn document(trace: &Trace, replayed: &Replayed, journal: &Journal, exit: Exit) -> Value {
    let hex = |bytes: &[u8]| hex::encode_upper(bytes);
    let notes = replayed.notes.iter().map(|note| match note {
        Note::Assumed { sent, status } => json!({"note": "assumed", "sent": hex(sent), "status": hex(status)}),
        Note::Differs { sent, recorded, place } => {
            let objects = changed(&trace.exchanges, recorded, sent).into_iter().map(|object| {
                json!({"tag": object.tag.to_string(), "recorded": hex(&object.recorded), "sent": hex(&object.sent)})
            });
            json!({"note": "differs", "exchange": place + 1, "recorded": hex(recorded), "sent": hex(sent), "objects": objects.collect::<Vec<_>>()})
        }
        Note::Missing { sent } => json!({"note": "missing", "sent": hex(sent)}),
    });
    json!({
        "command": "replay",
        "title": trace.title,
        "as_recorded": replayed.is_as_recorded(),
        "used": replayed.used,
        "recorded": trace.exchanges.len(),
        "assumed_pins": replayed.assumed_pins,
        "notes": notes.collect::<Vec<_>>(),
        "events": journal.entries(),
        "outcome": record::outcome(&replayed.outcome),
        "exit_code": exit as u8,
    })
}
