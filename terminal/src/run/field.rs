//! One turn at the field: what Entry Point asks for, handed to the devices.

use super::Failure;
use super::turn::{Turn, response};
use crate::device::{
    Cardholder, ContactlessReader, Hooks, Host, PinPad, PollEnded, Reader, Storage,
};
use crate::display::{Message, Price, Show, spoken_by};
use crate::final_record::ENTRY_MODE;
use crate::interface::Interface;
use crate::service::Flow;
use chipwright::apdu::Buffer;
use chipwright::config::Transaction;
use chipwright::contactless::{Shown, UiRequest};
use chipwright::database::{Database, Repeat};
use chipwright::dictionary::emv::{PAN, TRACK_2};
use chipwright::driver::{Driver, Input, Output};
use chipwright::fault::Failed;
use chipwright::field::OnlineCapability;
use chipwright::outcome::{Conclusion, End, Outcome};
use chipwright::session::{self, Polled, Session, Stop};
use chipwright::value::{Amount, Date, Track2};
use chipwright_entry_point::Kernels;
use core::pin::pin;

/// A reader's field during one transaction.
pub(super) struct Field<'f, A> {
    reader: &'f mut A,
    now: (Date, [u8; 3]),
    /// A card in the slot put an end to it, before anybody else was asked.
    pub(super) inserted: bool,
}

impl<'f, A> Field<'f, A> {
    pub(super) const fn new(reader: &'f mut A, now: (Date, [u8; 3])) -> Self {
        Self { reader, now, inserted: false }
    }
}

