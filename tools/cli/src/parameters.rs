//! `parameters`: signed files of what a terminal is configured with.

use chipwright::config::{CaPublicKey, KeyRecord};
use chipwright::tlv::{Full, Writer};
use chipwright_harness::terminal_file::{Configuration, TerminalFile};
use chipwright_parameters::{
    EcdsaP256, File, Record, Trust, head, put_application, put_combination, put_key, put_revocation,
};
use chipwright_rustcrypto::RustCrypto;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::Report;
use crate::arguments::{self, ParametersCheck, ParametersSign};
use crate::failure::{Exit, Failure};
use crate::page::{Page, Style, cell};
use crate::source;

/// Longest content that is written.
const MAX_CONTENT: usize = 1 << 20;

/// Writes a signed file.
pub(crate) fn sign(arguments: &ParametersSign) -> Result<Report, Failure> {
    let terminal = source::terminal(&arguments.terminal)?;
    let key = private_key(&arguments.key)?;
    let mut memory = vec![0; MAX_CONTENT];
    let mut out = Writer::new(&mut memory);
    content(&terminal, &mut out)
        .map_err(|Full| Failure::data(format!("{}: too much for a file", arguments.terminal)))?;
    let content = out.written();
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    let head = head(terminal.environment(), arguments.version, length);
    let mut file = [&head[..], content].concat();
    let signature: Signature = key.sign(&file);
    file.extend(signature.to_bytes());
    std::fs::write(&arguments.output, &file)
        .map_err(|error| Failure::data(format!("{}: {error}", arguments.output.display())))?;
    let public = hex::encode_upper(key.verifying_key().to_sec1_point(true).as_bytes());
    let text =
        format!("version {}, {} bytes\npublic key {public}\n", arguments.version, file.len());
    Ok(Report { text, exit: Exit::Success })
}

fn private_key(path: &str) -> Result<SigningKey, Failure> {
    let wrong = || Failure::data(format!("{path}: no private key: 32 bytes in hexadecimal"));
    let text = Zeroizing::new(source::text(path)?);
    let bytes = Zeroizing::new(hex::decode(text.trim()).map_err(|_| wrong())?);
    SigningKey::from_slice(&bytes).map_err(|_| wrong())
}

/// What a file has of a terminal.
fn content(terminal: &TerminalFile, out: &mut Writer<'_>) -> Result<(), Full> {
    let configuration = terminal.configuration();
    let Configuration { applications, combinations, keys, revocations, .. } = &configuration;
    applications.iter().try_for_each(|application| put_application(out, application))?;
    combinations.iter().try_for_each(|combination| put_combination(out, combination))?;
    let environment = terminal.environment();
    keys.iter().try_for_each(|key| {
        let key = KeyRecord { key: *key, checksum: None, expiry: None, environment };
        put_key(out, &key, &RustCrypto)
    })?;
    revocations.iter().try_for_each(|revocation| put_revocation(out, revocation))
}

/// Checks a file, and shows what is in it.
pub(crate) fn check(arguments: &ParametersCheck) -> Result<Report, Failure> {
    let date = arguments::date(&arguments.date)?;
    let maker = hex::decode(&arguments.public_key).ok();
    let maker = maker
        .and_then(|key| EcdsaP256::new(&key))
        .ok_or_else(|| Failure::usage("--public-key: no point of P-256".to_owned()))?;
    let environment = arguments.environment.environment();
    let trust = Trust { signature: &maker, hash: &RustCrypto, environment };
    let bytes = source::bytes(&arguments.file)?;
    let wrong = |refusal| Failure::data(format!("{}: {refusal}", arguments.file));
    let file = File::open(&bytes, &trust).map_err(wrong)?;
    let good: Vec<_> = file.keys(date, &RustCrypto).collect();
    let records: Vec<Value> = file.records().map(|record| entry(&record, &good)).collect();
    let text = if arguments.json {
        let document = json!({
            "command": "parameters check",
            "version": file.version(),
            "records": records,
        });
        format!("{document:#}\n")
    } else {
        show(&file, &records)
    };
    Ok(Report { text, exit: Exit::Success })
}

/// A record as JSON.
fn entry(record: &Record<'_>, good: &[CaPublicKey<'_>]) -> Value {
    match record {
        Record::Application(application, combination) => json!({
            "record": "application",
            "name": hex::encode_upper(application.aid),
            "about": format!("version {:04X}, floor limit {}", application.version, application.floor_limit),
            "field": combination.is_some(),
        }),
        Record::Combination(combination) => json!({
            "record": "combination",
            "name": hex::encode_upper(combination.aid),
            "about": format!("kernel {}", hex::encode_upper(combination.kernel.bytes())),
        }),
        Record::Key(record) => {
            let key = record.key;
            let is_good = good.iter().any(|good| (good.rid, good.index) == (key.rid, key.index));
            let expired = if is_good { "" } else { ", expired" };
            json!({
                "record": "key",
                "name": format!("{} {:02X}", hex::encode_upper(key.rid), key.index),
                "about": format!("{} bits{expired}", 8 * key.modulus.len()),
                "good": is_good,
            })
        }
        Record::Revocation(revocation) => json!({
            "record": "revocation",
            "name": format!("{} {:02X}", hex::encode_upper(revocation.rid), revocation.index),
            "about": format!("serial {}", hex::encode_upper(revocation.serial)),
        }),
        _ => json!({"record": "other"}),
    }
}

fn show(file: &File<'_>, records: &[Value]) -> String {
    let page = Page::new();
    let line = |style, what: &str, name: &str, about: &str| {
        page.row(&[
            cell(Style::Dim, what).wide(14),
            cell(style, name).wide(34),
            cell(Style::Plain, about),
        ]);
    };
    for record in records {
        let [what, name, about] = ["record", "name", "about"]
            .map(|field| record.get(field).and_then(Value::as_str).unwrap_or_default());
        let expired = record.get("good") == Some(&Value::Bool(false));
        line(if expired { Style::Bad } else { Style::Bold }, what, name, about);
    }
    page.gap();
    let sums = format!("version {}, {} bytes, good", file.version(), file.bytes().len());
    page.row(&[cell(Style::Good, &sums)]);
    page.text()
}
