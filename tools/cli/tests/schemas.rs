//! The published forms of files: every file that comes with the command has them, others do not.

mod command;

use boon::{Compiler, SchemaIndex, Schemas};
use chipwright::contactless::TerminalTransactionQualifiers;
use chipwright::field::{
    AdditionalTerminalCapabilities, ApplicationUsageControl, TerminalCapabilities,
    TerminalVerificationResults,
};
use command::{chipwright, file, root};
use serde_json::{Value, json};
use std::path::PathBuf;

/// A form, compiled.
struct Form {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Form {
    /// As the command prints it.
    fn of(name: &str) -> Self {
        let schema: Value = serde_json::from_str(&chipwright(&["schema", name]).stdout).unwrap();
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let location = format!("file:///{name}.schema.json");
        compiler.add_resource(&location, schema).unwrap();
        let index = compiler.compile(&location, &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn check(&self, document: &Value) -> Result<(), String> {
        self.schemas.validate(document, self.index).map_err(|error| error.to_string())
    }
}

fn files(directory: &str) -> Vec<(PathBuf, Value)> {
    let entries = std::fs::read_dir(root().join(directory)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let toml = paths.filter(|path| path.extension().is_some_and(|end| end == "toml"));
    toml.map(|path| {
        let text = std::fs::read_to_string(&path).unwrap();
        let table: toml::Table = text.parse().unwrap();
        (path, serde_json::to_value(table).unwrap())
    })
    .collect()
}

#[test]
fn every_file_that_comes_with_the_command_has_its_form() {
    for (form, directory, least) in
        [("terminal", "test-vectors/terminals", 6), ("card-profile", "test-vectors/cards", 60)]
    {
        let form = Form::of(form);
        let files = files(directory);
        assert!(files.len() >= least, "{directory}: {}", files.len());
        for (path, document) in files {
            form.check(&document).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }
}

/// What a file of another form changes, and what has to be said of it.
fn broken(form: &str, good: &Value, changes: &[(&str, Value)]) {
    let compiled = Form::of(form);
    assert_eq!(compiled.check(good), Ok(()));
    for (pointer, value) in changes {
        let mut document = good.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[key] = value.clone();
        assert!(compiled.check(&document).is_err(), "{form} {pointer} {value}");
    }
}

#[test]
fn other_terminals_do_not_have_the_form() {
    let terminals = files("test-vectors/terminals");
    let named = |(path, _): &&(PathBuf, Value)| path.ends_with("attended-offline-online.toml");
    let good = &terminals.iter().find(named).unwrap().1;
    broken(
        "terminal",
        good,
        &[
            ("/unknown", json!(1)),
            ("/title", json!(1)),
            ("/type", json!(17)),
            ("/country", json!("276")),
            ("/capabilities", json!(["levitation"])),
            ("/capabilities", json!("E0F8")),
            ("/serial_number", json!("SHORT")),
            ("/environment", json!("staging")),
            ("/objects/9F15", json!("541")),
            ("/application/0/aid", json!("A0000000")),
            ("/application/0/floor_limit", json!(-1)),
            ("/application/0/floorlimit", json!(1)),
            ("/application/0/version", json!(65536)),
            ("/application/0/action_codes/denial", json!("00")),
            ("/application/0/random_selection/target", json!(100)),
            ("/contactless", json!([{"aid": "A000000333"}])),
            ("/contactless", json!([{"aid": "A000000333", "kernel": 7, "floor_limit": "some"}])),
            ("/key", json!([{"rid": "A000000003"}])),
            ("/key", json!([{"rid": "A000000003", "name": "ca", "index": "01"}])),
            ("/revocation", json!([{"rid": "A000000003", "index": "01"}])),
            ("/options", json!({"combined_mode": 5})),
        ],
    );
}

#[test]
fn other_cards_do_not_have_the_form() {
    let good = json!({"title": "x", "application": [{"scheme": "visa"}]});
    broken(
        "card-profile",
        &good,
        &[
            ("/unknown", json!(1)),
            ("/application", json!([])),
            ("/application/0/scheme", json!("other")),
            ("/application/0/priority", json!(16)),
            ("/application/0/format", json!(3)),
            ("/application/0/account", json!({"expiry": "2031"})),
            ("/application/0/account", json!({"usage": ["everything"]})),
            ("/application/0/authentication", json!({"methods": ["xda"]})),
            ("/application/0/verification", json!({"rules": ["thought"]})),
            ("/application/0/verification", json!({"rules": ["signature if-sunny"]})),
            ("/application/0/cryptogram", json!({"card_key": "00"})),
            ("/application/0/quickpass", json!({"broken": "heart"})),
            ("/application/0/record", json!([{"sfi": 1}])),
        ],
    );
}

#[test]
fn traces_have_the_form_with_account_data_and_without() {
    let form = Form::of("trace");
    for options in
        [&["--card", "contact-dda"][..], &["--card", "quickpass-offline", "--amount", "5.00"]]
    {
        let path = file("schema-trace.json", "");
        let run = chipwright(&[&["pay", "--trace", &path], options].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        let mut trace: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(form.check(&trace), Ok(()));
        trace["masked"] = true.into();
        assert!(form.check(&trace).is_err(), "a masked one with its exchanges");
        for key in ["exchanges", "transcript"] {
            trace.as_object_mut().unwrap().remove(key);
        }
        assert_eq!(form.check(&trace), Ok(()));
        broken(
            "trace",
            &trace,
            &[
                ("/schema", json!("chipwright-trace-0")),
                ("/interface", json!("telepathy")),
                ("/events/0/event", Value::Null),
                ("/objects/0/tag", json!("XY")),
                ("/transaction/amount", json!(12)),
                ("/terminal/9F02", json!(12)),
            ],
        );
    }
}

#[test]
fn every_trace_from_the_field_has_the_form() {
    let form = Form::of("trace");
    let entries = std::fs::read_dir(root().join("test-vectors/field")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let traces: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    assert!(!traces.is_empty());
    for path in traces {
        let trace = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        form.check(&trace).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// The names in the forms are those that the files may use.
#[test]
fn names_of_bits_are_the_constants() {
    let of = |form: &str| -> Value {
        serde_json::from_str(&chipwright(&["schema", form]).stdout).unwrap()
    };
    let (terminal, card) = (of("terminal"), of("card-profile"));
    macro_rules! same {
        ($schema:expr, $pointer:literal, $Field:ty) => {
            let names: Vec<String> = <$Field>::BITS
                .iter()
                .map(|(_, name, _)| name.to_lowercase().replace('_', "-"))
                .collect();
            let own = $schema.pointer($pointer).unwrap();
            assert_eq!(own.pointer("/oneOf/1/items/enum"), Some(&json!(names)), $pointer);
        };
    }
    same!(terminal, "/properties/capabilities", TerminalCapabilities);
    same!(terminal, "/properties/additional_capabilities", AdditionalTerminalCapabilities);
    same!(
        terminal,
        "/properties/contactless/items/properties/qualifiers",
        TerminalTransactionQualifiers
    );
    same!(terminal, "/$defs/results", TerminalVerificationResults);
    same!(card, "/$defs/results", TerminalVerificationResults);
    same!(
        card,
        "/properties/application/items/properties/account/properties/usage",
        ApplicationUsageControl
    );
}
