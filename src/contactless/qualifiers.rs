//! Terminal Transaction Qualifiers: what reader and transaction want of the card. [A 5.7]

use crate::field::bits;

bits! {
    /// Terminal Transaction Qualifiers (9F66), 4 bytes. [A 5.7]
    ///
    /// Byte 2, bits 8 and 7 hold for one transaction: pre-processing sets them.
    pub struct TerminalTransactionQualifiers([u8; 4]) {
        [1:8] MAGNETIC_STRIPE_MODE "contactless magnetic stripe mode",
        [1:7] FULL_CONTACTLESS "full debit/credit over contactless (C-7; elsewhere RFU)",
        [1:6] EMV_MODE "contactless EMV mode",
        [1:5] CONTACT_CHIP "EMV contact chip",
        [1:4] OFFLINE_ONLY "offline-only reader",
        [1:3] ONLINE_PIN "online PIN",
        [1:2] SIGNATURE "signature",
        [1:1] ODA_FOR_ONLINE_AUTHORISATIONS "offline data authentication for online authorisations",
        [2:8] ONLINE_CRYPTOGRAM_REQUIRED "online cryptogram required",
        [2:7] CVM_REQUIRED "CVM required",
        [2:6] CONTACT_CHIP_OFFLINE_PIN "contact chip offline PIN",
        [3:8] ISSUER_UPDATE_PROCESSING "issuer update processing",
        [3:7] CONSUMER_DEVICE_CVM "consumer device CVM",
        [4:8] FDDA_VERSION_1 "fDDA version 01",
    }
}
