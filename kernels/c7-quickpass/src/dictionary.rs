//! Data objects of this kernel beside those of Books 1 to 4. [C7 2]

use crate::field::{AdditionalFunctions, CardTransactionQualifiers};
use chipwright::contactless::TerminalTransactionQualifiers;
use chipwright::dictionary::EMV;
use chipwright::object::Bytes;
use chipwright::objects;
use chipwright::value::Amount;

objects! {
    /// Data objects of this kernel, and behind them those of Books 1 to 4.
    ///
    /// The signature (9F4B) may stand in a record here. Related data (9F69) of a wrong length
    /// fails authentication and is no format error, so that it is stored whatever its length.
    pub static C7 beside EMV;

    SIGNED_DYNAMIC_APPLICATION_DATA = 0x9F4B, Bytes, B 0..=255, Card [Record Response], "Signed Dynamic Application Data";
    AVAILABLE_OFFLINE_AMOUNT = 0x9F5D, Amount, N 6..=6, Card [Record Response GetData], "Available Offline Spending Amount";
    PRODUCT_IDENTIFICATION_INFORMATION = 0x9F63, Bytes, B 16..=16, Card [Record Response] lenient, "Product Identification Information";
    TERMINAL_TRANSACTION_QUALIFIERS = 0x9F66, TerminalTransactionQualifiers, B 4..=4, Terminal [], "Terminal Transaction Qualifiers";
    CARD_ADDITIONAL_PROCESSES = 0x9F68, Bytes, B 4..=4, Card [Record Response GetData] lenient, "Card Additional Processes";
    CARD_AUTHENTICATION_RELATED_DATA = 0x9F69, Bytes, B 0..=255, Card [Record Response], "Card Authentication Related Data";
    CARD_TRANSACTION_QUALIFIERS = 0x9F6C, CardTransactionQualifiers, B 2..=2, Card [Record Response], "Card Transaction Qualifiers";
    FORM_FACTOR_INDICATOR = 0x9F6E, Bytes, B 4..=32, Card [Record Response] lenient, "Form Factor Indicator";
    CUSTOMER_EXCLUSIVE_DATA = 0x9F7C, Bytes, B 0..=32, Card [Record Response] lenient, "Customer Exclusive Data";
    ADDITIONAL_FUNCTION_INDICATOR = 0xDF61, AdditionalFunctions, B 1..=1, Card [Fci] lenient, "Card Additional Function Indicator";
    SM_ALGORITHM_INDICATOR = 0xDF69, u8, B 1..=1, Terminal [], "SM Algorithm Support Indicator";
}
