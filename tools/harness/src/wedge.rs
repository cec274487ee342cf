//! A wedge: what sits between a reader and an honest card, and lies to both.
//!
//! Its [`Rule`]s say what it does to which command: it passes it on, changes it, answers in the
//! card's place, lets another card answer, repeats what the card answered in an earlier
//! transaction, or changes the answer. What no rule speaks of passes untouched.

mod edit;
mod rule;

pub use edit::{Edit, EditError};
pub use rule::{Loss, Order, Rule};

use chipwright::session::LinkError;

use crate::CardChannel;

/// A command and the answer that the reader got; none when it got none.
#[derive(Clone, PartialEq, Eq)]
pub struct Exchange {
    /// As the reader sent it.
    pub command: Vec<u8>,
    /// As the reader got it.
    pub answer: Option<Vec<u8>>,
}

/// Account data is not shown.
impl core::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let answer = self.answer.as_ref().map(Vec::len);
        write!(f, "Exchange({} bytes, answer {answer:?})", self.command.len())
    }
}

/// What the reader gets instead of the card's answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// With its status word, if the liar gives one.
    pub bytes: Vec<u8>,
    /// Microseconds that it is late.
    pub late: u32,
}

impl core::fmt::Debug for Answer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Answer({} bytes, {} microseconds late)", self.bytes.len(), self.late)
    }
}

/// The cards behind a wedge.
pub struct Cards<'c> {
    /// The one that the cardholder owns.
    pub honest: &'c mut dyn CardChannel,
    /// Another one, for rules that splice.
    pub second: Option<&'c mut dyn CardChannel>,
}

impl core::fmt::Debug for Cards<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Cards")
    }
}

/// Sits between a reader and a card.
#[derive(Clone, Debug, Default)]
pub struct Wedge {
    rules: Vec<Acting>,
    pool: Vec<Exchange>,
    tape: Vec<Exchange>,
}

/// A rule, how often its command came, and whether it ever made a difference.
#[derive(Clone, Debug)]
struct Acting {
    rule: Rule,
    came: u32,
    acted: bool,
}

impl Wedge {
    /// With these rules, and with what was overheard before.
    pub fn new(rules: Vec<Rule>, pool: Vec<Exchange>) -> Self {
        let rules = rules.into_iter().map(|rule| Acting { rule, came: 0, acted: false }).collect();
        Self { rules, pool, tape: Vec::new() }
    }

    /// Takes the reader's command, and gives it an answer.
    ///
    /// # Errors
    /// When the reader gets none.
    pub fn transmit(&mut self, command: &[u8], cards: &mut Cards<'_>) -> Result<Answer, LinkError> {
        let answer = self.answer(command, cards);
        let bytes = answer.as_ref().ok().map(|answer| answer.bytes.clone());
        self.tape.push(Exchange { command: command.to_vec(), answer: bytes });
        answer
    }

    fn answer(&mut self, command: &[u8], cards: &mut Cards<'_>) -> Result<Answer, LinkError> {
        let acting: Vec<(usize, Rule, u32)> = (0..)
            .zip(&mut self.rules)
            .filter_map(|(place, acting)| acting.take(command).map(|(rule, n)| (place, rule, n)))
            .collect();
        let mut sent = command.to_vec();
        for (place, rule, _) in &acting {
            let changed = rule.command.command(&sent);
            self.rules[*place].acted |= changed != sent;
            sent = changed;
        }
        // The second card follows, so that it can answer whenever a rule wants it to.
        let mut second = cards.second.as_mut().map(|second| second.transmit(&sent)).transpose()?;
        let mut answered = None;
        for (place, rule, number) in &acting {
            if let Some(loss) = rule.drop {
                self.rules[*place].acted = true;
                return Err(loss.error());
            }
            if answered.is_none() {
                answered = self.instead(rule, *number, &sent, &mut second);
                self.rules[*place].acted |= answered.is_some();
            }
        }
        let mut bytes = match answered {
            Some(bytes) => bytes,
            None => cards.honest.transmit(&sent)?,
        };
        let mut late = 0_u32;
        for (place, rule, _) in &acting {
            let changed = rule.edit.answer(&bytes);
            self.rules[*place].acted |= changed != bytes || rule.delay > 0;
            bytes = changed;
            late = late.saturating_add(rule.delay);
        }
        Ok(Answer { bytes, late: late.saturating_mul(1000) })
    }

    /// What answers in the card's place, if anything does.
    fn instead(
        &self,
        rule: &Rule,
        number: u32,
        command: &[u8],
        second: &mut Option<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        if let Some(bytes) = rule.answer() {
            return Some(bytes);
        }
        if rule.replay {
            return self.overheard(command, number);
        }
        rule.splice.then(|| second.take()).flatten()
    }

    /// The answer to the same command, counted among its kind, in the transaction before.
    fn overheard(&self, command: &[u8], number: u32) -> Option<Vec<u8>> {
        let kind = Order::of(command);
        let same = |exchange: &&Exchange| {
            Order::of(&exchange.command) == kind
                && (kind != Order::ReadRecord || exchange.command == command)
        };
        let mut overheard = self.pool.iter().filter(same);
        let place = usize::try_from(number.saturating_sub(1)).ok()?;
        overheard.nth(place).and_then(|exchange| exchange.answer.clone())
    }

    /// What passed so far, as the reader saw it, PIN entry included.
    pub fn tape(&self) -> &[Exchange] {
        &self.tape
    }

    /// Places of the rules that never made a difference, from 1.
    pub fn idle(&self) -> Vec<usize> {
        let places = (1..).zip(&self.rules);
        places.filter(|(_, acting)| !acting.acted).map(|(place, _)| place).collect()
    }
}

impl Acting {
    /// The rule with the number of its command among those it watches, if it acts.
    fn take(&mut self, command: &[u8]) -> Option<(Rule, u32)> {
        if !self.rule.watches(command) {
            return None;
        }
        self.came += 1;
        self.rule.acts(self.came).then(|| (self.rule.clone(), self.came))
    }
}

#[cfg(test)]
mod tests;
