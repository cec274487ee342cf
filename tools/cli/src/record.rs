//! `record`: what a terminal's firmware told of its transactions, explained.

use chipwright::event::record::{Error, Row, Rows};
use chipwright::event::{Event, Sink};
use chipwright::outcome::Outcome;
use chipwright_harness::describe::{self, Context};
use chipwright_harness::record::Journal;
use serde_json::json;

use crate::Report;
use crate::arguments::Record;
use crate::failure::{Exit, Failure};
use crate::page::{Page, Style, cell};
use crate::source;
use crate::story::Story;

/// Explains a record, up to its end or to what is wrong in it.
pub(crate) fn run(arguments: &Record) -> Result<Report, Failure> {
    let file = &arguments.file;
    let bytes = source::bytes(file)?;
    let wrong = |error: Error| Failure::data(format!("{file}: {error}"));
    let rows = Rows::new(&bytes).map_err(wrong)?;
    let reader = Reader {
        story: Story::new(Page::new(), Context::default()),
        log: Journal::new(Context::default()),
    };
    let read = rows.into_iter().try_for_each(|row| reader.read(&row?));
    let text = if arguments.json {
        let events = reader.log.entries();
        format!("{:#}\n", json!({"command": "record", "events": events}))
    } else {
        reader.story.end_phase();
        reader.story.page.text()
    };
    match read {
        Ok(()) => Ok(Report { text, exit: Exit::Success }),
        // What came before it is worth reading.
        Err(error) => {
            crate::print(&text);
            Err(wrong(error))
        }
    }
}

/// Whoever reads a record: the page and the log.
struct Reader {
    story: Story,
    log: Journal,
}

impl Reader {
    fn read(&self, row: &Row<'_>) -> Result<(), Error> {
        if row.tell(self)? {
            return Ok(());
        }
        let (kind, content) = (format!("{:02X}", row.kind), hex::encode_upper(row.content));
        if row.is_own() {
            self.story.page.row(&[
                cell(Style::Dim, "    row of the terminal").wide(30),
                cell(Style::Dim, &format!("{kind} {content}")),
            ]);
            self.log.note(json!({"event": "own", "kind": kind, "content": content}));
        } else {
            self.log.note(json!({"event": "unknown", "kind": kind}));
        }
        Ok(())
    }

    /// The last line of a transaction.
    fn ended(&self, outcome: &Outcome) {
        let page = &self.story.page;
        self.story.end_phase();
        page.gap();
        let what = describe::conclusion(outcome.conclusion);
        let how = match outcome.end {
            Some(end) => describe::end(end),
            None => describe::authority(outcome.authority).to_owned(),
        };
        page.row(&[cell(Style::Bold, &format!("    {what}, {how}"))]);
        page.gap();
    }
}

impl Sink for Reader {
    fn event(&self, event: &Event<'_>) {
        self.story.event(event);
        self.log.event(event);
        if let Event::Ended(outcome) = event {
            self.ended(outcome);
        }
    }
}