impl<R, P, C, H, S, K> Turn<'_, '_, R, P, C, H, S, K>
where
    R: Reader,
    P: PinPad<R>,
    C: Cardholder,
    H: Host,
    S: Storage,
    K: Hooks,
{
    /// Drives Entry Point, with the journal open as soon as there is a card; closes it, and tells
    /// how it ended. Without a card nothing is begun. Nothing of another interface is in the data.
    /// [A 8.1.1.11]
    pub(super) async fn tap<N: Kernels, A: ContactlessReader>(
        &mut self,
        field: &mut Field<'_, A>,
        kernels: &N,
        data: &mut [u8],
        apdu: &mut [u8],
        answer: &mut [u8],
    ) -> Result<Outcome, Failure> {
        let (currency, exponent) = (self.order.currency, self.order.currency_exponent);
        let amount = self.order.amount.filter(|amount| *amount > Amount::ZERO);
        self.price = amount.map(|amount| Price { amount, currency, exponent });
        self.record.sequence = self.journal.next_sequence();
        let terminal = self.setup.terminal;
        let transaction = self.transaction(terminal, field.now);
        // What needs no approval takes none from the card either.
        let force_online = transaction.force_online || self.service.flow != Flow::Full;
        let transaction = Transaction { force_online, ..transaction };
        let combinations = self.service.combinations;
        let reader = chipwright_entry_point::Reader {
            transaction: &transaction,
            combinations,
            autorun: false,
        };
        let session = Session::new(Database::new(data), Buffer::new(apdu));
        let task = pin!(chipwright_entry_point::transact(&session, &reader, kernels));
        let mut driver = Driver::new(&session, task);
        let outcome = self.drive_field(&mut driver, field, answer).await?;
        if self.first.is_some() {
            let message = self.close(outcome, driver.data()).await?;
            self.tell_tap(&outcome, message);
            self.hooks.ended(&self.record, &outcome, driver.data()).await;
        }
        Ok(outcome)
    }

    /// Hands Entry Point's requests to the devices until it is done.
    async fn drive_field<A: ContactlessReader>(
        &mut self,
        driver: &mut Driver<'_, '_>,
        field: &mut Field<'_, A>,
        answer: &mut [u8],
    ) -> Result<Outcome, Failure> {
        let mut input = Input::Start;
        loop {
            self.give(driver, input).await?;
            let begun = self.first.is_some() && self.settled.is_none();
            if let Some(outcome) = driver.decided().filter(|_| begun) {
                // Card data leave room for an issuer's answer, and so for this.
                let _ = complete(driver.data_mut());
                self.settle(outcome, driver.data()).await?;
            }
            let removal_timeout = driver.removal_timeout();
            input = match driver.step(Input::Start)? {
                Output::Transmit(command) => match self.cancel.stop() {
                    Some(stop) => Input::Stop(stop),
                    None => response(field.reader.transmit(command, answer).await, answer),
                },
                Output::Poll => self.poll(field).await?,
                Output::Field(switched) => {
                    field.reader.field(switched).await;
                    Input::Done
                }
                Output::Show(request) => {
                    self.announce(&request);
                    Input::Done
                }
                Output::VerifyPin(request) => Input::Pin(self.enter_pin(&request).await),
                Output::Authorise(_) if self.waiting => self.wait_for_answer(answer).await?,
                Output::Authorise(_) => {
                    self.authorise_tap(driver.data_mut(), removal_timeout, answer).await?
                }
                Output::Done(outcome) => return Ok(outcome),
                _ => Input::Stop(Stop::Cancelled),
            };
        }
    }

    /// Looks into the field. The first card begins the transaction.
    async fn poll<A: ContactlessReader>(
        &mut self,
        field: &mut Field<'_, A>,
    ) -> Result<Input<'static>, Failure> {
        if let Some(stop) = self.cancel.stop() {
            return Ok(Input::Stop(stop));
        }
        match field.reader.poll().await {
            Ok(polled) => {
                if polled == Polled::Card && self.first.is_none() {
                    self.open(field.now).await?;
                }
                Ok(Input::Polled(polled))
            }
            Err(PollEnded::Stopped(stop)) => Ok(Input::Stop(stop)),
            // [A 8.1.1.10] What the issuer was asked already is not asked again in the slot.
            Err(PollEnded::CardInserted) => {
                field.inserted = self.verdict.is_none();
                Ok(Input::Stop(Stop::Cancelled))
            }
        }
    }

    /// Whether anybody is asked: not for what needs no approval, and not by a terminal without a
    /// line, which declines what it cannot ask.
    fn asks_issuers(&self) -> bool {
        let online = self.setup.terminal.terminal_type.online_capability();
        self.service.flow == Flow::Full && online != OnlineCapability::OfflineOnly
    }

    /// Asks the issuer, unless nobody is to be asked.
    async fn authorise_tap<'i>(
        &mut self,
        data: &mut Database<'_>,
        removal_timeout: u16,
        answer: &'i mut [u8],
    ) -> Result<Input<'i>, Failure> {
        self.cut_short = self.service.flow != Flow::Full;
        if !self.asks_issuers() {
            return Ok(Input::Unreachable);
        }
        let Ok(derived) = complete(data) else {
            return Ok(Input::Stop(Stop::Cancelled)); // no memory for an account number
        };
        let input = self.authorise(data, removal_timeout, answer).await;
        if derived {
            data.forget(PAN.tag); // the card may bring it at a second tap
        }
        input
    }

    /// Shows what Entry Point or a kernel asks for. Only what is in the journal is called
    /// approved.
    fn announce(&mut self, request: &UiRequest) {
        let languages = request.language_preference;
        let told = languages.iter().take_while(|letter| **letter != 0).count();
        if let Some(preferred) = languages.get(..told).filter(|_| told > 0) {
            self.language = spoken_by(preferred, self.setup.languages);
        }
        let mut request = *request;
        match request.message {
            Some(Message::Approved | Message::ApprovedSign)
                if self.settled != Some(Conclusion::Approved) =>
            {
                request.message = None;
            }
            Some(Message::Authorising) if !self.asks_issuers() => request.message = None,
            _ => {}
        }
        self.request(&request);
    }

    /// Has the display show a request. [A 7]
    fn request(&mut self, request: &UiRequest) {
        let (currency, exponent) = (self.order.currency, self.order.currency_exponent);
        let price = |amount, code: Option<_>| {
            Some(Price { amount, currency: code.unwrap_or(currency), exponent })
        };
        let (price, balance) = match request.value {
            Some(Shown::Amount(amount, code)) => (price(amount, code), None),
            Some(Shown::Balance(amount, code)) => (None, price(amount, code)),
            None => (None, None),
        };
        let hold = u8::try_from(request.hold_time).unwrap_or(u8::MAX);
        let show = request.message.map(|message| Show {
            price,
            balance,
            hold,
            ..Show::new(message, self.language)
        });
        self.said = request.message.or(self.said);
        self.display.request(show.as_ref(), request.status);
    }

    /// Tells the cardholder how it ended, where Entry Point has not: what the issuer decided,
    /// what went wrong.
    fn tell_tap(&mut self, outcome: &Outcome, message: Option<Message>) {
        let said = self.record.conclusion == Conclusion::TryAnotherInterface
            || outcome.end == Some(End::NoCommonApplication);
        if let Some(message) = message.filter(|message| !said && self.said != Some(*message)) {
            self.show_result(message, None);
        }
    }

    /// The journal cannot be kept: the card is let go.
    pub(super) async fn give_up<A: ContactlessReader>(&mut self, field: &mut Field<'_, A>) {
        field.reader.field(session::Field::Off(0)).await;
        self.show_result(Message::ProcessingError, None);
    }
}

/// Adds what messages need and a tap does not bring by itself: the entry mode, and the account
/// number where the track alone has it. Says whether it was so.
fn complete(data: &mut Database<'_>) -> Result<bool, Failed> {
    data.put(ENTRY_MODE, Interface::Contactless.entry_mode(false))?;
    if data.bytes(PAN.tag).is_some() {
        return Ok(false);
    }
    let track = data.bytes(TRACK_2.tag).and_then(Track2::new);
    let Some((digits, length)) = track.map(|track| (track.pan_bytes(), track.pan_length())) else {
        return Ok(false);
    };
    data.put_card(PAN.tag, digits.get(..length).unwrap_or_default(), Repeat::Refuse)?;
    Ok(true)
}
