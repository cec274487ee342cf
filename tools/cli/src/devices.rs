//! Simulated devices in the places where a terminal has real ones. What passes through them is
//! told to everyone who listens, save what the PIN pad says to the card.

use chipwright::candidates::Candidates;
use chipwright::contactless::Status;
use chipwright::database::Database;
use chipwright::dictionary::emv::PAN;
use chipwright::driver::{Input, Output};
use chipwright::outcome::Outcome;
use chipwright::session::{Field, LinkError, PinRequest, PinResult, Polled};
use chipwright::tlv::Writer;
use chipwright::value::Date;
use chipwright_harness::pad::ScriptedPad;
use chipwright_harness::run::Watcher;
use chipwright_harness::scenario;
use chipwright_harness::wedge::Answer;
use chipwright_harness::{CardChannel, Cardholder as _, PinPad as _};
use chipwright_host::{Host, HostError, Reason};
use chipwright_terminal::FinalRecord;
use chipwright_terminal::Objects;
use chipwright_terminal::blocking::{self, Cardholder, ContactlessReader, Hooks, PinPad, Reader};
use chipwright_terminal::device::{Absent, Answered, Clock, Display, NotAcknowledged, PollEnded};
use chipwright_terminal::display::Show;
use chipwright_terminal::host::{self, HostMessage, MessageKind, NoAnswer, answer};
use core::cell::RefCell;
use std::time::Instant;

use crate::everyone::Everyone;
use crate::people::Choices;
use crate::presence::Presence;

/// A card, held to a reader or put into its slot.
pub(crate) struct Presented<'e> {
    pub(crate) card: RefCell<Box<dyn Presence + 'e>>,
    /// Measure the card's answers; without it they take no time.
    pub(crate) timed: bool,
    pub(crate) everyone: &'e Everyone,
}

impl Presented<'_> {
    fn transmit(&self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        self.everyone.call();
        self.everyone.request(&Output::Transmit(command));
        let start = Instant::now();
        let answered = self.card.borrow_mut().transmit(command);
        let Answer { bytes: answer, late } = match answered {
            Ok(answer) => answer,
            Err(error) => {
                self.everyone.reply(&Input::LinkFailed(error));
                return Err(error);
            }
        };
        let measured = if self.timed {
            u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX)
        } else {
            0
        };
        let elapsed = measured.saturating_add(late);
        out.get_mut(..answer.len()).ok_or(LinkError::Protocol)?.copy_from_slice(&answer);
        self.everyone.reply(&Input::Response { bytes: &answer, elapsed });
        Ok(Answered { length: answer.len(), elapsed })
    }
}

/// The slot of a reader.
pub(crate) struct Slot<'p, 'e>(pub(crate) &'p Presented<'e>);

impl Reader for Slot<'_, '_> {
    fn card_inserted(&mut self) -> Result<(), Absent> {
        self.0.everyone.call();
        // What a tap before it was is not in its transcript.
        self.0.everyone.recorder.begin_anew();
        self.0.card.borrow_mut().insert()
    }

    fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        self.0.transmit(command, out)
    }

    fn card_removed(&mut self) {
        self.0.everyone.call();
        self.0.card.borrow_mut().remove();
    }
}

/// A reader that cards are held to.
pub(crate) struct Antenna<'p, 'e>(pub(crate) &'p Presented<'e>);

impl ContactlessReader for Antenna<'_, '_> {
    fn field(&mut self, field: Field) {
        self.0.everyone.call();
        self.0.card.borrow_mut().field(field);
    }

    fn poll(&mut self) -> Result<Polled, PollEnded> {
        let everyone = self.0.everyone;
        everyone.call();
        everyone.request(&Output::Poll);
        let polled = self.0.card.borrow_mut().poll()?;
        if polled == Polled::Card {
            everyone.story.presented();
        }
        everyone.reply(&Input::Polled(polled));
        Ok(polled)
    }

    fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        self.0.transmit(command, out)
    }
}

/// A reader that is lent to the PIN pad.
struct Lent<'l>(&'l mut dyn Reader);

impl CardChannel for Lent<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let mut answer = [0; 258];
        let Answered { length, .. } = self.0.transmit(command, &mut answer)?;
        Ok(answer[..length].to_vec())
    }
}

/// A simulated PIN pad.
pub(crate) struct Pad<'e> {
    pub(crate) pad: ScriptedPad<'e>,
    pub(crate) everyone: &'e Everyone,
}

impl PinPad for Pad<'_> {
    fn enter(&mut self, request: &PinRequest<'_>, reader: &mut dyn Reader) -> PinResult {
        self.everyone.call();
        self.everyone.request(&Output::VerifyPin(*request));
        let result = self.everyone.privately(|| self.pad.enter(request, &mut Lent(reader)));
        self.everyone.reply(&Input::Pin(result));
        result
    }
}

