//! Display, acquirer and final records in words and as JSON.

use chipwright::contactless::Status;
use chipwright::dictionary::emv::TRANSACTION_CURRENCY_CODE;
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;
use chipwright_harness::currency::Currency;
use chipwright_harness::describe::{self, Context};
use chipwright_harness::record;
use chipwright_terminal::display::{Message, Price, Show};
use chipwright_terminal::host::{HostMessage, MessageKind, ReversalReason};
use chipwright_terminal::interface::Interface;
use chipwright_terminal::{Duties, FinalRecord};
use serde_json::{Value, json};

/// A message as an English display has it. [B4 11.2]
pub(crate) const fn words(message: Message) -> &'static str {
    match message {
        Message::Approved => "APPROVED",
        Message::CallYourBank => "CALL YOUR BANK",
        Message::CancelOrEnter => "CANCEL OR ENTER",
        Message::CardError => "CARD ERROR",
        Message::Declined => "DECLINED",
        Message::EnterAmount => "ENTER AMOUNT",
        Message::EnterPin => "ENTER PIN",
        Message::IncorrectPin => "INCORRECT PIN",
        Message::InsertCard => "INSERT CARD",
        Message::NotAccepted => "NOT ACCEPTED",
        Message::PinOk => "PIN OK",
        Message::PleaseWait => "PLEASE WAIT",
        Message::ProcessingError => "PROCESSING ERROR",
        Message::RemoveCard => "REMOVE CARD",
        Message::UseChipReader => "USE CHIP READER",
        Message::UseMagneticStripe => "USE MAG STRIPE",
        Message::TryAgain => "TRY AGAIN",
        Message::CardReadOk => "CARD READ OK, REMOVE CARD",
        Message::ApprovedSign => "APPROVED, PLEASE SIGN",
        Message::Authorising => "AUTHORISING, PLEASE WAIT",
        Message::TryAnotherCard => "INSERT, SWIPE OR TRY ANOTHER CARD",
        Message::Welcome => "WELCOME",
        Message::PresentCard => "PRESENT CARD",
        Message::Processing => "PROCESSING",
        Message::InsertOrSwipeCard => "INSERT OR SWIPE CARD",
        Message::PresentOneCard => "PRESENT ONE CARD ONLY",
        Message::InsertCardInstead => "INSERT CARD",
        Message::SeePhone => "SEE PHONE FOR INSTRUCTIONS",
        Message::PresentCardAgain => "PRESENT CARD AGAIN",
        _ => "",
    }
}

/// What is shown beside a message: price, what is left on the card, tries left.
pub(crate) fn beside(show: &Show) -> String {
    let balance = show.balance.map(|balance| format!("{} left", shown(balance)));
    let tries = show.tries_left.map(|tries| match tries {
        1 => "last try".to_owned(),
        tries => format!("{tries} tries left"),
    });
    show.price.map(shown).into_iter().chain(balance).chain(tries).collect::<Vec<_>>().join(", ")
}

fn shown(Price { amount, currency, .. }: Price) -> String {
    Currency::of(currency).show(amount)
}

/// What a message to the acquirer is called.
pub(crate) const fn message_name(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Authorisation => "authorisation",
        MessageKind::Advice => "advice",
        MessageKind::Reversal => "reversal",
        MessageKind::Batch => "batch item",
    }
}

/// Why something is undone.
pub(crate) const fn reversal_reason(reason: ReversalReason) -> &'static str {
    match reason {
        ReversalReason::NoAnswer => "no usable answer came",
        ReversalReason::NotCompleted => "it was approved and not completed",
        ReversalReason::Interrupted => "power failed",
        ReversalReason::Voided => "it was voided",
    }
}

/// The data objects of field 55.
pub(crate) fn field_55<'m>(message: &HostMessage<'m>) -> Vec<(Tag, &'m [u8])> {
    Tlvs::new(message.field_55).map_while(Result::ok).map(|tlv| (tlv.tag, tlv.value)).collect()
}

/// The currency in which its amounts are.
pub(crate) fn context(message: &HostMessage<'_>) -> Context {
    let currency = message.objects.get(TRANSACTION_CURRENCY_CODE).map(Currency::of);
    Context { currency, ..Context::default() }
}

/// The display shows something.
pub(crate) fn display_entry(show: &Show) -> Value {
    json!({
        "event": "display",
        "identifier": format!("{:02X}", show.message.identifier()),
        "message": words(show.message),
        "language": describe::printable(&show.language),
        "price": show.price.map(shown),
        "tries_left": show.tries_left,
    })
}

/// A request to the reader for taps, as JSON.
pub(crate) fn request_entry(show: Option<&Show>, status: Option<Status>) -> Value {
    json!({
        "event": "ui-request",
        "message": show.map(|show| format!("{:02X}", show.message.identifier())),
        "words": show.map(|show| words(show.message)),
        "language": show.map(|show| describe::printable(&show.language)),
        "balance": show.and_then(|show| show.balance).map(shown),
        "status": status.map(describe::reader_status),
        "hold_time": show.map_or(0, |show| show.hold),
    })
}

/// A message to the acquirer, and what became of it.
pub(crate) fn delivery_entry(message: &HostMessage<'_>, became: Result<&str, &str>) -> Value {
    let objects = describe::nodes(&field_55(message), context(message));
    json!({
        "event": "deliver",
        "kind": message_name(message.kind),
        "sequence": message.sequence,
        "repeat": message.repeat,
        "reason": message.reason.map(reversal_reason),
        "account": message.pan().map(|pan| pan.to_string()),
        "objects": objects.iter().map(record::node).collect::<Vec<_>>(),
        "acknowledged": became.is_ok(),
        "remark": became.unwrap_or_else(|why| why),
    })
}

/// The messages of these duties, in the order in which they go out.
pub(crate) fn owed(duties: Duties) -> String {
    let kinds = [
        (duties.reversal, MessageKind::Reversal),
        (duties.advice, MessageKind::Advice),
        (duties.batch, MessageKind::Batch),
    ];
    let owed = kinds.into_iter().filter_map(|(owed, kind)| owed.then_some(message_name(kind)));
    owed.collect::<Vec<_>>().join(", ")
}

/// What a final record has of the amount.
pub(crate) fn amount(record: &FinalRecord) -> Option<String> {
    let details = record.details;
    Some(Currency::of(details.currency?).show(details.amount?))
}

/// By which interface the card was read, as far as the record tells.
pub(crate) fn interface(record: &FinalRecord) -> Option<&'static str> {
    let tap = Interface::Contactless.entry_mode(false);
    record.details.entry_mode.map(|mode| if mode == tap { "contactless" } else { "contact" })
}

/// A final record as JSON.
pub(crate) fn record_entry(record: &FinalRecord) -> Value {
    let details = record.details;
    json!({
        "sequence": record.sequence,
        "interface": interface(record),
        "type": describe::transaction_type(record.kind),
        "conclusion": describe::conclusion(record.conclusion),
        "authority": describe::authority(record.authority),
        "cause": format!("{:04X}", record.cause.0),
        "signature": record.signature,
        "owed": {
            "reversal": record.duties.reversal,
            "advice": record.duties.advice,
            "batch": record.duties.batch,
        },
        "amount": amount(record),
        "account": details.account.map(|account| account.to_string()),
        "date": details.date.map(|date| date.to_string()),
        "counter": details.counter,
        "response_code": details.response_code.map(|code| describe::printable(&code)),
    })
}
