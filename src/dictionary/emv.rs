//! The data objects of EMV Books 1 to 4. [B3 A]
//!
//! Lengths of certificates and signatures are left open here: a wrong one makes offline data
//! authentication fail rather than end the transaction. [B2 5.3]

use super::objects;
use crate::field::{
    AdditionalTerminalCapabilities, ApplicationInterchangeProfile, ApplicationUsageControl,
    CryptogramInformation, CvmResults, TerminalCapabilities, TerminalType,
    TerminalVerificationResults, TransactionStatusInformation,
};
use crate::object::Bytes;
use crate::value::{Amount, Code, Date};

/// Templates: constructed objects that hold others, and the ones that stand for a concatenation.
pub mod template {
    use crate::tag::Tag;

    /// Application Template (61).
    pub const APPLICATION_TEMPLATE: Tag = Tag(0x61);
    /// FCI Template (6F).
    pub const FCI_TEMPLATE: Tag = Tag(0x6F);
    /// READ RECORD Response Message Template (70).
    pub const RECORD_TEMPLATE: Tag = Tag(0x70);
    /// Issuer Script Template 1 (71).
    pub const ISSUER_SCRIPT_TEMPLATE_1: Tag = Tag(0x71);
    /// Issuer Script Template 2 (72).
    pub const ISSUER_SCRIPT_TEMPLATE_2: Tag = Tag(0x72);
    /// Directory Discretionary Template (73).
    pub const DIRECTORY_DISCRETIONARY_TEMPLATE: Tag = Tag(0x73);
    /// Response Message Template Format 2 (77).
    pub const RESPONSE_FORMAT_2: Tag = Tag(0x77);
    /// Response Message Template Format 1 (80).
    pub const RESPONSE_FORMAT_1: Tag = Tag(0x80);
    /// Command Template (83).
    pub const COMMAND_TEMPLATE: Tag = Tag(0x83);
    /// FCI Proprietary Template (A5).
    pub const FCI_PROPRIETARY_TEMPLATE: Tag = Tag(0xA5);
    /// FCI Issuer Discretionary Data (BF0C).
    pub const FCI_ISSUER_DISCRETIONARY_DATA: Tag = Tag(0xBF0C);
}

