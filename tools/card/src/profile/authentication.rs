//! Offline data authentication: methods, keys and certificates.

use serde::Deserialize;

use super::{Hex, Month};

/// A method of offline data authentication. [B2 5, 6]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Static.
    Sda,
    /// Dynamic.
    Dda,
    /// Dynamic, combined with the application cryptogram.
    Cda,
}

/// Keys are named; they come from the profile or from `test-vectors/keys`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Authentication {
    /// What the card supports; nothing makes a card without certificates.
    pub methods: Vec<Method>,
    /// Key of the certification authority, which signs the issuer's.
    pub ca_key: String,
    /// Key of the issuer, which signs the card's and its static data.
    pub issuer_key: String,
    /// Key of the card, for DDA and CDA.
    pub icc_key: String,
    /// Key of the card for enciphered PINs alone; without it the card's key serves.
    pub pin_key: Option<String>,
    /// Month to whose end the certificates are valid.
    pub certificate_expiry: Month,
    /// Serial number of the certificates: 3 bytes.
    pub certificate_serial: Hex,
    /// Whether the signed data end with the AIP, as the Static Data Authentication Tag List
    /// (9F4A) says.
    pub sign_aip: bool,
    /// Dynamic data object list (9F49); empty for the terminal's default.
    pub ddol: Hex,
    /// Length of the ICC Dynamic Number (9F4C): 2 to 8 bytes.
    pub dynamic_number_length: u8,
    /// Data Authentication Code (9F45): 2 bytes, for SDA.
    pub data_authentication_code: Hex,
    /// Whether signatures of static and dynamic data are wrong, as those of a copied card.
    pub forged: bool,
}

impl Default for Authentication {
    fn default() -> Self {
        Self {
            methods: Vec::new(),
            ca_key: "ca-1984-e3".to_owned(),
            issuer_key: "issuer-1408-e3".to_owned(),
            icc_key: "icc-1152-e3".to_owned(),
            pin_key: None,
            certificate_expiry: Month([0x12, 0x49]),
            certificate_serial: Hex(vec![0x00, 0x00, 0x01]),
            sign_aip: true,
            ddol: Hex(vec![0x9F, 0x37, 0x04]),
            dynamic_number_length: 8,
            data_authentication_code: Hex(vec![0xDA, 0xC1]),
            forged: false,
        }
    }
}

impl Authentication {
    /// Whether the card signs dynamic data.
    pub fn is_dynamic(&self) -> bool {
        self.methods.iter().any(|method| matches!(method, Method::Dda | Method::Cda))
    }
}
