//! T=0: whatever procedure bytes and status words a card answers, commands are whole, exchanges are
//! bounded, and an answer has its status word.

#![no_main]

use chipwright::session::LinkError;
use chipwright_fuzz::script::Script;
use chipwright_harness::device::CardChannel;
use chipwright_harness::t0::{Line, Procedure, T0};
use libfuzzer_sys::fuzz_target;
use std::cell::Cell;

/// More than any command takes.
const LIMIT: usize = 16 * 602;

struct Replies<'s> {
    script: Script<'s>,
    count: &'s Cell<usize>,
}

impl Replies<'_> {
    fn reply(&mut self) -> Result<Vec<u8>, LinkError> {
        self.count.set(self.count.get() + 1);
        assert!(self.count.get() <= LIMIT, "endless");
        match self.script.byte() {
            None | Some(0xFF) => Err(LinkError::Timeout),
            Some(length) => Ok(self.script.bytes(length.into()).to_vec()),
        }
    }
}

impl Line for Replies<'_> {
    fn exchange(&mut self, bytes: &[u8]) -> Result<Vec<u8>, LinkError> {
        assert!(bytes.len() <= 255);
        self.reply()
    }
}

/// Command by command.
struct Whole<'s>(Replies<'s>);

impl CardChannel for Whole<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        assert!(matches!(command.len(), 4..=261));
        self.0.reply()
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut script = Script::new(bytes);
    let length = script.byte().unwrap_or_default();
    let command = script.bytes(length.into()).to_vec();
    let count = Cell::new(0);
    let mut line = T0::new(Procedure::new(Replies { script: script.clone(), count: &count }));
    if let Ok(answer) = line.transmit(&command) {
        assert!(answer.len() >= 2 && (4..=261).contains(&command.len()));
    }
    if (4..=261).contains(&command.len()) {
        count.set(0);
        _ = T0::new(Whole(Replies { script, count: &count })).transmit(&command);
        assert!(count.get() <= 16);
    }
});
