//! The record that survives: what a transaction came to, once.

mod masked_pan;
mod name;

pub use masked_pan::MaskedPan;
pub use name::Name;

use crate::duties::Duties;
use crate::objects::Objects;
use chipwright::config::TransactionType;
use chipwright::dictionary::emv::{
    AID, AMOUNT_AUTHORISED, AMOUNT_OTHER, APPLICATION_CRYPTOGRAM, ATC, AUTHORISATION_CODE,
    AUTHORISATION_RESPONSE_CODE, CRYPTOGRAM_INFORMATION_DATA, CVM_RESULTS, PAN,
    PAN_SEQUENCE_NUMBER, POS_ENTRY_MODE, TRANSACTION_CURRENCY_CODE, TRANSACTION_CURRENCY_EXPONENT,
    TRANSACTION_DATE, TRANSACTION_TIME, TSI, TVR,
};
use chipwright::field::{
    CryptogramInformation, CvmResults, TerminalVerificationResults, TransactionStatusInformation,
};
use chipwright::object::{Object, Value};
use chipwright::outcome::{Authority, Conclusion, End};
use chipwright::session::{LinkError, Stop};
use chipwright::tag::Tag;
use chipwright::tlv::{Full, Writer};
use chipwright::value::{Amount, Code, Date, Pan};

/// How a transaction ended: one for each that was begun, and never two.
///
/// It is kept in the journal when everything else of the transaction has been wiped, and names
/// the account by a few of its digits only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FinalRecord {
    /// Transaction Sequence Counter (9F41).
    pub sequence: u32,
    /// What kind of business.
    pub kind: TransactionType,
    /// What it came to.
    pub conclusion: Conclusion,
    /// Who decided.
    pub authority: Authority,
    /// Why it ended before its time.
    pub cause: FinalCause,
    /// Whether the merchant has to take the cardholder's signature.
    pub signature: bool,
    /// Messages that it owed the acquirer when it ended.
    pub duties: Duties,
    /// What is known of the transaction's data.
    pub details: Details,
}

/// Why a transaction ended before its time: a stable number.
///
/// | Number | Meaning |
/// |---|---|
/// | 0000 | it did not |
/// | 1001 to 1FFF | a rule was broken: [`Cause::code`](chipwright::fault::Cause::code) |
/// | 2001 to 2004 | link to the card: timeout, transmission, protocol, removed |
/// | 2101 to 2103 | stopped: cancelled, timeout, card removed |
/// | 2201 to 2204 | card blocked, no common application, not confirmed, card read |
/// | 2301 | power failed |
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct FinalCause(pub u16);

impl FinalCause {
    /// It did not.
    pub const NONE: Self = Self(0);
    /// Power failed.
    pub const POWER: Self = Self(0x2301);

    /// The number of a kernel's reason.
    pub fn of(end: Option<End>) -> Self {
        Self(match end {
            None => 0,
            Some(End::Fault(fault)) => fault.cause.code(),
            Some(End::Link(LinkError::Timeout)) => 0x2001,
            Some(End::Link(LinkError::Transmission)) => 0x2002,
            Some(End::Link(LinkError::Protocol)) => 0x2003,
            Some(End::Link(LinkError::Removed)) => 0x2004,
            Some(End::Stopped(Stop::Cancelled)) => 0x2101,
            Some(End::Stopped(Stop::Timeout)) => 0x2102,
            Some(End::Stopped(Stop::CardRemoved)) => 0x2103,
            Some(End::CardBlocked) => 0x2201,
            Some(End::NoCommonApplication) => 0x2202,
            Some(End::NotConfirmed) => 0x2203,
            Some(End::CardRead) => 0x2204,
            Some(_) => 0x22FF,
        })
    }
}

