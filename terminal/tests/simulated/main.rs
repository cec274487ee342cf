//! A terminal that blocks, against simulated cards with real keys and a host that verifies every
//! cryptogram: what the terminal says of a transaction and what the host has in its books agree.

mod taps;

use chipwright::candidates::Candidates;
use chipwright::config::TransactionType;
use chipwright::crypto::Crypto;
use chipwright::dictionary::emv;
use chipwright::hardening::{self, Hardening, Rule, Rules};
use chipwright::outcome::{Authority, Conclusion};
use chipwright::session::{Field, LinkError, PinRequest, PinResult, Polled};
use chipwright::tag::Tag;
use chipwright::value::{Amount, Code, Date};
use chipwright_card::{Card, Interface, Profile, builtin};
use chipwright_harness::PinPad as _;
use chipwright_harness::kernels::Linked;
use chipwright_harness::pad::{Entry, Pin, ScriptedPad};
use chipwright_harness::random::Seeded;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_host::{Host, Mode, State};
use chipwright_rustcrypto::RustCrypto;
use chipwright_terminal::blocking::{
    self, Cardholder, Contactless, ContactlessReader, PinPad, Reader, Storage,
};
use chipwright_terminal::counters::LastCounters;
use chipwright_terminal::device::{
    Absent, Answered, Clock, Display, NoCancel, NoHooks, NotAcknowledged, PollEnded, StorageFailed,
};
use chipwright_terminal::display::Show;
use chipwright_terminal::host::{Answer, HostMessage, MessageKind, MessageLists, NoAnswer, answer};
use chipwright_terminal::journal::Due;
use chipwright_terminal::{FinalRecord, Order, Service, Setup, Workspace};
use core::cell::RefCell;
use core::ops::Range;

struct Slot<'c>(&'c RefCell<Card>);

impl Reader for Slot<'_> {
    fn card_inserted(&mut self) -> Result<(), Absent> {
        self.0.borrow_mut().present(Interface::Contact);
        Ok(())
    }

    fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        transmit(self.0, command, out)
    }

    fn card_removed(&mut self) {}
}

fn transmit(card: &RefCell<Card>, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
    let answer = card.borrow_mut().transmit(command);
    out.get_mut(..answer.len()).ok_or(LinkError::Protocol)?.copy_from_slice(&answer);
    Ok(Answered { length: answer.len(), elapsed: 0 })
}

/// A reader that the card is held to whenever it asks.
struct Antenna<'c>(&'c RefCell<Card>);

impl ContactlessReader for Antenna<'_> {
    fn field(&mut self, _: Field) {}

    fn poll(&mut self) -> Result<Polled, PollEnded> {
        self.0.borrow_mut().present(Interface::Contactless);
        Ok(Polled::Card)
    }

    fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        transmit(self.0, command, out)
    }
}

/// The harness's pad, through the reader that is lent.
struct Pad<'r>(ScriptedPad<'r>);

struct Lent<'l>(&'l mut dyn Reader);

impl chipwright_harness::CardChannel for Lent<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let mut answer = [0; 258];
        let Answered { length, .. } = self.0.transmit(command, &mut answer)?;
        Ok(answer[..length].to_vec())
    }
}

impl PinPad for Pad<'_> {
    fn enter(&mut self, request: &PinRequest<'_>, reader: &mut dyn Reader) -> PinResult {
        self.0.enter(request, &mut Lent(reader))
    }
}

struct Customer;

impl Cardholder for Customer {
    fn choose(&mut self, candidates: Candidates<'_>) -> Option<u8> {
        candidates.by_priority().next().map(|(number, _)| number)
    }
}

/// The issuer's host at the other end of the line.
struct Line(Host);

impl blocking::Host for Line {
    fn authorise<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> Result<Answer<'a>, NoAnswer> {
        let coded = self.0.authorise(message.field_55).map_err(|_| NoAnswer::NotSent)?.objects();
        let room = memory.get_mut(..coded.len()).ok_or(NoAnswer::Lost)?;
        room.copy_from_slice(&coded);
        answer(room)
    }

    fn deliver(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged> {
        let taken = match message.kind {
            MessageKind::Batch => self.0.settle(message.field_55),
            MessageKind::Reversal => self.0.reverse(message.field_55),
            _ => Ok(()),
        };
        taken.map_err(|error| panic!("{message:?}: {error}"))
    }
}

