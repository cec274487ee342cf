//! What a card does over the contactless interface: UnionPay QuickPass.

use serde::Deserialize;

use super::Hex;

/// An application that answers over contactless, in one go with GET PROCESSING OPTIONS.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuickPass {
    /// Which cryptogram the card gives.
    pub decision: Decision,
    /// Whether the answer has Cryptogram Information Data (9F27); others have the type in the
    /// Issuer Application Data alone.
    pub information: bool,
    /// Card Transaction Qualifiers (9F6C), 2 bytes; what the terminal requires comes on top.
    pub qualifiers: Hex,
    /// What the card asks for where the terminal requires cardholder verification.
    pub verification: Verified,
    /// Whether the card is a device that verifies its owner: the first tap is refused, and the
    /// second one comes verified.
    pub device: bool,
    /// What can be spent offline (9F5D), in minor units; any amount when left out.
    pub balance: Option<u64>,
    /// Whether records and signature come with an ARQC as well.
    pub online_records: bool,
    /// Version of the signature: 1, or 0, which covers the unpredictable number alone.
    pub signature_version: u8,
    /// What is wrong with the signature, if anything.
    pub broken: Option<Broken>,
    /// Card Additional Function Indicator (DF61), 1 byte, in the answer to SELECT.
    pub functions: Option<Hex>,
    /// Kernel Identifier (9F2A) in the directory.
    pub kernel_identifier: Option<Hex>,
}

impl Default for QuickPass {
    fn default() -> Self {
        Self {
            decision: Decision::default(),
            information: false,
            qualifiers: Hex(vec![0x00, 0x00]),
            verification: Verified::default(),
            device: false,
            balance: None,
            online_records: false,
            signature_version: 1,
            broken: None,
            functions: None,
            kernel_identifier: None,
        }
    }
}

/// The cryptogram of a contactless card.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// A TC where the terminal allows it, the balance does and the card can sign; or else an ARQC
    /// where the terminal can go online; or else an AAC.
    #[default]
    AsAsked,
    /// An ARQC.
    Arqc,
    /// An AAC.
    Aac,
    /// A TC, allowed or not: a card that breaks the rules.
    Tc,
    /// One of the reserved type.
    Reserved,
}

/// What a contactless card asks for where the terminal requires cardholder verification.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verified {
    /// Nothing.
    #[default]
    Nothing,
    /// An online PIN.
    OnlinePin,
    /// A signature.
    Signature,
}

/// What is wrong with a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Broken {
    /// It covers nothing of the transaction.
    Signature,
    /// It covers another unpredictable number.
    Number,
    /// It covers another amount.
    Amount,
    /// The related data (9F69) is a byte short.
    RelatedLength,
    /// The related data is of a version that nobody knows.
    Version,
    /// The related data says something else than the Card Transaction Qualifiers.
    Qualifiers,
    /// The certificate of the card's key is not the issuer's.
    Certificate,
}
