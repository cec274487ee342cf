//! What the command line says of decoding.

use chipwright::tag::Tag;
use chipwright_harness::describe::Book;
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Decode {
    /// Hexadecimal digits, base64, a file, or - for the standard input; what is among other text
    /// is found there
    #[arg(value_name = "DATA|FILE|-", default_value = "-")]
    pub(crate) input: String,
    /// Compare with other data: which objects are in one of them, and which differ
    #[arg(long, value_name = "DATA|FILE", conflicts_with_all = ["what", "atr", "tag"])]
    pub(crate) diff: Option<String>,
    /// What the data are; found out when left out
    #[arg(long = "as", value_enum, conflicts_with_all = ["atr", "tag"])]
    pub(crate) what: Option<What>,
    /// The data are an answer to reset, or to select
    #[arg(long, conflicts_with = "tag")]
    pub(crate) atr: bool,
    /// The data are the value of this object
    #[arg(long, value_parser = tag)]
    pub(crate) tag: Option<Tag>,
    /// Whose meaning of tags counts: emv, c2 to c8, pboc; that of the application in the data when
    /// left out
    #[arg(long, value_parser = book)]
    pub(crate) kernel: Option<Book>,
    /// Currency of amounts, by name or number; that in the data when left out
    #[arg(long)]
    pub(crate) currency: Option<String>,
    /// Open certificates with the keys of a terminal, built-in or a file, or of a key file
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) keys: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// What data may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum What {
    /// BER-TLV objects, with or without a status word behind them
    Tlv,
    /// Text with data among it
    Text,
    /// A command to a card
    Command,
    /// A status word
    Status,
    /// A data object list
    Dol,
    /// A list of tags
    Tags,
    /// An answer to reset
    Atr,
    /// An answer to select of a contactless card
    Ats,
}

#[derive(Debug, Args)]
pub(crate) struct Tags {
    /// A tag, or words of a name; everything when left out
    #[arg(value_name = "TAG|WORDS")]
    pub(crate) what: Option<String>,
    /// Whose meanings: emv, 4.4, entry-point, c2 to c8, pboc, parameters
    #[arg(long, value_parser = book)]
    pub(crate) kernel: Option<Book>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// A tag in hexadecimal digits.
pub(crate) fn tag(text: &str) -> Result<Tag, String> {
    let bytes = hex::decode(text).ok();
    bytes.and_then(|bytes| Tag::from_bytes(&bytes)).ok_or_else(|| "no tag".to_owned())
}

fn book(text: &str) -> Result<Book, String> {
    let word = text.to_ascii_lowercase();
    let known = Book::named(&word).or_else(|| Book::named(&format!("c{word}")));
    known.or_else(|| (word == "contact").then_some(Book::Emv)).ok_or_else(|| {
        let words: Vec<_> = Book::ALL.iter().map(|(_, word)| *word).collect();
        format!("one of {}", words.join(", "))
    })
}
