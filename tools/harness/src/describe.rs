//! Says in words what data objects, commands, answers and decisions are.
//!
//! Nothing here decides: it names what codec and kernel found. Account numbers and tracks come
//! out masked, and text of the card without control characters.

mod answer_to_reset;
mod application;
mod bits;
mod certificates;
mod coded;
mod codes;
mod command;
mod contactless;
mod dictionary;
mod issuer;
mod mask;
mod outcome;
mod reader;
mod status;
mod structure;
mod tap;
mod text;
mod tree;
mod value;
mod words;

pub use answer_to_reset::{answer_to_reset, answer_to_select};
pub use application::{ApplicationName, application_name};
pub use certificates::{Covered, Opened, opened};
pub use codes::{country, country_of_letters, currency, language, merchant_category};
pub use command::{Instruction, answer, command, list_values};
pub use dictionary::{
    Book, Definition, definition, definitions, definitions_of, format_name, name_of,
};
pub use mask::{Secrets, hex_of};
pub use outcome::{authority, conclusion, end, end_code, link_error, stop};
pub use reader::contactless_reader_capabilities;
pub use status::status;
pub use tap::{
    Face, alternate_interface, cardholder_verification, contactless_reason, entry_passed, excluded,
    face, outcome_type, reader_status, speaks_for,
};
pub use text::{display_name, printable};
pub use tree::{Node, nodes, tree, tree_within};
pub use value::{Context, Meaning, meaning};
pub use words::{
    authentication_failure, check, column, ignored, left_out, list_origin, part, passed,
    phase_rule, pin_method, pin_result, proceed, reason, review, transaction_type,
};
