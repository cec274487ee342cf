//! What the terminal's configuration brings as a BER-TLV string.

use super::{Database, FIRST_INTERNAL};
use crate::dictionary::emv::{
    AID, AMOUNT_AUTHORISED, AMOUNT_AUTHORISED_BINARY, AMOUNT_OTHER, AMOUNT_OTHER_BINARY,
    APPLICATION_VERSION_NUMBER_TERMINAL, CVM_RESULTS, IFD_SERIAL_NUMBER, ISSUER_SCRIPT_RESULTS,
    TC_HASH_VALUE, TERMINAL_COUNTRY_CODE, TERMINAL_FLOOR_LIMIT, TERMINAL_TYPE,
    TRANSACTION_CURRENCY_CODE, TRANSACTION_CURRENCY_EXPONENT, TRANSACTION_DATE,
    TRANSACTION_PIN_DATA, TRANSACTION_SEQUENCE_COUNTER, TRANSACTION_TIME, TRANSACTION_TYPE, TSI,
    TVR, UNPREDICTABLE_NUMBER,
};
use crate::dictionary::{EMV, Source};
use crate::fault::{Cause, Failed, Fault};
use crate::tag::Tag;
use crate::tlv::{Tlv, Tlvs};

/// Objects that the kernel sets, out of fields of the configuration or as it goes: a second value
/// would contradict the first. Capabilities (9F33, 9F40) are not among them: those of an
/// application may differ from the terminal's.
const OF_THE_KERNEL: [Tag; 23] = [
    AID.tag,
    AMOUNT_AUTHORISED.tag,
    AMOUNT_AUTHORISED_BINARY.tag,
    AMOUNT_OTHER.tag,
    AMOUNT_OTHER_BINARY.tag,
    APPLICATION_VERSION_NUMBER_TERMINAL.tag,
    CVM_RESULTS.tag,
    IFD_SERIAL_NUMBER.tag,
    ISSUER_SCRIPT_RESULTS.tag,
    TC_HASH_VALUE.tag,
    TERMINAL_COUNTRY_CODE.tag,
    TERMINAL_FLOOR_LIMIT.tag,
    TERMINAL_TYPE.tag,
    TRANSACTION_CURRENCY_CODE.tag,
    TRANSACTION_CURRENCY_EXPONENT.tag,
    TRANSACTION_DATE.tag,
    TRANSACTION_PIN_DATA.tag,
    TRANSACTION_SEQUENCE_COUNTER.tag,
    TRANSACTION_TIME.tag,
    TRANSACTION_TYPE.tag,
    TSI.tag,
    TVR.tag,
    UNPREDICTABLE_NUMBER.tag,
];

impl Database<'_> {
    /// Sets objects of the terminal out of a BER-TLV string.
    ///
    /// # Errors
    /// As [`check_string`]; [`Cause::StoreFull`].
    pub fn put_string(&mut self, string: &[u8]) -> Result<(), Failed> {
        for tlv in objects(string) {
            let Tlv { tag, value, .. } = self.noted(tlv)?;
            self.put_bytes(tag, value)?;
        }
        Ok(())
    }
}

/// Whether a BER-TLV string holds nothing but objects that a terminal's configuration may bring.
///
/// # Errors
/// [`Cause::Configuration`] at the offset where it is no BER-TLV string, or of an object of card,
/// issuer or kernel. [B3 7.5]
pub fn check_string(string: &[u8]) -> Result<(), Fault> {
    objects(string).try_for_each(|tlv| tlv.map(drop))
}

fn objects(string: &[u8]) -> impl Iterator<Item = Result<Tlv<'_>, Fault>> {
    let refused = Fault::new(Cause::Configuration);
    let mut tlvs = Tlvs::new(string);
    core::iter::from_fn(move || {
        Some(match tlvs.next()? {
            Ok(tlv) if may_be_configured(tlv.tag) => Ok(tlv),
            Ok(tlv) => Err(refused.about(tlv.tag).at(tlvs.offset() - tlv.raw.len())),
            Err(error) => Err(refused.at(error.offset)),
        })
    })
}

/// What no dictionary knows may be anything of the terminal's.
fn may_be_configured(tag: Tag) -> bool {
    // [B3 7.5 configured]
    let foreign = EMV.entry(tag).is_some_and(|entry| entry.source() != Source::Terminal);
    !foreign && !OF_THE_KERNEL.contains(&tag) && tag < FIRST_INTERNAL
}
