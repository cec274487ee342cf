//! What is around a reader: card, field, issuer; and the log of what was observed.

use super::super::node::{Node, unreadable};
use super::super::report::Problem;
use super::checker::Event;
use super::kernel::{HostAnswer, STATUSES, Stub};
use super::settings::{Settings, answer};
use chipwright::contactless::{
    CardholderVerification, OutcomeParameters, OutcomeType, Shown, UiRequest,
};
use chipwright::driver::{Driver, HostResponse, Input, Output};
use chipwright::event::{Event as Told, Sink};
use chipwright::object::Value as _;
use chipwright::outcome::End;
use chipwright::session::{Field, LinkError, PinResult, Polled};
use core::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};

/// What was observed, in order.
#[derive(Default)]
pub(super) struct Log {
    pub(super) events: RefCell<Vec<Event>>,
    /// The card is taken away before it is shown again.
    removed: Cell<bool>,
}

impl Log {
    fn note(&self, event: Event) {
        self.events.borrow_mut().push(event);
    }
}

impl Sink for Log {
    fn event(&self, event: &Told<'_>) {
        match event {
            Told::EntryPoint { restart, .. } => {
                self.note(Event::new(if *restart { "restart" } else { "start" }));
            }
            Told::FinalOutcome(outcome) => {
                self.removed.set(outcome.outcome == OutcomeType::EndApplication);
                self.note(final_outcome(outcome));
            }
            _ => {}
        }
    }
}

fn final_outcome(outcome: &OutcomeParameters) -> Event {
    let cvm = match outcome.cardholder_verification {
        CardholderVerification::NotApplicable => 0,
        CardholderVerification::OnlinePin => 1,
        CardholderVerification::ConfirmationCodeVerified => 2,
        CardholderVerification::ObtainSignature => 3,
        CardholderVerification::NoCvm => 4,
    };
    let request = outcome.ui_request_on_outcome;
    let message = request.and_then(|request| request.message);
    Event::new("outcome")
        .with("receipt", outcome.receipt)
        .with("cvm", cvm)
        .with("ui_request_on_outcome_present", request.is_some())
        .with("ui_request_on_outcome_msg_id", message.map_or(0, |message| message.identifier()))
}

/// A card, and whoever holds it.
pub(super) struct LowerTester<'v> {
    case: Node<'v>,
    card: Node<'v>,
    polls: VecDeque<Polled>,
    /// How often each name was selected.
    selected: HashMap<String, usize>,
    /// The application that was selected last.
    application: Option<Node<'v>>,
    outcomes: usize,
}

impl<'v> LowerTester<'v> {
    pub(super) fn new(case: Node<'v>, card: Node<'v>) -> Self {
        Self {
            case,
            card,
            polls: VecDeque::new(),
            selected: HashMap::new(),
            application: None,
            outcomes: 0,
        }
    }

    /// The cards are presented as the case has it.
    pub(super) fn presented(&mut self) -> Result<(), Problem> {
        let polls: &[Polled] = match self.case.text("card_presentation")? {
            "single_card" => &[],
            "collision_then_both_removed_then_one_card" => &[Polled::Collision, Polled::Nothing],
            "collision_then_one_removed" => &[Polled::Collision],
            _ => return Err(unreadable("card_presentation", "is none that is known")),
        };
        self.polls = polls.iter().copied().collect();
        Ok(())
    }

    /// Gives the reader what it asks for, until the transaction has ended.
    pub(super) fn drive(
        &mut self,
        mut driver: Driver<'_, '_>,
        settings: &Settings,
        stub: &Stub,
        log: &Log,
    ) -> Result<(), Problem> {
        let (mut memory, mut host);
        let mut input = Input::Start;
        for _ in 0..1000 {
            let refused = |misuse| Problem::differs("reply", "taken", misuse);
            driver.step(input).map_err(refused)?;
            let timeout = driver.removal_timeout();
            input = match driver.step(Input::Start).map_err(refused)? {
                Output::Done(outcome) => {
                    log.note(Event::new("txn_end"));
                    // Nothing in these cases is the terminal's fault.
                    return match outcome.end {
                        Some(End::Fault(fault)) => Err(fault.into()),
                        _ => Ok(()),
                    };
                }
                Output::Transmit(command) => {
                    let answered = self.answer(command, settings, log)?;
                    memory = answered.unwrap_or_default();
                    match &memory[..] {
                        [] => Input::LinkFailed(LinkError::Timeout),
                        bytes => Input::Response { bytes, elapsed: 0 },
                    }
                }
                Output::Poll if log.removed.take() => Input::Polled(Polled::Nothing),
                Output::Poll => Input::Polled(self.polls.pop_front().unwrap_or(Polled::Card)),
                Output::Field(field) => {
                    let on = field == Field::On;
                    log.note(Event::new(if on { "field_on" } else { "field_off" }));
                    Input::Done
                }
                Output::Show(request) => {
                    log.note(shown(&request));
                    Input::Done
                }
                Output::VerifyPin(_) => Input::Pin(PinResult::Captured),
                Output::Authorise(_) => {
                    host = stub.host.borrow().clone();
                    match (&host, timeout) {
                        (None, 0) => Input::Unreachable,
                        (None, _) => Input::RemovalTimeout,
                        (Some(answer), _) => Input::Authorised(host_response(answer)),
                    }
                }
                other => return Err(Problem::differs("request", "known", format!("{other:?}"))),
            };
        }
        Err(Problem::differs("transaction", "ended", "not ended"))
    }