#[derive(Default)]
struct Records(Vec<Vec<u8>>);

impl Storage for Records {
    fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        Ok(0..self.0.len() as u32)
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        self.0.push(record.to_vec());
        Ok(())
    }

    fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        let record = &self.0[place as usize];
        out[..record.len()].copy_from_slice(record);
        Ok(record.len())
    }

    fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        self.0[place as usize].clear();
        Ok(())
    }
}

#[derive(Default)]
struct Screen(Vec<u8>);

impl Display for Screen {
    fn show(&mut self, show: &Show) {
        self.0.push(show.message.identifier());
    }
}

struct Today;

impl Clock for Today {
    fn now(&self) -> (Date, [u8; 3]) {
        (Date::new(2026, 3, 17).unwrap(), [0x12, 0x00, 0x00])
    }
}

/// What the host wants to see: the account, and what cryptograms cover.
fn listed() -> Vec<Tag> {
    let mut tags = MessageLists::DEFAULT.batch.to_vec();
    tags.push(emv::PAN.tag);
    tags
}

struct Course {
    record: FinalRecord,
    host: Host,
    /// What is left on the card, where it keeps a balance.
    balance: Option<u64>,
    shown: Vec<u8>,
}

/// Runs one purchase with a built-in card, and settles the batch.
fn buy(card: &str, mode: Mode, amount: u64) -> Course {
    run(card, mode, TransactionType::Purchase, amount)
}

fn run(card: &str, mode: Mode, kind: TransactionType, amount: u64) -> Course {
    run_by(By::Slot, card, mode, kind, amount)
}

/// How the terminal asks for the card.
#[derive(Clone, Copy)]
enum By {
    Slot,
    Field,
    Either,
}

fn run_by(by: By, card: &str, mode: Mode, kind: TransactionType, amount: u64) -> Course {
    run_hardened(Hardening::OFF, by, card, mode, kind, amount)
}

/// The same, by a profile.
fn run_hardened(
    hardening: Hardening<'_>,
    by: By,
    card: &str,
    mode: Mode,
    kind: TransactionType,
    amount: u64,
) -> Course {
    let text = builtin().iter().find(|profile| profile.name == card).unwrap().text;
    let profile = Profile::parse(text).unwrap();
    let file = TerminalFile::builtin("attended-offline-online").unwrap();
    let configuration = file.configuration();
    let mut terminal = configuration.terminal();
    terminal.options.hardening = hardening;
    let (random, listed) = (Seeded::new(7), listed());
    let lists =
        MessageLists { authorisation: &listed, advice: &listed, reversal: &listed, batch: &listed };
    let combinations = &configuration.combinations;
    let services = [Service { combinations, ..Service::new(kind, terminal.applications) }];
    let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &random };
    let setup = Setup { lists, ..Setup::new(&terminal, &services, crypto) };
    let order = Order {
        kind,
        amount: Amount::new(amount),
        amount_other: Amount::ZERO,
        currency: Code::new(978).unwrap(),
        currency_exponent: 2,
        force_online: false,
    };
    let entries = [Entry::Digits(Pin::new("1234").unwrap())];
    let (mut workspace, mut storage) = (Workspace::new(), Records::default());
    let (mut line, mut screen) = (Line(Host::new(mode)), Screen::default());
    let mut journal = blocking::recover(&mut storage, 1, &mut workspace).unwrap().journal;
    let card = RefCell::new(Card::new(&profile, 1).unwrap());
    let devices = blocking::Devices {
        reader: &mut Slot(&card),
        pad: &mut Pad(ScriptedPad::new(entries, &random)),
        cardholder: &mut Customer,
        host: &mut line,
        storage: &mut storage,
        hooks: &mut NoHooks,
        display: &mut screen,
        clock: &Today,
        cancel: &NoCancel,
    };
    let contactless = Contactless { kernels: &Linked, reader: &mut Antenna(&card) };
    let (books, memory) = (&mut journal, workspace.lend());
    let record = match by {
        By::Slot => blocking::run(&setup, &order, devices, books, memory),
        By::Field => blocking::tap(&setup, &order, contactless, devices, books, memory),
        By::Either => blocking::tap_or_insert(&setup, &order, contactless, devices, books, memory),
    };
    let record = record.unwrap();
    let due = Due::Everything;
    let delivery =
        blocking::deliver(&mut journal, &mut storage, &mut line, due, &lists, &mut workspace);
    assert_eq!(delivery.unwrap().left, 0);
    let balance = card.borrow().balance();
    Course { record, host: line.0, balance, shown: screen.0 }
}

