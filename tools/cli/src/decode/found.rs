//! What was found, told.

use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright_harness::describe::{self, Node, Opened};
use chipwright_harness::record;
use serde_json::{Map, Value, json};

use super::Options;
use super::dialogue::Dialogue;
use super::piece::{Piece, split};
use crate::failure::Failure;
use crate::page::{Page, Style, cell};
use crate::story;

/// A place in a text, from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Data that were found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Found {
    /// Where in a text; none of what is everything.
    pub(super) place: Option<Place>,
    pub(super) bytes: Vec<u8>,
    pub(super) piece: Piece,
}

/// Data in words.
pub(super) struct Told {
    kind: &'static str,
    title: Option<String>,
    lines: Vec<String>,
    nodes: Vec<Node>,
    pub(super) certificates: Vec<Opened>,
    status: Option<Status>,
}

impl Found {
    /// Everything that was given.
    pub(super) fn whole(bytes: Vec<u8>, piece: Option<Piece>) -> Self {
        let piece = piece.unwrap_or_else(|| Piece::of(&bytes));
        Self { place: None, bytes, piece }
    }

    /// Says what the bytes are, in the light of what was said before.
    pub(super) fn tell(&self, options: &Options, before: &Dialogue) -> Result<Told, Failure> {
        let bytes = self.bytes.as_slice();
        let parts = |read: Result<(String, Vec<String>), String>| read.map_err(Failure::data);
        let value = |kind, tag| {
            let context = before.context(options.context(bytes));
            Told::of(kind).with(describe::nodes(&[(tag, bytes)], context))
        };
        match self.piece {
            Piece::Objects => self.objects(bytes, options, before),
            Piece::Field(length) => {
                let (_, behind) = bytes.split_at_checked(length).unwrap_or((&[], bytes));
                let told = self.objects(behind, options, before)?;
                let title = format!("{} bytes behind their length of {length} bytes", behind.len());
                Ok(Told { title: Some(title), ..told })
            }
            Piece::Command => Ok(command(bytes, options, before)),
            Piece::Status => {
                let status = bytes.try_into().map(|status| Status(u16::from_be_bytes(status)));
                let status = status.map_err(|_| Failure::data("a status word has two bytes"))?;
                Ok(Told { status: Some(status), ..Told::of("status") })
            }
            Piece::Value(tag) => Ok(value("value", tag)),
            Piece::List => Ok(value("list", Tag(0x9F38))),
            Piece::Tags => Ok(value("tags", Tag(0x9F4A))),
            Piece::Reset => {
                match (parts(describe::answer_to_reset(bytes)), describe::answer_to_select(bytes)) {
                    (Ok((title, lines)), _) | (Err(_), Ok((title, lines))) => {
                        Ok(Told { title: Some(title), lines, ..Told::of("answer-to-reset") })
                    }
                    (Err(failure), Err(_)) => Err(failure),
                }
            }
            Piece::Select => {
                let (title, lines) = parts(describe::answer_to_select(bytes))?;
                Ok(Told { title: Some(title), lines, ..Told::of("answer-to-select") })
            }
        }
    }

    fn objects(&self, bytes: &[u8], options: &Options, before: &Dialogue) -> Result<Told, Failure> {
        let (data, status) = split(bytes);
        let nodes =
            describe::tree_within(data, options.context(data), before.book).map_err(|error| {
                let at = bytes.get(error.offset..).and_then(tag_at).map(|tag| format!(" ({tag})"));
                let (at, length) = (at.unwrap_or_default(), bytes.len());
                Failure::data(format!("not BER-TLV: {error}{at}, of {length} bytes"))
            })?;
        Ok(Told { status, ..Told::of("objects").with(nodes) })
    }
}

/// The tag that a string begins with, and its name.
fn tag_at(bytes: &[u8]) -> Option<String> {
    let tag = (1..=4).find_map(|length| Tag::from_bytes(bytes.get(..length)?))?;
    Some(format!("{tag} {}", describe::name_of(tag).unwrap_or_default()).trim_end().to_owned())
}

fn command(bytes: &[u8], options: &Options, before: &Dialogue) -> Told {
    let instruction = describe::command(bytes);
    let header = hex::encode_upper(bytes.get(..4).unwrap_or(bytes));
    let title = format!("{header} {} {}", instruction.name, instruction.about);
    let data = instruction.data.as_slice();
    // Data of a command are values without tags, but for the template of one.
    let context = before.context(options.context(data));
    let filled = before.filled(bytes, context);
    let tree = || describe::tree(data, context).ok().filter(|_| super::piece::known(data));
    let nodes = filled.or_else(tree).unwrap_or_default();
    let is_pin = bytes.get(1) == Some(&0x20);
    let lines = match (nodes.is_empty(), data.is_empty(), is_pin) {
        (true, false, true) => vec![format!("data of {} bytes", data.len())],
        (true, false, false) => vec![format!("data {}", hex::encode_upper(data))],
        _ => Vec::new(),
    };
    Told { title: Some(title.trim_end().to_owned()), lines, ..Told::of("command").with(nodes) }
}