    /// The card's answer; none when the link fails.
    fn answer(
        &mut self,
        command: &[u8],
        settings: &Settings,
        log: &Log,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let data = command.get(5..command.len().saturating_sub(1)).unwrap_or_default();
        if command.get(1) == Some(&0xA8) {
            log.note(Event { objects: self.split(data)?, ..Event::new("gpo_data") });
            let outcome = self.card.list("kernel_outcomes")?.nth(self.outcomes);
            self.outcomes += 1;
            return Ok(Some(match outcome {
                Some(outcome) => answer(outcome, "gpo_response", "gpo_sw")?,
                None => settings.last_answer()?,
            }));
        }
        let name = hex::encode_upper(data);
        log.note(Event::new("select").with("df_name", name.clone()));
        if data == b"2PAY.SYS.DDF01" {
            return answer(self.card.at("ppse_response")?, "data", "sw").map(Some);
        }
        let mut applications = self.card.list("applications")?;
        let Some(application) = applications.find(|app| app.text("name") == Ok(&name)) else {
            return Ok(Some(vec![0x6A, 0x82]));
        };
        let responses: Vec<_> = application.list("select_responses")?.collect();
        self.application = Some(application);
        let turn = self.selected.entry(name).or_insert(0);
        let response = responses.get(*turn % responses.len().max(1));
        *turn += 1;
        let response = response.ok_or(unreadable("select_responses", "is empty"))?;
        match response.find("error") {
            Some(_) => Ok(None),
            None => answer(*response, "data", "sw").map(Some),
        }
    }

    /// What came with GET PROCESSING OPTIONS, along the list of the application.
    fn split(&self, mut data: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Problem> {
        let wrong = || Problem::differs("PDOL data", "as long as the list has it", data.len());
        let mut objects = Vec::new();
        for entry in self.application.iter().flat_map(|node| node.list_or_empty("pdol_entries")) {
            let length = usize::try_from(entry.number("length")?).unwrap_or(usize::MAX);
            let (value, rest) = data.split_at_checked(length).ok_or_else(wrong)?;
            objects.push((entry.text("tag")?.to_owned(), value.to_vec()));
            data = rest;
        }
        if data.is_empty() { Ok(objects) } else { Err(wrong()) }
    }
}

/// The issuer's answer, with the objects for the card.
fn host_response(answer: &HostAnswer) -> HostResponse<'_> {
    HostResponse {
        authorisation_response_code: *b"00",
        issuer_authentication_data: answer.authentication_data.as_deref(),
        authorisation_code: None,
        scripts: &answer.scripts,
    }
}

fn shown(request: &UiRequest) -> Event {
    let place = |status| STATUSES.iter().position(|known| *known == status);
    let status = request.status.and_then(place).map_or(0, |place| place + 1);
    let (qualifier, value) = match request.value {
        None => (0, None),
        Some(Shown::Amount(amount, currency)) => (1, Some((amount, currency))),
        Some(Shown::Balance(amount, currency)) => (2, Some((amount, currency))),
    };
    let amount = value.map_or([0; 6], |(amount, _)| amount.encode());
    let currency = value.and_then(|(_, currency)| currency).map_or([0; 2], |code| code.encode());
    Event::new("ui_request")
        .with("msg_id", request.message.map_or(0, |message| message.identifier()))
        .with("status", status)
        .with("hold_time", request.hold_time)
        .with("lang_pref", hex::encode_upper(&request.language_preference[..2]))
        .with("value_qualifier", qualifier)
        .with("value", hex::encode_upper(amount))
        .with("currency_code", hex::encode_upper(currency))
}