/// A cardholder in front of the display.
pub(crate) struct Customer<'e> {
    pub(crate) choices: Choices,
    pub(crate) everyone: &'e Everyone,
}

impl Cardholder for Customer<'_> {
    fn choose(&mut self, candidates: Candidates<'_>) -> Option<u8> {
        self.everyone.call();
        self.everyone.request(&Output::Choose(candidates));
        let chosen = self.choices.choose(candidates);
        self.everyone.reply(&Input::Chosen(chosen));
        chosen
    }
}

/// A simulated host at the other end of the line.
pub(crate) struct Line<'e> {
    pub(crate) host: Host,
    /// Requests reach the host, and its answers are lost.
    pub(crate) loses_answers: bool,
    /// What else happens on the line.
    pub(crate) tampering: &'e scenario::Line,
    pub(crate) everyone: &'e Everyone,
}

impl Line<'_> {
    fn ask(&mut self, message: &HostMessage<'_>) -> Result<Vec<u8>, (NoAnswer, String)> {
        self.everyone.witness.log(message);
        let request = whole(message);
        self.everyone.witness.asked(&request, &self.host);
        let asked = self.host.authorise(&self.tampering.request.message(&request));
        let answer = asked.map_err(|error| {
            let unreachable = error == HostError::Unreachable;
            let why = if unreachable { NoAnswer::NotSent } else { NoAnswer::Lost };
            (why, error.to_string())
        })?;
        self.everyone.remark(answer.reason.to_string());
        if self.loses_answers || self.tampering.lost {
            return Err((NoAnswer::Lost, lost(answer.reason)));
        }
        Ok(self.tampering.answer.message(&answer.objects()))
    }
}

fn lost(reason: Reason) -> String {
    format!("no answer: {reason}, and that got lost")
}

impl blocking::Host for Line<'_> {
    fn authorise<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> Result<host::Answer<'a>, NoAnswer> {
        self.everyone.call();
        if let Objects::Data(data) = message.objects {
            self.everyone.request(&Output::Authorise(data));
        }
        let coded = self.ask(message).and_then(|coded| {
            let room = memory.get_mut(..coded.len());
            let room = room.ok_or((NoAnswer::Lost, "an answer that is too long".to_owned()))?;
            room.copy_from_slice(&coded);
            Ok(coded.len())
        });
        let read = match coded {
            Ok(length) => answer(&memory[..length]),
            Err((why, remark)) => {
                self.everyone.remark(remark);
                Err(why)
            }
        };
        self.everyone.reply(&read.map_or(Input::Unreachable, Input::Authorised));
        read
    }

    fn deliver(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged> {
        self.everyone.call();
        if self.host.mode == chipwright_host::Mode::Unreachable {
            self.everyone.delivered(message, Err(&HostError::Unreachable.to_string()));
            return Err(NotAcknowledged);
        }
        let taken = match message.kind {
            MessageKind::Batch => {
                let item = whole(message);
                self.everyone.witness.asked(&item, &self.host);
                self.host.settle(&item)
            }
            MessageKind::Reversal => self.host.reverse(&whole(message)),
            _ => Ok(()),
        };
        // An acquirer acknowledges what it cannot place: it would come again for ever.
        let remark = taken.err().map(|error| error.to_string());
        self.everyone.delivered(message, Ok(remark.as_deref().unwrap_or("acknowledged")));
        Ok(())
    }
}

/// The message as one BER-TLV string: the account number, which travels in a field of its own, and
/// field 55.
fn whole(message: &HostMessage<'_>) -> Vec<u8> {
    let mut memory = [0; 16];
    let mut writer = Writer::new(&mut memory);
    if let Some(pan) = message.objects.bytes(PAN.tag) {
        // At most ten bytes: what is longer is no account number, and the host says so.
        let _ = writer.put(PAN.tag, pan);
    }
    [writer.written(), message.field_55].concat()
}

/// The display.
pub(crate) struct Screen<'e>(pub(crate) &'e Everyone);

impl Display for Screen<'_> {
    fn show(&mut self, show: &Show) {
        self.0.shown(show);
    }

    fn request(&mut self, show: Option<&Show>, status: Option<Status>) {
        self.0.requested(show, status);
    }
}

/// A clock that stands.
pub(crate) struct Standing(pub(crate) Date, pub(crate) [u8; 3]);

impl Clock for Standing {
    fn now(&self) -> (Date, [u8; 3]) {
        (self.0, self.1)
    }
}

/// Reads what is left of a transaction when it has ended.
pub(crate) struct AtTheEnd<F>(pub(crate) F);

impl<F: FnMut(&FinalRecord, &Outcome, &Database<'_>)> Hooks for AtTheEnd<F> {
    fn ended(&mut self, record: &FinalRecord, outcome: &Outcome, data: &Database<'_>) {
        self.0(record, outcome, data);
    }
}
