//! Commands and their answers.

use chipwright::apdu::Command;
use chipwright::dictionary::emv::{SIGNED_DYNAMIC_APPLICATION_DATA, template};
use chipwright::field::{CryptogramInformation, CryptogramType};
use chipwright::response::{self, Response};
use chipwright::tag::Tag;
use chipwright::tlv::Error;

use super::tree::{Node, nodes, tree};
use super::{Context, name_of, text};

/// A command in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The books' name of the command.
    pub name: &'static str,
    /// What it is about.
    pub about: String,
    /// Its data field.
    pub data: Vec<u8>,
}

/// Takes a command apart. [B3 6.5]
pub fn command(bytes: &[u8]) -> Instruction {
    let &[_, ins, p1, p2, ref body @ ..] = bytes else {
        return Instruction { name: "command", about: "cut short".to_owned(), data: Vec::new() };
    };
    let data = match body {
        [lc, data @ ..] => data.get(..usize::from(*lc)).unwrap_or(data),
        [] => &[],
    };
    let data = if body.len() > 1 { data } else { &[] };
    let about = match ins {
        0xA4 => selected(data, p2),
        0xB2 => format!("SFI {}, record {p1}", p2 >> 3),
        0xCA => object(p1, p2),
        0xAE => generate_ac(p1),
        0x20 => verify(p2).to_owned(),
        0x82 => "issuer authentication data".to_owned(),
        _ => String::new(),
    };
    Instruction { name: Command::name(ins), about, data: data.to_vec() }
}

fn selected(name: &[u8], p2: u8) -> String {
    let is_text = !name.is_empty() && name.iter().all(|byte| (0x20..0x7F).contains(byte));
    let name = if is_text { text::printable(name) } else { hex::encode_upper(name) };
    if p2 == 0x02 { format!("{name}, next occurrence") } else { name }
}

fn object(p1: u8, p2: u8) -> String {
    let number = u16::from_be_bytes([p1, p2]);
    let tag = Tag(number.into());
    format!("{tag} {}", name_of(tag).unwrap_or("unknown"))
}

fn generate_ac(p1: u8) -> String {
    let kind = CryptogramInformation(p1).cryptogram().map_or("reserved type", CryptogramType::name);
    let combined = if p1 & 0x10 == 0 { "" } else { ", signed" };
    format!("asks for {kind}{combined}")
}

const fn verify(p2: u8) -> &'static str {
    match p2 {
        0x80 => "plaintext PIN",
        0x88 => "enciphered PIN",
        _ => "PIN",
    }
}

/// What a card answered to a command, without the status word: its objects, those of format 1
/// named by their place.
///
/// # Errors
/// Where the answer is not BER-TLV.
pub fn answer(ins: u8, data: &[u8], context: Context) -> Result<Vec<Node>, Error> {
    let nodes_of = |objects: &[(Tag, &[u8])]| {
        let mut tree = tree(data, context)?;
        if let Some(template) = tree.first_mut() {
            (template.hex, template.shown) = Default::default();
            template.children = nodes(objects, context);
        }
        Ok(tree)
    };
    match (ins, Response::read(data)) {
        (0xA8, Ok(Response::Format1(value))) => match response::processing_options(value) {
            Ok(objects) => nodes_of(&objects),
            Err(_) => tree(data, context),
        },
        (0xAE, Ok(Response::Format1(value))) => match response::cryptogram(value) {
            Ok(objects) => nodes_of(&objects.collect::<Vec<_>>()),
            Err(_) => tree(data, context),
        },
        (0x88, Ok(Response::Format1(value))) => {
            nodes_of(&[(SIGNED_DYNAMIC_APPLICATION_DATA.tag, value)])
        }
        // A challenge is nothing but its bytes.
        (0x84, _) => Ok(Vec::new()),
        _ => tree(data, context),
    }
}

/// The part of a command's data that a data object list fills: without the command template of
/// GET PROCESSING OPTIONS.
pub fn list_values(instruction: &Instruction) -> &[u8] {
    let data = instruction.data.as_slice();
    match data {
        [tag, 0x81, _, values @ ..] | [tag, _, values @ ..]
            if instruction.name == Command::name(0xA8)
                && Tag(u32::from(*tag)) == template::COMMAND_TEMPLATE =>
        {
            values
        }
        _ => data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(hex: &str) -> (String, usize) {
        let instruction = command(&hex::decode(hex).unwrap());
        (format!("{} {}", instruction.name, instruction.about), instruction.data.len())
    }

    #[test]
    fn commands_are_told() {
        for (hex, expected, length) in [
            ("00A404000E315041592E5359532E444446303100", "SELECT 1PAY.SYS.DDF01", 14),
            ("00A4040205A00000000300", "SELECT A000000003, next occurrence", 5),
            ("00B2011400", "READ RECORD SFI 2, record 1", 0),
            ("80CA9F1700", "GET DATA 9F17 PIN Try Counter", 0),
            ("80AE90000201FF00", "GENERATE AC asks for ARQC, signed", 2),
            ("0020008008241234FFFFFFFFFF", "VERIFY plaintext PIN", 8),
            ("8488", "command cut short", 0),
            ("00A40400", "SELECT ", 0),
            ("00A4040005A0", "SELECT A0", 1),
        ] {
            assert_eq!(told(hex), (expected.to_owned(), length), "{hex}");
        }
    }

    #[test]
    fn values_without_tags_are_named_by_their_place() {
        let told = |ins, hex: &str| {
            let nodes = answer(ins, &hex::decode(hex).unwrap(), Context::default()).unwrap();
            nodes[0].children.iter().map(|node| node.tag.0).collect::<Vec<_>>()
        };
        assert_eq!(told(0xA8, "80063C0008010100"), [0x82, 0x94]);
        assert_eq!(told(0xA8, "80053C00080101"), [] as [u32; 0]);
        assert_eq!(told(0xAE, "800B8000011122334455667788"), [0x9F27, 0x9F36, 0x9F26]);
        assert_eq!(told(0x88, "8001FF"), [0x9F4B]);
        assert_eq!(told(0xAE, "77039F2700"), [0x9F27]);
        assert!(answer(0xB2, &[0x70, 0x02], Context::default()).is_err());
    }

    #[test]
    fn the_command_template_is_taken_off() {
        let values = |hex: &str| list_values(&command(&hex::decode(hex).unwrap())).to_vec();
        assert_eq!(values("80A80000048302AABB00"), [0xAA, 0xBB]);
        assert_eq!(values("80A80000058381020AAB00"), [0x0A, 0xAB]);
        assert_eq!(values("80AE80000283AA00"), [0x83, 0xAA]);
    }
}
