//! Issuer scripts: what the issuer orders its card to do, along with its answer. [B3 10.10, E]

use chipwright::cryptogram::{Pin, Scheme, Session};
use chipwright::tag::Tag;
use chipwright::tlv::Writer;

use crate::issuer::ScriptKeys;
use crate::message::HostError;

/// Bytes of the MAC that the host puts behind every command.
const MAC: usize = 8;

/// A script, written in words; `docs/cards.md` says in which.
///
/// ```
/// use chipwright_host::Script;
///
/// assert!(Script::new("before: pin-unblock, put-data 9F14 05").is_ok());
/// assert!(Script::new("after 00000001: application-block").is_ok());
/// assert!(Script::new("sometime: card-block").is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Script(Content);

#[derive(Clone, Debug)]
enum Content {
    /// Bytes that go into the answer as they are.
    Bytes(Vec<u8>),
    /// A template with commands.
    Template { tag: Tag, identifier: Option<[u8; 4]>, orders: Vec<Order> },
}

/// An order to the card.
#[derive(Clone, Debug)]
struct Order {
    command: Command,
    /// The MAC is to be wrong.
    forged: bool,
}

#[derive(Clone, Debug)]
enum Command {
    /// As it is, without a MAC of ours.
    Bytes(Vec<u8>),
    /// Class to P2, and data.
    Sealed([u8; 4], Vec<u8>),
    /// The new PIN, and the current one for cards that are to have it.
    PinChange(Pin, Option<Pin>),
}

/// Orders without data. [B3 6.5.1, 6.5.2, 6.5.3, 6.5.10]
const PLAIN: [(&str, [u8; 4]); 4] = [
    ("application-block", [0x84, 0x1E, 0x00, 0x00]),
    ("application-unblock", [0x84, 0x18, 0x00, 0x00]),
    ("card-block", [0x84, 0x16, 0x00, 0x00]),
    ("pin-unblock", [0x84, 0x24, 0x00, 0x00]),
];

/// Orders with something behind them, and what that is.
const DETAILED: [(&str, &str); 3] = [
    ("pin-change", "a new PIN of 4 to 12 digits, and perhaps the current one"),
    ("put-data", "a tag of two bytes and a value"),
    ("update-record", "a file from 1 to 30, a record from 1 to 255 and its bytes"),
];

/// The templates of all `scripts`, one behind the other, for the transaction with this session and
/// application cryptogram.
///
/// # Errors
/// [`HostError::NoScriptKeys`] when MACs are needed and there are no keys; [`HostError::Script`].
pub(crate) fn write(
    scripts: &[Script],
    session: &Session<'_>,
    scheme: Scheme,
    keys: Option<ScriptKeys>,
    cryptogram: [u8; 8],
) -> Result<Vec<u8>, HostError> {
    let counts = scheme == Scheme::Mastercard;
    let mut sealer = keys.map(|keys| Sealer { session, keys, cryptogram, counts });
    let templates = scripts.iter().map(|script| script.write(sealer.as_mut()));
    Ok(templates.collect::<Result<Vec<_>, _>>()?.concat())
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// What is wrong, in words; PINs are not repeated.
    pub fn new(text: &str) -> Result<Self, String> {
        let Some((head, orders)) = text.split_once(':') else {
            let bytes = bytes(text).filter(|bytes| !bytes.is_empty());
            let bytes = bytes.ok_or("neither `before:`, `after:` nor hexadecimal")?;
            return Ok(Self(Content::Bytes(bytes)));
        };
        let mut head = head.split_whitespace();
        let tag = match head.next() {
            Some("before") => Tag(0x71),
            Some("after") => Tag(0x72),
            _ => return Err("a script comes `before:` or `after:` the last cryptogram".to_owned()),
        };
        let identifier = head.next().map(|word| {
            let bytes = bytes(word).and_then(|bytes| bytes.try_into().ok());
            bytes.ok_or("an identifier has four bytes in hexadecimal")
        });
        if head.next().is_some() {
            return Err("more than a moment and an identifier before the colon".to_owned());
        }
        let orders = orders.split(',').map(Order::new).collect::<Result<_, _>>()?;
        Ok(Self(Content::Template { tag, identifier: identifier.transpose()?, orders }))
    }

    fn write(&self, mut sealer: Option<&mut Sealer<'_>>) -> Result<Vec<u8>, HostError> {
        match &self.0 {
            Content::Bytes(bytes) => Ok(bytes.clone()),
            Content::Template { tag, identifier, orders } => {
                let mut content = identifier.map_or(Vec::new(), |id| object(Tag(0x9F18), &id));
                for order in orders {
                    content.extend(object(Tag(0x86), &order.write(sealer.as_deref_mut())?));
                }
                Ok(object(*tag, &content))
            }
        }
    }
}

