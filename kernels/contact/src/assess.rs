//! Terminal Risk Management. [B3 10.6]
//!
//! Reads: amounts, floor limit, offline limits (9F14, 9F23). Writes: TVR bytes 2 and 4, TSI.
//! Commands: GET DATA.

use crate::Contact;
use chipwright::dictionary::emv::{
    AMOUNT_AUTHORISED, ATC, LAST_ONLINE_ATC_REGISTER, LOWER_CONSECUTIVE_OFFLINE_LIMIT, PAN,
    PAN_SEQUENCE_NUMBER, TERMINAL_FLOOR_LIMIT, UPPER_CONSECUTIVE_OFFLINE_LIMIT,
};
use chipwright::fault::{Cause, Failed, Fault};
use chipwright::field::{OnlineCapability, TransactionStatusInformation as Tsi};
use chipwright::findings::Findings;
use chipwright::phase::Phase;
use chipwright::reason::Reason;
use chipwright::risk::{self, Assessed, Exposure, Velocity};
use chipwright::session::Ended;
use chipwright::value::{Amount, Pan};

/// Draws that may be thrown away before the random source counts as broken.
const MAX_DRAWS: u8 = 32;

impl Contact<'_, '_, '_> {
    /// Assesses the risk of going on offline; done whatever the AIP says.
    pub(crate) async fn manage_risk(&mut self) -> Result<Assessed, Ended> {
        self.enter(Phase::TerminalRiskManagement);
        let velocity = self.read_counters().await?;
        let parameters = self.application.map(|application| application.random_selection);
        let online = self.transaction.terminal.terminal_type.online_capability();
        let random = match online {
            // [B3 10.6.2 offline-only]
            OnlineCapability::OfflineOnly => None,
            _ => match parameters {
                Some(parameters) => Some((parameters, self.draw_for_selection()?)),
                None => None,
            },
        };
        let (on_exception_file, logged) = self.recall_account()?;
        let exposure = Exposure {
            amount: self.link.data.require(AMOUNT_AUTHORISED)?,
            logged,
            floor_limit: self.link.data.require(TERMINAL_FLOOR_LIMIT)?,
            on_exception_file,
            force_online: self.transaction.force_online,
            random,
            velocity,
        };
        let mut findings = Findings::new(self.link.events);
        let assessed = risk::assess(&exposure, &mut findings);
        self.add_results(findings)?;
        // [B3 10.6 performed]
        self.add_status(Tsi::TERMINAL_RISK_MANAGEMENT_PERFORMED)?;
        Ok(assessed)
    }

    /// What the terminal remembers of the account. [B3 10.6.1, B4 6.3.5]
    fn recall_account(&self) -> Result<(bool, Amount), Failed> {
        let (data, history) = (&self.link.data, self.transaction.history);
        let pan = data.bytes(PAN.tag).and_then(Pan::new);
        let pan = pan.ok_or_else(|| data.malformed(PAN.tag))?;
        let sequence_number = data.get(PAN_SEQUENCE_NUMBER)?;
        Ok(history.map_or((false, Amount::ZERO), |history| {
            let listed = history.on_exception_file(pan, sequence_number);
            (listed, history.logged_amount(pan, sequence_number))
        }))
    }

    /// The counters of velocity checking, if the card wants it: it does when it has both limits.
    /// [B3 10.6.3]
    async fn read_counters(&mut self) -> Result<Option<Velocity>, Ended> {
        let lower = self.link.data.get(LOWER_CONSECUTIVE_OFFLINE_LIMIT)?;
        let upper = self.link.data.get(UPPER_CONSECUTIVE_OFFLINE_LIMIT)?;
        // [B3 10.6.3 both-limits]
        let Some((lower_limit, upper_limit)) = lower.zip(upper) else {
            return Ok(None);
        };
        let transaction_counter = self.request_data(ATC).await?;
        let last_online = self.request_data(LAST_ONLINE_ATC_REGISTER).await?;
        // [B3 7.5] The card asks for the check and does not give what it needs.
        let mut findings = Findings::new(self.link.events);
        for (given, tag) in
            [(transaction_counter, ATC.tag), (last_online, LAST_ONLINE_ATC_REGISTER.tag)]
        {
            if given.is_none() {
                findings.note_about(Reason::CardDataMissing, tag);
            }
        }
        self.add_results(findings)?;
        Ok(Some(Velocity { transaction_counter, last_online, lower_limit, upper_limit }))
    }

    /// A number from 1 to 99. [B3 10.6.2]
    fn draw_for_selection(&self) -> Result<u8, Failed> {
        for _ in 0..MAX_DRAWS {
            let mut byte = [0];
            self.draw(&mut byte)?;
            if let Some(number) = risk::draw(byte[0]) {
                return Ok(number);
            }
        }
        Err(self.link.data.note(Fault::new(Cause::Random)))
    }
}
