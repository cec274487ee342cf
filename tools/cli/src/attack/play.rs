//! Plays a scenario: the honest transaction first, then the same under attack.

use chipwright_card::{Card, Profile};
use chipwright_harness::describe::Context;
use chipwright_harness::record;
use chipwright_harness::scenario::{Expected, Like, Line, Scenario, Seen, notices};
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::wedge::{Exchange, Rule, Wedge};
use serde_json::Value;

use super::invariants;
use crate::adversary::{Adversary, Between};
use crate::arguments::{Interface, Pay, date, value_name};
use crate::everyone::Everyone;
use crate::failure::Failure;
use crate::laboratory::Need;
use crate::pay::offered::Offered;
use crate::pay::transact::{Told, transact};
use crate::pay::{CARD, head};
use crate::source;

/// What came of a scenario.
pub(super) struct Verdict {
    /// The transaction under attack, told.
    pub(super) story: String,
    /// How it ends without the attack.
    pub(super) honest: String,
    /// How it ended.
    pub(super) ends: String,
    /// What the kernel noticed that it does not notice without the attack.
    pub(super) noticed: Vec<String>,
    /// The rules of the hardened profile that are broken.
    pub(super) broken: Vec<String>,
    /// What the issuer sees.
    pub(super) suspicions: Vec<String>,
    /// What is not as expected.
    pub(super) wrong: Vec<String>,
}

/// A transaction that was played.
struct Played {
    setup: Setup,
    told: Told,
    everyone: Everyone,
    outcome: Value,
    tape: Vec<Exchange>,
    suspicions: Vec<String>,
    idle: Vec<usize>,
}

/// How a terminal judges cards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Judged {
    /// By the books.
    ByTheBooks,
    /// By the hardened profile.
    Hardened,
    /// By the books, with a report of what the hardened profile would refuse.
    Reported,
}

impl Judged {
    /// As an option of `pay`.
    const fn option(self) -> &'static str {
        match self {
            Self::ByTheBooks => "",
            Self::Hardened => "--profile hardened",
            Self::Reported => "--profile hardened --report-only",
        }
    }
}

/// What a scenario needs of a terminal.
pub(super) fn needs(scenario: &Scenario) -> Result<Vec<Need>, Failure> {
    let pay = Pay::of(&scenario.pay)?;
    let profile = source::card(&pay.card)?;
    let taps = pay.interface != Interface::Contact && profile.ppse;
    Ok(super::all::needs(taps, &value_name(pay.kind)))
}

/// Plays a scenario.
pub(super) fn play(scenario: &Scenario, judged: Judged) -> Result<Verdict, Failure> {
    let hardened = judged == Judged::Hardened;
    let options = |text: &str| Pay::of(&format!("{text} {}", judged.option()));
    let pay = options(&scenario.pay)?;
    let honest = transaction(scenario, &pay, Adversary::default(), false)?;
    let pool = overheard(scenario, &honest, judged)?;
    let attacked = options(&format!("{} {}", scenario.pay, scenario.terminal))?;
    let adversary = |rules: &[Rule], line: &Line| -> Result<Adversary, Failure> {
        Ok(Adversary {
            between: Between {
                wedge: Wedge::new(rules.to_vec(), pool.clone()).into(),
                collisions: scenario.collisions.into(),
                second: second(scenario, &pay)?.map(Into::into),
            },
            line: line.clone(),
            random: scenario.random,
        })
    };
    let mut wrong = unlike_honest(&honest, hardened);
    let other = match &scenario.like {
        Some(Like { rule, host }) => {
            Some(transaction(scenario, &attacked, adversary(rule, host)?, true)?)
        }
        None => None,
    };
    let adversary = adversary(&scenario.rule, &scenario.host)?;
    let attacked = match transaction(scenario, &attacked, adversary, true) {
        Ok(attacked) => attacked,
        Err(failure) => return Ok(refused(&honest, &scenario.expect.spec, wrong, &failure)),
    };
    wrong.extend(attacked.broken());
    wrong.extend(scenario.expect.differences(hardened, &attacked.seen()));
    wrong.extend(attacked.obeyed());
    wrong.extend(other.and_then(|other| attacked.told_apart(&other)));
    // A terminal that refuses before leaves an attacker nothing to do.
    let never = attacked.idle.iter().filter(|_| !hardened);
    wrong.extend(never.map(|place| format!("rule {place} made no difference")));
    let usual = notices(&honest.told.events);
    let noticed = notices(&attacked.told.events);
    let noticed = noticed.into_iter().filter(|what| !usual.contains(what)).collect();
    Ok(Verdict {
        story: attacked.everyone.story.page.text(),
        honest: honest.seen().ends(),
        ends: attacked.seen().ends(),
        noticed,
        broken: broken(&attacked.told.events),
        suspicions: attacked.suspicions.clone(),
        wrong,
    })
}

