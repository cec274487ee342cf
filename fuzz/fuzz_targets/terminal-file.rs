//! Terminal files, card profiles, key files and scenarios: any text is read or refused with a place
//! that is in it.

#![no_main]

use chipwright_card::Profile;
use chipwright_fuzz::terminal::TODAY;
use chipwright_harness::key_file;
use chipwright_harness::scenario::Attack;
use chipwright_harness::terminal_file::{TerminalFile, TerminalFileError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match TerminalFile::parse(text) {
        Ok(file) => terminal(&file),
        Err(error) => placed(&error, text),
    }
    match key_file::read(text) {
        Ok(keys) => {
            let verdicts = key_file::check(&keys, chipwright::config::Environment::Test, TODAY);
            assert_eq!(verdicts.len(), keys.len());
        }
        Err(error) => placed(&error, text),
    }
    if let Err(error) = Profile::parse(text) {
        assert!(!error.to_string().is_empty());
    }
    if let Err(error) = Attack::parse(text) {
        assert!(!error.to_string().is_empty());
    }
});

fn terminal(file: &TerminalFile) {
    let configuration = file.configuration();
    let terminal = configuration.terminal();
    for application in terminal.applications {
        assert!(matches!(application.aid.len(), 5..=16));
        let selection = application.random_selection;
        assert!(selection.target <= selection.maximum && selection.maximum <= 99);
    }
    for key in terminal.keys {
        assert!(!key.modulus.is_empty() && !key.exponent.is_empty());
    }
    let again = TerminalFile::parse(file.text()).expect("what was read once");
    let again = again.configuration();
    assert_eq!(format!("{:?}", again.terminal()), format!("{terminal:?}"));
}

fn placed(error: &TerminalFileError, text: &str) {
    assert!(!error.message.is_empty());
    if let Some((line, column)) = error.place {
        assert!(line >= 1 && line <= text.matches('\n').count() + 1, "{error}");
        let found = text.split('\n').nth(line - 1).expect("a line of it");
        assert!(column >= 1 && column <= found.chars().count() + 1, "{error}");
    }
}
