//! Parameter files and downloads: what is accepted can be written and read again alike.

#![no_main]

use chipwright::config::Environment;
use chipwright::tlv::Writer;
use chipwright_fuzz::terminal::TODAY;
use chipwright_parameters::{
    EcdsaP256, File, HEAD_LENGTH, Record, Refusal, SIGNATURE_LENGTH, Slot, SlotFailed, Slots,
    Tables, Trust, VerifySignature, application, current, head, install, key, put_application,
    put_combination, put_key, put_revocation,
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
    install_both(&whole, bytes);
    let key = bytes.first_chunk::<33>().and_then(|key| EcdsaP256::new(key));
    if let (Some(maker), Some(signature)) = (key, bytes.last_chunk()) {
        assert!(!maker.verify(&whole, signature), "signed by chance: {maker:?}");
    }
});

/// Two places for files.
struct Flash {
    slots: [Vec<u8>; 2],
    fails: bool,
}

impl Slots for Flash {
    fn read(&self, slot: Slot) -> &[u8] {
        &self.slots[slot as usize]
    }

    fn write(&mut self, slot: Slot, file: &[u8]) -> Result<(), SlotFailed> {
        if self.fails {
            return Err(SlotFailed);
        }
        self.slots[slot as usize][..file.len()].copy_from_slice(file);
        Ok(())
    }
}

/// A file is taken once, a newer one goes beside it, and what is in use stays whatever else comes.
fn install_both(file: &[u8], other: &[u8]) {
    let room = file.len().max(other.len()) + 1;
    let mut flash = Flash { slots: [vec![0; room], vec![0xFF; room]], fails: false };
    let first = install(&mut flash, file, &TRUST);
    assert_eq!(current(&flash, &TRUST).map(|(slot, _)| slot), first.ok());
    let Ok(slot) = first else { return };
    let again = install(&mut flash, file, &TRUST);
    assert_eq!(again, Err(Refusal::NotNewer(7)));
    _ = install(&mut flash, other, &TRUST).map_err(|refusal| placed(refusal, other.len()));
    let mut newer = file.to_vec();
    newer[9] = newer[9].wrapping_add(1);
    flash.fails = true;
    let failed = install(&mut flash, &newer, &TRUST);
    assert!(failed.is_err(), "nothing was written");
    flash.fails = false;
    if install(&mut flash, &newer, &TRUST).is_ok() {
        let (used, shown) = current(&flash, &TRUST).expect("one is good");
        assert_eq!(used == slot.other(), shown.version() == 8);
    }
    flash.slots[1].truncate(1);
    flash.slots[0].truncate(1);
    assert_eq!(install(&mut flash, file, &TRUST), Err(Refusal::TooLong));
}

/// The tables of a terminal with little room.
fn tables(file: &File<'_>) {
    match Tables::<2, 2, 2>::of(file, TODAY, &RustCrypto) {
        Ok(tables) => {
            let revoked = |record: &Record<'_>| matches!(record, Record::Revocation(_));
            assert_eq!(tables.revocations.len(), file.records().filter(revoked).count());
            assert_eq!(tables.keys.len(), file.keys(TODAY, &RustCrypto).count());
        }
        Err(refusal) => {
            assert_eq!(refusal, Refusal::TooMany);
            assert!(file.records().count() > 2);
        }
    }
}

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
    assert!(format!("{file:?}").contains(&file.bytes().len().to_string()));
    tables(&file);
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
