//! One turn of a cardholder: what the kernel asks for, handed to the devices.

use super::{Devices, Failure, Setup};
use crate::device::{
    Answered, Cancel, Cardholder, Clock, Display, Hooks, Host, PinPad, Reader, Storage,
};
use crate::display::{Message, Price, language};
use crate::duties::{Duties, Verdict};
use crate::final_record::{Details, FinalCause, FinalRecord};
use crate::journal::{Journal, Pages};
use crate::service::{Order, Service};
use chipwright::apdu::{Buffer, RESPONSE_LENGTH};
use chipwright::config::{Options, Reviews, Terminal, Transaction, TransactionType};
use chipwright::database::Database;
use chipwright::driver::{Driver, Input, Misuse, Output};
use chipwright::outcome::{Authority, Conclusion, Outcome};
use chipwright::session::{LinkError, Session, Stop};
use chipwright::value::Date;
use core::pin::pin;

/// A transaction under way.
pub(super) struct Turn<'a, 'm, R, P, C, H, S, K> {
    pub(super) setup: &'a Setup<'a>,
    pub(super) order: &'a Order,
    pub(super) service: &'a Service<'a>,
    pub(super) reader: &'m mut R,
    pub(super) pad: &'m mut P,
    cardholder: &'m mut C,
    pub(super) host: &'m mut H,
    pub(super) hooks: &'m mut K,
    pub(super) display: &'m mut dyn Display,
    pub(super) clock: &'m dyn Clock,
    pub(super) cancel: &'m dyn Cancel,
    pub(super) journal: &'m mut Journal,
    pub(super) pages: Pages<'m, S>,
    pub(super) field_55: &'m mut [u8],
    /// What becomes of it: complete when it is closed.
    pub(super) record: FinalRecord,
    /// Place of its first record in the journal.
    pub(super) first: Option<u32>,
    pub(super) language: [u8; 2],
    pub(super) price: Option<Price>,
    /// The message that was shown last.
    pub(super) said: Option<Message>,
    /// A hook wants a refusal as soon as there is an application to ask for it.
    pub(super) decline: bool,
    /// The service takes the card no further than this.
    pub(super) cut_short: bool,
    /// What became of the authorisation message, once it was about to go out.
    pub(super) verdict: Option<Verdict>,
    /// It went out, and the answer is waited for on.
    pub(super) waiting: bool,
    /// What it comes to is settled, and written down.
    pub(super) settled: Option<Conclusion>,
}

