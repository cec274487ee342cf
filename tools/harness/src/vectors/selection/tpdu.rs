//! T=0: procedure bytes, and what waits for GET RESPONSE. [B1 9]

use super::card::Script;
use crate::device::CardChannel;
use crate::t0::{Procedure, T0};
use crate::vectors::node::{Node, unreadable};
use crate::vectors::report::Problem;

/// Sends the command that the exchanges are about; its answer is the expected one, with or
/// without the status word that says that it is one.
pub(super) fn check(vector: Node<'_>) -> Result<(), Problem> {
    let command = command(vector)?;
    let mut card = T0::new(Procedure::new(Script::read(vector, "inputs.tpdu_exchanges")?));
    let answer = card.transmit(&command);
    let script = card.card().line();
    script.agrees()?;
    Problem::compare("exchanges left", 0, script.left())?;
    let answer = answer.map_err(|error| Problem::differs("answer", "one", format!("{error:?}")))?;
    let expected = vector.hex("expected.response")?;
    let data = match answer[..] {
        [ref data @ .., 0x90 | 0x62 | 0x63, _] if !data.is_empty() => data,
        _ => &answer,
    };
    Problem::compare_bytes("response", &expected, data)
}

/// The command, by its case: whether it has data, and whether it asks for any. The exchanges have
/// its header with P3, and its data unless the card refused before.
fn command(vector: Node<'_>) -> Result<Vec<u8>, Problem> {
    let header: [u8; 5] = first(vector)?.array("c")?;
    let [cla, ins, p1, p2, p3] = header;
    let exchanges: Vec<_> = vector.list("inputs.tpdu_exchanges")?.collect();
    let data = match exchanges.get(1) {
        Some(exchange) => exchange.hex("c")?,
        None => vec![0; p3.into()],
    };
    let title = vector.text("title")?;
    let case = title.split_once("case ").and_then(|(_, case)| case.chars().next());
    Ok(match case {
        Some('1') => vec![cla, ins, p1, p2],
        Some('2') => header.to_vec(),
        Some('3') => [&header[..], &data].concat(),
        Some('4') => [&header[..], &data, &[0x00]].concat(),
        _ => return Err(unreadable("title", "names no case of commands")),
    })
}

fn first(vector: Node<'_>) -> Result<Node<'_>, Problem> {
    let first = vector.list("inputs.tpdu_exchanges")?.next();
    first.ok_or_else(|| unreadable("inputs.tpdu_exchanges", "has none"))
}