impl Order {
    fn new(text: &str) -> Result<Self, String> {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let forged = words.pop_if(|word| *word == "forged").is_some();
        let (name, details) = words.split_first().ok_or("an order without words")?;
        let plain = PLAIN.iter().find(|(known, _)| known == name);
        let detailed = DETAILED.iter().find(|(known, _)| known == name);
        let command = match (plain, detailed) {
            (Some((_, header)), _) if details.is_empty() => Command::Sealed(*header, Vec::new()),
            (Some(_), _) => return Err(format!("{name}: nothing may follow")),
            (None, Some((_, what))) => {
                detail(name, details).ok_or_else(|| format!("{name}: expected {what}"))?
            }
            (None, None) => match bytes(&words.concat()) {
                Some(_) if forged => {
                    return Err("a command in hexadecimal has no MAC to forge".to_owned());
                }
                Some(bytes) if bytes.len() >= 4 => Command::Bytes(bytes),
                Some(_) => return Err("a command has four bytes or more".to_owned()),
                None => return Err(unknown(name)),
            },
        };
        if let Command::Sealed(_, data) = &command
            && data.len() + MAC > 255
        {
            return Err(format!("{name}: more than a command carries"));
        }
        Ok(Self { command, forged })
    }

    fn write(&self, sealer: Option<&mut Sealer<'_>>) -> Result<Vec<u8>, HostError> {
        let mut command = match (&self.command, &sealer) {
            (Command::Bytes(bytes), _) => return Ok(bytes.clone()),
            (_, None) => return Err(HostError::NoScriptKeys),
            (Command::Sealed(header, data), Some(sealer)) => sealer.seal(*header, data)?,
            (Command::PinChange(new, current), Some(sealer)) => {
                sealer.pin_change(new, current.as_ref())?
            }
        };
        if let (true, Some(byte)) = (self.forged, command.last_mut()) {
            *byte ^= 0x01;
        }
        if let Some(sealer) = sealer {
            sealer.next();
        }
        Ok(command)
    }
}

/// An order that needs details; `None` when they are not what it needs.
fn detail(name: &str, details: &[&str]) -> Option<Command> {
    match (name, details) {
        ("pin-change", [new]) => Some(Command::PinChange(pin(new)?, None)),
        ("pin-change", [new, current]) => Some(Command::PinChange(pin(new)?, Some(pin(current)?))),
        ("put-data", [tag, value @ ..]) => {
            let [p1, p2] = bytes(tag)?.try_into().ok()?;
            let value = bytes(&value.concat()).filter(|value| !value.is_empty())?;
            Some(Command::Sealed([0x04, 0xDA, p1, p2], value))
        }
        ("update-record", [file, number, record @ ..]) => {
            let file = file.parse::<u8>().ok().filter(|file| matches!(file, 1..=30))?;
            let number = number.parse::<u8>().ok().filter(|number| *number > 0)?;
            let record = bytes(&record.concat()).filter(|record| !record.is_empty())?;
            Some(Command::Sealed([0x04, 0xDC, number, file << 3 | 0x04], record))
        }
        _ => None,
    }
}

fn unknown(name: &str) -> String {
    // It may be a PIN that lost its order.
    if name.bytes().any(|byte| byte.is_ascii_digit()) {
        return "unknown order".to_owned();
    }
    let names = PLAIN.iter().map(|(name, _)| *name).chain(DETAILED.iter().map(|(name, _)| *name));
    format!("unknown order `{name}`, expected one of {}", names.collect::<Vec<_>>().join(", "))
}

fn pin(digits: &str) -> Option<Pin> {
    let values: Option<Vec<u8>> = digits
        .chars()
        .map(|digit| digit.to_digit(10).and_then(|value| u8::try_from(value).ok()))
        .collect();
    Pin::new(&values?)
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.split_whitespace().collect::<String>()).ok()
}

fn object(tag: Tag, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; value.len() + 8];
    let mut writer = Writer::new(&mut bytes);
    // The room is there, and nobody writes 64 kB of scripts.
    let _ = writer.put(tag, value);
    writer.finish().to_vec()
}

