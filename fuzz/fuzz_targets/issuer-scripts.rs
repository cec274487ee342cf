//! Issuer scripts: what goes to the card is what the issuer sent, piece by piece.

#![no_main]

use chipwright::field::TerminalVerificationResults as Tvr;
use chipwright::script::{Moment, Script, Step, result};
use chipwright_fuzz::invariant::lies_in;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|received: &[u8]| {
    for moment in [Moment::BeforeFinalCryptogram, Moment::AfterFinalCryptogram] {
        let mut number = 0;
        while let Some(script) = Script::nth(received, moment, number) {
            walk(&script, received);
            let Some(next) = number.checked_add(1) else { break };
            number = next;
        }
        assert_ne!(moment.failed().bits(), Tvr::default(), "a failure is told");
        // There are no gaps.
        let last = Script::nth(received, moment, u8::MAX);
        assert!(last.is_none() || number == u8::MAX);
    }
});

fn walk(script: &Script<'_>, received: &[u8]) {
    let identifier = script.identifier();
    let (mut sent, mut at) = (0, 0);
    let failed = loop {
        match script.command(sent) {
            Step::Command(command) => {
                assert!(command.len() >= 4);
                let place = lies_in(command, received).expect("what the issuer sent");
                assert!(place >= at, "in the order of the issuer");
                at = place + command.len();
            }
            Step::End => break false,
            Step::Unreadable => break true,
        }
        let Some(next) = sent.checked_add(1) else { return };
        sent = next;
    };
    let behind = script.command(u8::MAX);
    assert!(matches!(behind, Step::End | Step::Unreadable), "nothing behind the end");
    let [what, rest @ ..] = result(sent, failed, identifier);
    assert_eq!(rest, identifier);
    assert_eq!(what >> 4, if !failed { 2 } else { u8::from(sent > 0) });
}
