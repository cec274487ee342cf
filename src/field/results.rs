//! What the terminal found out: Terminal Verification Results and Transaction Status Information.

use super::bits;

bits! {
    /// Terminal Verification Results (95), 5 bytes. [B3 C5]
    ///
    /// Bits that came after EMV 4.3 are marked 4.4; they are only set where the configuration
    /// asks for it.
    pub struct TerminalVerificationResults([u8; 5]) {
        [1:8] ODA_NOT_PERFORMED "offline data authentication was not performed",
        [1:7] SDA_FAILED "static data authentication failed",
        [1:6] ICC_DATA_MISSING "card data missing",
        [1:5] ON_EXCEPTION_FILE "card appears on the terminal exception file",
        [1:4] DDA_FAILED "dynamic data authentication failed",
        [1:3] CDA_FAILED "combined data authentication failed",
        [1:2] SDA_SELECTED "static data authentication selected (4.4)",
        [1:1] XDA_SELECTED "extended data authentication selected (4.4)",
        [2:8] APPLICATION_VERSIONS_DIFFER "card and terminal have different application versions",
        [2:7] EXPIRED_APPLICATION "expired application",
        [2:6] NOT_YET_EFFECTIVE "application not yet effective",
        [2:5] SERVICE_NOT_ALLOWED "requested service not allowed for card product",
        [2:4] NEW_CARD "new card",
        [2:2] BIOMETRIC_PERFORMED "biometric performed and successful (4.4)",
        [2:1] BIOMETRIC_FORMAT_UNSUPPORTED "biometric template format not supported (4.4)",
        [3:8] CARDHOLDER_VERIFICATION_FAILED "cardholder verification was not successful",
        [3:7] UNRECOGNISED_CVM "unrecognised cardholder verification method",
        [3:6] PIN_TRY_LIMIT_EXCEEDED "PIN try limit exceeded",
        [3:5] PIN_PAD_MISSING "PIN entry required and PIN pad not present or not working",
        [3:4] PIN_NOT_ENTERED "PIN entry required, PIN pad present, but PIN was not entered",
        [3:3] ONLINE_CVM_CAPTURED "online PIN entered (4.4: online cardholder verification captured)",
        [3:2] BIOMETRIC_CAPTURE_FAILED "biometric required but capture not working (4.4)",
        [3:1] BIOMETRIC_BYPASSED "biometric required, subtype entry was bypassed (4.4)",
        [4:8] FLOOR_LIMIT_EXCEEDED "transaction exceeds floor limit",
        [4:7] LOWER_OFFLINE_LIMIT_EXCEEDED "lower consecutive offline limit exceeded",
        [4:6] UPPER_OFFLINE_LIMIT_EXCEEDED "upper consecutive offline limit exceeded",
        [4:5] RANDOMLY_SELECTED_ONLINE "transaction selected randomly for online processing",
        [4:4] MERCHANT_FORCED_ONLINE "merchant forced transaction online",
        [4:3] BIOMETRIC_TRY_LIMIT_EXCEEDED "biometric try limit exceeded (4.4)",
        [4:2] BIOMETRIC_TYPE_UNSUPPORTED "selected biometric type not supported (4.4)",
        [4:1] XDA_FAILED "extended data authentication signature verification failed (4.4)",
        [5:8] DEFAULT_TDOL_USED "default TDOL used",
        [5:7] ISSUER_AUTHENTICATION_FAILED "issuer authentication failed",
        [5:6] SCRIPT_FAILED_BEFORE "script processing failed before final GENERATE AC",
        [5:5] SCRIPT_FAILED_AFTER "script processing failed after final GENERATE AC",
        [5:3] CA_ECC_KEY_MISSING "certification authority ECC key missing (4.4)",
        [5:2] ECC_KEY_RECOVERY_FAILED "ECC key recovery failed (4.4)",
    }
}

bits! {
    /// Transaction Status Information (9B), 2 bytes. [B3 C6]
    pub struct TransactionStatusInformation([u8; 2]) {
        [1:8] ODA_PERFORMED "offline data authentication was performed",
        [1:7] CARDHOLDER_VERIFICATION_PERFORMED "cardholder verification was performed",
        [1:6] CARD_RISK_MANAGEMENT_PERFORMED "card risk management was performed",
        [1:5] ISSUER_AUTHENTICATION_PERFORMED "issuer authentication was performed",
        [1:4] TERMINAL_RISK_MANAGEMENT_PERFORMED "terminal risk management was performed",
        [1:3] SCRIPT_PROCESSING_PERFORMED "script processing was performed",
    }
}
