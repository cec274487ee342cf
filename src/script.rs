//! Issuer scripts: commands that the issuer sends to the card. [B3 10.10, E; B4 6.3.9] [B4 12.2.4]

use crate::dictionary::emv::template::{ISSUER_SCRIPT_TEMPLATE_1, ISSUER_SCRIPT_TEMPLATE_2};
use crate::dictionary::emv::{ISSUER_SCRIPT_COMMAND, ISSUER_SCRIPT_IDENTIFIER};
use crate::reason::Reason;
use crate::tag::Tag;
use crate::tlv::{Tlvs, read_tag};

/// When a script is processed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Moment {
    /// Before the final GENERATE AC: template 71.
    BeforeFinalCryptogram,
    /// After it: template 72.
    AfterFinalCryptogram,
}

impl Moment {
    /// The template of such scripts.
    pub const fn template(self) -> Tag {
        match self {
            Self::BeforeFinalCryptogram => ISSUER_SCRIPT_TEMPLATE_1,
            Self::AfterFinalCryptogram => ISSUER_SCRIPT_TEMPLATE_2,
        }
    }

    /// The result when one fails.
    pub const fn failed(self) -> Reason {
        match self {
            Self::BeforeFinalCryptogram => Reason::ScriptFailedBeforeFinalCryptogram,
            Self::AfterFinalCryptogram => Reason::ScriptFailedAfterFinalCryptogram,
        }
    }
}

/// One script.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    content: &'a [u8],
}

/// What comes next in a script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step<'a> {
    /// This command, as it is.
    Command(&'a [u8]),
    /// Nothing: the script is done.
    End,
    /// The script cannot be read from here on.
    Unreadable,
}

impl<'a> Script<'a> {
    /// The script of a moment by its number, from 0, among the templates as received.
    pub fn nth(received: &'a [u8], moment: Moment, number: u8) -> Option<Self> {
        let mut left = number;
        for tlv in Tlvs::new(received) {
            let (tag, content) = match tlv {
                Ok(tlv) => (tlv.tag, tlv.value),
                // A template that is cut short is a script that cannot be read.
                Err(error) => {
                    let rest = received.get(error.offset..)?;
                    (read_tag(rest).ok()?.0, rest)
                }
            };
            if tag == moment.template() {
                match left.checked_sub(1) {
                    Some(fewer) => left = fewer,
                    None => return Some(Self { content }),
                }
            }
        }
        None
    }

    /// Issuer Script Identifier (9F18); zeros when the script has none. [B4 A5]
    pub fn identifier(&self) -> [u8; 4] {
        let found = Tlvs::new(self.content)
            .map_while(Result::ok)
            .find(|tlv| tlv.tag == ISSUER_SCRIPT_IDENTIFIER.tag);
        found.and_then(|tlv| tlv.value.try_into().ok()).unwrap_or_default()
    }

    /// The command by its number, from 0. [B3 10.10]
    pub fn command(&self, number: u8) -> Step<'a> {
        let mut left = number;
        for tlv in Tlvs::new(self.content) {
            match tlv {
                Ok(tlv) if tlv.tag == ISSUER_SCRIPT_COMMAND.tag => match (left, tlv.value) {
                    (0, command @ [_, _, _, _, ..]) => return Step::Command(command),
                    (0, _) => return Step::Unreadable, // shorter than a command's header
                    _ => left -= 1,
                },
                Ok(_) => {}
                Err(_) => return Step::Unreadable,
            }
        }
        Step::End
    }
}

/// The entry of a script in the Issuer Script Results (9F5B): result and identifier. [B4 A5]
///
/// `sent`: commands that went to the card; `failed`: the last of them failed, or the script could
/// not be read after it.
pub fn result(sent: u8, failed: bool, identifier: [u8; 4]) -> [u8; 5] {
    // [B4 A5 result]
    let result = match (failed, sent) {
        (false, _) => 0x20,
        (true, 0) => 0x00,
        (true, number) => 0x10 | number.min(0x0F),
    };
    let [a, b, c, d] = identifier;
    [result, a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex::decode(hex.replace(' ', "")).unwrap()
    }

    #[test]
    fn finds_scripts_by_moment_and_number() {
        let received = bytes("710D 9F180411223344 8604 84240000 00 7206 8604 84180000 7100");
        let first = Script::nth(&received, Moment::BeforeFinalCryptogram, 0).unwrap();
        assert_eq!(first.identifier(), [0x11, 0x22, 0x33, 0x44]);
        assert_eq!(first.command(0), Step::Command(&[0x84, 0x24, 0, 0]));
        assert_eq!(first.command(1), Step::End);
        let after = Script::nth(&received, Moment::AfterFinalCryptogram, 0).unwrap();
        assert_eq!(
            (after.identifier(), after.command(0)),
            ([0; 4], Step::Command(&[0x84, 0x18, 0, 0]))
        );
        assert!(Script::nth(&received, Moment::AfterFinalCryptogram, 1).is_none());
        assert!(Script::nth(&received, Moment::BeforeFinalCryptogram, 1).is_some());
        assert!(Script::nth(&received, Moment::BeforeFinalCryptogram, 2).is_none());
    }

    /// [B4 12.2.4]
    #[test]
    fn unreadable_scripts_are_so_from_where_they_break() {
        let received = bytes("710A 8604 84240000 8609 8418");
        let script = Script::nth(&received, Moment::BeforeFinalCryptogram, 0).unwrap();
        assert_eq!(script.command(0), Step::Command(&[0x84, 0x24, 0, 0]));
        assert_eq!(script.command(1), Step::Unreadable);
        let received = bytes("7105 8603 842400");
        let script = Script::nth(&received, Moment::BeforeFinalCryptogram, 0).unwrap();
        assert_eq!(script.command(0), Step::Unreadable);
        let received = bytes("7105 8604");
        let script = Script::nth(&received, Moment::BeforeFinalCryptogram, 0).unwrap();
        assert_eq!(script.command(0), Step::Unreadable);
        assert!(Script::nth(&received, Moment::AfterFinalCryptogram, 0).is_none());
    }

    /// [B4 A5 result]
    #[test]
    fn results_tell_success_failure_and_where() {
        assert_eq!(result(3, false, [1, 2, 3, 4]), [0x20, 1, 2, 3, 4]);
        assert_eq!(result(0, true, [0; 4])[0], 0x00);
        assert_eq!(result(2, true, [0; 4])[0], 0x12);
        assert_eq!(result(20, true, [0; 4])[0], 0x1F);
    }
}
