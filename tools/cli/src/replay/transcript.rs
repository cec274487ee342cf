//! Transcripts, replayed strictly.

use chipwright::event::Events;
use chipwright_harness::describe;
use chipwright_harness::record;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::transcript::{Difference, Played, Row, Step, Transcript, play, play_tap};
use serde_json::{Value, json};

use crate::Report;
use crate::failure::Exit;
use crate::page::{Page, Style, cell};

/// Columns of the first column.
const COLUMN: usize = 48;

/// Replays a transcript; says where the kernel differs.
pub(super) fn run(transcript: &Transcript, terminal: &TerminalFile, json: bool) -> Report {
    let configuration = terminal.configuration();
    let terminal = configuration.terminal();
    let result = if transcript.contactless {
        play_tap(transcript, &terminal, &configuration.combinations, Events::NONE)
    } else {
        play(transcript, &terminal, Events::NONE)
    };
    let exit = if result.is_ok() { Exit::Success } else { Exit::Failure };
    let page = Page::new();
    for step in &transcript.steps {
        if let Step::Answered(bytes) = step {
            page.secrets.borrow_mut().learn(bytes);
        }
    }
    let text = if json {
        let document = document(&result, exit);
        page.secrets.borrow().hide(&format!("{document:#}\n"))
    } else {
        match &result {
            Ok(played) => passed(&page, transcript, played),
            Err(difference) => differs(&page, difference),
        }
        page.text()
    };
    Report { text, exit }
}

fn passed(page: &Page, transcript: &Transcript, played: &Played) {
    if let Some(title) = transcript.comments.first() {
        page.row(&[cell(Style::Bold, title)]);
    }
    let outcome = &played.outcome;
    let conclusion = describe::conclusion(outcome.conclusion);
    let how = match outcome.end {
        Some(end) => format!("{conclusion}: {}", describe::end(end)),
        None => format!("{conclusion} {}", describe::authority(outcome.authority)),
    };
    let (commands, questions) = (played.commands, played.questions);
    let counted = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    };
    let said = format!("{}, {}", counted(commands, "command"), counted(questions, "question"));
    page.row(&[cell(Style::Good, "as recorded  "), cell(Style::Plain, &format!("{said}; {how}"))]);
}

fn differs(page: &Page, difference: &Difference) {
    let line = format!("line {}", difference.line);
    page.row(&[cell(Style::Bad, "differs  "), cell(Style::Plain, &line)]);
    page.row(&[cell(Style::Dim, "expected").wide(COLUMN), cell(Style::Dim, "found")]);
    for Row { expected, found, same } in difference.rows() {
        let style = if same { Style::Dim } else { Style::Bad };
        page.row(&[cell(style, &expected).wide(COLUMN), cell(style, &found)]);
    }
}

fn document(result: &Result<Played, Box<Difference>>, exit: Exit) -> Value {
    let outcome = result.as_ref().ok().map(|played| record::outcome(&played.outcome));
    let difference = result.as_ref().err().map(|difference| {
        json!({
            "line": difference.line,
            "expected": difference.expected.as_ref().map(Step::to_string),
            "found": difference.found.as_ref().map(Step::to_string),
            "reason": difference.reason,
        })
    });
    json!({
        "command": "replay",
        "as_recorded": result.is_ok(),
        "outcome": outcome,
        "difference": difference,
        "exit_code": exit as u8,
    })
}
