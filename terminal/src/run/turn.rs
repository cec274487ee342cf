//! One turn of a cardholder: what the kernel asks for, handed to the devices.

use super::{Devices, Failure, Setup};
use crate::device::{Answered, Cardholder, Hooks, Host, PinPad, Reader, Storage};
use crate::display::{Message, Price, Show, closing, language};
use crate::duties::{Ending, Verdict};
use crate::final_record::{Details, FinalCause, FinalRecord};
use crate::host::ReversalReason;
use crate::interface::Interface;
use crate::journal::{Due, Journal, Pages, Settled};
use crate::objects::Objects;
use crate::service::{Flow, Order, Service};
use chipwright::apdu::Buffer;
use chipwright::config::{Options, Reviews, Terminal, Transaction, TransactionType};
use chipwright::database::Database;
use chipwright::dictionary::emv::{
    AMOUNT_AUTHORISED, AMOUNT_OTHER, POS_ENTRY_MODE, TRANSACTION_CURRENCY_CODE,
    TRANSACTION_CURRENCY_EXPONENT,
};
use chipwright::driver::{Driver, Input, Misuse, Output};
use chipwright::outcome::{Conclusion, Outcome};
use chipwright::session::{
    LinkError, PinMethod, PinRequest, PinResult, Proceed, Review, Session, Stop,
};
use chipwright::status::Status;
use chipwright::value::Amount;
use core::pin::pin;

/// How long a result of PIN entry stays at least, in tenths of a second.
const HOLD: u8 = 13;

/// A transaction under way.
pub(super) struct Turn<'a, 'd, 'm, R, P, C, H, S, K> {
    pub(super) setup: &'a Setup<'a>,
    pub(super) order: &'a Order,
    pub(super) service: &'a Service<'a>,
    pub(super) devices: Devices<'d, R, P, C, H, S, K>,
    pub(super) journal: &'m mut Journal,
    pub(super) record: &'m mut [u8],
    pub(super) field_55: &'m mut [u8],
    pub(super) sequence: u32,
    /// Place of its first record in the journal.
    first: Option<u32>,
    language: [u8; 2],
    price: Option<Price>,
    /// A hook wants a refusal as soon as there is an application to ask for it.
    decline: bool,
    /// The service takes the card no further than this.
    cut_short: bool,
    /// What became of the authorisation message, once it was about to go out.
    pub(super) verdict: Option<Verdict>,
    /// What it comes to; written down.
    settled: Option<Outcome>,
}

/// A transaction that has ended: what the journal says of it, and what the display.
pub(super) struct Ended {
    pub(super) record: FinalRecord,
    message: Option<Message>,
}

