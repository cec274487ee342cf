//! Counts, and the table of them.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use crate::case::Case;
use crate::compare::{Difference, Subject};
use crate::feature::features;
use crate::observation::{GET_DATA, Observation, SELECT};
use crate::rule::Class;
use crate::verdict::Verdict;

/// Unexplained cases that are kept to be shown.
const SHOWN: usize = 5;

/// What a run of cases came to.
#[derive(Debug, Default)]
pub(crate) struct Report {
    cards: usize,
    /// Cards for which both kernels do the same, to the byte of every list.
    alike: usize,
    /// Cards for which they come to the same and fill lists differently.
    alike_but_for_lists: usize,
    hits: BTreeMap<(&'static str, &'static str), usize>,
    classes: BTreeMap<Class, usize>,
    subjects: BTreeMap<&'static str, usize>,
    commands: BTreeMap<&'static str, usize>,
    unexplained: usize,
    shown: Vec<String>,
}

impl Report {
    pub(crate) fn add(&mut self, case: &Case, verdict: &Verdict) {
        self.cards += 1;
        let Verdict { ours, peer, differences, classes, unexplained } = verdict;
        let listed = |difference: &Difference| matches!(difference.subject, Subject::Listed(..));
        self.alike += usize::from(differences.is_empty());
        self.alike_but_for_lists +=
            usize::from(!differences.is_empty() && differences.iter().all(listed));
        for (group, name, met) in features() {
            *self.hits.entry((group, name)).or_default() += usize::from(met(case, ours));
        }
        for class in classes {
            *self.classes.entry(*class).or_default() += 1;
        }
        let subjects: BTreeSet<&str> = differences.iter().map(|one| one.subject.kind()).collect();
        for subject in subjects {
            *self.subjects.entry(subject).or_default() += 1;
        }
        *self.commands.entry(commands(ours, peer)).or_default() += 1;
        if !unexplained.is_empty() {
            self.unexplained += 1;
            self.shown.push(show(case, verdict));
            self.shown.truncate(SHOWN);
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.cards += other.cards;
        self.alike += other.alike;
        self.alike_but_for_lists += other.alike_but_for_lists;
        self.unexplained += other.unexplained;
        merge(&mut self.hits, other.hits);
        merge(&mut self.classes, other.classes);
        merge(&mut self.subjects, other.subjects);
        merge(&mut self.commands, other.commands);
        self.shown.extend(other.shown);
        self.shown.truncate(SHOWN);
    }

    /// Features that no case met.
    pub(crate) fn missed(&self) -> Vec<(&'static str, &'static str)> {
        self.hits.iter().filter(|(_, hits)| **hits == 0).map(|(feature, _)| *feature).collect()
    }

    /// Cards for which nothing known explains a difference.
    pub(crate) const fn unexplained(&self) -> usize {
        self.unexplained
    }
}

/// A case that nothing explains, whole.
pub(crate) fn show(case: &Case, verdict: &Verdict) -> String {
    let mut text = format!("case {} of seed {}\n", case.number, case.seed);
    text.push_str(&case.profile());
    text.push_str(&format!("\n{:X?}\n{:?}\n", case.terminal, case.business));
    text.push_str(&format!("{:?}\n{:X?}\n", case.cardholder, case.issuer));
    for (name, one) in [("ours", &verdict.ours), ("peer", &verdict.peer)] {
        text.push_str(&format!("{name}: {:?} {}\n", one.ending, one.end));
        for exchange in &one.exchanges {
            let [command, answer] = [&exchange.command, &exchange.answer].map(hex::encode_upper);
            text.push_str(&format!("  {command} -> {answer}\n"));
        }
    }
    for (class, section) in &verdict.classes {
        text.push_str(&format!("explained by {class} [{section}]\n"));
    }
    for difference in &verdict.differences {
        text.push_str(&format!("{difference}\n"));
    }
    text
}

/// How the commands of both compare. What stands in them is compared elsewhere.
fn commands(ours: &Observation, peer: &Observation) -> &'static str {
    let sequence = |one: &Observation, ignored: fn(&[u8; 4]) -> bool| -> Vec<[u8; 4]> {
        let headers = one.exchanges.iter().filter_map(|one| one.command.first_chunk().copied());
        headers.filter(|header| !ignored(header)).collect()
    };
    let same = |ignored| sequence(ours, ignored) == sequence(peer, ignored);
    if same(|_| false) {
        "the same"
    } else if same(|[_, instruction, ..]| *instruction == GET_DATA) {
        "the same but for GET DATA"
    } else if same(|[_, instruction, _, p2]| match *instruction {
        SELECT => *p2 == 0x02,
        instruction => instruction == GET_DATA,
    }) {
        "the same but for GET DATA and SELECT of the next occurrence"
    } else {
        "others, because what was found before differs"
    }
}

fn merge<K: Ord>(counts: &mut BTreeMap<K, usize>, others: BTreeMap<K, usize>) {
    for (key, count) in others {
        *counts.entry(key).or_default() += count;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>7}  cards", self.cards)?;
        writeln!(f, "{:>7}  alike, to the byte of every list", self.alike)?;
        writeln!(f, "{:>7}  alike but for what lists are filled with", self.alike_but_for_lists)?;
        let explained = self.cards - self.alike - self.alike_but_for_lists - self.unexplained;
        writeln!(f, "{explained:>7}  different, explained")?;
        writeln!(f, "{:>7}  different, unexplained", self.unexplained)?;
        writeln!(f, "\nfeatures")?;
        for (group, name, _) in features() {
            let hits = self.hits.get(&(group, name)).copied().unwrap_or_default();
            writeln!(f, "{hits:>7}  {group}: {name}")?;
        }
        writeln!(f, "\nclasses of differences, by cards")?;
        for ((class, section), count) in &self.classes {
            writeln!(f, "{count:>7}  {class} [{section}]")?;
        }
        writeln!(f, "\nwhat differs, by cards")?;
        for (subject, count) in &self.subjects {
            writeln!(f, "{count:>7}  {subject}")?;
        }
        writeln!(f, "\ncommands, by cards")?;
        for (how, count) in &self.commands {
            writeln!(f, "{count:>7}  {how}")?;
        }
        for case in &self.shown {
            writeln!(f, "\nunexplained: {case}")?;
        }
        Ok(())
    }
}
