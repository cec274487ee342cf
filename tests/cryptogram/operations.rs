//! The operations of the cryptogram vectors, computed from their inputs.

use chipwright::cryptogram::{
    COMMON_CORE_5, CryptogramVersion, DoubleKey, Encipherment, INTERAC_133, MASTERCARD_16,
    MASTERCARD_17, MASTERCARD_20, MASTERCARD_21, MasterKeyOption, Padding, Pin, ResponseMethod,
    ScriptKey, ScriptMac, Session, SessionKey, Tree, UNION_PAY_1, VISA_10, VISA_18, VISA_22,
    Verdict, common, cvc3, cvc3_vector, dynamic_card_verification_value, icc_master_key, mac,
    method_1, method_2, tree, visa_script,
};
use chipwright::tag::Tag;
use chipwright::value::Pan;
use chipwright_rustcrypto::RustCrypto;
use serde_json::{Map, Value};

/// Names of results and their values, as vectors spell them.
pub(crate) type Results = Vec<(&'static str, String)>;

const CRYPTO: &RustCrypto = &RustCrypto;

/// Computes an operation.
///
/// # Errors
/// What is wrong with the inputs, or that the operation is unknown.
pub(crate) fn compute(kind: &str, inputs: &Map<String, Value>) -> Result<Results, String> {
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
    let key = tree(
        CRYPTO,
        &master,
        inputs.array("atc")?,
        shape,
        inputs.array("iv")?,
    );
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
    let mut data = assembled(version, &|tag| {
        objects.optional(&tag.to_string(), Inputs::bytes)
    })?;
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
    Ok(vec![(
        "ac",
        hex(&session.application_cryptogram([data.as_slice()])),
    )])
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
        (
            "ac",
            hex(&session.application_cryptogram([input.as_slice()])),
        ),
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
        return Err(format!(
            "the version answers by {method} with the key {key}"
        ));
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
        return Err(format!(
            "the version has the key method {method} over {covered}"
        ));
    }
    let master = inputs.card_key("issuer_master_key_ac", version.master_key)?;
    let integrity = inputs.card_key("issuer_master_key_smi", version.master_key)?;
    let (header, data) = (
        inputs.bytes("command_header")?,
        inputs.bytes("command_data")?,
    );
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
    Ok(vec![
        ("session_key", hex(session.bytes())),
        ("mac", hex(&code)),
    ])
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
    Ok(vec![(
        "command",
        hex(&command.map_err(|error| error.to_string())?),
    )])
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
    let tags = [
        0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36, 0x9F10,
    ];
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
    vec![
        (name, hex(key.bytes())),
        ("kcv", hex(&key.check_value(CRYPTO))),
    ]
}

fn hex(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

/// The inputs of a vector. Every error names the input.
struct Inputs<'a>(&'a Map<String, Value>);

