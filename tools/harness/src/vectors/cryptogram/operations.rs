//! The operations of the cryptogram vectors, computed from their inputs.

use chipwright::cryptogram::{
    CryptogramVersion, DoubleKey, Encipherment, MasterKeyOption, Padding, ResponseMethod,
    ScriptKey, ScriptMac, Session, SessionKey, Tree, UNION_PAY_1, Verdict, common,
    dynamic_card_verification_value, mac, method_1, method_2, tree, visa_script,
};
use chipwright::tag::Tag;
use chipwright::value::Pan;
use serde_json::{Map, Value};

use super::inputs::{CRYPTO, Inputs, hex};

/// Names of results and their values, as vectors spell them.
pub(super) type Results = Vec<(&'static str, String)>;

/// Computes an operation.
///
/// # Errors
/// What is wrong with the inputs, or that the operation is unknown.
pub(super) fn compute(kind: &str, inputs: &Map<String, Value>) -> Result<Results, String> {
    let inputs = &Inputs(inputs);
    match kind {
        "key_check_value" => key_check_value(inputs),
        "icc_master_key_option_a" => card_key(inputs, MasterKeyOption::A),
        "icc_master_key_option_b" => card_key(inputs, MasterKeyOption::B),
        "session_key_common" => common_session_key(inputs),
        "session_key_visa_sm" => visa_script_key(inputs),
        "session_key_emv2000_tree" => tree_session_key(inputs),
        "padding_iso9797_2" => padded(inputs),
        "mac_iso9797_alg3" => plain_mac(inputs),
        "cryptogram_input_data" => cryptogram_input(inputs),
        "application_cryptogram" => application_cryptogram(inputs),
        "application_cryptogram_scheme" => application_cryptogram_of_scheme(inputs),
        "application_cryptogram_from_master_key" => application_cryptogram_by_issuer_key(inputs),
        "application_cryptogram_pboc_cvn01" => application_cryptogram_of_pboc(inputs),
        "arpc_method_1" => response_by_method_1(inputs),
        "arpc_method_2" => response_by_method_2(inputs),
        "arpc_scheme" => response_of_scheme(inputs),
        "arpc_from_master_key" => response_by_issuer_key(inputs),
        "issuer_script_mac" => script_mac(inputs),
        "issuer_script_mac_scheme" => script_mac_of_scheme(inputs),
        "issuer_script_mac_from_master_key" => script_mac_by_issuer_key(inputs),
        "issuer_script_encryption" => script_encipherment(inputs),
        "pin_block_iso_format_2" => pin_block_format_2(inputs),
        "pin_block_visa_pin_change" => pin_block_of_visa(inputs),
        "pin_change_command_scheme" => pin_change(inputs),
        "cvc3" => card_code_3(inputs),
        "cvc3_from_master_key" => card_code_3_by_issuer_key(inputs),
        "dcvv" => dynamic_verification_value(inputs),
        _ => Err(format!("unknown operation {kind}")),
    }
}

fn key_check_value(inputs: &Inputs) -> Result<Results, String> {
    Ok(vec![("kcv", hex(&inputs.key("key")?.check_value(CRYPTO)))])
}

fn card_key(inputs: &Inputs, option: MasterKeyOption) -> Result<Results, String> {
    let key = inputs.card_key("issuer_master_key", option)?;
    Ok(key_and_check_value("icc_master_key", &key))
}

fn common_session_key(inputs: &Inputs) -> Result<Results, String> {
    let master = inputs.key("icc_master_key")?;
    let key = common(CRYPTO, &master, inputs.array("diversifier")?);
    Ok(key_and_check_value("session_key", &key))
}

fn visa_script_key(inputs: &Inputs) -> Result<Results, String> {
    let key = visa_script(&inputs.key("icc_master_key")?, inputs.array("atc")?);
    Ok(key_and_check_value("session_key", &key))
}

fn tree_session_key(inputs: &Inputs) -> Result<Results, String> {
    let shape = Tree::new(inputs.number("height")?, inputs.number("branch_factor")?);
    let shape = shape.map_err(|error| error.to_string())?;
    let master = inputs.key("icc_master_key")?;
    let key = tree(CRYPTO, &master, inputs.array("atc")?, shape, inputs.array("iv")?);
    Ok(key_and_check_value("session_key", &key))
}

fn padded(inputs: &Inputs) -> Result<Results, String> {
    let mut data = inputs.bytes("data")?;
    match inputs.number::<usize>("block_size")? {
        8 => data.extend(Padding::Method2.after::<8>(data.len())),
        16 => data.extend(Padding::Method2.after::<16>(data.len())),
        other => return Err(format!("block_size: no cipher has blocks of {other} bytes")),
    }
    Ok(vec![("padded", hex(&data))])
}

fn plain_mac(inputs: &Inputs) -> Result<Results, String> {
    let code = inputs.mac(&inputs.key("key")?, inputs.padding()?)?;
    Ok(vec![("mac", code)])
}

fn cryptogram_input(inputs: &Inputs) -> Result<Results, String> {
    let version = inputs.version()?;
    let objects = inputs.object("data_objects")?;
    let mut data = assembled(version, &|tag| objects.optional(&tag.to_string(), Inputs::bytes))?;
    let input = hex(&data);
    data.extend(version.padding.after::<8>(data.len()));
    Ok(vec![("ac_input", input), ("ac_input_padded", hex(&data))])
}

fn application_cryptogram(inputs: &Inputs) -> Result<Results, String> {
    let code = inputs.mac(&inputs.key("session_key")?, inputs.padding()?)?;
    Ok(vec![("ac", code)])
}

fn application_cryptogram_of_scheme(inputs: &Inputs) -> Result<Results, String> {
    let version = inputs.version()?;
    let data = assembled(version, &|tag| match tag.0 {
        0x9F10 => inputs.issuer_application_data(version).map(Some),
        _ => {
            let name = format!("tag_{tag}").to_lowercase();
            inputs.optional(&name, Inputs::bytes)
        }
    })?;
    if data != inputs.bytes("ac_input_data")? {
        return Err(format!("the input is put together as {}", hex(&data)));
    }
    let master = inputs.card_key("issuer_master_key_ac", version.master_key)?;
    let session = inputs.session(version, &master)?;
    Ok(vec![("ac", hex(&session.application_cryptogram([data.as_slice()])))])
}

fn application_cryptogram_by_issuer_key(inputs: &Inputs) -> Result<Results, String> {
    let (master, session) = inputs.keys_by_issuer_key()?;
    Ok(vec![
        ("icc_master_key", hex(master.bytes())),
        ("session_key", hex(session.bytes())),
        ("ac", inputs.mac(&session, inputs.padding()?)?),
    ])
}

fn application_cryptogram_of_pboc(inputs: &Inputs) -> Result<Results, String> {
    let master = inputs.key("udk_ac")?;
    let session = Session::new(CRYPTO, &UNION_PAY_1, &master, inputs.array("atc")?, [0; 4]);
    let input = inputs.bytes("ac_input")?;
    Ok(vec![
        ("session_key", hex(session.key().bytes())),
        ("ac", hex(&session.application_cryptogram([input.as_slice()]))),
    ])
}

fn response_by_method_1(inputs: &Inputs) -> Result<Results, String> {
    let (arqc, code) = (inputs.array("arqc")?, inputs.array("arc")?);
    let response = method_1(CRYPTO, &inputs.key("key")?, arqc, code);
    Ok(vec![("arpc", hex(&response))])
}

fn response_by_method_2(inputs: &Inputs) -> Result<Results, String> {
    let (arqc, update) = (inputs.array("arqc")?, inputs.array("csu")?);
    let proprietary = inputs.bytes("proprietary_authentication_data")?;
    let response = method_2(CRYPTO, &inputs.key("key")?, arqc, update, &proprietary);
    Ok(vec![("arpc", hex(&response))])
}

fn response_of_scheme(inputs: &Inputs) -> Result<Results, String> {
    let version = inputs.version()?;
    let (method, verdict) = match inputs.text("method")? {
        "method1" => ("method1", Verdict::Code(inputs.array("arpc_rc")?)),
        _ => ("method2", inputs.status("csu")?),
    };
    let key = match version.session_key {
        SessionKey::Master => "master",
        _ if version.response == ResponseMethod::CodeByMasterKey => "master",
        _ => "csk_atc",
    };
    if (method, key) != (inputs.text("method")?, inputs.text("key_used")?) {
        return Err(format!("the version answers by {method} with the key {key}"));
    }
    let master = inputs.card_key("issuer_master_key_ac", version.master_key)?;
    let session = inputs.session(version, &master)?;
    let arqc = inputs.array("tag_9f26")?;
    let data = session.issuer_authentication_data(arqc, verdict);
    let data = data.map_err(|error| error.to_string())?;
    // What one side answers, the other accepts.
    if session.verify(arqc, &data) != Some(verdict) {
        return Err("the answer is not accepted".into());
    }
    let length = if method == "method1" { 8 } else { 4 };
    Ok(vec![("arpc", hex(data.get(..length).unwrap_or_default()))])
}

fn response_by_issuer_key(inputs: &Inputs) -> Result<Results, String> {
    let (master, session) = inputs.keys_by_issuer_key()?;
    let key = match inputs.text("key_used")? {
        "session" => session,
        "master" => master,
        other => return Err(format!("key_used: {other}")),
    };
    let arqc = inputs.array("arqc")?;
    let response = match inputs.number("method")? {
        1 => hex(&method_1(CRYPTO, &key, arqc, inputs.array("arc")?)),
        2 => hex(&method_2(CRYPTO, &key, arqc, inputs.array("csu")?, &[])),
        other => return Err(format!("method: {other}")),
    };
    Ok(vec![("arpc", response)])
}

fn script_mac(inputs: &Inputs) -> Result<Results, String> {
    let code = inputs.mac(&inputs.key("session_key")?, Padding::Method2)?;
    Ok(vec![("mac", code)])
}

fn script_mac_of_scheme(inputs: &Inputs) -> Result<Results, String> {
    let version = inputs.version()?;
    let method = match version.script_key {
        ScriptKey::Counter => "visa_sm",
        ScriptKey::Cryptogram => "csk_arqc",
        ScriptKey::Session(_) => "session",
    };
    let covered = match version.script_mac {
        ScriptMac::Plain => "header_data",
        ScriptMac::Transaction => "header_atc_ac_data",
    };
    if (method, covered) != (inputs.text("session_key_method")?, inputs.text("mac_data")?) {
        return Err(format!("the version has the key method {method} over {covered}"));
    }
    let master = inputs.card_key("issuer_master_key_ac", version.master_key)?;
    let integrity = inputs.card_key("issuer_master_key_smi", version.master_key)?;
    let (header, data) = (inputs.bytes("command_header")?, inputs.bytes("command_data")?);
    let session = inputs.session(version, &master)?;
    let code = session.script_mac(&integrity, inputs.array("tag_9f26")?, &header, &data);
    Ok(vec![("mac", hex(&code))])
}

fn script_mac_by_issuer_key(inputs: &Inputs) -> Result<Results, String> {
    let master = inputs.card_key("issuer_master_key_smi", MasterKeyOption::A)?;
    if inputs.text("session_key_method")? != "Visa XOR ATC" {
        return Err("session_key_method: unknown".into());
    }
    let session = visa_script(&master, inputs.array("atc")?);
    let input = inputs.bytes("mac_input")?;
    let code = mac(CRYPTO, &session, inputs.padding()?, [input.as_slice()]);
    Ok(vec![("session_key", hex(session.bytes())), ("mac", hex(&code))])
}

fn script_encipherment(inputs: &Inputs) -> Result<Results, String> {
    let encipherment = match inputs.text("scheme")? {
        "VISA" => Encipherment::Visa,
        "MASTERCARD" => Encipherment::Mastercard,
        "EMV" => Encipherment::Emv,
        other => return Err(format!("scheme: {other}")),
    };
    let mut space = [0; 300];
    let (key, data) = (inputs.key("session_key")?, inputs.bytes("data")?);
    let enciphered = encipherment.encipher(CRYPTO, &key, &data, &mut space);
    let enciphered = enciphered.map_err(|error| error.to_string())?;
    Ok(vec![("ciphertext", hex(enciphered))])
}

fn pin_block_format_2(inputs: &Inputs) -> Result<Results, String> {
    Ok(vec![("pin_block", hex(&inputs.pin("pin")?.format_2()))])
}

fn pin_block_of_visa(inputs: &Inputs) -> Result<Results, String> {
    let current = inputs.optional("current_pin", Inputs::pin)?;
    let key = inputs.key("icc_master_key_ac")?;
    let block = inputs.pin("new_pin")?.change_block(&key, current.as_ref());
    Ok(vec![("pin_block", hex(&block))])
}

fn pin_change(inputs: &Inputs) -> Result<Results, String> {
    let version = inputs.version()?;
    let master = inputs.card_key("issuer_master_key_ac", version.master_key)?;
    let integrity = inputs.card_key("issuer_master_key_smi", version.master_key)?;
    let confidentiality = inputs.card_key("issuer_master_key_smc", version.master_key)?;
    let current = inputs.optional("current_pin", Inputs::pin)?;
    let command = inputs.session(version, &master)?.pin_change(
        [&integrity, &confidentiality],
        inputs.array("tag_9f26")?,
        &inputs.pin("pin")?,
        current.as_ref(),
    );
    Ok(vec![("command", hex(&command.map_err(|error| error.to_string())?))])
}

fn card_code_3(inputs: &Inputs) -> Result<Results, String> {
    inputs.card_code_3(&inputs.key("icc_cvc3_key")?)
}

fn card_code_3_by_issuer_key(inputs: &Inputs) -> Result<Results, String> {
    let key = inputs.card_key("issuer_master_key_cvc3", inputs.master_key_option()?)?;
    inputs.card_code_3(&key)
}

fn dynamic_verification_value(inputs: &Inputs) -> Result<Results, String> {
    let key = inputs.card_key("issuer_master_key", inputs.master_key_option()?)?;
    let pan = inputs.pan()?;
    let service_code = inputs.text("service_code")?.parse();
    let value = dynamic_card_verification_value(
        CRYPTO,
        &key,
        Pan::new(&pan).ok_or("pan: not an account number")?,
        inputs.array("atc")?,
        inputs.array("expiry_yymm")?,
        service_code.map_err(|error| format!("service_code: {error}"))?,
    );
    Ok(vec![("dcvv", format!("{value:03}"))])
}

/// The input of a cryptogram, out of what `object` looks up.
fn assembled(
    version: &CryptogramVersion,
    object: &dyn Fn(Tag) -> Result<Option<Vec<u8>>, String>,
) -> Result<Vec<u8>, String> {
    let tags = [0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36, 0x9F10];
    let mut objects = Vec::new();
    for tag in tags.map(Tag) {
        objects.push((tag, object(tag)?));
    }
    let find = |tag: Tag| {
        let found = objects.iter().find(|(other, _)| *other == tag);
        found.and_then(|(_, value)| value.as_deref())
    };
    let input = version.input(find).map_err(|error| error.to_string())?;
    Ok(input.bytes().collect())
}

fn key_and_check_value(name: &'static str, key: &DoubleKey) -> Results {
    vec![(name, hex(key.bytes())), ("kcv", hex(&key.check_value(CRYPTO)))]
}