/// Data of a transaction, as far as it came to be known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Details {
    /// Amount, Authorised (9F02).
    pub amount: Option<Amount>,
    /// Amount, Other (9F03).
    pub amount_other: Option<Amount>,
    /// Transaction Currency Code (5F2A).
    pub currency: Option<Code>,
    /// Transaction Currency Exponent (5F36).
    pub currency_exponent: Option<u8>,
    /// Transaction Date (9A).
    pub date: Option<Date>,
    /// Transaction Time (9F21), HHMMSS in n 6.
    pub time: Option<[u8; 3]>,
    /// POS Entry Mode (9F39): [`Interface::entry_mode`](crate::interface::Interface::entry_mode).
    pub entry_mode: Option<u8>,
    /// The application (9F06).
    pub application: Option<Name>,
    /// The account number (5A), masked.
    pub account: Option<MaskedPan>,
    /// PAN Sequence Number (5F34).
    pub pan_sequence_number: Option<u8>,
    /// Cryptogram Information Data (9F27) of the last cryptogram.
    pub cryptogram_information: Option<CryptogramInformation>,
    /// The last Application Cryptogram (9F26).
    pub cryptogram: Option<[u8; 8]>,
    /// Application Transaction Counter (9F36).
    pub counter: Option<u16>,
    /// Terminal Verification Results (95).
    pub results: Option<TerminalVerificationResults>,
    /// Transaction Status Information (9B).
    pub status: Option<TransactionStatusInformation>,
    /// CVM Results (9F34).
    pub verification: Option<CvmResults>,
    /// Authorisation Response Code (8A).
    pub response_code: Option<[u8; 2]>,
    /// Authorisation Code (89).
    pub authorisation_code: Option<[u8; 6]>,
}

const MASKED_PAN: Object<MaskedPan> = Object::new(0xC4);
const NAME: Object<Name> = Object::new(AID.tag.0);
/// POS Entry Mode, which is n 2 in one byte.
pub(crate) const ENTRY_MODE: Object<u8> = Object::new(POS_ENTRY_MODE.tag.0);
const APPROVAL: Object<[u8; 6]> = Object::new(AUTHORISATION_CODE.tag.0);

impl Details {
    /// Reads them from a transaction under way, or from what was kept of it.
    pub(crate) fn read(objects: &Objects<'_>) -> Self {
        let pan = objects.bytes(PAN.tag).and_then(Pan::new).map(MaskedPan::new);
        Self {
            amount: objects.get(AMOUNT_AUTHORISED),
            amount_other: objects.get(AMOUNT_OTHER),
            currency: objects.get(TRANSACTION_CURRENCY_CODE),
            currency_exponent: objects.get(TRANSACTION_CURRENCY_EXPONENT),
            date: objects.get(TRANSACTION_DATE),
            time: objects.get(TRANSACTION_TIME),
            entry_mode: objects.get(ENTRY_MODE),
            application: objects.get(NAME),
            account: pan.or_else(|| objects.get(MASKED_PAN)),
            pan_sequence_number: objects.get(PAN_SEQUENCE_NUMBER),
            cryptogram_information: objects.get(CRYPTOGRAM_INFORMATION_DATA),
            cryptogram: objects.get(APPLICATION_CRYPTOGRAM),
            counter: objects.get(ATC),
            results: objects.get(TVR),
            status: objects.get(TSI),
            verification: objects.get(CVM_RESULTS),
            response_code: objects.get(AUTHORISATION_RESPONSE_CODE),
            authorisation_code: objects.get(APPROVAL),
        }
    }

