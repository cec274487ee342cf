//! What is said to card, cardholder and issuer, and what they answer.

use chipwright::driver::{Input, Output};
use chipwright::event::ListOrigin;
use chipwright::session::PinEntry;
use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright_harness::describe;
use chipwright_harness::record;

use super::{Detail, MARGIN, Mark, NAME, Story, TAG, object};
use crate::page::{Style, cell};

/// An entry of a list that a command carries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) list: Tag,
    pub(super) tag: Tag,
    pub(super) length: u8,
    pub(super) origin: ListOrigin,
}

/// Columns before data objects.
pub(super) const INSIDE: usize = MARGIN + 2;

impl Story {
    /// A command, with what fills the list of the card that asked for its data.
    pub(super) fn command(&self, bytes: &[u8]) {
        self.instruction.set(bytes.get(1).copied().unwrap_or(0));
        let instruction = describe::command(bytes);
        self.tell(Mark::Sent, instruction.name, &instruction.about);
        let asked = self.asked.take();
        // What was hashed for the command (TDOL) comes before what is sent with it.
        let Some(list) = asked.last().map(|entry| entry.list) else { return };
        let (sent, hashed): (Vec<_>, Vec<_>) =
            asked.into_iter().partition(|entry| entry.list == list);
        for entry in hashed {
            let name = describe::name_of(entry.tag).unwrap_or("unknown");
            self.mention(&format!("  hashed for {}", entry.list), &format!("{} {name}", entry.tag));
        }
        let mut rest = describe::list_values(&instruction);
        for entry in sent {
            let Some((value, behind)) = rest.split_at_checked(entry.length.into()) else { return };
            rest = behind;
            self.filled(entry, value);
        }
    }

    fn filled(&self, entry: Asked, value: &[u8]) {
        let origin = describe::list_origin(entry.origin);
        // Zeros that stand for nothing say nothing.
        if matches!(entry.origin, ListOrigin::Unknown | ListOrigin::Absent) {
            let name = describe::name_of(entry.tag).unwrap_or("unknown");
            self.page.row(&[
                cell(Style::Plain, "").wide(INSIDE),
                cell(Style::Dim, &entry.tag.to_string()).wide(TAG),
                cell(Style::Plain, name).wide(NAME),
                cell(Style::Dim, origin),
            ]);
            return;
        }
        for node in &describe::nodes(&[(entry.tag, value)], self.context) {
            object(&self.page, node, INSIDE, Detail::Values);
            if !origin.is_empty() {
                let column = INSIDE + TAG + NAME;
                self.page.row(&[cell(Style::Plain, "").wide(column), cell(Style::Dim, origin)]);
            }
        }
    }

    /// The card's answer.
    pub(super) fn response(&self, data: &[u8], status: Status, elapsed: u32) {
        self.page.secrets.borrow_mut().learn(data);
        self.elapsed.set(self.elapsed.get() + u64::from(elapsed));
        let mark = if status == Status::SUCCESS { Mark::Received } else { Mark::Refused };
        let meaning = describe::status(status);
        let time = if elapsed > 0 {
            format!("  {:.1} ms", f64::from(elapsed) / 1000.0)
        } else {
            String::new()
        };
        self.tell(mark, &status.to_string(), &format!("{meaning}{time}"));
        if data.is_empty() {
            return;
        }
        match describe::answer(self.instruction.get(), data, self.context) {
            Ok(nodes) if nodes.is_empty() => {
                self.mention("", &format!("{} bytes", data.len()));
            }
            Ok(nodes) => {
                nodes.iter().for_each(|node| object(&self.page, node, INSIDE, Detail::Answer));
            }
            Err(error) => {
                let length = data.len();
                self.tell(Mark::Wrong, "not BER-TLV", &format!("{error}, of {length} bytes"));
            }
        }
    }

    /// What the kernel asks beside commands.
    pub(super) fn question(&self, output: &Output<'_>) {
        match output {
            Output::Choose(candidates) => {
                self.tell(Mark::Asked, "choose", "the cardholder is shown");
                for (number, candidate) in candidates.by_priority() {
                    let name = hex::encode_upper(candidate.name);
                    let shown = candidates.display_name(number);
                    let shown = shown.map(describe::display_name).unwrap_or_default();
                    self.mention(&format!("  {number}"), &format!("{shown}  {name}"));
                }
            }
            Output::VerifyPin(request) => {
                let PinEntry { method, tries_left, again } = request.entry;
                let tries = match tries_left {
                    Some(1) => ", 1 try left".to_owned(),
                    Some(tries) => format!(", {tries} tries left"),
                    None => String::new(),
                };
                let again = if again { ", once more" } else { "" };
                let method = describe::pin_method(method);
                self.tell(Mark::Asked, "PIN entry", &format!("{method}{tries}{again}"));
            }
            Output::Authorise(data) => {
                self.tell(Mark::Sent, "issuer", "authorisation request");
                for node in &record::message(data, self.context) {
                    object(&self.page, node, INSIDE, Detail::Values);
                }
            }
            _ => {}
        }
    }

    /// What the kernel is told beside answers of the card.
    pub(super) fn answer(&self, input: &Input<'_>) {
        match input {
            Input::Chosen(Some(number)) => {
                self.tell(Mark::Noted, "chosen", &number.to_string());
            }
            Input::Chosen(None) => self.tell(Mark::Noted, "chosen", "none"),
            Input::Authorised(response) => {
                let mut objects = vec![(Tag(0x8A), &response.authorisation_response_code[..])];
                objects.extend(response.issuer_authentication_data.map(|data| (Tag(0x91), data)));
                objects.extend(response.authorisation_code.map(|code| (Tag(0x89), code)));
                self.tell(Mark::Received, "issuer", &self.remarked());
                for node in &describe::nodes(&objects, self.context) {
                    object(&self.page, node, INSIDE, Detail::Values);
                }
                if !response.scripts.is_empty() {
                    self.mention("  scripts", &format!("{} bytes", response.scripts.len()));
                }
            }
            Input::Unreachable => self.tell(Mark::Lost, "issuer", &self.remarked()),
            Input::LinkFailed(error) => {
                self.tell(Mark::Lost, "no answer", describe::link_error(*error));
            }
            Input::Stop(stop) => self.tell(Mark::Wrong, "stopped", describe::stop(*stop)),
            _ => {}
        }
    }

    fn remarked(&self) -> String {
        self.remark.borrow_mut().take().unwrap_or_else(|| "answer".to_owned())
    }
}
