//! Whose application an identifier names: for people, not for decisions.

/// Scheme and product of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApplicationName {
    /// Who registered the provider identifier.
    pub scheme: &'static str,
    /// The scheme's product, where the identifier goes on as one that is known.
    pub product: Option<&'static str>,
}

/// The name of an application by its identifier (AID, 5 to 16 bytes); `None` for a provider that
/// is not known.
pub fn application_name(aid: &[u8]) -> Option<ApplicationName> {
    let (rid, rest) = aid.split_first_chunk()?;
    let (_, scheme, products) = SCHEMES.iter().find(|(known, ..)| known == rid)?;
    let product = products.iter().find(|(extension, _)| rest.starts_with(extension));
    Some(ApplicationName { scheme, product: product.map(|(_, product)| *product) })
}

/// What follows the provider identifier, with the product that it stands for.
type Products = &'static [(&'static [u8], &'static str)];

/// Providers with their products.
const SCHEMES: &[([u8; 5], &str, Products)] = &[
    (
        [0xA0, 0x00, 0x00, 0x00, 0x03],
        "Visa",
        &[
            (&[0x10, 0x10], "Credit or Debit"),
            (&[0x20, 0x10], "Electron"),
            (&[0x20, 0x20], "V PAY"),
            (&[0x80, 0x10], "Plus"),
        ],
    ),
    ([0xA0, 0x00, 0x00, 0x00, 0x98], "Visa", &[(&[0x08, 0x40], "US Debit")]),
    (
        [0xA0, 0x00, 0x00, 0x00, 0x04],
        "Mastercard",
        &[
            (&[0x10, 0x10], "Credit or Debit"),
            (&[0x22, 0x03], "US Debit"),
            (&[0x30, 0x60], "Maestro"),
            (&[0x60, 0x00], "Cirrus"),
        ],
    ),
    ([0xA0, 0x00, 0x00, 0x00, 0x05], "Mastercard", &[(&[0x00, 0x01], "Maestro UK")]),
    ([0xA0, 0x00, 0x00, 0x00, 0x25], "American Express", &[(&[0x01], "Credit or Debit")]),
    ([0xA0, 0x00, 0x00, 0x00, 0x29], "LINK", &[]),
    (
        [0xA0, 0x00, 0x00, 0x00, 0x42],
        "Cartes Bancaires",
        &[(&[0x10, 0x10], "Credit or Debit"), (&[0x20, 0x10], "Debit")],
    ),
    ([0xA0, 0x00, 0x00, 0x00, 0x65], "JCB", &[]),
    ([0xA0, 0x00, 0x00, 0x01, 0x21], "Dankort", &[(&[0x10, 0x10], "Visa/Dankort")]),
    ([0xA0, 0x00, 0x00, 0x01, 0x41], "Bancomat", &[]),
    (
        [0xA0, 0x00, 0x00, 0x01, 0x52],
        "Discover",
        &[(&[0x30, 0x10], "D-PAS"), (&[0x40, 0x10], "US Debit")],
    ),
    ([0xA0, 0x00, 0x00, 0x02, 0x77], "Interac", &[(&[0x10, 0x10], "Debit")]),
    ([0xA0, 0x00, 0x00, 0x03, 0x24], "Discover", &[(&[0x10, 0x10], "Zip")]),
    (
        [0xA0, 0x00, 0x00, 0x03, 0x33],
        "UnionPay",
        &[
            (&[0x01, 0x01, 0x01], "Debit"),
            (&[0x01, 0x01, 0x02], "Credit"),
            (&[0x01, 0x01, 0x03], "Quasi-credit"),
            (&[0x01, 0x01, 0x06], "Electronic Cash"),
            (&[0x01, 0x01, 0x08], "US Debit"),
        ],
    ),
    ([0xA0, 0x00, 0x00, 0x03, 0x37], "GIM-UEMOA", &[]),
    ([0xA0, 0x00, 0x00, 0x03, 0x59], "girocard", &[]),
    ([0xA0, 0x00, 0x00, 0x03, 0x84], "eftpos", &[(&[0x10], "Savings"), (&[0x20], "Cheque")]),
    ([0xA0, 0x00, 0x00, 0x05, 0x24], "RuPay", &[]),
    ([0xA0, 0x00, 0x00, 0x06, 0x58], "Mir", &[(&[0x10, 0x10], "Credit"), (&[0x20, 0x10], "Debit")]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn products_go_on_where_their_scheme_ends() {
        let name = |hex: &str| {
            let name = application_name(&hex::decode(hex).unwrap());
            name.map(|name| (name.scheme, name.product))
        };
        assert_eq!(name("A0000000031010"), Some(("Visa", Some("Credit or Debit"))));
        assert_eq!(name("A000000003101099"), Some(("Visa", Some("Credit or Debit"))));
        assert_eq!(name("A000000333010101"), Some(("UnionPay", Some("Debit"))));
        assert_eq!(name("A0000000039999"), Some(("Visa", None)));
        assert_eq!(name("A000000003"), Some(("Visa", None)));
        assert_eq!(name("A000000999"), None);
        assert_eq!(name("A0000000"), None);
    }

    #[test]
    fn no_provider_is_there_twice() {
        let providers: BTreeSet<_> = SCHEMES.iter().map(|(rid, ..)| rid).collect();
        assert_eq!(providers.len(), SCHEMES.len());
    }
}