/// Puts MACs on the commands for one transaction of one card. [B2 9.2]
struct Sealer<'s> {
    session: &'s Session<'s>,
    keys: ScriptKeys,
    /// What MACs and keys depend on: the application cryptogram that the issuer answers.
    cryptogram: [u8; 8],
    /// Whether every command has its own: the cryptogram counted up, as Mastercard has it.
    counts: bool,
}

impl Sealer<'_> {
    fn seal(&self, header: [u8; 4], data: &[u8]) -> Result<Vec<u8>, HostError> {
        let too_long = |_| HostError::Script("more than a command carries".to_owned());
        let mut command = header.to_vec();
        command.push(u8::try_from(data.len() + MAC).map_err(too_long)?);
        let integrity = &self.keys.integrity;
        let code = self.session.script_mac(integrity, self.cryptogram, &command, data);
        command.extend(data);
        command.extend(code);
        Ok(command)
    }

    fn pin_change(&self, new: &Pin, current: Option<&Pin>) -> Result<Vec<u8>, HostError> {
        let keys = [&self.keys.integrity, &self.keys.confidentiality];
        let command = self.session.pin_change(keys, self.cryptogram, new, current);
        let command = command.map_err(|error| HostError::Script(error.to_string()))?;
        Ok(command.to_vec())
    }

    fn next(&mut self) {
        if self.counts {
            let next = u64::from_be_bytes(self.cryptogram).wrapping_add(1);
            self.cryptogram = next.to_be_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Script::new(text).map(drop).expect_err(text)
    }

    #[test]
    fn words_become_commands() {
        let first = |text: &str| match Script::new(text).unwrap().0 {
            Content::Template { orders, .. } => match &orders[0].command {
                Command::Sealed(header, data) => (header.to_vec(), data.clone()),
                Command::Bytes(bytes) => (Vec::new(), bytes.clone()),
                Command::PinChange(..) => (Vec::new(), Vec::new()),
            },
            Content::Bytes(bytes) => (Vec::new(), bytes),
        };
        assert_eq!(first("before: card-block"), (vec![0x84, 0x16, 0, 0], vec![]));
        assert_eq!(first("before: put-data 9F14 0A 0B"), (vec![4, 0xDA, 0x9F, 0x14], vec![10, 11]));
        let record = first("after: update-record 2 1 7003 9A0100 forged");
        assert_eq!(record, (vec![4, 0xDC, 1, 0x14], vec![0x70, 3, 0x9A, 1, 0]));
        assert_eq!(first("after: 84 1E 00 00"), (vec![], vec![0x84, 0x1E, 0, 0]));
        assert_eq!(first("7202 86 00"), (vec![], vec![0x72, 2, 0x86, 0]));
    }

    #[test]
    fn every_order_is_documented() {
        let page = include_str!("../../../docs/cards.md");
        let names = PLAIN.iter().map(|(name, _)| name).chain(DETAILED.iter().map(|(name, _)| name));
        for name in names {
            let row = page.contains(&format!("| `{name}")) && page.contains("`forged`");
            assert!(row, "{name}");
        }
    }

    #[test]
    fn what_is_no_script_says_why() {
        for (text, why) in [
            ("", "hexadecimal"),
            ("now: card-block", "`before:` or `after:`"),
            ("72x", "hexadecimal"),
            ("before 1122: card-block", "four bytes"),
            ("before 11223344 x: card-block", "before the colon"),
            ("before:", "without words"),
            ("before: forged", "without words"),
            ("before: card-block,", "without words"),
            ("before: card-block 00", "nothing may follow"),
            ("before: card", "unknown order `card`, expected one of application-block"),
            ("before: 8418", "four bytes or more"),
            ("before: 84180000 forged", "no MAC"),
            ("before: put-data 9F 01", "put-data: expected a tag"),
            ("before: put-data 9F14", "put-data: expected a tag"),
            ("before: update-record 31 1 00", "update-record: expected a file"),
            ("before: update-record 1 0 00", "update-record: expected a file"),
            ("before: update-record 1 1", "update-record: expected a file"),
        ] {
            let error = error(text);
            assert!(error.contains(why), "{text}: {error}");
        }
        let long = format!("before: put-data 9F14 {}", "00".repeat(248));
        assert!(error(&long).contains("more than a command"));
    }

    #[test]
    fn pins_are_not_repeated() {
        for text in ["before: pin-change 123", "before: pin-change 12345x", "before: 12345x pin"] {
            assert!(!error(text).contains("123"), "{text}");
        }
        let script = Script::new("before: pin-change 5678 1234").unwrap();
        let shown = format!("{script:?}");
        assert!(!shown.contains("56") && !shown.contains("5, 6"), "{shown}");
    }
}
