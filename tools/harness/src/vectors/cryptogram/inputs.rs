//! What a vector gives, read with care: it may come from anywhere.

use chipwright::cryptogram::{
    COMMON_CORE_5, CryptogramVersion, DoubleKey, INTERAC_133, MASTERCARD_16, MASTERCARD_17,
    MASTERCARD_20, MASTERCARD_21, MasterKeyOption, Padding, Pin, Session, SessionKey, VISA_10,
    VISA_18, VISA_22, Verdict, cvc3, cvc3_vector, icc_master_key, mac,
};
use chipwright::value::Pan;
use chipwright_rustcrypto::RustCrypto;
use serde_json::{Map, Value};

use super::operations::Results;

pub(super) const CRYPTO: &RustCrypto = &RustCrypto;

/// Bytes as vectors spell them.
pub(super) fn hex(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

/// The inputs of a vector. Every error names the input.
pub(super) struct Inputs<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Inputs<'a> {
    pub(super) fn value(&self, name: &str) -> Result<&'a Value, String> {
        self.0.get(name).ok_or_else(|| format!("{name}: missing"))
    }

    pub(super) fn object(&self, name: &str) -> Result<Self, String> {
        let value = self.value(name)?.as_object();
        value.map(Self).ok_or_else(|| format!("{name}: not an object"))
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, String> {
        let value = self.value(name)?.as_str();
        value.ok_or_else(|| format!("{name}: not a string"))
    }

    pub(super) fn number<T: TryFrom<u64>>(&self, name: &str) -> Result<T, String> {
        let value = self.value(name)?.as_u64().and_then(|number| number.try_into().ok());
        value.ok_or_else(|| format!("{name}: not a number in range"))
    }

    pub(super) fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        hex::decode(self.text(name)?).map_err(|error| format!("{name}: {error}"))
    }

    pub(super) fn array<const N: usize>(&self, name: &str) -> Result<[u8; N], String> {
        let bytes = self.bytes(name)?;
        bytes.try_into().map_err(|_| format!("{name}: not {N} bytes"))
    }

    pub(super) fn key(&self, name: &str) -> Result<DoubleKey, String> {
        self.array(name).map(DoubleKey::new)
    }

    pub(super) fn optional<T>(
        &self,
        name: &str,
        read: impl Fn(&Self, &str) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        self.0.get(name).map(|_| read(self, name)).transpose()
    }

    pub(super) fn pan(&self) -> Result<Vec<u8>, String> {
        let mut digits = self.text("pan")?.to_owned();
        if digits.len() % 2 == 1 {
            digits.push('F');
        }
        hex::decode(digits).map_err(|error| format!("pan: {error}"))
    }

    pub(super) fn pin(&self, name: &str) -> Result<Pin, String> {
        let digits = self.text(name)?.bytes().map(|byte| byte.wrapping_sub(b'0'));
        let digits: Vec<u8> = digits.collect();
        Pin::new(&digits).ok_or_else(|| format!("{name}: not 4 to 12 digits"))
    }

    pub(super) fn padding(&self) -> Result<Padding, String> {
        match self.value("padding")? {
            Value::String(name) if name == "iso9797-1" => Ok(Padding::Method1),
            Value::String(name) if name == "iso9797-2" => Ok(Padding::Method2),
            Value::Number(number) if number.as_u64() == Some(1) => Ok(Padding::Method1),
            Value::Number(number) if number.as_u64() == Some(2) => Ok(Padding::Method2),
            other => Err(format!("padding: {other}")),
        }
    }

    pub(super) fn mac(&self, key: &DoubleKey, padding: Padding) -> Result<String, String> {
        let data = self.bytes("data")?;
        let length = self.optional("length", Self::number)?.unwrap_or(8);
        let code = mac(CRYPTO, key, padding, [data.as_slice()]);
        code.get(..length).map(hex).ok_or_else(|| format!("length: {length}"))
    }

    pub(super) fn status(&self, name: &str) -> Result<Verdict<'static>, String> {
        Ok(Verdict::Status { update: self.array(name)?, proprietary: &[] })
    }

    pub(super) fn master_key_option(&self) -> Result<MasterKeyOption, String> {
        match self.text("master_key_option")? {
            "A" => Ok(MasterKeyOption::A),
            "B" => Ok(MasterKeyOption::B),
            other => Err(format!("master_key_option: {other}")),
        }
    }

    pub(super) fn card_key(
        &self,
        name: &str,
        option: MasterKeyOption,
    ) -> Result<DoubleKey, String> {
        let (issuer, pan, [sequence]) = (self.key(name)?, self.pan()?, self.array("psn")?);
        let pan = Pan::new(&pan).ok_or("pan: not an account number")?;
        Ok(icc_master_key(CRYPTO, CRYPTO, option, &issuer, pan, sequence))
    }

    pub(super) fn keys_by_issuer_key(&self) -> Result<(DoubleKey, DoubleKey), String> {
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

    pub(super) fn version(&self) -> Result<&'static CryptogramVersion, String> {
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

    pub(super) fn session<'s>(
        &self,
        version: &'s CryptogramVersion,
        master: &'s DoubleKey,
    ) -> Result<Session<'s>, String> {
        let atc = self.optional("tag_9f36", Self::array)?.unwrap_or_default();
        let unpredictable_number = self.optional("tag_9f37", Self::array)?.unwrap_or_default();
        Ok(Session::new(CRYPTO, version, master, atc, unpredictable_number))
    }

    /// As given, or made of the parts that are.
    pub(super) fn issuer_application_data(
        &self,
        version: &CryptogramVersion,
    ) -> Result<Vec<u8>, String> {
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

    pub(super) fn card_code_3(&self, key: &DoubleKey) -> Result<Results, String> {
        let template = self.optional("track_template", Self::bytes)?;
        let vector = match template {
            Some(template) => cvc3_vector(CRYPTO, key, &template),
            None => self.array("iv_cvc3")?,
        };
        let code = cvc3(CRYPTO, key, vector, self.array("un")?, self.array("atc")?);
        Ok(vec![("cvc3", code.to_string())])
    }
}
