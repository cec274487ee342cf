//! Bytes in words: commands, answers and strings of data objects are told, and no account number
//! with them.

#![no_main]

use chipwright::tag::Tag;
use chipwright_harness::describe::{
    Context, Node, Secrets, answer, answer_to_reset, answer_to_select, command, list_values, tree,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((ins, rest)) = bytes.split_first() else {
        return;
    };
    _ = answer_to_reset(bytes);
    _ = answer_to_select(bytes);
    let context = Context::default();
    if bytes.len() >= 4 {
        let told = command(bytes);
        assert!(list_values(&told).len() <= bytes.len());
    }
    for nodes in [tree(rest, context), answer(*ins, rest, context)] {
        match nodes {
            Ok(nodes) => nodes.iter().for_each(|node| told(node, rest)),
            Err(error) => assert!(error.offset <= rest.len()),
        }
    }
    let mut secrets = Secrets::default();
    secrets.learn(rest);
    secrets.learn_object(Tag(0x5A), rest);
    let shown: Vec<String> = secrets.numbers().map(str::to_owned).collect();
    for number in shown {
        assert!(!secrets.hide(&format!("<{number}>")).contains(&number), "{number}");
    }
});

fn told(node: &Node, bytes: &[u8]) {
    assert!(node.offset <= bytes.len());
    node.children.iter().for_each(|child| told(child, bytes));
}
