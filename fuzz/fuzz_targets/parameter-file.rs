//! Parameter files and downloads: what is accepted can be written and read again alike.

#![no_main]

use chipwright::config::Environment;
use chipwright::tlv::Writer;
use chipwright_fuzz::terminal::TODAY;
use chipwright_parameters::{
    File, HEAD_LENGTH, Record, Refusal, SIGNATURE_LENGTH, Trust, VerifySignature, application,
    head, key, put_application, put_combination, put_key, put_revocation,
};
use chipwright_rustcrypto::RustCrypto;
use libfuzzer_sys::fuzz_target;

/// Whoever signs: what is looked for is behind the signature.
struct Anyone;

impl VerifySignature for Anyone {
    fn verify(&self, _: &[u8], _: &[u8; SIGNATURE_LENGTH]) -> bool {
        true
    }
}

const TRUST: Trust<'static> =
    Trust { signature: &Anyone, hash: &RustCrypto, environment: Environment::Test };

fuzz_target!(|bytes: &[u8]| {
    _ = application(bytes).map_err(|refusal| placed(refusal, bytes.len()));
    _ = key(bytes, Environment::Test).map_err(|refusal| placed(refusal, bytes.len()));
    file(bytes);
    // The content alone, with a head that fits.
    let length = u32::try_from(bytes.len()).expect("short");
    let whole = [&head(Environment::Test, 7, length)[..], bytes, &[0; SIGNATURE_LENGTH]].concat();
    file(&whole);
});

fn placed(refusal: Refusal, length: usize) {
    assert!(!refusal.to_string().is_empty());
    let offset = match refusal {
        Refusal::Tlv(error) => error.offset,
        Refusal::Template(_, at)
        | Refusal::Missing(_, at)
        | Refusal::Redundant(_, at)
        | Refusal::Value(_, at)
        | Refusal::Key(_, at) => at,
        _ => 0,
    };
    assert!(offset <= length, "{refusal}");
}

fn file(bytes: &[u8]) {
    let file = match File::open(bytes, &TRUST) {
        Ok(file) => file,
        Err(refusal) => {
            placed(refusal, bytes.len());
            return;
        }
    };
    assert!(bytes.starts_with(file.bytes()));
    let mut memory = vec![0; bytes.len() * 4 + 512 * file.records().count()];
    let mut writer = Writer::new(&mut memory);
    for record in file.records() {
        write(&mut writer, &record).expect("room");
    }
    let content = writer.written();
    let length = u32::try_from(content.len()).expect("short");
    let head = head(Environment::Test, file.version(), length);
    assert_eq!(head.len(), HEAD_LENGTH);
    let whole = [&head[..], content, &[0; SIGNATURE_LENGTH]].concat();
    let again = File::open(&whole, &TRUST).expect("what was written");
    let said = |file: &File<'_>| {
        let mut said = Vec::new();
        for record in file.records() {
            match record {
                // Both ways to say it come to the same.
                Record::Application(application, combination) => {
                    said.push(format!("{application:?}"));
                    said.extend(combination.map(|combination| format!("{combination:?}")));
                }
                Record::Combination(combination) => said.push(format!("{combination:?}")),
                other => said.push(format!("{other:?}")),
            }
        }
        said
    };
    assert_eq!(said(&file), said(&again));
    let keys = |file: &File<'_>| file.keys(TODAY, &RustCrypto).count();
    assert_eq!(keys(&file), keys(&again));
}

fn write(out: &mut Writer<'_>, record: &Record<'_>) -> Result<(), chipwright::tlv::Full> {
    match record {
        Record::Application(application, combination) => {
            put_application(out, application)?;
            combination.as_ref().map_or(Ok(()), |combination| put_combination(out, combination))
        }
        Record::Combination(combination) => put_combination(out, combination),
        Record::Key(key) => put_key(out, key, &RustCrypto),
        Record::Revocation(revocation) => put_revocation(out, revocation),
        other => panic!("new kind of record: {other:?}"),
    }
}
