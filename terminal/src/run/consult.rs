//! Asking cardholder and integrator.

use super::turn::Turn;
use crate::device::{Cardholder, Hooks, Host, PinPad, Reader, Storage};
use crate::display::{Message, Price, Show, language};
use crate::final_record::ENTRY_MODE;
use crate::interface::Interface;
use crate::objects::Objects;
use crate::service::Flow;
use chipwright::database::Database;
use chipwright::dictionary::emv::{
    AMOUNT_AUTHORISED, AMOUNT_OTHER, TRANSACTION_CURRENCY_CODE, TRANSACTION_CURRENCY_EXPONENT,
};
use chipwright::driver::Input;
use chipwright::session::{PinMethod, PinRequest, PinResult, Proceed, Review, Stop};
use chipwright::status::Status;
use chipwright::value::Amount;

impl<R, P, C, H, S, K> Turn<'_, '_, R, P, C, H, S, K>
where
    R: Reader,
    P: PinPad<R>,
    C: Cardholder,
    H: Host,
    S: Storage,
    K: Hooks,
{
    /// Has a PIN entered, with the messages around it. [B4 6.3.4.1, 6.3.4.2, 11.2]
    pub(super) async fn enter_pin(&mut self, request: &PinRequest<'_>) -> PinResult {
        let tries_left = request.entry.tries_left;
        if request.entry.again {
            self.show_result(Message::IncorrectPin, tries_left);
        }
        self.said = Some(Message::EnterPin);
        let show = Show::new(Message::EnterPin, self.language);
        self.display.show(&Show { tries_left, price: self.price, ..show });
        let result = match self.pad.enter(request, self.reader).await {
            result if result.answers(request.entry.method) => result,
            _ => PinResult::Broken, // a pad that does something else
        };
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
    pub(super) async fn review(
        &mut self,
        review: Review,
        data: &mut Database<'_>,
    ) -> Input<'static> {
        let proceed = match review {
            Review::Candidates => {
                let mode = Interface::Contact.entry_mode(false);
                if data.put(ENTRY_MODE, mode).is_err() {
                    return Input::Stop(Stop::Cancelled); // no memory for a single byte
                }
                let proceed = self.hooks.candidates(data).await;
                self.decline = proceed == Proceed::Decline;
                proceed
            }
            Review::Records => {
                self.language = language(data, self.setup.languages);
                let wanted = self.hooks.records(data).await;
                self.price = price(data);
                self.within_service(wanted, data)
            }
        };
        Input::Proceed(proceed)
    }

    /// How far the card is taken, given what the hook wants.
    fn within_service(&mut self, wanted: Proceed, data: &Database<'_>) -> Proceed {
        if wanted == Proceed::CardRead {
            return wanted;
        }
        // [B4 6.5.1] A hook may have changed the amounts.
        let objects = Objects::Data(data);
        let amounts = objects.get(AMOUNT_AUTHORISED).zip(objects.get(AMOUNT_OTHER));
        let payable = amounts.is_some_and(|(all, other)| self.service.check(all, other).is_ok());
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
