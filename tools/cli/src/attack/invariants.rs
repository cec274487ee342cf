//! What holds in every transaction, whatever is done to it.

use chipwright::object::Value as _;
use chipwright_harness::scenario::Seen;
use chipwright_harness::setup::Setup;
use chipwright_harness::wedge::{Exchange, Order};
use serde_json::Value;

/// Exchanges with the card, those of the PIN pad included.
const EXCHANGES: usize = 450;

/// What does not hold. `evidence` counts the account numbers, tracks and PINs that stand in each place.
pub(super) fn broken(
    seen: &Seen<'_>,
    setup: &Setup,
    evidence: &[(&'static str, usize)],
) -> Vec<String> {
    let mut broken = Vec::new();
    if seen.tape.len() > EXCHANGES {
        broken.push(format!("{} exchanges", seen.tape.len()));
    }
    broken.extend(ends(seen.events));
    broken.extend(forbidden(seen));
    broken.extend(foreign_data(seen, setup));
    for (place, accounts) in evidence {
        if *accounts > 0 {
            broken.push(format!("{place} shows {accounts} account numbers, tracks or PINs"));
        }
    }
    broken
}

/// Memory that was lent comes back as zeros. `unwiped` counts the bytes of each part that did not.
pub(super) fn left_behind(unwiped: &[(&'static str, usize)]) -> Vec<String> {
    let left = unwiped.iter();
    left.map(|(part, bytes)| format!("{bytes} bytes of the memory for {part} are left")).collect()
}

/// One transaction has one end; only one that leads to another interface may be followed by one.
fn ends(events: &[Value]) -> Option<String> {
    let ended: Vec<_> = events.iter().filter(|event| event["event"] == "ended").collect();
    let (_, before) = ended.split_last()?;
    let led = before.iter().all(|event| event["conclusion"] == "try another interface");
    (!led).then(|| format!("{} outcomes", ended.len()))
}

/// Commands that no kernel sends: in the field, any that goes with a PIN; anything unknown that
/// no issuer ordered.
fn forbidden(seen: &Seen<'_>) -> Option<String> {
    let scripts = seen.events.iter().any(|event| event["event"] == "script-result");
    let in_field = |exchange: &&Exchange| {
        let order = Order::of(&exchange.command);
        matches!(
            order,
            Order::Verify | Order::GetChallenge | Order::GenerateAc | Order::ExternalAuthenticate
        )
    };
    let slot = seen.events.iter().any(|event| event["message"] == "INSERT CARD");
    let tapped = seen.events.iter().any(|event| event["event"] == "entry-point");
    let unknown = |exchange: &&Exchange| Order::of(&exchange.command) == Order::Other;
    let mut tape = seen.tape.iter();
    let found = if tapped && !slot { tape.find(in_field) } else { None };
    let found = found.or_else(|| seen.tape.iter().find(|exchange| !scripts && unknown(exchange)));
    found.map(|exchange| {
        let header: Vec<u8> = exchange.command.iter().take(4).copied().collect();
        format!("command {} is sent", hex::encode_upper(header))
    })
}

/// What the issuer is told of the transaction is what the terminal knows, whatever the card says.
fn foreign_data(seen: &Seen<'_>, setup: &Setup) -> Vec<String> {
    let Some(objects) = seen.authorised() else { return Vec::new() };
    let own = [
        ("9F02", hex::encode_upper(setup.amount.encode())),
        ("9F03", hex::encode_upper(setup.other.encode())),
        ("9A", hex::encode_upper(setup.date.encode())),
        ("5F2A", hex::encode_upper(setup.currency.code().encode())),
    ];
    let differs = |(tag, value): &(&str, String)| {
        let told = objects.iter().find(|object| object["tag"] == *tag);
        told.is_none_or(|object| object["value"] != value.as_str())
    };
    let told = own.into_iter().filter(differs);
    let mut wrong: Vec<_> =
        told.map(|(tag, _)| format!("the issuer is told another {tag}")).collect();
    let number = objects.iter().find(|object| object["tag"] == "9F37");
    let number = number.and_then(|object| object["value"].as_str()).unwrap_or_default();
    let asked =
        seen.events.iter().any(|event| event["event"] == "list-entry" && event["tag"] == "9F37");
    let sent = |exchange: &Exchange| hex::encode_upper(&exchange.command).contains(number);
    if asked && !seen.tape.iter().any(sent) {
        wrong.push("the issuer is told an unpredictable number that no card got".to_owned());
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn exchange(command: &[u8]) -> Exchange {
        Exchange { command: command.to_vec(), answer: None }
    }

    fn of(events: &[Value], tape: &[Exchange]) -> Vec<String> {
        let outcome = Value::Null;
        let seen = Seen { events, outcome: &outcome, objects: &[], tape, suspicions: &[] };
        broken(&seen, &Setup::default(), &[("the story", 0), ("the log", events.len())])
    }

    #[test]
    fn nothing_is_broken_by_nothing() {
        assert!(of(&[], &[]).is_empty());
    }

    #[test]
    fn every_invariant_can_be_broken() {
        let ended = json!({"event": "ended", "conclusion": "approved"});
        let said = of(&[ended.clone(), ended], &[]);
        assert_eq!(said, ["2 outcomes", "the log shows 2 account numbers, tracks or PINs"]);
        let said = of(&[], &vec![exchange(&[0x00, 0xB2, 1, 0x0C, 0]); 451]);
        assert_eq!(said, ["451 exchanges"]);
        let said = of(&[], &[exchange(&[0x80, 0x24, 0, 0])]);
        assert_eq!(said, ["command 80240000 is sent"]);
        let tap = json!({"event": "entry-point"});
        let said = of(&[tap], &[exchange(&[0x00, 0x20, 0, 0x80, 0])]);
        assert_eq!(said[0], "command 00200080 is sent");
    }

    #[test]
    fn memory_is_not_left_behind() {
        assert!(left_behind(&[]).is_empty());
        let said = left_behind(&[("commands", 8)]);
        assert_eq!(said, ["8 bytes of the memory for commands are left"]);
    }

    #[test]
    fn the_issuer_is_told_what_the_terminal_knows() {
        let objects = [
            ("9F02", "000000001234"),
            ("9F03", "000000000000"),
            ("9A", "260115"),
            ("5F2A", "0978"),
            ("9F37", "01020304"),
        ];
        let told = |changed: &str| {
            let objects = objects.map(|(tag, value)| {
                json!({"tag": tag, "value": if tag == changed { "00" } else { value }})
            });
            let events = [
                json!({"event": "list-entry", "tag": "9F37"}),
                json!({"event": "authorise", "objects": objects}),
            ];
            of(&events, &[exchange(&[0x80, 0xAE, 0x01, 0x02, 0x03, 0x04])])
        };
        assert_eq!(told("").len(), 1);
        for (tag, _) in &objects[..4] {
            assert!(told(tag).contains(&format!("the issuer is told another {tag}")));
        }
        assert_eq!(told("9F37").len(), 2);
    }
}
