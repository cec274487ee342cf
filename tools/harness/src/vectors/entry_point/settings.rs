//! Readers and cards of the cases.

use super::super::node::{Node, decode, unreadable};
use super::super::report::Problem;
use chipwright::config::TransactionType;
use chipwright::contactless::{KernelId, TerminalTransactionQualifiers};
use chipwright::value::Amount;
use chipwright_entry_point::Combination;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The files that the cases refer to.
pub(in super::super) struct Settings {
    terminals: Value,
    pub(super) cards: Value,
}

impl Settings {
    /// Reads the settings that lie in the same folder as the cases.
    pub(in super::super) fn beside(folder: Option<&Path>) -> Result<Self, Problem> {
        let folder = folder.ok_or(Problem::Malformed("settings are missing".to_owned()))?;
        let read = |name: &str| {
            let malformed = |what: String| Problem::Malformed(format!("{name}: {what}"));
            let text = fs::read_to_string(folder.join(name));
            let text = text.map_err(|error| malformed(error.to_string()))?;
            serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))
        };
        Ok(Self { terminals: read("terminal-settings.json")?, cards: read("card-settings.json")? })
    }

    pub(super) fn terminal(&self, name: &str) -> Result<Node<'_>, Problem> {
        named(&self.terminals, name)
    }

    pub(super) fn card(&self, name: &str) -> Result<Node<'_>, Problem> {
        named(&self.cards, name)
    }

    /// What a kernel answers when everything that was scripted was said.
    pub(super) fn last_answer(&self) -> Result<Vec<u8>, Problem> {
        answer(
            Node(&self.cards).at("defaults.kernel_outcome_after_last")?,
            "gpo_response",
            "gpo_sw",
        )
    }

    /// Data of the terminal, by tag.
    pub(super) fn terminal_data(&self, tag: &str) -> Result<Vec<u8>, Problem> {
        Node(&self.terminals).at("terminal_data")?.at(tag)?.hex("value")
    }
}

/// A setting by its name, in which there may be dots.
fn named<'s>(file: &'s Value, name: &str) -> Result<Node<'s>, Problem> {
    let settings = Node(file).at("settings")?;
    settings.0.get(name).map(Node).ok_or_else(|| unreadable(name, "is missing"))
}

/// An answer with its status word.
pub(super) fn answer(node: Node<'_>, data: &str, status: &str) -> Result<Vec<u8>, Problem> {
    Ok([node.hex(data)?, node.hex(status)?].concat())
}

/// What a combination owns, so that one can be made of it.
pub(super) struct Configured {
    aid: Vec<u8>,
    kernel: KernelId,
    flags: [Option<bool>; 3],
    limits: [Option<u64>; 4],
    qualifiers: Option<TerminalTransactionQualifiers>,
}

impl Configured {
    /// The combinations of a terminal for a type of transaction (9C).
    pub(super) fn all(terminal: Node<'_>, type_code: &str) -> Result<Vec<Self>, Problem> {
        let mut all = Vec::new();
        for set in terminal.list("combination_sets")? {
            let mut types = set.list("transaction_types")?;
            if types.any(|kind| kind.text("code") == Ok(type_code)) {
                for combination in set.list("combinations")? {
                    all.push(Self::read(combination, set.at("configuration")?)?);
                }
            }
        }
        Ok(all)
    }

    fn read(combination: Node<'_>, configuration: Node<'_>) -> Result<Self, Problem> {
        let flag = |name| configuration.find(name).map(|_| configuration.flag(name)).transpose();
        let limit = |name| configuration.find(name).map(|_| configuration.number(name)).transpose();
        let qualifiers = configuration.find("ttq").map(|_| configuration.array("ttq"));
        Ok(Self {
            aid: combination.hex("aid")?,
            kernel: kernel(combination.text("kernel_id")?)?,
            flags: [
                flag("status_check_support")?,
                flag("zero_amount_allowed")?,
                flag("extended_selection_support")?,
            ],
            limits: [
                limit("reader_contactless_transaction_limit")?,
                limit("reader_contactless_floor_limit")?,
                limit("reader_cvm_required_limit")?,
                limit("terminal_floor_limit")?,
            ],
            qualifiers: qualifiers.transpose()?.map(TerminalTransactionQualifiers),
        })
    }

    pub(super) fn combination(&self) -> Combination<'_> {
        let [status_check, zero_amount_allowed, extended_selection] = self.flags;
        let [transaction_limit, floor_limit, cvm_required_limit, terminal_floor_limit] =
            self.limits;
        Combination {
            status_check,
            zero_amount_allowed,
            extended_selection,
            transaction_limit: transaction_limit.and_then(Amount::new),
            floor_limit: floor_limit.and_then(Amount::new),
            cvm_required_limit: cvm_required_limit.and_then(Amount::new),
            terminal_floor_limit: terminal_floor_limit.and_then(|limit| limit.try_into().ok()),
            qualifiers: self.qualifiers,
            ..Combination::new(&self.aid, self.kernel)
        }
    }
}

/// A kernel by its identifier, of one byte or three.
pub(super) fn kernel(text: &str) -> Result<KernelId, Problem> {
    match decode(text, "kernel_id")?[..] {
        [number] => Ok(KernelId::new(number)),
        [first, second, third] => Ok(KernelId([first, second, third])),
        _ => Err(unreadable("kernel_id", "has neither one byte nor three")),
    }
}

/// A type of transaction by its code.
pub(super) fn transaction_type(code: &str) -> Result<TransactionType, Problem> {
    Ok(match code {
        "00" => TransactionType::Purchase,
        "01" => TransactionType::ManualCash,
        "09" => TransactionType::Cashback,
        "20" => TransactionType::Refund,
        _ => return Err(unreadable("type_code", "is none that is known")),
    })
}
