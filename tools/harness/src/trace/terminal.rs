//! The terminal of a record, as far as the record tells.

use std::collections::BTreeMap;

use chipwright::config::{
    ActionCodes, Application, CaPublicKey, Options, Terminal, TransactionType,
};
use chipwright::dictionary::emv::{
    ADDITIONAL_TERMINAL_CAPABILITIES, AMOUNT_AUTHORISED, AMOUNT_OTHER, APPLICATION_EXPIRATION_DATE,
    APPLICATION_VERSION_NUMBER_CARD, ISSUER_COUNTRY_CODE, TERMINAL_CAPABILITIES,
    TERMINAL_COUNTRY_CODE, TERMINAL_TYPE, TRANSACTION_CURRENCY_CODE, TRANSACTION_DATE,
    TRANSACTION_TIME, TRANSACTION_TYPE, TVR, UNPREDICTABLE_NUMBER,
};
use chipwright::field::{
    AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType,
    TerminalVerificationResults as Tvr,
};
use chipwright::object::{Object, Value};
use chipwright::tag::Tag;
use chipwright::value::{Amount, Code, Date};

use super::Trace;
use super::objects::{cryptogram_commands, of_card, of_terminal};
use crate::currency::Currency;
use crate::setup::Setup;

/// The Payment System Environments, which are no applications.
const ENVIRONMENTS: [&[u8]; 2] = [b"1PAY.SYS.DDF01", b"2PAY.SYS.DDF01"];

/// What a record tells of its terminal and its transaction.
#[derive(Clone, Debug)]
pub(super) struct Told<'r> {
    pub(super) trace: &'r Trace,
    /// The card's objects.
    pub(super) card: BTreeMap<Tag, Vec<u8>>,
    /// The terminal's objects.
    terminal: BTreeMap<Tag, Vec<u8>>,
    /// Names of applications: of SELECT commands, and those that are expected.
    names: Vec<Vec<u8>>,
}

