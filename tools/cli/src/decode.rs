//! `decode`: data of cards, terminals and hosts in words. `tags`: the dictionary.

mod dialogue;
mod difference;
mod found;
mod input;
mod piece;
mod text;

use chipwright::tag::Tag;
use chipwright::value::Code;
use chipwright_harness::currency::Currency;
use chipwright_harness::describe::{self, Context, Secrets};
use chipwright_harness::key_file::{self, KeyEntry};
use serde_json::{Value, json};

use crate::Report;
use crate::arguments::{Decode, Tags, tag};
use crate::failure::{Exit, Failure};
use crate::page::{Page, Style, cell};
use crate::source;
use dialogue::Dialogue;
use found::{Found, Told};
use input::Input;
use piece::Piece;

/// Decodes what the command line gives.
pub(crate) fn run(arguments: &Decode) -> Result<Report, Failure> {
    let options = Options::of(arguments)?;
    if let Some(other) = &arguments.diff {
        return difference::run(arguments, other, &options);
    }
    let found = find(&arguments.input, &options)?;
    let told = tell(&found, &options)?;
    let mut secrets = Secrets::default();
    for object in found.iter().flat_map(difference::objects) {
        secrets.learn_object(object.tag, object.value);
    }
    let text = if arguments.json {
        let document = match (found.as_slice(), told.as_slice()) {
            ([Found { place: None, .. }], [told]) => told.document(),
            _ => {
                let entry = |(found, told): (&Found, &Told)| {
                    let mut entry = told.document();
                    entry["line"] = found.place.map(|place| place.line).into();
                    entry["column"] = found.place.map(|place| place.column).into();
                    entry
                };
                json!({"found": found.iter().zip(&told).map(entry).collect::<Vec<Value>>()})
            }
        };
        secrets.hide(&format!("{document:#}\n"))
    } else {
        let page = Page::new();
        *page.secrets.borrow_mut() = secrets;
        for (found, told) in found.iter().zip(&told) {
            told.show(&page, found.place);
        }
        page.text()
    };
    Ok(Report { text, exit: Exit::Success })
}

/// Says what each string is, in the light of those before it; certificates behind the last one.
fn tell(found: &[Found], options: &Options) -> Result<Vec<Told>, Failure> {
    let mut dialogue = Dialogue::default();
    let mut told = Vec::new();
    for found in found {
        told.push(found.tell(options, &dialogue)?);
        dialogue.hear(found);
    }
    if let (Some(last), false) = (told.last_mut(), options.keys.is_empty()) {
        last.certificates = describe::opened(&dialogue.objects, &dialogue.covered(), &options.keys);
    }
    Ok(told)
}

/// How data are read.
struct Options {
    piece: Option<Piece>,
    whole: bool,
    context: Context,
    keys: Vec<KeyEntry>,
}

impl Options {
    fn of(arguments: &Decode) -> Result<Self, Failure> {
        use crate::arguments::What;
        let piece = match (arguments.tag, arguments.atr, arguments.what) {
            (Some(tag), ..) => Some(Piece::Value(tag)),
            (_, true, _) => Some(Piece::Reset),
            (.., what) => what.and_then(|what| match what {
                What::Tlv => Some(Piece::Objects),
                What::Text => None,
                What::Command => Some(Piece::Command),
                What::Status => Some(Piece::Status),
                What::Dol => Some(Piece::List),
                What::Tags => Some(Piece::Tags),
                What::Atr => Some(Piece::Reset),
                What::Ats => Some(Piece::Select),
            }),
        };
        let currency = arguments.currency.as_ref().map(|text| {
            let wrong = || Failure::usage(format!("--currency {text}: no such currency"));
            Currency::find(text).ok_or_else(wrong)
        });
        let context = Context { currency: currency.transpose()?, book: arguments.kernel };
        let keys = arguments.keys.as_deref().map(keys).transpose()?.unwrap_or_default();
        Ok(Self { piece, whole: arguments.what != Some(What::Text), context, keys })
    }

