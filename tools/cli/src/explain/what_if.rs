//! What if: the same answers of card, cardholder and issuer, under other limits, capabilities,
//! dates or options.

use chipwright::object::Value as _;
use chipwright::value::Date;
use chipwright_harness::describe;
use chipwright_harness::recorded::Note;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::transcript::{Again, Transcript};
use serde::Serialize;

use super::explanation::Explanation;
use super::recording::{Recording, played};
use crate::failure::Failure;

/// How it would have gone.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct WhatIf {
    /// What is otherwise.
    pub(crate) with: Vec<String>,
    /// What is not there any more.
    pub(crate) gone: Vec<String>,
    /// What is there instead.
    pub(crate) come: Vec<String>,
    /// What had to be assumed, because nobody was asked that then.
    pub(crate) assumed: Vec<String>,
    /// Where that comes to.
    pub(crate) then: Explanation,
}

/// Runs the recording again with these changes.
pub(super) fn what_if(recording: &Recording, with: &[String]) -> Result<WhatIf, Failure> {
    let Some((transcript, terminal)) = recording.source.as_deref() else {
        let why = "--with: a masked trace, one of another terminal, or an event record has no \
                   terminal to change";
        return Err(Failure::data(why));
    };
    let (mut transcript_then, mut terminal_then) = (transcript.clone(), terminal.clone());
    for change in with {
        let refused = |why: String| Failure::usage(format!("--with {change}: {why}"));
        let (key, value) =
            change.split_once('=').ok_or_else(|| refused("expected KEY=VALUE".to_owned()))?;
        if !of_transaction(&mut transcript_then, key.trim(), value.trim()).map_err(refused)? {
            terminal_then = of_terminal(&terminal_then, change).map_err(refused)?;
        }
    }
    // What a kernel of today makes of it, and not what another one made of it then.
    let (today, _) = played(transcript, terminal);
    let (then, again) = played(&transcript_then, &terminal_then);
    let [before, after] = [&today, &then].map(|recording| {
        let parts = recording.parts();
        Explanation::of(parts.last().copied().unwrap_or_default(), recording, true)
    });
    let [facts_before, facts_after] = [&before, &after].map(facts);
    let missing = |facts: &[String], in_these: &[String]| {
        facts.iter().filter(|fact| !in_these.contains(fact)).cloned().collect()
    };
    Ok(WhatIf {
        with: with.to_vec(),
        gone: missing(&facts_before, &facts_after),
        come: missing(&facts_after, &facts_before),
        assumed: assumed(&again),
        then: after,
    })
}

/// Changes what the transaction begins with; `false` when the key is none of it.
fn of_transaction(transcript: &mut Transcript, key: &str, value: &str) -> Result<bool, String> {
    let setup = &mut transcript.setup;
    let amount = |text| setup.currency.amount(text).ok_or("no amount in its currency".to_owned());
    match key {
        "date" => {
            let date = hex::decode(value).ok().and_then(|bytes| Date::decode(&bytes));
            setup.date = date.ok_or("no day of the calendar, as YYMMDD")?;
        }
        "amount" => setup.amount = amount(value)?,
        "other-amount" => setup.other = amount(value)?,
        "force-online" => setup.force_online = value.parse().map_err(|_| "true or false")?,
        _ => return Ok(false),
    }
    if setup.other > setup.amount {
        return Err("the other amount is part of the amount".to_owned());
    }
    Ok(true)
}

/// Changes the terminal file. Under `application` and `contactless`, every one is changed.
fn of_terminal(terminal: &TerminalFile, change: &str) -> Result<TerminalFile, String> {
    let change = change.parse::<toml::Table>().map_err(|error| error.message().to_owned())?;
    let mut file = terminal.text().parse::<toml::Table>().unwrap_or_default();
    if change.contains_key("contactless") && !file.contains_key("contactless") {
        file.extend(TAPS.parse::<toml::Table>().unwrap_or_default());
    }
    merge(&mut file, change);
    let text = toml::to_string(&file).map_err(|error| error.to_string())?;
    TerminalFile::parse(&text).map_err(|error| error.message)
}

/// The combination of a terminal file that names none.
const TAPS: &str = "[[contactless]]\naid = 'A000000333'\nkernel = 7\n";

fn merge(into: &mut toml::Table, change: toml::Table) {
    for (key, value) in change {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(inner)), toml::Value::Table(change)) => merge(inner, change),
            (Some(toml::Value::Array(all)), toml::Value::Table(change)) => {
                all.iter_mut().filter_map(toml::Value::as_table_mut).for_each(|one| {
                    merge(one, change.clone());
                });
            }
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// What is compared: a line for everything that was decided.
fn facts(explanation: &Explanation) -> Vec<String> {
    let mut facts = Vec::new();
    for finding in explanation.results.iter().filter(|finding| !finding.cleared) {
        let code = finding.code.as_deref().unwrap_or_default();
        let bits = finding.bits.iter();
        facts.extend(bits.map(|bit| format!("TVR {bit} ({code}: {})", finding.reason)));
    }
    for rule in &explanation.verification {
        let how =
            rule.why.as_deref().map_or("performed".to_owned(), |why| format!("passed over: {why}"));
        facts.push(format!("rule {} {}: {}, {how}", rule.number, rule.rule, rule.method));
    }
    for step in &explanation.course {
        let bits = step.bits.iter().map(|bit| format!("{} {bit}", step.what));
        facts.extend(bits);
        if step.bits.is_empty() {
            facts.push(format!("{}: {}", step.what, step.why));
        }
    }
    facts.push(format!("outcome: {}", explanation.outcome));
    facts
}

fn assumed(again: &Again) -> Vec<String> {
    let mut assumed: Vec<String> = again.notes.iter().map(noted).collect();
    if again.assumed_pins > 0 {
        assumed.push("the PIN is right: nobody was asked for it".to_owned());
    }
    if again.assumed_unreachable {
        assumed.push("the issuer cannot be reached: it was not asked".to_owned());
    }
    assumed
}

fn noted(note: &Note) -> String {
    let about = |sent: &[u8]| {
        let instruction = describe::command(sent);
        format!("{} {}", instruction.name, instruction.about).trim_end().to_owned()
    };
    match note {
        Note::Differs { sent, .. } => format!(
            "{} carries other data, and gets the recorded answer: a signature or cryptogram in it \
             is over the recorded data",
            about(sent)
        ),
        Note::Assumed { sent, status: [0x90, 0x00] } => {
            format!("{} is answered by an AAC, as by any card", about(sent))
        }
        Note::Assumed { sent, status } => {
            format!("{} is answered by {}", about(sent), hex::encode_upper(status))
        }
        Note::Missing { sent } => {
            format!("it ends at {}: the record has no answer to that", about(sent))
        }
    }
}
