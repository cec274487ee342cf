//! The signature of fast DDA, which comes with the answer to GET PROCESSING OPTIONS.

use super::transcript::Visited;
use crate::vectors::application;
use crate::vectors::chain::{Chain, Dynamic, tags};
use crate::vectors::node::{self, Node, unreadable};
use crate::vectors::report::Problem;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::tag::Tag;

/// The signature that an application is expected to have given, over the objects that the vector
/// lists: of the terminal as the filled PDOL has them, of the card as its records do.
pub(super) fn signature(
    expected: Node<'_>,
    visited: &Visited,
    chain: &Chain,
) -> Result<Option<Dynamic>, Problem> {
    let Some(fast) = expected.find("fdda") else {
        return Ok(None);
    };
    let sent = visited.options_sent()?;
    let mut data = Vec::new();
    for tag in fast.text("dynamic_data_composition")?.split(' ') {
        let tag: Tag = node::tag(tag)?;
        let sent = sent.iter().find(|(other, _)| *other == tag).map(|(_, value)| *value);
        let value = sent.or_else(|| application::object(&chain.given, tag));
        let value = value.ok_or_else(|| unreadable(&tag.to_string(), "is neither's"))?;
        data.extend_from_slice(value);
    }
    let mut memory = [0; DATABASE_LENGTH];
    let mut objects = Database::new(&mut memory);
    chain.store(&mut objects)?;
    let signature = objects.bytes(tags::DYNAMIC_SIGNATURE);
    let signature = signature.ok_or_else(|| unreadable("9F4B", "is missing"))?.to_vec();
    Ok(Some(Dynamic { signature, data, combined: None, fast: true }))
}
