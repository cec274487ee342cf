//! `card`: a simulated card, and its issuer, at the end of a byte stream.
//!
//! Both directions carry frames: two bytes, big-endian, of which the upper two bits say whom the
//! frame is for and the other fourteen how long it is, and that many bytes. Every frame is answered
//! by one to the same; `docs/cards.md` describes them.

mod inserted;
mod vpcd;

use chipwright_card::{Card, Interface};
use chipwright_host::Host;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::Report;
use crate::arguments::{self, CardOnALine};
use crate::failure::{Exit, Failure};
use crate::source;
use inserted::Inserted;

/// Upper bits of a frame's head.
const CARD_IN_SLOT: u16 = 0;
const CARD_IN_FIELD: u16 = 1;
const ISSUER: u16 = 2;
const LENGTH_BITS: u32 = 14;

/// What a card in a slot says when it is powered: T=0, nothing special. [B1 8]
const ANSWER_TO_RESET: &[u8] = &[0x3B, 0x60, 0x00, 0x00];
/// What a card in a field says: frames of 256 bytes, the default bit rate. [ISO/IEC 14443-4]
const ANSWER_TO_SELECT: &[u8] = &[0x05, 0x78, 0x80, 0x70, 0x02];

/// First byte of what goes to the issuer: a message that asks.
const AUTHORISATION: u8 = 1;
/// One that tells what was decided without it.
const ADVICE: u8 = 2;
/// One that takes back.
const REVERSAL: u8 = 3;
/// One that settles.
const BATCH: u8 = 4;
/// What the issuer answers to a message that only tells.
const ACKNOWLEDGED: &[u8] = &[1];

/// Serves until the stream ends; with `--listen`, one stream after the other.
pub(crate) fn run(arguments: &CardOnALine) -> Result<Report, Failure> {
    let profile = source::card(&arguments.card)?;
    let card = Card::new(&profile, arguments.seed)
        .map_err(|error| Failure::data(format!("{}: {error}", arguments.card)))?;
    if let Some(address) = &arguments.vpcd {
        vpcd::run(address, Inserted::new(card, &profile, arguments)?)?;
        return Ok(Report { text: String::new(), exit: Exit::Success });
    }
    let mut host = Host::new(arguments.host.mode());
    host.scripts = arguments::scripts(&arguments.script)?;
    let loses_answers = arguments.host == arguments::Host::AnswerLost;
    let mut table = Table { card, presented: None, host, loses_answers };
    match &arguments.listen {
        Some(address) => listen(address, arguments.once, &mut table)?,
        None => table
            .serve(&mut io::stdin().lock(), &mut io::stdout().lock())
            .map_err(|error| Failure::data(format!("standard input: {error}")))?,
    }
    Ok(Report { text: String::new(), exit: Exit::Success })
}

fn listen(address: &str, once: bool, table: &mut Table) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::data(format!("--listen {address}: {error}"));
    let listener = TcpListener::bind(address).map_err(failed)?;
    crate::print(&format!("listening on {}\n", listener.local_addr().map_err(failed)?));
    loop {
        let (stream, _) = listener.accept().map_err(failed)?;
        // What a stream brings concerns that stream; the card waits for the next one.
        if let Err(error) = converse(stream, table) {
            eprintln!("chipwright: {error}");
        }
        if once {
            return Ok(());
        }
    }
}

fn converse(stream: TcpStream, table: &mut Table) -> io::Result<()> {
    stream.set_nodelay(true)?;
    table.serve(&mut &stream, &mut &stream)
}

/// What lies before the terminal: the card, and the line to its issuer.
struct Table {
    card: Card,
    /// Where the card is; nowhere until a frame of no bytes puts it there.
    presented: Option<Interface>,
    host: Host,
    /// Messages reach the host, and its answers to authorisations are lost.
    loses_answers: bool,
}

impl Table {
    /// Answers every frame until the stream ends between two.
    fn serve(&mut self, from: &mut dyn Read, to: &mut dyn Write) -> io::Result<()> {
        self.presented = None;
        while let Some((whom, content)) = receive(from)? {
            let answer = match whom {
                CARD_IN_SLOT => self.ask_card(Interface::Contact, ANSWER_TO_RESET, &content),
                CARD_IN_FIELD => self.ask_card(Interface::Contactless, ANSWER_TO_SELECT, &content),
                ISSUER => self.ask_issuer(&content),
                _ => {
                    return Err(io::Error::other("a frame is for nobody: both upper bits are set"));
                }
            };
            send(to, whom, &answer)?;
        }
        Ok(())
    }

    /// A frame of no bytes puts the card there; others are commands. Where no card is, nothing
    /// answers.
    fn ask_card(&mut self, place: Interface, greeting: &[u8], command: &[u8]) -> Vec<u8> {
        if command.is_empty() {
            self.card.present(place);
            self.presented = Some(place);
            return greeting.to_vec();
        }
        if self.presented == Some(place) { self.card.transmit(command) } else { Vec::new() }
    }

    /// The issuer's answer; no bytes where it has none.
    fn ask_issuer(&mut self, message: &[u8]) -> Vec<u8> {
        let Some((kind, objects)) = message.split_first() else { return Vec::new() };
        let answer = match *kind {
            AUTHORISATION => self.host.authorise(objects).map(|answer| answer.objects()),
            ADVICE => Ok(ACKNOWLEDGED.to_vec()),
            REVERSAL => self.host.reverse(objects).map(|()| ACKNOWLEDGED.to_vec()),
            BATCH => self.host.settle(objects).map(|()| ACKNOWLEDGED.to_vec()),
            _ => return Vec::new(),
        };
        match answer {
            Ok(_) if *kind == AUTHORISATION && self.loses_answers => Vec::new(),
            Ok(answer) => answer,
            Err(error) => {
                eprintln!("chipwright: the issuer: {error}");
                Vec::new()
            }
        }
    }
}

/// The next frame; none when the stream ends before it.
fn receive(from: &mut dyn Read) -> io::Result<Option<(u16, Vec<u8>)>> {
    let mut head = [0; 2];
    match from.read_exact(&mut head[..1]) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let cut = |_| io::Error::other("the stream ends within a frame");
    from.read_exact(&mut head[1..]).map_err(cut)?;
    let head = u16::from_be_bytes(head);
    let length = head & ((1 << LENGTH_BITS) - 1);
    let mut content = vec![0; usize::from(length)];
    from.read_exact(&mut content).map_err(cut)?;
    Ok(Some((head >> LENGTH_BITS, content)))
}

fn send(to: &mut dyn Write, whom: u16, content: &[u8]) -> io::Result<()> {
    let length = u16::try_from(content.len()).ok().filter(|length| *length < 1 << LENGTH_BITS);
    let length = length.ok_or_else(|| io::Error::other("an answer is longer than a frame"))?;
    let head = whom << LENGTH_BITS | length;
    to.write_all(&[&head.to_be_bytes()[..], content].concat())?;
    to.flush()
}
