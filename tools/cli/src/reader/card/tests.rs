use super::super::service::{Listed, Service};
use super::*;
use crate::failure::Exit;
use std::sync::{Arc, Mutex};
use std::thread;

const SELECT: [u8; 7] = [0x00, 0xA4, 0x04, 0x00, 0x01, 0x77, 0x00];
const PATIENCE: Duration = Duration::from_secs(5);

/// What happens at a reader, one thing after the other; the last one for ever.
#[derive(Clone)]
struct Fake {
    inside: Vec<Inside>,
    protocol: Result<Protocol, Trouble>,
    answers: Vec<Result<Vec<u8>, Trouble>>,
    /// What was asked of it.
    asked: Arc<Mutex<Vec<Vec<u8>>>>,
    /// How long it takes to send a command.
    delay: Duration,
}

impl Fake {
    fn new(protocol: Protocol, answers: &[&[u8]]) -> Self {
        Self {
            inside: vec![Inside::Card(vec![0x3B, 0x60, 0x00, 0x00])],
            protocol: Ok(protocol),
            answers: answers.iter().map(|answer| Ok(answer.to_vec())).collect(),
            asked: Arc::default(),
            delay: Duration::ZERO,
        }
    }

    fn card(&self, patience: Duration) -> CardInReader {
        let fake = self.clone();
        CardInReader::new(Link::new(move || Ok(fake), patience), patience)
    }

    fn asked(&self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.asked.lock().unwrap())
    }

    fn note(&self, what: &[u8]) {
        self.asked.lock().unwrap().push(what.to_vec());
    }
}

fn next<T: Clone>(from: &mut Vec<T>) -> T {
    if from.len() > 1 { from.remove(0) } else { from[0].clone() }
}

impl Service for Fake {
    fn readers(&mut self) -> Result<Vec<Listed>, Trouble> {
        Ok(Vec::new())
    }

    fn wait(&mut self, _: &str, card: bool, _: Duration) -> Result<Inside, Trouble> {
        self.note(if card { b"wait for a card" } else { b"wait for none" });
        Ok(next(&mut self.inside))
    }