/// What the host's books say of the one transaction.
fn state(course: &Course) -> Option<State> {
    course.host.book().first().map(|transaction| transaction.state)
}

#[test]
fn what_is_approved_is_settled_with_the_cards_certificate() {
    for card in ["contact-dda", "contact-cda", "contact-sda", "contact-no-oda"] {
        let course = buy(card, Mode::Approve, 12_34);
        let record = course.record;
        let ended = (record.conclusion, record.authority, state(&course));
        let expected = (Conclusion::Approved, Authority::Online, Some(State::Settled));
        assert_eq!(ended, expected, "{card}: {record:?}");
    }
}

#[test]
fn a_pin_goes_from_the_pad_to_the_card() {
    let course = buy("contact-dda-pin", Mode::Approve, 12_34);
    assert_eq!(state(&course), Some(State::Settled));
    assert_eq!(course.shown, [0x0B, 0x0E, 0x09, 0x0D, 0x0E, 0x1B, 0x03, 0x10]);
    let verification = course.record.details.verification.unwrap();
    assert_eq!((verification.code & 0x3F, course.record.signature), (0x01, false));
}

#[test]
fn what_the_card_refuses_is_taken_back() {
    let course = buy("contact-declines-after", Mode::Approve, 12_34);
    assert_eq!(course.record.conclusion, Conclusion::Declined);
    assert_eq!(state(&course), Some(State::Reversed));
    assert!(course.record.duties.reversal);
}

#[test]
fn what_the_host_declines_or_never_sees_stays_out_of_its_books() {
    let course = buy("contact-dda", Mode::Decline, 12_34);
    assert_eq!(course.record.conclusion, Conclusion::Declined);
    assert_eq!(state(&course), Some(State::Declined));
    let course = buy("contact-dda", Mode::Unreachable, 12_34);
    assert_eq!(course.record.authority, Authority::UnableToGoOnline);
    assert!(!course.record.duties.reversal, "the line was down");
}

#[test]
fn an_answer_that_the_card_does_not_believe_is_taken_back() {
    let course = buy("contact-issuer-authentication", Mode::BadArpc, 12_34);
    assert_ne!(course.record.conclusion, Conclusion::Approved);
    assert_eq!(state(&course), Some(State::Reversed));
}

#[test]
fn what_card_and_terminal_approve_alone_is_settled_later() {
    let course = buy("contact-offline", Mode::Approve, 1_00);
    let ended = (course.record.conclusion, course.record.authority);
    assert_eq!(ended, (Conclusion::Approved, Authority::Offline), "{:?}", course.record);
    assert_eq!(state(&course), Some(State::Settled));
}

/// A copy of a card that was there before has its transaction counter, and another card has not.
/// [H 13]
#[test]
fn what_was_approved_with_a_counter_is_not_approved_with_it_again() {
    for (by, card, amount) in
        [(By::Slot, "contact-offline", 1_00), (By::Field, "quickpass-offline", 8_88)]
    {
        let counters = LastCounters::<4>::new(&RustCrypto);
        let rule = Rules::NONE.with(Rule::CounterMemory);
        let profile = |rule| hardening::Profile {
            counters: Some(&counters),
            ..hardening::Profile::of(rule, Rules::NONE)
        };
        let (kept, off) = (profile(rule), profile(Rules::NONE));
        let buy = |profile| {
            let (mode, kind) = (Mode::Approve, TransactionType::Purchase);
            run_hardened(Hardening::by(profile), by, card, mode, kind, amount).record.conclusion
        };
        assert_eq!(buy(&kept), Conclusion::Approved, "{card}");
        assert_eq!(buy(&kept), Conclusion::Declined, "{card}");
        assert_eq!(buy(&off), Conclusion::Approved, "{card}");
    }
}

#[test]
fn a_refund_is_settled_with_the_cards_refusal() {
    let course = run("contact-dda", Mode::Decline, TransactionType::Refund, 12_34);
    assert_eq!(course.record.conclusion, Conclusion::CardRead);
    assert_eq!(state(&course), Some(State::Settled));
    assert!(course.shown.ends_with(&[0x17, 0x10]));
}
