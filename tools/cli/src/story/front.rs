//! Display and acquirer.

use chipwright_harness::describe;
use chipwright_terminal::FinalRecord;
use chipwright_terminal::display::Show;
use chipwright_terminal::host::{HostMessage, MessageKind};
use chipwright_terminal::journal::Voided;

use super::exchange::INSIDE;
use super::{Detail, Mark, Story, object};
use crate::front;

impl Story {
    /// What the cardholder sees.
    pub(crate) fn shown(&self, show: &Show) {
        let beside = front::beside(show);
        let identifier = format!("message {:02X}", show.message.identifier());
        let beside = if beside.is_empty() { identifier } else { format!("{beside}  {identifier}") };
        self.tell(Mark::Shown, front::words(show.message), &beside);
    }

    /// A message that went to the acquirer, and what became of it.
    pub(crate) fn delivered(&self, message: &HostMessage<'_>, became: Result<&str, &str>) {
        if !self.at_acquirer.replace(true) {
            self.page.heading("Acquirer", "B4 12");
        }
        let repeat = if message.repeat { ", which may have come before" } else { "" };
        let why = message.reason.map(|reason| format!(": {}", front::reversal_reason(reason)));
        let name = front::message_name(message.kind);
        let account = message.pan().map(|pan| pan.to_string()).unwrap_or_default();
        let about = format!(
            "transaction {}, {account}{repeat}{}",
            message.sequence,
            why.unwrap_or_default()
        );
        self.tell(Mark::Sent, name, &about);
        if message.kind != MessageKind::Reversal {
            for node in &describe::nodes(&front::field_55(message), front::context(message)) {
                object(&self.page, node, INSIDE, Detail::Values);
            }
        }
        match became {
            Ok(remark) => self.tell(Mark::Received, "acquirer", remark),
            Err(why) => self.tell(Mark::Lost, "acquirer", why),
        }
    }

    /// Power failed in this transaction; what the terminal makes of it when it starts again.
    pub(crate) fn interrupted(&self, record: &FinalRecord) {
        let conclusion = describe::conclusion(record.conclusion);
        let owed = match front::owed(record.duties) {
            owed if owed.is_empty() => "nothing is owed".to_owned(),
            owed => format!("owed: {owed}"),
        };
        let what = format!("transaction {}", record.sequence);
        self.tell(
            Mark::Noted,
            &what,
            &format!("interrupted by a power failure: {conclusion}; {owed}"),
        );
    }

    /// A sale that was taken back.
    pub(crate) fn voided(&self, voided: &Voided) {
        let owed = if voided.reversal { "; owed: reversal" } else { "" };
        let what = format!("transaction {}", voided.sequence);
        self.tell(Mark::Good, &what, &format!("voided{owed}"));
    }

    /// Records that were torn when power failed.
    pub(crate) fn damaged(&self, records: u32) {
        self.tell(Mark::Noted, "torn records", &format!("{records}, erased"));
    }

    /// Messages that stay in the journal.
    pub(crate) fn left(&self, messages: u32) {
        self.tell(Mark::Noted, "still owed", &format!("{messages} in the journal"));
    }

    /// The end of everything.
    pub(crate) fn power_fails(&self) {
        self.tell(Mark::Bad, "power fails", "");
    }
}