    /// The context for data: the currency is the one that they name, unless somebody said.
    fn context(&self, bytes: &[u8]) -> Context {
        let own = [Tag(0x5F2A), Tag(0x9F42)].into_iter().find_map(|tag| {
            use chipwright::object::Value as _;
            let objects = difference::flat(bytes);
            let found = objects.iter().find(|object| object.tag == tag)?;
            Code::decode(found.value).map(Currency::of)
        });
        Context { currency: self.context.currency.or(own), ..self.context }
    }
}

/// Keys of a terminal, or of a key file.
fn keys(name: &str) -> Result<Vec<KeyEntry>, Failure> {
    let text = match source::terminal(name) {
        Ok(terminal) => {
            let configuration = terminal.configuration();
            return Ok(configuration.terminal().keys.iter().map(KeyEntry::from).collect());
        }
        Err(failure) if failure.exit == Exit::Usage => return Err(failure),
        Err(_) => source::text(name)?,
    };
    key_file::read(&text).map_err(|error| Failure::data(format!("{name}: {error}")))
}

/// Finds the data in an argument or a file.
fn find(argument: &str, options: &Options) -> Result<Vec<Found>, Failure> {
    let input = input::read(argument, options.piece)?;
    match input {
        Input::Bytes(bytes) if options.whole => Ok(vec![Found::whole(bytes, options.piece)]),
        Input::Bytes(bytes) => Ok(text::scan(&String::from_utf8_lossy(&bytes))),
        Input::Text(text) => {
            let found = text::scan(&text);
            if found.is_empty() {
                let shown = if argument == "-" { "standard input" } else { argument };
                return Err(Failure::data(format!("{shown}: nothing to decode in it")));
            }
            Ok(found)
        }
    }
}

/// Shows the dictionary, or the part of it that is asked for.
pub(crate) fn tags(arguments: &Tags) -> Result<Report, Failure> {
    let wanted = arguments.what.as_deref();
    let asked = wanted.and_then(|text| tag(text).ok());
    let words = wanted.unwrap_or_default().to_lowercase();
    let fits = |definition: &&describe::Definition| {
        let named = definition.name.to_lowercase().contains(&words);
        asked.map_or(named, |tag| tag == definition.tag)
            && arguments.kernel.is_none_or(|book| definition.books.contains(&book))
    };
    let found: Vec<_> = describe::definitions().iter().filter(fits).collect();
    if found.is_empty() {
        return Err(Failure::data(format!("no tag `{}`", wanted.unwrap_or_default())));
    }
    let length = |definition: &describe::Definition| match definition.max {
        Some(max) if max == definition.min => max.to_string(),
        Some(max) => format!("{}..{max}", definition.min),
        None => format!("{}..", definition.min),
    };
    let list = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>();
    let text = if arguments.json {
        let entry = |definition: &&describe::Definition| {
            json!({
                "tag": definition.tag.to_string(),
                "name": definition.name,
                "books": list(&mut definition.books.iter().map(|book| book.word().to_owned())),
                "source": definition.source,
                "format": definition.format,
                "min": definition.min,
                "max": definition.max,
                "templates": list(&mut definition.templates.iter().map(ToString::to_string)),
            })
        };
        format!("{:#}\n", Value::from(found.iter().map(entry).collect::<Vec<_>>()))
    } else {
        let page = Page::new();
        for definition in found {
            let books = list(&mut definition.books.iter().map(ToString::to_string)).join(", ");
            let templates = list(&mut definition.templates.iter().map(ToString::to_string));
            let inside = match templates.as_slice() {
                [] => String::new(),
                templates if definition.nowhere_else => {
                    format!(", only in {}", templates.join(", "))
                }
                templates => format!(", in {}", templates.join(", ")),
            };
            let (format, source) = (definition.format, definition.source);
            page.row(&[
                cell(Style::Bold, &definition.tag.to_string()).wide(8),
                cell(Style::Plain, definition.name).wide(44),
                cell(
                    Style::Dim,
                    &format!("{format} {}, {source}{inside}; {books}", length(definition)),
                ),
            ]);
        }
        page.text()
    };
    Ok(Report { text, exit: Exit::Success })
}