impl Told {
    const fn of(kind: &'static str) -> Self {
        Self {
            kind,
            title: None,
            lines: Vec::new(),
            nodes: Vec::new(),
            certificates: Vec::new(),
            status: None,
        }
    }

    fn with(self, nodes: Vec<Node>) -> Self {
        Self { nodes, ..self }
    }

    /// As rows, with where it was found.
    pub(super) fn show(&self, page: &Page, place: Option<Place>) {
        if let Some(Place { line, column }) = place {
            page.heading(&format!("line {line}, column {column}"), self.kind);
        }
        if let Some(title) = &self.title {
            page.row(&[cell(Style::Bold, title)]);
        }
        for line in &self.lines {
            page.row(&[cell(Style::Plain, "").wide(2), cell(Style::Plain, line)]);
        }
        for node in &self.nodes {
            story::object(page, node, 0, story::Detail::Everything);
        }
        if let Some(word) = self.status {
            page.row(&[
                cell(Style::Bold, &word.to_string()).wide(story::TAG),
                cell(Style::Plain, "Status Word").wide(story::NAME),
                cell(Style::Plain, &describe::status(word)),
            ]);
        }
        for Opened { tag, title, parts, problem } in &self.certificates {
            page.gap();
            page.row(&[
                cell(Style::Dim, &tag.to_string()).wide(story::TAG),
                cell(Style::Bold, title),
            ]);
            let line = |style, text: &str| {
                page.row(&[cell(Style::Plain, "").wide(story::TAG), cell(style, text)]);
            };
            parts.iter().for_each(|part| line(Style::Plain, part));
            problem.iter().for_each(|problem| line(Style::Bad, problem));
        }
    }

    /// As a JSON object.
    pub(super) fn document(&self) -> Value {
        let mut document = Map::from_iter([("kind".to_owned(), json!(self.kind))]);
        let mut add = |key: &str, value: Value| document.insert(key.to_owned(), value);
        if let Some(title) = &self.title {
            add("title", title.clone().into());
        }
        if !self.lines.is_empty() {
            add("lines", self.lines.clone().into());
        }
        add("objects", self.nodes.iter().map(record::node).collect());
        let status = self
            .status
            .map(|word| json!({"code": word.to_string(), "meaning": describe::status(word)}));
        add("status", status.into());
        if !self.certificates.is_empty() {
            let certificate = |opened: &Opened| {
                json!({
                    "tag": opened.tag.to_string(),
                    "title": opened.title,
                    "parts": opened.parts,
                    "problem": opened.problem,
                })
            };
            add("certificates", self.certificates.iter().map(certificate).collect());
        }
        Value::Object(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright_harness::describe::{Book, Context, definitions};
    use proptest::prelude::*;

    fn options(book: Option<Book>) -> Options {
        let terminal = crate::source::terminal("attended-offline-online").unwrap();
        let configuration = terminal.configuration();
        let keys = configuration.terminal().keys.iter().map(Into::into).collect();
        let context = Context { currency: None, book };
        Options { piece: None, whole: true, context, keys }
    }

    fn any_piece() -> impl Strategy<Value = Option<Piece>> {
        let tag = (0..definitions().len()).prop_map(|place| definitions()[place].tag);
        prop_oneof![
            Just(None),
            Just(Some(Piece::Objects)),
            Just(Some(Piece::Command)),
            Just(Some(Piece::Status)),
            Just(Some(Piece::List)),
            Just(Some(Piece::Tags)),
            Just(Some(Piece::Reset)),
            Just(Some(Piece::Select)),
            (0usize..5).prop_map(|length| Some(Piece::Field(length))),
            tag.prop_map(|tag| Some(Piece::Value(tag))),
        ]
    }

    /// Objects with tags of the dictionary and values of any length.
    fn objects() -> impl Strategy<Value = Vec<u8>> {
        let value = prop::collection::vec(any::<u8>(), 0..40);
        let object = ((0..definitions().len()), value).prop_map(|(place, value)| {
            let tag = hex::decode(definitions()[place].tag.to_string()).unwrap();
            [tag, vec![value.len() as u8], value].concat()
        });
        prop::collection::vec(object, 0..6).prop_map(|objects| objects.concat())
    }

    proptest! {
        /// Whatever it is said to be, and by whatever kernel it is read: told or refused.
        #[test]
        fn any_bytes_are_told_or_refused(
            bytes in prop_oneof![prop::collection::vec(any::<u8>(), 0..300), objects()],
            piece in any_piece(),
            book in prop::sample::select(Book::ALL.map(|(book, _)| book).to_vec()),
        ) {
            let found = Found::whole(bytes, piece);
            let mut dialogue = Dialogue::default();
            dialogue.hear(&found);
            if let Ok(told) = found.tell(&options(Some(book)), &dialogue) {
                let page = Page::new();
                told.show(&page, None);
                prop_assert!(told.document().is_object());
            }
            let opened = describe::opened(&dialogue.objects, &dialogue.covered(), &options(None).keys);
            prop_assert!(opened.len() < 6);
        }
    }
}
