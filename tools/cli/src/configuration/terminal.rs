//! Type, capabilities and country of a terminal.

use chipwright::config::Terminal;
use chipwright::dictionary::emv;
use chipwright::field::{
    AdditionalTerminalCapabilities as Further, OnlineCapability, TerminalCapabilities as Can,
};
use chipwright::tlv::{Tlv, Tlvs};
use chipwright_harness::describe;

use super::Findings;

/// Capabilities that no kernel has yet.
const UNBUILT: [(Can, &str); 4] = [
    (Can::ONLINE_BIOMETRIC, "online-biometric"),
    (Can::OFFLINE_BIOMETRIC, "offline-biometric"),
    (Can::ENCIPHERED_PIN_OFFLINE_ECC, "enciphered-pin-offline-ecc"),
    (Can::XDA, "xda"),
];

/// Checks what the terminal says of itself.
pub(super) fn check(terminal: &Terminal<'_>, findings: &mut Findings<'_>) {
    check_reserved(terminal, findings);
    check_attendance(terminal, findings);
    check_pins(terminal, findings);
    check_authentication(terminal, findings);
    check_business(terminal, findings);
    check_withdrawn(terminal, findings);
    if describe::country(terminal.country.number()).is_none() {
        let number = terminal.country.number();
        findings.error("country", format_args!("{number:03} is no country of ISO 3166"));
    }
    check_objects(terminal, findings);
}

fn kind(terminal: &Terminal<'_>) -> String {
    format!("type {:02X}", terminal.terminal_type.0)
}

fn check_reserved(terminal: &Terminal<'_>, findings: &mut Findings<'_>) {
    let bits = |bits: &mut dyn Iterator<Item = (u8, u8, Option<&'static str>)>| {
        let reserved = bits.filter(|(.., meaning)| meaning.is_none());
        reserved.map(|(byte, bit, _)| format!("[{byte}:{bit}]")).collect::<Vec<_>>().join(" ")
    };
    let basic = bits(&mut terminal.capabilities.set_bits());
    let further = bits(&mut terminal.additional_capabilities.set_bits());
    for (path, reserved) in [("capabilities", basic), ("additional_capabilities", further)] {
        if !reserved.is_empty() {
            findings.error(path, format_args!("reserved bits are set: {reserved}"));
        }
    }
    for (capability, name) in UNBUILT {
        if terminal.capabilities.intersects(capability) {
            findings
                .error("capabilities", format_args!("`{name}` is claimed and no kernel has it"));
        }
    }
}

fn check_attendance(terminal: &Terminal<'_>, findings: &mut Findings<'_>) {
    let (can, further) = (terminal.capabilities, terminal.additional_capabilities);
    if !terminal.terminal_type.is_attended() {
        let kind = kind(terminal);
        if can.contains(Can::SIGNATURE) {
            findings.error(
                "capabilities",
                format_args!("`signature` with {kind}, which nobody attends"),
            );
        }
        if further.intersects(Further::PRINT_ATTENDANT | Further::DISPLAY_ATTENDANT) {
            findings.warning(
                "additional_capabilities",
                format_args!("print or display for an attendant with {kind}, which nobody attends"),
            );
        }
    } else if can.contains(Can::SIGNATURE) && !further.contains(Further::PRINT_ATTENDANT) {
        // [B4 A2]
        findings.error("capabilities", "`signature` without `print-attendant`: nothing to sign on");
    }
    let shown = further.intersects(Further::DISPLAY_CARDHOLDER | Further::PRINT_CARDHOLDER);
    let [.., high, low] = further.0;
    if shown && (high & 0x03, low) == (0, 0) {
        findings.warning(
            "additional_capabilities",
            "shows text to cardholders and has no code table for it",
        );
    }
}

fn check_pins(terminal: &Terminal<'_>, findings: &mut Findings<'_>) {
    let (can, further) = (terminal.capabilities, terminal.additional_capabilities);
    let pins = Can::PLAINTEXT_PIN | Can::ENCIPHERED_PIN_OFFLINE | Can::ENCIPHERED_PIN_ONLINE;
    if can.intersects(pins) && !further.contains(Further::NUMERIC_KEYS) {
        findings.error("capabilities", "a PIN without `numeric-keys` to enter it");
    }
    let offline_only = terminal.terminal_type.online_capability() == OnlineCapability::OfflineOnly;
    if offline_only && can.contains(Can::ENCIPHERED_PIN_ONLINE) {
        let kind = kind(terminal);
        findings.error(
            "capabilities",
            format_args!("`enciphered-pin-online` with {kind}, which never goes online"),
        );
    }
    if can.contains(Can::PLAINTEXT_PIN) != can.contains(Can::ENCIPHERED_PIN_OFFLINE) {
        findings.warning(
            "capabilities",
            "one of `plaintext-pin` and `enciphered-pin-offline` without the other",
        );
    }
    if !can.intersects(pins | Can::SIGNATURE | Can::NO_CVM) {
        findings.error("capabilities", "no method of cardholder verification at all");
    }
}