impl<'a> Inputs<'a> {
    fn value(&self, name: &str) -> Result<&'a Value, String> {
        self.0.get(name).ok_or_else(|| format!("{name}: missing"))
    }

    fn object(&self, name: &str) -> Result<Self, String> {
        let value = self.value(name)?.as_object();
        value
            .map(Self)
            .ok_or_else(|| format!("{name}: not an object"))
    }

    fn text(&self, name: &str) -> Result<&'a str, String> {
        let value = self.value(name)?.as_str();
        value.ok_or_else(|| format!("{name}: not a string"))
    }

    fn number<T: TryFrom<u64>>(&self, name: &str) -> Result<T, String> {
        let value = self
            .value(name)?
            .as_u64()
            .and_then(|number| number.try_into().ok());
        value.ok_or_else(|| format!("{name}: not a number in range"))
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        hex::decode(self.text(name)?).map_err(|error| format!("{name}: {error}"))
    }

    fn array<const N: usize>(&self, name: &str) -> Result<[u8; N], String> {
        let bytes = self.bytes(name)?;
        bytes
            .try_into()
            .map_err(|_| format!("{name}: not {N} bytes"))
    }

    fn key(&self, name: &str) -> Result<DoubleKey, String> {
        self.array(name).map(DoubleKey::new)
    }

    fn optional<T>(
        &self,
        name: &str,
        read: impl Fn(&Self, &str) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        self.0.get(name).map(|_| read(self, name)).transpose()
    }

    fn pan(&self) -> Result<Vec<u8>, String> {
        let mut digits = self.text("pan")?.to_owned();
        if digits.len() % 2 == 1 {
            digits.push('F');
        }
        hex::decode(digits).map_err(|error| format!("pan: {error}"))
    }

    fn pin(&self, name: &str) -> Result<Pin, String> {
        let digits = self.text(name)?.bytes().map(|byte| byte.wrapping_sub(b'0'));
        let digits: Vec<u8> = digits.collect();
        Pin::new(&digits).ok_or_else(|| format!("{name}: not 4 to 12 digits"))
    }

    fn padding(&self) -> Result<Padding, String> {
        match self.value("padding")? {
            Value::String(name) if name == "iso9797-1" => Ok(Padding::Method1),
            Value::String(name) if name == "iso9797-2" => Ok(Padding::Method2),
            Value::Number(number) if number.as_u64() == Some(1) => Ok(Padding::Method1),
            Value::Number(number) if number.as_u64() == Some(2) => Ok(Padding::Method2),
            other => Err(format!("padding: {other}")),
        }
    }

    fn mac(&self, key: &DoubleKey, padding: Padding) -> Result<String, String> {
        let data = self.bytes("data")?;
        let length = self.optional("length", Self::number)?.unwrap_or(8);
        let code = mac(CRYPTO, key, padding, [data.as_slice()]);
        code.get(..length)
            .map(hex)
            .ok_or_else(|| format!("length: {length}"))
    }

    fn status(&self, name: &str) -> Result<Verdict<'static>, String> {
        Ok(Verdict::Status {
            update: self.array(name)?,
            proprietary: &[],
        })
    }

    fn master_key_option(&self) -> Result<MasterKeyOption, String> {
        match self.text("master_key_option")? {
            "A" => Ok(MasterKeyOption::A),
            "B" => Ok(MasterKeyOption::B),
            other => Err(format!("master_key_option: {other}")),
        }
    }

    fn card_key(&self, name: &str, option: MasterKeyOption) -> Result<DoubleKey, String> {
        let (issuer, pan, [sequence]) = (self.key(name)?, self.pan()?, self.array("psn")?);
        let pan = Pan::new(&pan).ok_or("pan: not an account number")?;
        Ok(icc_master_key(
            CRYPTO, CRYPTO, option, &issuer, pan, sequence,
        ))
    }

    fn keys_by_issuer_key(&self) -> Result<(DoubleKey, DoubleKey), String> {
        let method = match self.text("session_key_method")? {
            "none (ICC master key used directly)" => SessionKey::Master,
            "common, diversifier ATC 000000000000" => SessionKey::Common,
            "common, diversifier ATC 0000 UN" => SessionKey::Mastercard,
            other => return Err(format!("session_key_method: {other}")),
        };
        let master = self.card_key("issuer_master_key", self.master_key_option()?)?;
        let (atc, unpredictable_number) = (self.array("atc")?, self.array("un")?);
        let session = method.derive(CRYPTO, &master, atc, unpredictable_number);
        Ok((master, session))
    }

    fn version(&self) -> Result<&'static CryptogramVersion, String> {
        Ok(match self.text("scheme")? {
            "VisaCVN10" | "Visa CVN 10" => &VISA_10,
            "VisaCVN18" | "Visa CVN 18" => &VISA_18,
            "VisaCVN22" | "Visa CVN 22" => &VISA_22,
            "MasterCardCVN16" => &MASTERCARD_16,
            "MasterCardCVN17" => &MASTERCARD_17,
            "MasterCardCVN20" | "M/Chip (counters not included)" => &MASTERCARD_20,
            "MasterCardCVN21" => &MASTERCARD_21,
            "InteracCVN133" => &INTERAC_133,
            "EMV CPA (CVN 5)" => &COMMON_CORE_5,
            other => return Err(format!("scheme: {other}")),
        })
    }

    fn session<'s>(
        &self,
        version: &'s CryptogramVersion,
        master: &'s DoubleKey,
    ) -> Result<Session<'s>, String> {
        let atc = self.optional("tag_9f36", Self::array)?.unwrap_or_default();
        let unpredictable_number = self.optional("tag_9f37", Self::array)?.unwrap_or_default();
        Ok(Session::new(
            CRYPTO,
            version,
            master,
            atc,
            unpredictable_number,
        ))
    }

    /// As given, or made of the parts that are.
    fn issuer_application_data(&self, version: &CryptogramVersion) -> Result<Vec<u8>, String> {
        if let Some(data) = self.optional("tag_9f10", Self::bytes)? {
            return Ok(data);
        }
        let results = self.bytes("cvr")?;
        let counters = self.optional("counters", Self::bytes)?.unwrap_or_default();
        let number = [version.number];
        let visa = [&[0x06, 0x00], number.as_slice(), &results].concat();
        let mchip = [&[0x00], number.as_slice(), &results, &[0, 0], &counters].concat();
        Ok(if *version == VISA_10 { visa } else { mchip })
    }

    fn card_code_3(&self, key: &DoubleKey) -> Result<Results, String> {
        let template = self.optional("track_template", Self::bytes)?;
        let vector = match template {
            Some(template) => cvc3_vector(CRYPTO, key, &template),
            None => self.array("iv_cvc3")?,
        };
        let code = cvc3(CRYPTO, key, vector, self.array("un")?, self.array("atc")?);
        Ok(vec![("cvc3", code.to_string())])
    }
}
