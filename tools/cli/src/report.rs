//! `report`: a recorded transaction as one page that needs nothing else.

mod bits;
mod chain;
mod course;
mod exchanges;
mod head;
mod html;
mod lists;
mod part;
mod timeline;

use serde_json::Value;

use crate::Report;
use crate::arguments;
use crate::explain::{Explanation, Recording, explanations, open};
use crate::failure::{Exit, Failure};
use html::Html;
use part::section;

/// How it looks, in light and dark, on screens and paper.
const STYLE: &str = include_str!("report/style.css");

/// Writes the page.
pub(crate) fn run(arguments: &arguments::Report) -> Result<Report, Failure> {
    let recording = open(&arguments.file)?;
    let path = &arguments.output;
    std::fs::write(path, page(&recording))
        .map_err(|error| Failure::data(format!("{}: {error}", path.display())))?;
    Ok(Report { text: format!("{}\n", path.display()), exit: Exit::Success })
}

/// The page of a recording.
fn page(recording: &Recording) -> String {
    let explanations = explanations(recording);
    let parts = recording.parts();
    let mut html = Html::default();
    html.element("main", "", |html| {
        if let Some(last) = explanations.last() {
            head::head(html, recording, last);
        }
        let several = parts.len() > 1;
        for (place, (events, explanation)) in parts.iter().zip(&explanations).enumerate() {
            if several {
                html.element("p", "part", |html| {
                    html.text(&format!("{} of {}", place + 1, parts.len()));
                    html.leaf("strong", "", &explanation.outcome);
                });
            }
            course::course(html, events, explanation);
            if place + 1 == parts.len() {
                timeline::timeline(html, recording);
                bits::bits(html, recording, explanation);
            }
            transaction(html, recording, events, explanation);
        }
        left(html, recording);
        html.element("footer", "", |html| {
            html.text(&format!("chipwright {}", env!("CARGO_PKG_VERSION")));
            html.leaf("span", "", "Account data is masked. This page asks for nothing.");
        });
    });
    html.document(&title(recording), STYLE)
}

/// What belongs to one of its transactions.
fn transaction(
    html: &mut Html,
    recording: &Recording,
    events: &[Value],
    explanation: &Explanation,
) {
    lists::lists(html, &explanation.lists);
    if let Some(authentication) = &explanation.authentication {
        chain::chain(html, recording, authentication);
    }
    exchanges::exchanges(html, events);
}

/// The data objects at the end.
fn left(html: &mut Html, recording: &Recording) {
    if recording.objects.is_empty() {
        return;
    }
    section(html, "Data objects at the end", "", |html| {
        html.element("details", "exchange", |html| {
            let count = recording.objects.len();
            html.element("summary", "", |html| {
                html.leaf("span", "name", &format!("{count} objects"));
            });
            html.element("div", "said", |html| exchanges::objects(html, &recording.objects));
        });
    });
}

fn title(recording: &Recording) -> String {
    match recording.title.as_str() {
        "" => "Transaction report".to_owned(),
        title => format!("{title} \u{00B7} transaction report"),
    }
}
