//! `ics`: the implementation conformance statement of the simulated terminal: what is linked, how
//! it is set up, what it does not accept any more, and where its limits are.

use chipwright::apdu::BUFFER_LENGTH;
use chipwright::candidates::MAX_CANDIDATES;
use chipwright::config::{CombinedMode, Options, Reviews, Terminal, Withdrawn};
use chipwright::crypto::MAX_MODULUS;
use chipwright::database::DATABASE_LENGTH;
use chipwright::field::{AdditionalTerminalCapabilities, TerminalCapabilities};
use chipwright::identity::Identity;
use chipwright::value::Amount;
use chipwright_entry_point::Combination;
use chipwright_harness::describe;
use chipwright_terminal::{ANSWER_LENGTH, FIELD_55_LENGTH, RECORD_LENGTH};
use serde_json::{Map, Value, json};

use crate::Report;
use crate::arguments::Ics;
use crate::failure::{Exit, Failure};
use crate::page::{Page, Style, cell};
use crate::source;

/// The kernels that are linked, and Entry Point.
const KERNELS: [&Identity; 3] =
    [&chipwright_contact::IDENTITY, &chipwright_entry_point::IDENTITY, &chipwright_c7::IDENTITY];

/// Columns of a row's first words, and of its value.
const WHAT: usize = 32;
const VALUE: usize = 24;

/// A line of the statement.
struct Line {
    key: String,
    value: Value,
    about: String,
}

fn line(key: impl Into<String>, value: impl Into<Value>, about: impl Into<String>) -> Line {
    Line { key: key.into(), value: value.into(), about: about.into() }
}

/// Writes the statement of the terminal that the command line names.
pub(crate) fn run(arguments: &Ics) -> Result<Report, Failure> {
    let file = source::terminal(&arguments.terminal)?;
    let file = source::with_options(file, &arguments.option)?;
    let configuration = file.configuration();
    let terminal = configuration.terminal();
    let sections = [
        ("kernels", kernels()),
        ("terminal", general(&arguments.terminal, &file.title, &terminal)),
        ("taps", taps(&configuration.combinations)),
        ("capabilities", capabilities(&terminal)),
        ("withdrawn", withdrawn(terminal.options.withdrawn)),
        ("options", options(&terminal.options)),
        ("limits", limits(&terminal.options)),
    ];
    let text = if arguments.json {
        format!("{:#}\n", document(&sections))
    } else {
        let page = Page::new();
        sections.iter().for_each(|(title, lines)| show(&page, title, lines));
        page.text()
    };
    Ok(Report { text, exit: Exit::Success })
}

fn kernels() -> Vec<Line> {
    let kernel = |identity: &&Identity| {
        let Identity { name, version, checksum } = **identity;
        line(name, version, format!("checksum {checksum}"))
    };
    KERNELS.iter().map(kernel).collect()
}

fn general(name: &str, title: &str, terminal: &Terminal<'_>) -> Vec<Line> {
    let aids = terminal.applications.iter().map(|application| {
        let partial = if application.partial_match { "and longer names" } else { "exactly" };
        let key = format!("application {}", hex::encode_upper(application.aid));
        line(key, partial, format!("floor limit {} in minor units", application.floor_limit))
    });
    let kind = describe::hex_of(
        chipwright::dictionary::emv::TERMINAL_TYPE.tag,
        &[terminal.terminal_type.0],
    );
    [
        line("terminal", name, title),
        line("type", kind, "Terminal Type (9F35)"),
        line("country", terminal.country.number(), "Terminal Country Code (9F1A)"),
        line("keys", terminal.keys.len(), "of certification authorities"),
        line("revocations", terminal.revocations.len(), "issuer certificates that count no more"),
    ]
    .into_iter()
    .chain(aids)
    .collect()
}

/// The combinations of application and kernel, and their limits in minor units. [A 5.2]
fn taps(combinations: &[Combination<'_>]) -> Vec<Line> {
    let amount = |what: &str, limit: Option<Amount>| {
        limit.map(|limit| format!("{what} {}", limit.minor_units()))
    };
    let flag = |what: &str, set: bool| set.then(|| what.to_owned());
    let combination = |combination: &Combination<'_>| {
        let about = [
            amount("online above", combination.floor_limit),
            combination.terminal_floor_limit.map(|limit| format!("else above {limit}")),
            flag("online without floor limit", combination.online_without_floor_limit),
            amount("verified from", combination.cvm_required_limit),
            amount("none from", combination.transaction_limit),
            flag("status check", combination.status_check == Some(true)),
            flag("not for nothing", combination.zero_amount_allowed == Some(false)),
            flag("extended selection", combination.extended_selection == Some(true)),
            combination.qualifiers.map(|qualifiers| format!("9F66 {}", hex(&qualifiers.0))),
        ];
        let about: Vec<String> = about.into_iter().flatten().collect();
        let kernel = format!("kernel {}", hex(combination.kernel.bytes()));
        line(format!("combination {}", hex(combination.aid)), kernel, about.join(", "))
    };
    combinations.iter().map(combination).collect()
}