objects! {
    /// Data objects of Books 1 to 4.
    pub static EMV;

    IIN = 0x42, Bytes, N 3..=3, Card [Fci Directory], "Issuer Identification Number";
    ADF_NAME = 0x4F, Bytes, B 5..=16, Card [Directory], "Application Dedicated File Name";
    APPLICATION_LABEL = 0x50, Bytes, Ans 1..=16, Card [Directory Fci] lenient, "Application Label";
    TRACK_2 = 0x57, Bytes, B 0..=19, Card [Record Response], "Track 2 Equivalent Data";
    PAN = 0x5A, Bytes, Cn 1..=10, Card [Record Response], "Application Primary Account Number";
    AMOUNT_AUTHORISED_BINARY = 0x81, u32, B 4..=4, Terminal [], "Amount, Authorised (Binary)";
    AIP = 0x82, ApplicationInterchangeProfile, B 2..=2, Card [Response], "Application Interchange Profile";
    DF_NAME = 0x84, Bytes, B 5..=16, Card [Fci], "Dedicated File Name";
    ISSUER_SCRIPT_COMMAND = 0x86, Bytes, B 0..=255, Issuer [], "Issuer Script Command";
    APPLICATION_PRIORITY_INDICATOR = 0x87, u8, B 1..=1, Card [Directory Fci] lenient, "Application Priority Indicator";
    SFI = 0x88, u8, B 1..=1, Card [Fci], "Short File Identifier";
    AUTHORISATION_CODE = 0x89, Bytes, Ans 6..=6, Issuer [], "Authorisation Code";
    AUTHORISATION_RESPONSE_CODE = 0x8A, [u8; 2], An 2..=2, Issuer [], "Authorisation Response Code";
    CDOL1 = 0x8C, Bytes, B 0..=252, Card [Record Response], "CDOL1";
    CDOL2 = 0x8D, Bytes, B 0..=252, Card [Record Response], "CDOL2";
    CVM_LIST = 0x8E, Bytes, B 0..=252, Card [Record Response], "CVM List";
    CA_PUBLIC_KEY_INDEX = 0x8F, u8, B 1..=1, Card [Record Response], "Certification Authority Public Key Index (ICC)";
    ISSUER_PUBLIC_KEY_CERTIFICATE = 0x90, Bytes, B 0..=248, Card [Record Response], "Issuer Public Key Certificate";
    ISSUER_AUTHENTICATION_DATA = 0x91, Bytes, B 8..=16, Issuer [], "Issuer Authentication Data";
    ISSUER_PUBLIC_KEY_REMAINDER = 0x92, Bytes, B 0..=255, Card [Record Response], "Issuer Public Key Remainder";
    SIGNED_STATIC_APPLICATION_DATA = 0x93, Bytes, B 0..=255, Card [Record Response], "Signed Static Application Data";
    AFL = 0x94, Bytes, B 0..=252, Card [Response], "Application File Locator";
    TVR = 0x95, TerminalVerificationResults, B 5..=5, Terminal [], "Terminal Verification Results";
    TDOL = 0x97, Bytes, B 0..=252, Card [Record Response], "TDOL";
    TC_HASH_VALUE = 0x98, [u8; 20], B 20..=20, Terminal [], "TC Hash Value";
    TRANSACTION_PIN_DATA = 0x99, Bytes, B 0..=255, Terminal [], "Transaction PIN Data";
    TRANSACTION_DATE = 0x9A, Date, N 3..=3, Terminal [], "Transaction Date";
    TSI = 0x9B, TransactionStatusInformation, B 2..=2, Terminal [], "Transaction Status Information";
    TRANSACTION_TYPE = 0x9C, u8, N 1..=1, Terminal [], "Transaction Type";
    DDF_NAME = 0x9D, Bytes, B 5..=16, Card [Directory], "DDF Name";
    CARDHOLDER_NAME = 0x5F20, Bytes, Ans 2..=26, Card [Record Response] lenient, "Cardholder Name";
    APPLICATION_EXPIRATION_DATE = 0x5F24, Date, N 3..=3, Card [Record Response], "Application Expiration Date";
    APPLICATION_EFFECTIVE_DATE = 0x5F25, Date, N 3..=3, Card [Record Response], "Application Effective Date";
    ISSUER_COUNTRY_CODE = 0x5F28, Code, N 2..=2, Card [Record Response], "Issuer Country Code";
    TRANSACTION_CURRENCY_CODE = 0x5F2A, Code, N 2..=2, Terminal [], "Transaction Currency Code";
    LANGUAGE_PREFERENCE = 0x5F2D, Bytes, An 2..=8, Card [Fci] lenient, "Language Preference";
    SERVICE_CODE = 0x5F30, Bytes, N 2..=2, Card [Record Response], "Service Code";
    PAN_SEQUENCE_NUMBER = 0x5F34, u8, N 1..=1, Card [Record Response], "PAN Sequence Number";
    TRANSACTION_CURRENCY_EXPONENT = 0x5F36, u8, N 1..=1, Terminal [], "Transaction Currency Exponent";
    ISSUER_URL = 0x5F50, Bytes, Ans 0..=255, Card [Fci Directory] lenient, "Issuer URL";
    IBAN = 0x5F53, Bytes, B 0..=34, Card [Fci Directory], "International Bank Account Number (IBAN)";
    BIC = 0x5F54, Bytes, B 8..=11, Card [Fci Directory], "Bank Identifier Code (BIC)";
    ISSUER_COUNTRY_CODE_ALPHA2 = 0x5F55, Bytes, A 2..=2, Card [Fci Directory], "Issuer Country Code (alpha2)";
    ISSUER_COUNTRY_CODE_ALPHA3 = 0x5F56, Bytes, A 3..=3, Card [Fci Directory], "Issuer Country Code (alpha3)";
    ACCOUNT_TYPE = 0x5F57, Bytes, N 1..=1, Terminal [], "Account Type";
    ACQUIRER_IDENTIFIER = 0x9F01, Bytes, N 6..=6, Terminal [], "Acquirer Identifier";
    AMOUNT_AUTHORISED = 0x9F02, Amount, N 6..=6, Terminal [], "Amount, Authorised (Numeric)";
    AMOUNT_OTHER = 0x9F03, Amount, N 6..=6, Terminal [], "Amount, Other (Numeric)";
    AMOUNT_OTHER_BINARY = 0x9F04, u32, B 4..=4, Terminal [], "Amount, Other (Binary)";
    APPLICATION_DISCRETIONARY_DATA = 0x9F05, Bytes, B 1..=32, Card [Record Response], "Application Discretionary Data";
    AID = 0x9F06, Bytes, B 5..=16, Terminal [], "Application Identifier - terminal";
    APPLICATION_USAGE_CONTROL = 0x9F07, ApplicationUsageControl, B 2..=2, Card [Record Response], "Application Usage Control";
    APPLICATION_VERSION_NUMBER_CARD = 0x9F08, u16, B 2..=2, Card [Record Response], "Application Version Number - ICC";
    APPLICATION_VERSION_NUMBER_TERMINAL = 0x9F09, u16, B 2..=2, Terminal [], "Application Version Number - terminal";
    ASRPD = 0x9F0A, Bytes, B 0..=252, Card [Fci Directory], "Application Selection Registered Proprietary Data";
    CARDHOLDER_NAME_EXTENDED = 0x9F0B, Bytes, Ans 27..=45, Card [Record Response] lenient, "Cardholder Name Extended";
    IIN_EXTENDED = 0x9F0C, Bytes, N 3..=4, Card [Fci Directory], "Issuer Identification Number Extended";
    IAC_DEFAULT = 0x9F0D, TerminalVerificationResults, B 5..=5, Card [Record Response], "Issuer Action Code - Default";
    IAC_DENIAL = 0x9F0E, TerminalVerificationResults, B 5..=5, Card [Record Response], "Issuer Action Code - Denial";
    IAC_ONLINE = 0x9F0F, TerminalVerificationResults, B 5..=5, Card [Record Response], "Issuer Action Code - Online";
    ISSUER_APPLICATION_DATA = 0x9F10, Bytes, B 0..=32, Card [Response], "Issuer Application Data";
    ISSUER_CODE_TABLE_INDEX = 0x9F11, u8, N 1..=1, Card [Fci] lenient, "Issuer Code Table Index";
    APPLICATION_PREFERRED_NAME = 0x9F12, Bytes, Ans 1..=16, Card [Directory Fci] lenient, "Application Preferred Name";
    LAST_ONLINE_ATC_REGISTER = 0x9F13, u16, B 2..=2, Card [GetData], "Last Online ATC Register";
    LOWER_CONSECUTIVE_OFFLINE_LIMIT = 0x9F14, u8, B 1..=1, Card [Record Response], "Lower Consecutive Offline Limit";
    MERCHANT_CATEGORY_CODE = 0x9F15, Bytes, N 2..=2, Terminal [], "Merchant Category Code";
    MERCHANT_IDENTIFIER = 0x9F16, Bytes, Ans 15..=15, Terminal [], "Merchant Identifier";
    PIN_TRY_COUNTER = 0x9F17, u8, B 1..=1, Card [GetData], "PIN Try Counter";
    ISSUER_SCRIPT_IDENTIFIER = 0x9F18, Bytes, B 4..=4, Issuer [], "Issuer Script Identifier";
    TOKEN_REQUESTOR_ID = 0x9F19, Bytes, N 6..=6, Card [Record Response], "Token Requestor ID";
    TERMINAL_COUNTRY_CODE = 0x9F1A, Code, N 2..=2, Terminal [], "Terminal Country Code";
    TERMINAL_FLOOR_LIMIT = 0x9F1B, u32, B 4..=4, Terminal [], "Terminal Floor Limit";
    TERMINAL_IDENTIFICATION = 0x9F1C, Bytes, An 8..=8, Terminal [], "Terminal Identification";
    TERMINAL_RISK_MANAGEMENT_DATA = 0x9F1D, Bytes, B 1..=8, Terminal [], "Terminal Risk Management Data";
    IFD_SERIAL_NUMBER = 0x9F1E, Bytes, An 8..=8, Terminal [], "Interface Device Serial Number";
    TRACK_1_DISCRETIONARY_DATA = 0x9F1F, Bytes, Ans 0..=255, Card [Record Response], "Track 1 Discretionary Data";
    TRACK_2_DISCRETIONARY_DATA = 0x9F20, Bytes, Cn 0..=255, Card [Record Response], "Track 2 Discretionary Data";
    TRANSACTION_TIME = 0x9F21, [u8; 3], N 3..=3, Terminal [], "Transaction Time";
    CA_PUBLIC_KEY_INDEX_TERMINAL = 0x9F22, Bytes, B 1..=1, Terminal [], "Certification Authority Public Key Index (terminal)";
    UPPER_CONSECUTIVE_OFFLINE_LIMIT = 0x9F23, u8, B 1..=1, Card [Record Response], "Upper Consecutive Offline Limit";
    PAYMENT_ACCOUNT_REFERENCE = 0x9F24, Bytes, An 29..=29, Card [Record Response], "Payment Account Reference";
    LAST_FOUR_DIGITS_OF_PAN = 0x9F25, Bytes, N 2..=2, Card [Record Response], "Last 4 Digits of PAN";
    APPLICATION_CRYPTOGRAM = 0x9F26, [u8; 8], B 8..=8, Card [Response], "Application Cryptogram";
    CRYPTOGRAM_INFORMATION_DATA = 0x9F27, CryptogramInformation, B 1..=1, Card [Response], "Cryptogram Information Data";
    ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_CERTIFICATE = 0x9F2D, Bytes, B 0..=248, Card [Record Response], "ICC PIN Encipherment Public Key Certificate";
    ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_EXPONENT = 0x9F2E, Bytes, B 0..=255, Card [Record Response], "ICC PIN Encipherment Public Key Exponent";
    ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_REMAINDER = 0x9F2F, Bytes, B 0..=255, Card [Record Response], "ICC PIN Encipherment Public Key Remainder";
    ISSUER_PUBLIC_KEY_EXPONENT = 0x9F32, Bytes, B 0..=255, Card [Record Response], "Issuer Public Key Exponent";
    TERMINAL_CAPABILITIES = 0x9F33, TerminalCapabilities, B 3..=3, Terminal [], "Terminal Capabilities";
    CVM_RESULTS = 0x9F34, CvmResults, B 3..=3, Terminal [], "CVM Results";
    TERMINAL_TYPE = 0x9F35, TerminalType, N 1..=1, Terminal [], "Terminal Type";
    ATC = 0x9F36, u16, B 2..=2, Card [Response GetData], "Application Transaction Counter";
    UNPREDICTABLE_NUMBER = 0x9F37, [u8; 4], B 4..=4, Terminal [], "Unpredictable Number";
    PDOL = 0x9F38, Bytes, B 0..=255, Card [Fci], "PDOL";
    POS_ENTRY_MODE = 0x9F39, Bytes, N 1..=1, Terminal [], "POS Entry Mode";
    AMOUNT_REFERENCE_CURRENCY = 0x9F3A, Bytes, B 4..=4, Terminal [], "Amount, Reference Currency";
    APPLICATION_REFERENCE_CURRENCY = 0x9F3B, Bytes, N 2..=8, Card [Record Response], "Application Reference Currency";
    TRANSACTION_REFERENCE_CURRENCY_CODE = 0x9F3C, Bytes, N 2..=2, Terminal [], "Transaction Reference Currency Code";
    TRANSACTION_REFERENCE_CURRENCY_EXPONENT = 0x9F3D, Bytes, N 1..=1, Terminal [], "Transaction Reference Currency Exponent";
    ADDITIONAL_TERMINAL_CAPABILITIES = 0x9F40, AdditionalTerminalCapabilities, B 5..=5, Terminal [], "Additional Terminal Capabilities";
    TRANSACTION_SEQUENCE_COUNTER = 0x9F41, Bytes, N 2..=4, Terminal [], "Transaction Sequence Counter";
    APPLICATION_CURRENCY_CODE = 0x9F42, Code, N 2..=2, Card [Record Response], "Application Currency Code";
    APPLICATION_REFERENCE_CURRENCY_EXPONENT = 0x9F43, Bytes, N 1..=4, Card [Record Response], "Application Reference Currency Exponent";
    APPLICATION_CURRENCY_EXPONENT = 0x9F44, u8, N 1..=1, Card [Record Response], "Application Currency Exponent";
    DATA_AUTHENTICATION_CODE = 0x9F45, [u8; 2], B 2..=2, Card [], "Data Authentication Code";
    ICC_PUBLIC_KEY_CERTIFICATE = 0x9F46, Bytes, B 0..=248, Card [Record Response], "ICC Public Key Certificate";
    ICC_PUBLIC_KEY_EXPONENT = 0x9F47, Bytes, B 0..=255, Card [Record Response], "ICC Public Key Exponent";
    ICC_PUBLIC_KEY_REMAINDER = 0x9F48, Bytes, B 0..=255, Card [Record Response], "ICC Public Key Remainder";
    DDOL = 0x9F49, Bytes, B 0..=252, Card [Record Response], "DDOL";
    STATIC_DATA_AUTHENTICATION_TAG_LIST = 0x9F4A, Bytes, B 0..=255, Card [Record Response], "Static Data Authentication Tag List";
    SIGNED_DYNAMIC_APPLICATION_DATA = 0x9F4B, Bytes, B 0..=255, Card [Response], "Signed Dynamic Application Data";
    ICC_DYNAMIC_NUMBER = 0x9F4C, Bytes, B 2..=8, Card [], "ICC Dynamic Number";
    LOG_ENTRY = 0x9F4D, Bytes, B 2..=2, Card [Fci Directory] lenient, "Log Entry";
    MERCHANT_NAME_AND_LOCATION = 0x9F4E, Bytes, Ans 0..=255, Terminal [], "Merchant Name and Location";
    LOG_FORMAT = 0x9F4F, Bytes, B 0..=255, Card [GetData] lenient, "Log Format";
    ISSUER_SCRIPT_RESULTS = 0x9F5B, Bytes, B 0..=255, Terminal [], "Issuer Script Results";
}