    fn connect(&mut self, _: &str) -> Result<Protocol, Trouble> {
        self.note(b"connect");
        self.protocol.clone()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Trouble> {
        self.note(command);
        thread::sleep(self.delay);
        next(&mut self.answers)
    }

    fn disconnect(&mut self) {
        self.note(b"disconnect");
    }
}

fn inserted(fake: &Fake) -> CardInReader {
    let mut card = fake.card(PATIENCE);
    assert_eq!(card.insert(), Ok(()));
    assert_eq!(fake.asked(), [&b"wait for a card"[..], b"connect"]);
    card
}

fn bytes(answer: Result<Answer, LinkError>) -> Result<Vec<u8>, LinkError> {
    answer.map(|answer| answer.bytes)
}

#[test]
fn t0_has_no_le_beside_data_and_fetches_what_waits() {
    let fake = Fake::new(Protocol::T0, &[&[0x61, 0x02], &[1, 2, 0x90, 0x00]]);
    let answer = bytes(inserted(&fake).transmit(&SELECT));
    assert_eq!(answer, Ok(vec![1, 2, 0x90, 0x00]));
    assert_eq!(fake.asked(), [&SELECT[..6], &[0x00, 0xC0, 0x00, 0x00, 0x02]]);

    let fake = Fake::new(Protocol::T0, &[&[0x6C, 0x01], &[7, 0x90, 0x00]]);
    let answer = bytes(inserted(&fake).transmit(&[0x00, 0xB2, 0x01, 0x0C, 0x00]));
    assert_eq!(answer, Ok(vec![7, 0x90, 0x00]));
    assert_eq!(fake.asked()[1], [0x00, 0xB2, 0x01, 0x0C, 0x01]);

    let fake = Fake::new(Protocol::T0, &[&[0x90, 0x00]]);
    let mut card = inserted(&fake);
    card.transmit(&[0x84, 0x1E, 0x00, 0x00]).unwrap();
    card.transmit(&SELECT[..6]).unwrap();
    assert_eq!(fake.asked(), [&[0x84, 0x1E, 0x00, 0x00, 0x00][..], &SELECT[..6]]);

    let endless = Fake::new(Protocol::T0, &[&[0x61, 0x00]]);
    assert_eq!(bytes(inserted(&endless).transmit(&SELECT)), Err(LinkError::Protocol));
}

#[test]
fn t1_has_whole_commands_and_answers() {
    let fake = Fake::new(Protocol::T1, &[&[0x61, 0x02]]);
    assert_eq!(bytes(inserted(&fake).transmit(&SELECT)), Ok(vec![0x61, 0x02]));
    assert_eq!(fake.asked(), [SELECT]);
}

#[test]
fn a_link_that_fails_says_why() {
    let removed = Trouble::new(LinkError::Removed, "R: the card was removed");
    for (trouble, error, exit) in [
        (removed, LinkError::Removed, Exit::Terminated),
        (Trouble::missing("R: unplugged"), LinkError::Removed, Exit::Missing),
        (
            Trouble::new(LinkError::Transmission, "R: garbled"),
            LinkError::Transmission,
            Exit::Terminated,
        ),
    ] {
        for protocol in [Protocol::T0, Protocol::T1] {
            let mut fake = Fake::new(protocol, &[]);
            fake.answers = vec![Err(trouble.clone())];
            let mut card = inserted(&fake);
            assert_eq!(card.trouble(), None);
            assert_eq!(bytes(card.transmit(&SELECT)), Err(error));
            assert_eq!(card.trouble(), Some(Failure { exit, message: trouble.message.clone() }));
        }
    }
    for late in [Err(Trouble::new(LinkError::Transmission, "R: garbled")), Ok(Vec::new())] {
        let mut fake = Fake::new(Protocol::T1, &[]);
        fake.answers = vec![late];
        fake.inside.push(Inside::Nothing);
        let mut card = inserted(&fake);
        assert_eq!(bytes(card.transmit(&SELECT)), Err(LinkError::Removed), "as is seen later");
        assert_eq!(card.trouble().unwrap().message, "PC/SC: the card was removed");
    }
    let mut card = inserted(&Fake::new(Protocol::T1, &[&[0x90]]));
    assert_eq!(bytes(card.transmit(&SELECT)), Err(LinkError::Transmission));
    assert_eq!(card.trouble().unwrap().message, "PC/SC: an answer without a status word");
    let fake = Fake::new(Protocol::T1, &[&[0x90, 0x00]]);
    assert_eq!(bytes(fake.card(PATIENCE).transmit(&SELECT)), Err(LinkError::Removed));
    assert!(fake.asked().is_empty(), "nothing goes to a card that was not inserted");
}

#[test]
fn a_card_that_does_not_come_or_does_not_answer_is_told() {
    let absent = |fake: &Fake| {
        let mut card = fake.card(PATIENCE);
        let absent = card.insert().unwrap_err();
        (absent, card.trouble().unwrap().message)
    };
    let mut fake = Fake::new(Protocol::T1, &[]);
    fake.inside = vec![Inside::Nothing];
    let nobody = (Absent::Stopped(Stop::Timeout), "PC/SC: no card within 5 s".to_owned());
    assert_eq!(absent(&fake), nobody);
    fake.inside = vec![Inside::Mute];
    let mute = (Absent::Mute, "PC/SC: the card does not answer to reset".to_owned());
    assert_eq!(absent(&fake), mute);
    fake.inside = vec![Inside::Card(Vec::new())];
    fake.protocol = Err(Trouble::new(LinkError::Protocol, "R: T=15"));
    assert_eq!(absent(&fake), (Absent::Mute, "R: T=15".to_owned()));
}

#[test]
fn nothing_is_waited_for_without_end() {
    let mut fake = Fake::new(Protocol::T1, &[&[0x90, 0x00]]);
    fake.delay = Duration::from_secs(600);
    let mut card = fake.card(Duration::from_secs(1));
    card.insert().unwrap();
    let start = Instant::now();
    for _ in 0..10 {
        assert_eq!(bytes(card.transmit(&SELECT)), Err(LinkError::Timeout));
    }
    card.remove();
    assert!(start.elapsed() < Duration::from_secs(5), "the first one counts for all");
    let failure = card.trouble().unwrap();
    assert_eq!(
        (failure.exit, failure.message.as_str()),
        (Exit::Terminated, "PC/SC: no answer within 1 s")
    );
}

#[test]
fn a_service_that_is_not_there_is_missing() {
    let link = Link::new(|| Err::<Fake, _>(Trouble::missing("no service")), PATIENCE);
    let mut card = CardInReader::new(link, PATIENCE);
    assert_eq!(card.insert(), Err(Absent::Stopped(Stop::Timeout)));
    assert_eq!(card.trouble(), Some(Failure::missing("no service")));
    assert_eq!(card.poll(), Err(PollEnded::Stopped(Stop::Timeout)));
}

#[test]
fn a_field_is_looked_into_until_a_card_comes_and_until_it_goes() {
    let mut fake = Fake::new(Protocol::T1, &[&[0x90, 0x00]]);
    let there = Inside::Card(Vec::new());
    fake.inside = vec![Inside::Nothing, there.clone(), there, Inside::Nothing];
    let mut card = fake.card(PATIENCE);
    card.field(Field::On);
    let polled = [Polled::Nothing, Polled::Card, Polled::Card, Polled::Nothing];
    assert_eq!(polled.map(|_| card.poll()), polled.map(Ok));
    let (come, go) = (b"wait for a card".as_slice(), b"wait for none".as_slice());
    assert_eq!(fake.asked(), [come, come, b"connect", go, b"connect", go]);
    assert_eq!(bytes(card.transmit(&SELECT)), Err(LinkError::Removed), "it went");
}

#[test]
fn without_the_field_a_card_has_no_power() {
    let fake = Fake::new(Protocol::T1, &[&[0x90, 0x00]]);
    let mut card = fake.card(PATIENCE);
    assert_eq!(card.poll(), Ok(Polled::Card));
    card.field(Field::Off(2));
    card.field(Field::Off(2));
    assert_eq!(fake.asked()[2..], [b"disconnect"]);
    assert_eq!(bytes(card.transmit(&SELECT)), Err(LinkError::Removed));
}

#[test]
fn a_tap_that_nobody_makes_or_that_is_never_held_still_ends() {
    let mut fake = Fake::new(Protocol::T1, &[]);
    fake.inside = vec![Inside::Nothing];
    let mut unsteady = Fake::new(Protocol::T1, &[]);
    unsteady.protocol = Err(Trouble::new(LinkError::Transmission, "R: garbled"));
    for (fake, message) in [(fake, "PC/SC: nobody came within 0 s"), (unsteady, "R: garbled")] {
        let mut card = fake.card(PATIENCE);
        card.patience = Duration::ZERO;
        card.field(Field::On);
        thread::sleep(Duration::from_millis(5));
        let ended = (0..3).find_map(|_| {
            thread::sleep(Duration::from_millis(2));
            card.poll().err()
        });
        assert_eq!(ended, Some(PollEnded::Stopped(Stop::Timeout)));
        let failure = card.trouble().unwrap();
        assert_eq!((failure.exit, failure.message.as_str()), (Exit::Terminated, message));
    }
}
