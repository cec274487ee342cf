//! Records that a profile lays out itself.

use serde::Deserialize;

use super::Hex;

/// A record: either the tags that it holds, or all of its bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Short file identifier, 1 to 30.
    pub sfi: u8,
    /// Record number, from 1.
    pub number: u8,
    /// Whether the record is among the static data that the issuer signed.
    #[serde(default)]
    pub signed: bool,
    /// Whether the Application File Locator leads to the record.
    #[serde(default = "super::yes")]
    pub located: bool,
    /// Tags of data objects, in order.
    pub tags: Option<Vec<Hex>>,
    /// The whole record, template and all.
    pub data: Option<Hex>,
}