    /// Appends what is known as a BER-TLV string, which [`read`](Self::read) reads.
    pub(crate) fn write(&self, out: &mut Writer<'_>) -> Result<(), Full> {
        put(out, AMOUNT_AUTHORISED, self.amount)?;
        put(out, AMOUNT_OTHER, self.amount_other)?;
        put(out, TRANSACTION_CURRENCY_CODE, self.currency)?;
        put(out, TRANSACTION_CURRENCY_EXPONENT, self.currency_exponent)?;
        put(out, TRANSACTION_DATE, self.date)?;
        put(out, TRANSACTION_TIME, self.time)?;
        put(out, ENTRY_MODE, self.entry_mode)?;
        if let Some(name) = self.application {
            out.put(NAME.tag, name.bytes())?;
        }
        put(out, MASKED_PAN, self.account)?;
        put(out, PAN_SEQUENCE_NUMBER, self.pan_sequence_number)?;
        put(out, CRYPTOGRAM_INFORMATION_DATA, self.cryptogram_information)?;
        put(out, APPLICATION_CRYPTOGRAM, self.cryptogram)?;
        put(out, ATC, self.counter)?;
        put(out, TVR, self.results)?;
        put(out, TSI, self.status)?;
        put(out, CVM_RESULTS, self.verification)?;
        put(out, AUTHORISATION_RESPONSE_CODE, self.response_code)?;
        put(out, APPROVAL, self.authorisation_code)
    }
}

fn put<T: Value>(out: &mut Writer<'_>, object: Object<T>, value: Option<T>) -> Result<(), Full> {
    value.map_or(Ok(()), |value| out.put(object.tag, value.encode().as_ref()))
}

/// What of the details the journal keeps for messages: the account in full, for as long as one
/// is owed.
pub(crate) const KEPT: [Tag; 19] = [
    PAN.tag,
    PAN_SEQUENCE_NUMBER.tag,
    Tag(0x5F24), // Application Expiration Date
    Tag(0x9C),   // Transaction Type
    AMOUNT_AUTHORISED.tag,
    AMOUNT_OTHER.tag,
    TRANSACTION_CURRENCY_CODE.tag,
    TRANSACTION_CURRENCY_EXPONENT.tag,
    TRANSACTION_DATE.tag,
    TRANSACTION_TIME.tag,
    POS_ENTRY_MODE.tag,
    AID.tag,
    CRYPTOGRAM_INFORMATION_DATA.tag,
    APPLICATION_CRYPTOGRAM.tag,
    ATC.tag,
    TVR.tag,
    TSI.tag,
    CVM_RESULTS.tag,
    AUTHORISATION_RESPONSE_CODE.tag,
];

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::field::CvmOutcome;

    fn full() -> Details {
        Details {
            amount: Amount::new(1234),
            amount_other: Amount::new(200),
            currency: Code::new(978),
            currency_exponent: Some(2),
            date: Date::new(2026, 11, 25),
            time: Some([0x12, 0x34, 0x56]),
            entry_mode: Some(0x07),
            application: Name::decode(&[0xA0, 0, 0, 0, 3, 0x10, 0x10]),
            account: Pan::new(&[0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10])
                .map(MaskedPan::new),
            pan_sequence_number: Some(1),
            cryptogram_information: Some(CryptogramInformation(0x40)),
            cryptogram: Some([8; 8]),
            counter: Some(0x0102),
            results: Some(TerminalVerificationResults([1, 2, 3, 4, 5])),
            status: Some(TransactionStatusInformation([0xE8, 0])),
            verification: Some(CvmResults {
                code: 1,
                condition: 3,
                outcome: CvmOutcome::Successful,
            }),
            response_code: Some(*b"00"),
            authorisation_code: Some(*b"ABCDEF"),
        }
    }

    fn again(details: &Details) -> Details {
        let mut out = [0; 256];
        let mut writer = Writer::new(&mut out);
        details.write(&mut writer).unwrap();
        Details::read(&Objects::Kept(writer.written()))
    }

    #[test]
    fn details_are_read_as_written() {
        assert_eq!(again(&full()), full());
        assert_eq!(again(&Details::default()), Details::default());
        let without = Details { application: None, account: None, ..full() };
        assert_eq!(again(&without), without);
    }

    #[test]
    fn a_record_is_small() {
        let mut out = [0; 256];
        let mut writer = Writer::new(&mut out);
        full().write(&mut writer).unwrap();
        assert_eq!(writer.written().len(), 113);
    }
}