impl<'r> Told<'r> {
    pub(super) fn by(trace: &'r Trace) -> Self {
        let card = of_card(&trace.exchanges);
        let mut terminal = trace.terminal.clone();
        for (tag, value) in of_terminal(&trace.exchanges, &card) {
            terminal.entry(tag).or_insert(value);
        }
        let mut names: Vec<Vec<u8>> = Vec::new();
        let selected = trace.exchanges.iter().filter_map(|exchange| selected(&exchange.command));
        for name in selected.chain(trace.names.iter().map(Vec::as_slice)) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_vec());
            }
        }
        Self { trace, card, terminal, names }
    }

    fn get<T: Value>(&self, object: Object<T>) -> Option<T> {
        T::decode(self.terminal.get(&object.tag)?)
    }

    fn card<T: Value>(&self, object: Object<T>) -> Option<T> {
        T::decode(self.card.get(&object.tag)?)
    }

    /// What was to be done.
    pub(super) fn setup(&self) -> Setup {
        let default = Setup::default();
        let other = self.get(AMOUNT_OTHER).unwrap_or(Amount::ZERO);
        let kind = match self.get(TRANSACTION_TYPE) {
            Some(0x01) => TransactionType::ManualCash,
            Some(0x09) => TransactionType::Cashback,
            Some(0x20) => TransactionType::Refund,
            Some(0x31) => TransactionType::Inquiry,
            _ => TransactionType::Purchase,
        };
        Setup {
            kind,
            amount: self.get(AMOUNT_AUTHORISED).unwrap_or(default.amount),
            other,
            currency: self.get(TRANSACTION_CURRENCY_CODE).map_or(default.currency, Currency::of),
            date: self.date(default.date),
            time: self.get(TRANSACTION_TIME).unwrap_or(default.time),
            unpredictable_number: self.get(UNPREDICTABLE_NUMBER),
            ..default
        }
    }

    /// The recorded day, or one on which the card was good.
    fn date(&self, default: Date) -> Date {
        let told = self.get(TRANSACTION_DATE);
        let last = self.card(APPLICATION_EXPIRATION_DATE);
        told.unwrap_or_else(|| last.map_or(default, |last: Date| last.min(default)))
    }

    /// The applications.
    pub(super) fn applications(&self) -> Vec<Application<'_>> {
        // What the results do not speak of, the configuration must not bring about.
        let reached = self.results().is_none_or(|tvr| tvr.contains(Tvr::FLOOR_LIMIT_EXCEEDED));
        self.names
            .iter()
            .map(|name| Application {
                version: self.card(APPLICATION_VERSION_NUMBER_CARD).unwrap_or(0),
                floor_limit: if reached { 0 } else { u32::MAX },
                action_codes: self.action_codes(),
                default_ddol: Some(&[0x9F, 0x37, 0x04]),
                ..Application::new(name)
            })
            .collect()
    }

    /// Codes under which any result leads to the cryptogram that was asked for.
    fn action_codes(&self) -> ActionCodes {
        let any = Tvr([0xFF; 5]);
        match self.request() {
            Some(0x80) => ActionCodes { online: any, ..ActionCodes::default() },
            Some(0x00) => ActionCodes { denial: any, ..ActionCodes::default() },
            _ => ActionCodes::default(),
        }
    }

    /// The keys.
    pub(super) fn keys(&self) -> Vec<CaPublicKey<'_>> {
        let key = |key: &'r super::read::Key| CaPublicKey {
            rid: key.rid,
            index: key.index,
            modulus: &key.modulus,
            exponent: &key.exponent,
        };
        self.trace.keys.iter().map(key).collect()
    }

    /// The terminal.
    pub(super) fn terminal<'a>(
        &self,
        applications: &'a [Application<'a>],
        keys: &'a [CaPublicKey<'a>],
    ) -> Terminal<'a> {
        let country = self.get(TERMINAL_COUNTRY_CODE).or(self.card(ISSUER_COUNTRY_CODE));
        Terminal {
            additional_capabilities: self
                .get(ADDITIONAL_TERMINAL_CAPABILITIES)
                .unwrap_or(AdditionalTerminalCapabilities([0x70, 0x00, 0xF0, 0xF0, 0x01])),
            applications,
            keys,
            options: Options { cardholder_selection: false, ..Options::DEFAULT },
            ..Terminal::new(
                self.terminal_type(),
                self.capabilities(),
                country.or(Code::new(276)).expect("a code of three digits"),
            )
        }
    }

    /// The recorded type; or one that asks for an ARQC whatever the results, where that was asked.
    fn terminal_type(&self) -> TerminalType {
        let told = self.get(TERMINAL_TYPE).filter(|kind| kind.is_valid());
        let online = self.request() == Some(0x80);
        told.unwrap_or(TerminalType(if online { 0x21 } else { 0x22 }))
    }

    /// The recorded capabilities; or all, but for methods of offline data authentication that the
    /// record shows were not used.
    fn capabilities(&self) -> TerminalCapabilities {
        type Can = TerminalCapabilities;
        if let Some(told) = self.get(TERMINAL_CAPABILITIES) {
            return told;
        }
        let mut can = TerminalCapabilities([0xE0, 0xF8, 0xC8]);
        let signed = |bytes: &[u8]| bytes.get(2).is_some_and(|p1| p1 & 0x10 != 0);
        if !cryptogram_commands(&self.trace.exchanges).any(signed) {
            can.clear(Can::CDA);
        }
        if self.results().is_some_and(|tvr| tvr.contains(Tvr::ODA_NOT_PERFORMED)) {
            can.clear(Can::SDA | Can::DDA | Can::CDA);
        }
        can
    }

    /// The recorded results, as far as the first GENERATE AC told them to the card.
    fn results(&self) -> Option<Tvr> {
        self.get(TVR)
    }

    /// The cryptogram that was first asked for: bits 8 and 7 of P1.
    fn request(&self) -> Option<u8> {
        let p1 = *cryptogram_commands(&self.trace.exchanges).next()?.get(2)?;
        Some(p1 & 0xC0)
    }
}

/// The application that a command selects.
fn selected(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        [0x00, 0xA4, 0x04, _, length, name @ ..] => {
            let name = name.get(..usize::from(*length))?;
            let fits = (5..=16).contains(&name.len()) && !ENVIRONMENTS.contains(&name);
            fits.then_some(name)
        }
        _ => None,
    }
}