/// The rules of the hardened profile that are broken, each once.
fn broken(events: &[Value]) -> Vec<String> {
    let rules = events.iter().filter(|event| event["event"] == "breach");
    let mut rules: Vec<_> = rules.filter_map(|event| event["rule"].as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    rules.into_iter().map(str::to_owned).collect()
}

/// There was no transaction.
fn refused(
    honest: &Played,
    expected: &Expected,
    mut wrong: Vec<String>,
    failure: &Failure,
) -> Verdict {
    let message = &failure.message;
    if expected.ends != "refused" {
        wrong.push(format!("end: expected {}, came: {message}", expected.ends));
    }
    let missing = expected.noticed.iter().filter(|piece| !message.contains(piece.as_str()));
    wrong.extend(missing.map(|piece| format!("not said: {piece}")));
    Verdict {
        story: String::new(),
        honest: honest.seen().ends(),
        ends: "refused".to_owned(),
        noticed: vec![message.clone()],
        broken: Vec::new(),
        suspicions: Vec::new(),
        wrong,
    }
}

/// What is wrong with a transaction that nobody attacks.
fn unlike_honest(honest: &Played, hardened: bool) -> Vec<String> {
    let seen = honest.seen();
    let mut wrong = honest.broken();
    // Honest cards that the hardened profile refuses have a list of their own.
    if !hardened && !seen.ends().starts_with("approved") {
        wrong.push(format!("the honest card: {}", seen.ends()));
    }
    let suspicions = honest.suspicions.iter();
    wrong.extend(suspicions.map(|suspicion| format!("of the honest card: {suspicion}")));
    wrong
}

/// What the wedge knows from before: another transaction, with another unpredictable number.
fn overheard(
    scenario: &Scenario,
    honest: &Played,
    judged: Judged,
) -> Result<Vec<Exchange>, Failure> {
    if !scenario.rule.iter().any(|rule| rule.replay) {
        return Ok(honest.tape.clone());
    }
    let before = scenario.overheard.as_ref().unwrap_or(&scenario.pay);
    let mut before = Pay::of(&format!("{before} {}", judged.option()))?;
    before.seed = before.seed.wrapping_add(1);
    Ok(transaction(scenario, &before, Adversary::default(), false)?.tape)
}

fn second(scenario: &Scenario, pay: &Pay) -> Result<Option<Card>, Failure> {
    let Some(name) = &scenario.second else { return Ok(None) };
    made(name, &source::card(name)?, pay.seed).map(Some)
}

fn made(name: &str, profile: &Profile, seed: u64) -> Result<Card, Failure> {
    Card::new(profile, seed ^ CARD).map_err(|error| Failure::data(format!("{name}: {error}")))
}

/// The terminal; with what is wrong with it, when it is attacked.
fn terminal(scenario: &Scenario, pay: &Pay, attacked: bool) -> Result<TerminalFile, Failure> {
    let terminal = source::with_options(source::terminal(&pay.terminal)?, &pay.option)?;
    if !attacked || scenario.terminal_file.is_empty() {
        return pay.by_profile(terminal);
    }
    let text = format!("{}\n{}", terminal.text(), scenario.terminal_file);
    let terminal = TerminalFile::parse(&text);
    pay.by_profile(terminal.map_err(|error| Failure::data(error.to_string()))?)
}

fn transaction(
    scenario: &Scenario,
    pay: &Pay,
    adversary: Adversary,
    attacked: bool,
) -> Result<Played, Failure> {
    let terminal = terminal(scenario, pay, attacked)?;
    let mut setup = pay.setup(&terminal)?;
    if let (true, Some(clock)) = (attacked, &scenario.clock) {
        setup.date = date(clock)?;
    }
    if let Some(key) = terminal.expired_key(setup.date) {
        return Err(Failure::data(format!("key {key} has expired")));
    }
    let profile = match &scenario.profile {
        Some(text) => Profile::parse(text).map_err(|error| Failure::data(error.to_string()))?,
        None => source::card(&pay.card)?,
    };
    let card = made(&pay.card, &profile, setup.seed)?;
    let everyone = Everyone::new(Context::of(setup.currency), None);
    let card = Offered::simulated(pay, &profile, card, &adversary.between)?;
    head(&everyone.story.page, pay, &terminal, &setup, &card);
    let told = transact(pay, &terminal, &setup, card, &adversary, &everyone)?;
    let outcome = record::outcome(&told.left.outcome);
    let suspicions = everyone.witness.suspicions();
    let wedge = adversary.between.wedge.into_inner();
    let (tape, idle) = (wedge.tape().to_vec(), wedge.idle());
    Ok(Played { setup, told, everyone, outcome, tape, suspicions, idle })
}

/// The block of a plaintext PIN, in hexadecimal. [B3 6.5.12]
fn pin(exchange: &Exchange) -> Option<String> {
    match exchange.command.as_slice() {
        [0x00, 0x20, 0x00, 0x80, 0x08, block @ ..] => Some(hex::encode_upper(block)),
        _ => None,
    }
}

impl Played {
    fn seen(&self) -> Seen<'_> {
        Seen {
            events: &self.told.events,
            outcome: &self.outcome,
            objects: &self.told.left.objects,
            tape: &self.tape,
            suspicions: &self.suspicions,
        }
    }

    /// The first command by which a card could tell this transaction and another apart, by header or
    /// length: what is in it says what the terminal has to say.
    fn told_apart(&self, other: &Self) -> Option<String> {
        let shapes = |played: &Self| -> Vec<(String, usize)> {
            let shape = |Exchange { command, .. }: &Exchange| {
                (hex::encode_upper(command.get(..4).unwrap_or(command)), command.len())
            };
            played.tape.iter().map(shape).collect()
        };
        let (these, others) = (shapes(self), shapes(other));
        let place = (0..these.len().max(others.len()))
            .find(|place| these.get(*place) != others.get(*place))?;
        let said = |shapes: &[(String, usize)]| {
            let none = || "nothing".to_owned();
            shapes.get(place).map_or_else(none, |(header, length)| format!("{header} of {length}"))
        };
        Some(format!("command {}: {}, not {}", place + 1, said(&these), said(&others)))
    }

    /// What does not hold that holds in every transaction.
    fn broken(&self) -> Vec<String> {
        let mut broken = invariants::broken(&self.seen(), &self.setup, &self.evidence());
        broken.extend(invariants::left_behind(&self.told.unwiped));
        broken
    }

    /// Accounts and PINs that can be read in what is shown, logged or kept, each place by name.
    fn evidence(&self) -> Vec<(&'static str, usize)> {
        let witness = &self.everyone.witness;
        let json = self.told.events.iter().map(Value::to_string).collect::<String>();
        let places = [
            ("the story", self.everyone.story.page.text()),
            ("events as JSON", json),
            ("what firmware logs", witness.logged()),
            ("Debug of the record", format!("{:?}", self.told.record)),
            ("Debug of the outcome", format!("{:?}", self.told.left.outcome)),
        ];
        let pins: Vec<String> = self.tape.iter().filter_map(pin).collect();
        let seen = |text: &str| {
            let pins = pins.iter().filter(|pin| text.contains(pin.as_str())).count();
            witness.seen_in(text) + pins
        };
        places.into_iter().map(|(place, text)| (place, seen(&text))).collect()
    }

    /// What is shown has no characters that a display would obey.
    fn obeyed(&self) -> Option<String> {
        let text = self.everyone.story.page.text();
        let obeyed = text.chars().find(|letter| letter.is_control() && *letter != '\n')?;
        Some(format!("the story has a character {:04X}", u32::from(obeyed)))
    }
}