impl<'a, 'd, 'm, R, P, C, H, S, K> Turn<'a, 'd, 'm, R, P, C, H, S, K>
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
        devices: Devices<'d, R, P, C, H, S, K>,
        journal: &'m mut Journal,
        record: &'m mut [u8],
        field_55: &'m mut [u8],
    ) -> Self {
        Self {
            setup,
            order,
            service,
            devices,
            journal,
            record,
            field_55,
            sequence: 0,
            first: None,
            language: language(&Database::default(), setup.languages),
            price: None,
            decline: false,
            cut_short: false,
            verdict: None,
            settled: None,
        }
    }

    /// Opens the transaction in the journal, drives the kernel, and closes it.
    pub(super) async fn transact(
        &mut self,
        data: &mut [u8],
        apdu: &mut [u8],
        answer: &mut [u8],
    ) -> Result<Ended, Failure> {
        let (order, now) = (self.order, self.devices.clock.now());
        let pages = &mut Pages { storage: &mut *self.devices.storage, record: &mut *self.record };
        self.sequence = self.journal.open(pages, order, self.setup.capture, now).await?;
        self.first = self.journal.first_place();
        let reviews = Reviews { candidates: true, records: true };
        let terminal = Terminal {
            applications: self.service.applications,
            options: Options { reviews, ..self.setup.terminal.options },
            ..*self.setup.terminal
        };
        let transaction = Transaction {
            terminal: &terminal,
            crypto: self.setup.crypto,
            events: self.setup.events,
            kind: order.kind,
            amount: order.amount.unwrap_or_default(),
            amount_other: order.amount_other,
            currency: order.currency,
            currency_exponent: order.currency_exponent,
            date: now.0,
            time: now.1,
            sequence_counter: self.sequence,
            // [B4 6.5.3] An inquiry is a question to the issuer.
            force_online: order.force_online || order.kind == TransactionType::Inquiry,
            history: self.setup.history,
        };
        let session = Session::new(Database::new(data), Buffer::new(apdu));
        let task = pin!(chipwright_contact::transact(&session, &transaction));
        let mut driver = Driver::new(&session, task);
        let outcome = self.drive(&mut driver, answer).await?;
        self.close(outcome, driver.data()).await
    }

    /// Hands the kernel's requests to the devices until it is done.
    async fn drive(
        &mut self,
        driver: &mut Driver<'_, '_>,
        answer: &mut [u8],
    ) -> Result<Outcome, Failure> {
        let mut input = Input::Start;
        loop {
            match driver.step(input) {
                Ok(_) => {}
                // [B4 12.2.3] An answer that is none leaves a host that may have approved.
                Err(Misuse::HostResponse) => {
                    self.answered(Verdict::NoAnswer, None).await?;
                    driver.step(Input::Unreachable)?;
                }
                Err(misuse) => return Err(misuse.into()),
            }
            if let Some(outcome) = driver.decided().filter(|_| self.settled.is_none()) {
                self.settle(outcome, driver.data()).await?;
            }
            input = match driver.step(Input::Start)? {
                Output::Transmit(command) => self.transmit(command, answer).await,
                Output::Choose(candidates) => {
                    Input::Chosen(self.devices.cardholder.choose(candidates).await)
                }
                Output::VerifyPin(request) => Input::Pin(self.enter_pin(&request).await),
                Output::Review(review) => self.review(review, driver.data_mut()).await,
                Output::Authorise(_) => self.authorise(driver.data_mut(), answer).await?,
                Output::Done(outcome) => return Ok(self.settled.unwrap_or(outcome)),
                _ => Input::Stop(Stop::Cancelled),
            };
        }
    }

    /// Sends a command to the card, unless someone stops the transaction before.
    async fn transmit<'i>(&mut self, command: &[u8], answer: &'i mut [u8]) -> Input<'i> {
        // What is settled cannot be stopped.
        if let Some(stop) = self.devices.cancel.stop().filter(|_| self.settled.is_none()) {
            return Input::Stop(stop);
        }
        match self.devices.reader.transmit(command, answer).await {
            Ok(Answered { length, elapsed }) => match answer.get(..length) {
                Some(bytes) if length <= chipwright::apdu::BUFFER_LENGTH => {
                    Input::Response { bytes, elapsed }
                }
                _ => Input::LinkFailed(LinkError::Protocol),
            },
            Err(error) => Input::LinkFailed(error),
        }
    }

    /// Has a PIN entered, with the messages around it. [B4 6.3.4.1, 6.3.4.2, 11.2]
    async fn enter_pin(&mut self, request: &PinRequest<'_>) -> PinResult {
        let tries_left = request.entry.tries_left;
        if request.entry.again {
            self.show_result(Message::IncorrectPin, tries_left);
        }
        let show = Show::new(Message::EnterPin, self.language);
        self.devices.display.show(&Show { tries_left, price: self.price, ..show });
        let result = self.devices.pad.enter(request, self.devices.reader).await;
        let verified = match result {
            PinResult::Verified(status) => Some(status),
            _ => None,
        };
        match (verified, verified.and_then(Status::tries_left)) {
            (Some(Status::SUCCESS), _) if request.entry.method != PinMethod::Online => {
                self.show_result(Message::PinOk, None);
            }
            // With tries left the kernel asks again, and the message comes then.
            (_, Some(0)) | (Some(Status::METHOD_BLOCKED | Status::DATA_INVALIDATED), _) => {
                self.show_result(Message::IncorrectPin, Some(0));
            }
            _ => {}
        }
        self.show(Message::PleaseWait);
        result
    }

    /// Lets the integrator look in, and keeps to the service.
    async fn review(&mut self, review: Review, data: &mut Database<'_>) -> Input<'static> {
        match review {
            Review::Candidates => {
                if data
                    .put_bytes(POS_ENTRY_MODE.tag, &[Interface::Contact.entry_mode(false)])
                    .is_err()
                {
                    return Input::Stop(Stop::Cancelled);
                }
                let proceed = self.devices.hooks.candidates(data).await;
                self.decline = proceed == Proceed::Decline;
                Input::Proceed(proceed)
            }
            Review::Records => {
                self.language = language(data, self.setup.languages);
                let proceed = self.devices.hooks.records(data).await;
                self.price = price(data);
                Input::Proceed(self.within_service(proceed, data))
            }
        }
    }

    /// How far the card is taken, given what the hook wants.
    fn within_service(&mut self, wanted: Proceed, data: &Database<'_>) -> Proceed {
        let amounts =
            data.get(AMOUNT_AUTHORISED).ok().flatten().zip(data.get(AMOUNT_OTHER).ok().flatten());
        let payable =
            amounts.is_some_and(|(whole, other)| self.service.check(whole, other).is_ok());
        if wanted == Proceed::CardRead {
            return wanted;
        }
        // [B4 6.5.1] A hook may have changed the amounts.
        if wanted == Proceed::Decline || self.decline || !payable {
            return Proceed::Decline;
        }
        self.cut_short = self.service.flow != Flow::Full;
        match self.service.flow {
            Flow::Full => Proceed::Continue,
            Flow::CardRead => Proceed::CardRead,
            Flow::Refused => Proceed::Decline,
        }
    }

    /// What a transaction comes to, seen from the service: a card that was taken no further than
    /// it wanted was read, whatever the kernel says.
    fn conclusion(&self, outcome: &Outcome) -> Conclusion {
        match outcome.conclusion {
            Conclusion::Declined if self.cut_short => Conclusion::CardRead,
            conclusion => conclusion,
        }
    }

    /// Writes down what it comes to, as soon as that is settled.
    async fn settle(&mut self, outcome: Outcome, data: &Database<'_>) -> Result<(), Failure> {
        self.settled = Some(outcome);
        let conclusion = self.conclusion(&outcome);
        let by_service = conclusion == Conclusion::CardRead && self.cut_short;
        if !by_service && !matches!(conclusion, Conclusion::Approved | Conclusion::Declined) {
            return Ok(()); // nothing to tell the acquirer but what is written already
        }
        let settled = Settled {
            conclusion,
            authority: outcome.authority,
            signature: outcome.signature,
            advice: outcome.advice && self.setup.advices,
        };
        let (objects, lists) = (Objects::Data(data), &self.setup.lists);
        let pages = &mut Pages { storage: &mut *self.devices.storage, record: &mut *self.record };
        Ok(self.journal.decided(pages, settled, &objects, lists).await?)
    }

    /// Closes the transaction in the journal.
    async fn close(&mut self, outcome: Outcome, data: &Database<'_>) -> Result<Ended, Failure> {
        let (objects, conclusion) = (Objects::Data(data), self.conclusion(&outcome));
        let kind = self.order.kind;
        let ending = Ending {
            kind,
            capture: self.setup.capture,
            verdict: self.verdict,
            conclusion,
            authority: outcome.authority,
            done_by_merchant: self.cut_short && conclusion == Conclusion::CardRead,
            advice: outcome.advice && self.setup.advices,
        };
        let record = FinalRecord {
            sequence: self.sequence,
            kind,
            conclusion,
            authority: outcome.authority,
            cause: FinalCause::of(outcome.end),
            signature: outcome.signature,
            duties: ending.duties(),
            details: Details::read(&objects),
        };
        let reason = match self.verdict {
            Some(Verdict::NoAnswer) => ReversalReason::NoAnswer,
            _ => ReversalReason::NotCompleted,
        };
        let lists = &self.setup.lists;
        let pages = &mut Pages { storage: &mut *self.devices.storage, record: &mut *self.record };
        self.journal.close(pages, &record, reason, &objects, lists).await?;
        Ok(Ended { record, message: closing(conclusion, outcome.signature, outcome.end) })
    }

    /// Tells the cardholder how it ended. Only what is in the journal is called approved.
    pub(super) fn tell(&mut self, result: &Result<Ended, Failure>) {
        let message = match result {
            Ok(ended) => ended.message,
            Err(_) => Some(Message::ProcessingError),
        };
        if let Some(message) = message {
            self.show_result(message, None);
        }
        self.show(Message::RemoveCard);
    }

    /// Delivers what is owed; what cannot be delivered now stays in the journal.
    pub(super) async fn deliver(&mut self) {
        let pages = &mut Pages { storage: &mut *self.devices.storage, record: &mut *self.record };
        let (host, lists) = (&mut *self.devices.host, &self.setup.lists);
        let delivery =
            self.journal.deliver_from(self.first, pages, host, Due::Now, lists, self.field_55);
        let _later = delivery.await;
    }

    /// Shows a message.
    pub(super) fn show(&mut self, message: Message) {
        self.devices.display.show(&Show::new(message, self.language));
    }

    /// Shows a message for long enough to be read.
    fn show_result(&mut self, message: Message, tries_left: Option<u8>) {
        let show = Show::new(message, self.language);
        self.devices.display.show(&Show { tries_left, hold: HOLD, ..show });
    }
}

/// What a PIN will confirm.
fn price(data: &Database<'_>) -> Option<Price> {
    let objects = Objects::Data(data);
    Some(Price {
        amount: objects.get(AMOUNT_AUTHORISED).filter(|amount| *amount > Amount::ZERO)?,
        currency: objects.get(TRANSACTION_CURRENCY_CODE)?,
        exponent: objects.get(TRANSACTION_CURRENCY_EXPONENT)?,
    })
}