impl<'a, 'm, R, P, C, H, S, K> Turn<'a, 'm, R, P, C, H, S, K>
where
    R: Reader,
    P: PinPad<R>,
    C: Cardholder,
    H: Host,
    S: Storage,
    K: Hooks,
{
    pub(super) fn new(
        setup: &'a Setup<'a>,
        order: &'a Order,
        service: &'a Service<'a>,
        devices: &'m mut Devices<'_, R, P, C, H, S, K>,
        journal: &'m mut Journal,
        page: &'m mut [u8],
        field_55: &'m mut [u8],
    ) -> Self {
        let Devices { reader, pad, cardholder, host, storage, hooks, display, clock, cancel } =
            devices;
        let record = FinalRecord {
            sequence: 0,
            kind: order.kind,
            conclusion: Conclusion::Terminated,
            authority: Authority::Offline,
            cause: FinalCause::NONE,
            signature: false,
            duties: Duties::default(),
            details: Details::default(),
        };
        Self {
            setup,
            order,
            service,
            reader,
            pad,
            cardholder,
            host,
            hooks,
            display: *display,
            clock: *clock,
            cancel: *cancel,
            journal,
            pages: Pages::new(storage, page),
            field_55,
            record,
            first: None,
            language: language(&Database::default(), setup.languages),
            price: None,
            said: None,
            decline: false,
            cut_short: false,
            verdict: None,
            waiting: false,
            settled: None,
        }
    }

    /// Opens the transaction in the journal, drives the kernel, closes it, and tells how it ended.
    pub(super) async fn transact(
        &mut self,
        data: &mut [u8],
        apdu: &mut [u8],
        answer: &mut [u8],
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        self.open(now).await?;
        let reviews = Reviews { candidates: true, records: true };
        let terminal = Terminal {
            applications: self.service.applications,
            options: Options { reviews, ..self.setup.terminal.options },
            ..*self.setup.terminal
        };
        let transaction = self.transaction(&terminal, now);
        let session = Session::new(Database::new(data), Buffer::new(apdu));
        let task = pin!(chipwright_contact::transact(&session, &transaction));
        let mut driver = Driver::new(&session, task);
        let outcome = self.drive(&mut driver, answer).await?;
        let message = self.close(outcome, driver.data()).await?;
        self.tell(message);
        self.hooks.ended(&self.record, &outcome, driver.data()).await;
        Ok(())
    }

    /// Opens the transaction in the journal.
    pub(super) async fn open(&mut self, now: (Date, [u8; 3])) -> Result<(), Failure> {
        let capture = self.setup.capture;
        self.record.sequence = self.journal.open(&mut self.pages, self.order, capture, now).await?;
        self.first = self.journal.first_place();
        Ok(())
    }

    /// The transaction as a kernel sees it.
    pub(super) fn transaction<'t>(
        &self,
        terminal: &'t Terminal<'t>,
        (date, time): (Date, [u8; 3]),
    ) -> Transaction<'t>
    where
        'a: 't,
    {
        let order = self.order;
        Transaction {
            terminal,
            crypto: self.setup.crypto,
            events: self.setup.events,
            kind: order.kind,
            amount: order.amount.unwrap_or_default(),
            amount_other: order.amount_other,
            currency: order.currency,
            currency_exponent: order.currency_exponent,
            date,
            time,
            sequence_counter: self.record.sequence,
            // [B4 6.5.3] An inquiry is a question to the issuer.
            force_online: order.force_online || order.kind == TransactionType::Inquiry,
            history: self.setup.history,
        }
    }

    /// Gives a kernel what it asked for.
    pub(super) async fn give(
        &mut self,
        driver: &mut Driver<'_, '_>,
        input: Input<'_>,
    ) -> Result<(), Failure> {
        match driver.step(input) {
            Ok(_) => {}
            // [B4 12.2.3] An answer that is none leaves a host that may have approved.
            Err(Misuse::HostResponse) => {
                self.answered(Verdict::NoAnswer, None).await?;
                driver.step(Input::Unreachable)?;
            }
            // A key that stands for no application is none.
            Err(Misuse::NotACandidate) => {
                driver.step(Input::Chosen(None))?;
            }
            Err(misuse) => return Err(misuse.into()),
        }
        Ok(())
    }

    /// Hands the kernel's requests to the devices until it is done.
    async fn drive(
        &mut self,
        driver: &mut Driver<'_, '_>,
        answer: &mut [u8],
    ) -> Result<Outcome, Failure> {
        let mut input = Input::Start;
        loop {
            self.give(driver, input).await?;
            if let Some(outcome) = driver.decided().filter(|_| self.settled.is_none()) {
                self.settle(outcome, driver.data()).await?;
            }
            input = match driver.step(Input::Start)? {
                Output::Transmit(command) => self.transmit(command, answer).await,
                Output::Choose(candidates) => {
                    Input::Chosen(self.cardholder.choose(candidates).await)
                }
                Output::VerifyPin(request) => Input::Pin(self.enter_pin(&request).await),
                Output::Review(review) => self.review(review, driver.data_mut()).await,
                Output::Authorise(_) => self.authorise(driver.data_mut(), 0, answer).await?,
                Output::Done(outcome) => return Ok(outcome),
                _ => Input::Stop(Stop::Cancelled),
            };
        }
    }

    /// Sends a command to the card, unless someone stops the transaction before.
    async fn transmit<'i>(&mut self, command: &[u8], answer: &'i mut [u8]) -> Input<'i> {
        // What is settled cannot be stopped.
        if let Some(stop) = self.cancel.stop().filter(|_| self.settled.is_none()) {
            return Input::Stop(stop);
        }
        let answered = self.reader.transmit(command, answer).await;
        response(answered, answer)
    }
}

/// What the kernel is told of an exchange.
pub(super) fn response(answered: Result<Answered, LinkError>, answer: &[u8]) -> Input<'_> {
    match answered {
        Ok(Answered { length, elapsed }) => match answer.get(..length) {
            Some(bytes) if length <= RESPONSE_LENGTH => Input::Response { bytes, elapsed },
            _ => Input::LinkFailed(LinkError::Protocol),
        },
        Err(error) => Input::LinkFailed(error),
    }
}
