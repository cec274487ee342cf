//! What the acquirer and the terminal get of a transaction. [C7 7]

use crate::dictionary::{
    AVAILABLE_OFFLINE_AMOUNT, CARD_AUTHENTICATION_RELATED_DATA, CARD_TRANSACTION_QUALIFIERS,
    CUSTOMER_EXCLUSIVE_DATA, FORM_FACTOR_INDICATOR, PRODUCT_IDENTIFICATION_INFORMATION,
    TERMINAL_TRANSACTION_QUALIFIERS,
};
use chipwright::database::Database;
use chipwright::dictionary::emv::{
    AID, AIP, AMOUNT_AUTHORISED, AMOUNT_OTHER, APPLICATION_CRYPTOGRAM, APPLICATION_EXPIRATION_DATE,
    APPLICATION_LABEL, APPLICATION_PREFERRED_NAME, APPLICATION_VERSION_NUMBER_TERMINAL, ATC,
    CARDHOLDER_NAME, CRYPTOGRAM_INFORMATION_DATA, CVM_RESULTS, DF_NAME, ICC_DYNAMIC_NUMBER,
    IFD_SERIAL_NUMBER, ISSUER_APPLICATION_DATA, ISSUER_CODE_TABLE_INDEX, LANGUAGE_PREFERENCE,
    MERCHANT_NAME_AND_LOCATION, PAN, PAN_SEQUENCE_NUMBER, PAYMENT_ACCOUNT_REFERENCE,
    TERMINAL_CAPABILITIES, TERMINAL_COUNTRY_CODE, TERMINAL_TYPE, TRACK_2,
    TRANSACTION_CURRENCY_CODE, TRANSACTION_DATE, TRANSACTION_SEQUENCE_COUNTER, TRANSACTION_TIME,
    TRANSACTION_TYPE, TVR, UNPREDICTABLE_NUMBER,
};
use chipwright::tag::Tag;

/// The data objects of the data record, for the acquirer. [C7 7]
pub const DATA_RECORD: [Tag; 27] = [
    TRACK_2.tag,
    PAN.tag,
    CARDHOLDER_NAME.tag,
    APPLICATION_EXPIRATION_DATE.tag,
    TRANSACTION_CURRENCY_CODE.tag,
    PAN_SEQUENCE_NUMBER.tag,
    AIP.tag,
    TVR.tag,
    TRANSACTION_DATE.tag,
    TRANSACTION_TYPE.tag,
    AMOUNT_AUTHORISED.tag,
    AMOUNT_OTHER.tag,
    AID.tag,
    ISSUER_APPLICATION_DATA.tag,
    TERMINAL_COUNTRY_CODE.tag,
    TRANSACTION_TIME.tag,
    PAYMENT_ACCOUNT_REFERENCE.tag,
    APPLICATION_CRYPTOGRAM.tag,
    CRYPTOGRAM_INFORMATION_DATA.tag,
    ATC.tag,
    UNPREDICTABLE_NUMBER.tag,
    MERCHANT_NAME_AND_LOCATION.tag,
    AVAILABLE_OFFLINE_AMOUNT.tag,
    PRODUCT_IDENTIFICATION_INFORMATION.tag,
    TERMINAL_TRANSACTION_QUALIFIERS.tag,
    FORM_FACTOR_INDICATOR.tag,
    CUSTOMER_EXCLUSIVE_DATA.tag,
];

/// The data objects of the discretionary data, for terminal and receipt: how card and cardholder
/// were verified, and how the application is called. With the data record they hold what Chinese
/// acquirers take in field 55. [C7 7]
pub const DISCRETIONARY_DATA: [Tag; 14] = [
    APPLICATION_LABEL.tag,
    LANGUAGE_PREFERENCE.tag,
    DF_NAME.tag,
    APPLICATION_VERSION_NUMBER_TERMINAL.tag,
    ISSUER_CODE_TABLE_INDEX.tag,
    APPLICATION_PREFERRED_NAME.tag,
    IFD_SERIAL_NUMBER.tag,
    TERMINAL_CAPABILITIES.tag,
    CVM_RESULTS.tag,
    TERMINAL_TYPE.tag,
    TRANSACTION_SEQUENCE_COUNTER.tag,
    ICC_DYNAMIC_NUMBER.tag,
    CARD_AUTHENTICATION_RELATED_DATA.tag,
    CARD_TRANSACTION_QUALIFIERS.tag,
];

/// The data record of a transaction: every object of [`DATA_RECORD`] that is there.
pub fn data_record<'d>(data: &'d Database<'_>) -> impl Iterator<Item = (Tag, &'d [u8])> {
    present(&DATA_RECORD, data)
}

/// The discretionary data of a transaction: every object of [`DISCRETIONARY_DATA`] that is there.
pub fn discretionary_data<'d>(data: &'d Database<'_>) -> impl Iterator<Item = (Tag, &'d [u8])> {
    present(&DISCRETIONARY_DATA, data)
}

/// Whether offline data authentication passed: with an online request, a gate may open before the
/// issuer answers. [C7 6.2]
pub fn authenticated(data: &Database<'_>) -> bool {
    data.is_signed(ICC_DYNAMIC_NUMBER.tag)
}

fn present<'d>(
    tags: &'static [Tag],
    data: &'d Database<'_>,
) -> impl Iterator<Item = (Tag, &'d [u8])> {
    tags.iter().filter_map(|tag| Some((*tag, data.bytes(*tag)?)))
}
