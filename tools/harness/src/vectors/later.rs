//! Kinds of vectors that are known and not run yet.

use super::report::Area;

/// Who owns a kind; `None` when nothing here knows it.
pub(super) fn owner(category: &str, kind: &str) -> Option<Area> {
    let (_, area, kinds) = KINDS.iter().find(|(name, ..)| *name == category)?;
    kinds.contains(&kind).then_some(*area)
}

const KINDS: &[(&str, Area, &[&str])] = &[
    (
        "sm",
        Area::Contactless,
        &[
            "pboc_sm2_icc_certificate",
            "pboc_sm2_issuer_certificate",
            "pboc_sm2_signed_static_data",
            "sm2_sign",
            "sm2_verify",
            "sm3_hash",
            "sm4_block",
            "sm4_block_iterated",
        ],
    ),
    (
        "dukpt",
        Area::PinPad,
        &[
            "aes_initial_key",
            "aes_transaction_keys",
            "aes_transaction_macs_and_data",
            "tdes_transaction_keys",
        ],
    ),
    (
        "pinblock",
        Area::PinPad,
        &[
            "decipher",
            "decipher_reject",
            "decode",
            "decode_reject",
            "encipher",
            "encode",
            "encode_pan_field",
            "encode_pin_field_prefix",
            "encode_reject",
        ],
    ),
    ("ecc", Area::Ecc, &["ec_sdsa_full", "ec_sdsa_x_only"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_owns_is_unknown() {
        assert_eq!(owner("ecc", "ec_sdsa_full"), Some(Area::Ecc));
        assert_eq!(owner("ecc", "sm3_hash"), None);
        assert_eq!(owner("tarot", "ec_sdsa_full"), None);
        assert_eq!(owner("dukpt", ""), None);
    }
}
