//! Values that are one code.

use chipwright::field::TerminalType;
use chipwright::object::Value;
use chipwright::value::Digits;

use super::text;
use super::value::Meaning;

/// [ISO/IEC 7813]
pub(super) fn service_code(value: &[u8]) -> Option<Meaning> {
    let code = Digits::number(value)?;
    let first = match code / 100 {
        1 => "international",
        2 => "international, use the chip",
        5 => "national",
        6 => "national, use the chip",
        7 => "private",
        9 => "test",
        _ => "reserved",
    };
    let second = match code / 10 % 10 {
        0 => "normal authorisation",
        2 => "authorisation by the issuer",
        4 => "authorisation by the issuer, unless agreed otherwise",
        _ => "reserved",
    };
    let third = match code % 10 {
        0 => "no restrictions, PIN required",
        1 => "no restrictions",
        2 => "goods and services only",
        3 => "ATM only, PIN required",
        4 => "cash only",
        5 => "goods and services only, PIN required",
        6 => "no restrictions, PIN where there is a PIN pad",
        7 => "goods and services only, PIN where there is a PIN pad",
        _ => "reserved",
    };
    Some(Meaning::of(format!("{first}; {second}; {third}")))
}

/// [B4 A6]
pub(super) fn response_code(value: &[u8]) -> Option<Meaning> {
    let meaning = match value {
        b"00" | b"10" | b"11" => "approved",
        b"01" | b"02" => "referral",
        b"Y1" => "approved offline",
        b"Z1" => "declined offline",
        b"Y3" => "approved offline, unable to go online",
        b"Z3" => "declined offline, unable to go online",
        [_, _] => "declined",
        _ => return None,
    };
    Some(Meaning::of(format!("{}, {meaning}", text::printable(value))))
}

pub(super) fn transaction_type(value: &[u8]) -> Option<Meaning> {
    Some(Meaning::of(match value {
        [0x00] => "purchase",
        [0x01] => "cash",
        [0x09] => "purchase with cashback",
        [0x17] => "cash disbursement",
        [0x20] => "refund",
        [0x21] => "deposit",
        [0x30] => "balance inquiry",
        [0x31] => "inquiry",
        [0x40] => "transfer",
        [0x50] => "payment",
        _ => return None,
    }))
}

/// Account Type (5F57).
pub(super) fn account_type(value: &[u8]) -> Option<Meaning> {
    Some(Meaning::of(match value {
        [0x00] => "default",
        [0x10] => "savings",
        [0x20] => "cheque or debit",
        [0x30] => "credit",
        _ => return None,
    }))
}

/// [ISO 8583]
pub(super) fn pos_entry_mode(value: &[u8]) -> Option<Meaning> {
    Some(Meaning::of(match value {
        [0x00] => "unknown",
        [0x01] => "keyed in",
        [0x02] => "magnetic stripe",
        [0x03] => "bar code",
        [0x04] => "optical reader",
        [0x05] => "chip with contacts",
        [0x07] => "contactless chip",
        [0x10] => "credentials on file",
        [0x80] => "magnetic stripe after the chip failed",
        [0x90] => "magnetic stripe, whole track",
        [0x91] => "contactless magnetic stripe",
        [0x95] => "chip with contacts, verification value unreliable",
        [0x99] => "as in the original transaction",
        _ => return None,
    }))
}

/// [B4 A1]
pub(super) fn terminal_type(value: &[u8]) -> Option<Meaning> {
    use chipwright::field::OnlineCapability::{OfflineOnly, OfflineWithOnline, OnlineOnly};
    let kind = TerminalType::decode(value)?;
    if !kind.is_valid() {
        return Some(Meaning::wrong("no terminal type"));
    }
    let owner = match kind.0 >> 4 {
        1 => "financial institution's",
        2 => "merchant's",
        _ => "cardholder's",
    };
    let place = if kind.is_attended() { "attended" } else { "unattended" };
    let online = match kind.online_capability() {
        OnlineOnly => "online only",
        OfflineWithOnline => "offline with online capability",
        OfflineOnly => "offline only",
    };
    Some(Meaning::of(format!("{owner}, {place}, {online}")))
}