fn check_authentication(terminal: &Terminal<'_>, findings: &mut Findings<'_>) {
    let can = terminal.capabilities;
    let online_only = terminal.terminal_type.online_capability() == OnlineCapability::OnlineOnly;
    if can.contains(Can::CDA) && !can.contains(Can::DDA) {
        findings.error("capabilities", "`cda` without `dda`");
    }
    // [B3 10.3] Who decides offline has to authenticate offline.
    if !online_only && !can.contains(Can::DDA) {
        let kind = kind(terminal);
        findings.error("capabilities", format_args!("no `dda` with {kind}, which decides offline"));
    }
    let slot = can.contains(Can::IC_WITH_CONTACTS);
    if !slot && !terminal.applications.is_empty() {
        findings.error("capabilities", "applications without `ic-with-contacts` to read them");
    }
    if slot && terminal.applications.is_empty() {
        findings.warning("capabilities", "`ic-with-contacts` and no application");
    }
}

fn check_business(terminal: &Terminal<'_>, findings: &mut Findings<'_>) {
    let further = terminal.additional_capabilities;
    let path = "additional_capabilities";
    let kind = kind(terminal);
    let all = Further::CASH
        | Further::GOODS
        | Further::SERVICES
        | Further::CASHBACK
        | Further::INQUIRY
        | Further::TRANSFER
        | Further::PAYMENT
        | Further::ADMINISTRATIVE;
    if !further.intersects(all) {
        findings.warning(path, "no kind of business at all");
    }
    if further.contains(Further::CASHBACK) {
        if !further.intersects(Further::GOODS | Further::SERVICES) {
            findings.error(path, "`cashback` without `goods` or `services`");
        }
        if !terminal.terminal_type.is_attended() {
            findings.warning(path, format_args!("`cashback` with {kind}, which nobody attends"));
        }
    }
    if terminal.terminal_type.0 >> 4 == 3 && further.contains(Further::CASH) {
        findings.error(path, format_args!("`cash` with {kind}, which the cardholder runs"));
    }
}

fn check_withdrawn(terminal: &Terminal<'_>, findings: &mut Findings<'_>) {
    let withdrawn = terminal.options.withdrawn;
    for (is_withdrawn, capability, name) in [
        (withdrawn.static_data_authentication, Can::SDA, "sda"),
        (withdrawn.plaintext_pin, Can::PLAINTEXT_PIN, "plaintext-pin"),
        (withdrawn.enciphered_pin, Can::ENCIPHERED_PIN_OFFLINE, "enciphered-pin-offline"),
        (withdrawn.signature, Can::SIGNATURE, "signature"),
    ] {
        if is_withdrawn && terminal.capabilities.contains(capability) {
            findings.warning(
                "options.withdrawn",
                format_args!("`{name}` is withdrawn, and cards are still told that it is there"),
            );
        }
    }
}

/// Objects that have a key of their own, or a length that is not theirs.
fn check_objects(terminal: &Terminal<'_>, findings: &mut Findings<'_>) {
    let own = [
        (emv::TERMINAL_TYPE.tag, "type"),
        (emv::TERMINAL_CAPABILITIES.tag, "capabilities"),
        (emv::ADDITIONAL_TERMINAL_CAPABILITIES.tag, "additional_capabilities"),
        (emv::TERMINAL_COUNTRY_CODE.tag, "country"),
        (emv::IFD_SERIAL_NUMBER.tag, "serial_number"),
    ];
    let objects = || Tlvs::new(terminal.data).map_while(Result::ok);
    for Tlv { tag, value, .. } in objects() {
        let path = format!("objects.{tag}");
        if let Some((_, key)) = own.iter().find(|(own, _)| *own == tag) {
            findings.error(&path, format_args!("`{key}` says this"));
        }
        let meaning = describe::meaning(tag, value, describe::Context::default());
        if let Some(problem) = meaning.problem {
            findings.error(&path, problem);
        }
        if tag == emv::MERCHANT_CATEGORY_CODE.tag && meaning.text.is_none() {
            findings.warning(&path, "no merchant category that is known");
        }
    }
    for (tag, name) in [
        (emv::MERCHANT_CATEGORY_CODE.tag, "merchant category code"),
        (emv::MERCHANT_IDENTIFIER.tag, "merchant identifier"),
        (emv::TERMINAL_IDENTIFICATION.tag, "terminal identification"),
    ] {
        if !objects().any(|object| object.tag == tag) {
            findings.warning("objects", format_args!("no {name} ({tag})"));
        }
    }
}