fn hex(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

/// What the terminal claims, before anything is withdrawn.
fn capabilities(terminal: &Terminal<'_>) -> Vec<Line> {
    let dashed = |constant: &str| constant.to_lowercase().replace('_', "-");
    let basic = TerminalCapabilities::BITS.iter().map(|(bit, constant, meaning)| {
        line(dashed(constant), terminal.capabilities.contains(*bit), format!("9F33: {meaning}"))
    });
    let further = AdditionalTerminalCapabilities::BITS.iter().map(|(bit, constant, meaning)| {
        let has = terminal.additional_capabilities.contains(*bit);
        line(dashed(constant), has, format!("9F40: {meaning}"))
    });
    basic.chain(further).collect()
}

/// The sunset switches.
fn withdrawn(withdrawn: Withdrawn) -> Vec<Line> {
    let Withdrawn { static_data_authentication, plaintext_pin, enciphered_pin, signature } =
        withdrawn;
    vec![
        line("sda", static_data_authentication, "static data authentication"),
        line("plaintext-pin", plaintext_pin, "plaintext PIN verified by the card"),
        line("enciphered-pin-offline", enciphered_pin, "enciphered PIN verified by the card"),
        line("signature", signature, "signature"),
    ]
}

fn options(options: &Options) -> Vec<Line> {
    let Options {
        sda_selected_bit,
        combined_mode,
        payment_system_environment,
        cardholder_selection,
        unattended_pin_bypass,
        approval_codes,
        reviews: Reviews { candidates, records },
        withdrawn: _,
        exchange_limit: _,
        hardening: _,
    } = *options;
    let mode = match combined_mode {
        CombinedMode::Mode1 => 1,
        CombinedMode::Mode2 => 2,
        CombinedMode::Mode3 => 3,
        CombinedMode::Mode4 => 4,
    };
    let codes: Vec<_> = approval_codes.iter().map(|code| describe::printable(code)).collect();
    vec![
        line("sda_selected_bit", sda_selected_bit, "TVR byte 1 bit 2 when SDA is the method"),
        line("combined_mode", mode, "with which cryptograms a combined signature is asked for"),
        line(
            "payment_system_environment",
            payment_system_environment,
            "the card's directory is read",
        ),
        line("cardholder_selection", cardholder_selection, "the cardholder chooses and confirms"),
        line(
            "unattended_pin_bypass",
            unattended_pin_bypass,
            "a PIN may be left out where nobody attends",
        ),
        line("approval_codes", codes, "by which the issuer approves"),
        line("review_candidates", candidates, "the integrator looks in after the candidate list"),
        line("review_records", records, "the integrator looks in after the records"),
    ]
}

fn limits(options: &Options) -> Vec<Line> {
    vec![
        line("candidates", MAX_CANDIDATES, "applications in the candidate list"),
        line("exchange_limit", options.exchange_limit, "commands in a transaction"),
        line("modulus", MAX_MODULUS, "bytes of an RSA key"),
        line("data", DATABASE_LENGTH, "bytes of data objects that hold every transaction"),
        line("buffer", BUFFER_LENGTH, "bytes of a command or an answer"),
        line("host_answer", ANSWER_LENGTH, "bytes of the host's answer"),
        line("field_55", FIELD_55_LENGTH, "bytes of a message's chip data"),
        line("journal_record", RECORD_LENGTH, "bytes of a record in the journal"),
    ]
}

fn show(page: &Page, title: &str, lines: &[Line]) {
    page.heading(title, "");
    for Line { key, value, about } in lines {
        let shown = match value {
            Value::Bool(true) => "yes".to_owned(),
            Value::Bool(false) => "no".to_owned(),
            Value::String(text) => text.clone(),
            Value::Array(items) => {
                items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
            }
            other => other.to_string(),
        };
        page.row(&[
            cell(Style::Plain, key).wide(WHAT),
            cell(Style::Bold, &shown).wide(VALUE),
            cell(Style::Dim, about),
        ]);
    }
}

fn document(sections: &[(&str, Vec<Line>)]) -> Value {
    let mut document = Map::from_iter([("command".to_owned(), json!("ics"))]);
    for (title, lines) in sections {
        let lines = lines.iter().map(|Line { key, value, about }| {
            (key.clone(), json!({"value": value, "about": about}))
        });
        document.insert((*title).to_owned(), Value::Object(lines.collect()));
    }
    Value::Object(document)
}
