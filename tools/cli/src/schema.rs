//! `schema`: the forms of files, as JSON Schema.

use crate::Report;
use crate::arguments::{Form, Schema};
use crate::failure::Exit;

/// Terminal files.
pub(crate) const TERMINAL: &str = include_str!("../../../docs/schemas/terminal.schema.json");
const CARD_PROFILE: &str = include_str!("../../../docs/schemas/card-profile.schema.json");
const TRACE: &str = include_str!("../../../docs/schemas/trace.schema.json");

/// Prints a schema.
pub(crate) fn run(arguments: &Schema) -> Report {
    let text = match arguments.form {
        Form::CardProfile => CARD_PROFILE,
        Form::Terminal => TERMINAL,
        Form::Trace => TRACE,
    };
    Report { text: text.to_owned(), exit: Exit::Success }
}
