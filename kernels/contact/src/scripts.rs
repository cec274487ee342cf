//! Issuer-to-Card Script Processing. [B3 10.10; B4 6.3.9]
//!
//! Reads: the issuer's templates 71 and 72. Writes: Issuer Script Results (9F5B), TVR byte 5, TSI.
//! Commands: whatever the issuer sends.

use crate::Contact;
use chipwright::database::Kept;
use chipwright::dictionary::emv::ISSUER_SCRIPT_RESULTS;
use chipwright::event::{Event, LeftOut};
use chipwright::field::TransactionStatusInformation as Tsi;
use chipwright::findings::Findings;
use chipwright::phase::Phase;
use chipwright::script::{self, Moment, Script, Step};
use chipwright::session::Ended;

/// Scripts that are processed at one moment; the issuer's whole message holds few more.
const MAX_SCRIPTS: u8 = 16;
/// Length of one entry in the results.
const ENTRY: usize = 5;

impl Contact<'_, '_, '_> {
    /// Processes every script of a moment, in order. One that fails does not stop the next.
    pub(crate) async fn process_scripts(&mut self, moment: Moment) -> Result<(), Ended> {
        for number in 0..MAX_SCRIPTS {
            let script = self.script(moment, number).map(|script| script.identifier());
            let Some(identifier) = script else { break };
            if number == 0 {
                self.enter(Phase::IssuerScriptProcessing);
                // [B3 10.10 performed]
                self.add_status(Tsi::SCRIPT_PROCESSING_PERFORMED)?;
            }
            let (sent, failed) = self.send_commands(moment, number).await?;
            // [B3 10.10 failed]
            if failed {
                let mut findings = Findings::new(self.link.events);
                findings.note_about(moment.failed(), moment.template());
                self.add_results(findings)?;
            }
            self.add_script_result(script::result(sent, failed, identifier))?;
        }
        if self.script(moment, MAX_SCRIPTS).is_some() {
            self.link.events.emit(&Event::LeftOut(LeftOut::Scripts));
        }
        Ok(())
    }

    /// Sends the commands of one script until one fails; gives how many were sent, and whether
    /// the script failed. [B3 10.10] Only SW1 decides.
    async fn send_commands(&mut self, moment: Moment, number: u8) -> Result<(u8, bool), Ended> {
        let mut sent = 0;
        loop {
            let received = self.link.data.kept(Kept::Scripts).unwrap_or_default();
            let step = Script::nth(received, moment, number).map(|script| script.command(sent));
            let Some(Step::Command(command)) = step else {
                return Ok((sent, step == Some(Step::Unreadable)));
            };
            if self.link.apdu.load(command).is_err() {
                return Ok((sent, true)); // longer than any command
            }
            let status = self.link.transmit().await?;
            sent = sent.saturating_add(1);
            // [B3 10.10 warnings]
            if status.sw1() != 0x90 && !status.is_warning() {
                return Ok((sent, true));
            }
        }
    }

    fn script(&self, moment: Moment, number: u8) -> Option<Script<'_>> {
        Script::nth(self.link.data.kept(Kept::Scripts)?, moment, number)
    }

    /// Appends to the Issuer Script Results. [B4 A5]
    fn add_script_result(&mut self, entry: [u8; ENTRY]) -> Result<(), Ended> {
        let mut results = [0; 2 * MAX_SCRIPTS as usize * ENTRY];
        let so_far = self.link.data.bytes(ISSUER_SCRIPT_RESULTS.tag).unwrap_or_default();
        let end = so_far.len() + ENTRY;
        if let Some((old, new)) =
            results.get_mut(..end).and_then(|all| all.split_at_mut_checked(so_far.len()))
        {
            old.copy_from_slice(so_far);
            new.copy_from_slice(&entry);
        }
        self.link.events.emit(&Event::ScriptResult(entry));
        let results = results.get(..end).unwrap_or_default();
        Ok(self.link.data.put_bytes(ISSUER_SCRIPT_RESULTS.tag, results)?)
    }
}
