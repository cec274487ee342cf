//! What the acquirer is told: the content of messages, independent of how they travel. [B4 12.1]

use crate::objects::{Objects, append};
use chipwright::dictionary::emv::template::{ISSUER_SCRIPT_TEMPLATE_1, ISSUER_SCRIPT_TEMPLATE_2};
use chipwright::dictionary::emv::{
    AUTHORISATION_CODE, AUTHORISATION_RESPONSE_CODE, ISSUER_AUTHENTICATION_DATA, PAN, TVR,
};
use chipwright::driver::HostResponse;
use chipwright::field::TerminalVerificationResults;
use chipwright::object::Value;
use chipwright::tag::Tag;
use chipwright::tlv::{Full, Tlvs, Writer};
use chipwright::value::Pan;
use core::fmt;

/// A message to the acquirer.
///
/// [`field_55`](Self::field_55) is ready to be sent. The other fields of a message (amount, date,
/// account) are read from [`objects`](Self::objects): for an authorisation all that the
/// transaction has, track data included; for the others what the journal kept.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct HostMessage<'m> {
    /// What it is for.
    pub kind: MessageKind,
    /// Transaction Sequence Counter (9F41): with the kind, what tells this message from others.
    pub sequence: u32,
    /// It may have been delivered before.
    pub repeat: bool,
    /// Why, for a reversal.
    pub reason: Option<ReversalReason>,
    /// How long a card may stay in the field while the answer is waited for, in units of 100 ms;
    /// 0 for as long as it takes. See [`NoAnswer::NotYet`]. [A 8.1.1.16]
    pub removal_timeout: u16,
    /// The data objects behind it.
    pub objects: Objects<'m>,
    /// The listed data objects as a BER-TLV string, up to
    /// [`FIELD_55_LENGTH`](crate::FIELD_55_LENGTH) bytes.
    pub field_55: &'m [u8],
}

/// What a message is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum MessageKind {
    /// Asks the issuer for its approval.
    Authorisation = 1,
    /// Tells what was decided without the issuer.
    Advice = 2,
    /// Undoes what the issuer may have approved.
    Reversal = 3,
    /// Settles a sale.
    Batch = 4,
}

/// Why an authorisation is undone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum ReversalReason {
    /// No usable answer came in time. [B4 12.2.1, 12.2.3]
    NoAnswer = 1,
    /// The issuer approved; the card refused, or the transaction was not completed.
    NotCompleted = 2,
    /// Power failed in between.
    Interrupted = 3,
    /// It was completed, and voided before it was settled.
    Voided = 4,
}

impl MessageKind {
    pub(crate) const ALL: [Self; 4] =
        [Self::Authorisation, Self::Advice, Self::Reversal, Self::Batch];
}

impl ReversalReason {
    pub(crate) const ALL: [Self; 4] =
        [Self::NoAnswer, Self::NotCompleted, Self::Interrupted, Self::Voided];
}

impl<'m> HostMessage<'m> {
    /// The account number.
    pub fn pan(&self) -> Option<Pan<'m>> {
        self.objects.bytes(PAN.tag).and_then(Pan::new)
    }
}

/// The account number is shown masked, field 55 by its length.
impl fmt::Debug for HostMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostMessage")
            .field("kind", &self.kind)
            .field("sequence", &self.sequence)
            .field("repeat", &self.repeat)
            .field("reason", &self.reason)
            .field("pan", &self.pan())
            .field("field_55", &self.field_55.len())
            .finish_non_exhaustive()
    }
}

/// The issuer's answer; see [`answer`] for one that comes as field 55.
pub type Answer<'a> = HostResponse<'a>;

/// Why there is no usable answer. When in doubt it is [`Lost`](Self::Lost).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum NoAnswer {
    /// The message certainly did not reach the host: there was no line. Nothing to undo.
    NotSent,
    /// The message may have reached the host, and no answer came, or one that cannot be used.
    /// The host may have approved: a reversal is owed. [B4 12.2.1, 12.2.3]
    Lost,
    /// The message is on its way, and [`HostMessage::removal_timeout`] is over: the cardholder is
    /// told to take the card away, and [`wait_for_answer`](crate::device::Host::wait_for_answer)
    /// is called. Without a time-out, or for ever, it counts as [`Lost`](Self::Lost).
    NotYet,
}

/// Reads an answer out of a BER-TLV string as field 55 brings it: 8A, 91, 89, 71 and 72, in any
/// order. An authorisation code or response code that travels elsewhere can be set afterwards.
///
/// # Errors
/// [`NoAnswer::Lost`] when the string is none, has no response code (8A) of two characters, or
/// says one of 8A, 91 and 89 twice.
/// [B4 12.2.3]
pub fn answer(field_55: &[u8]) -> Result<Answer<'_>, NoAnswer> {
    let (mut code, mut data, mut approval) = (None, None, None);
    for object in Tlvs::new(field_55) {
        let object = object.map_err(|_| NoAnswer::Lost)?;
        let value = match object.tag {
            tag if tag == AUTHORISATION_RESPONSE_CODE.tag => &mut code,
            tag if tag == ISSUER_AUTHENTICATION_DATA.tag => &mut data,
            tag if tag == AUTHORISATION_CODE.tag => &mut approval,
            _ => continue,
        };
        if value.replace(object.value).is_some() {
            return Err(NoAnswer::Lost);
        }
    }
    Ok(Answer {
        authorisation_response_code: code
            .and_then(|code| code.try_into().ok())
            .ok_or(NoAnswer::Lost)?,
        issuer_authentication_data: data,
        authorisation_code: approval,
        scripts: scripts(field_55),
    })
}

/// The part of a string that has all the scripts in it; other objects between them do not matter
/// to a kernel.
fn scripts(field_55: &[u8]) -> &[u8] {
    let mut objects = Tlvs::new(field_55);
    loop {
        let start = objects.offset();
        match objects.next() {
            Some(Ok(tlv))
                if tlv.tag == ISSUER_SCRIPT_TEMPLATE_1 || tlv.tag == ISSUER_SCRIPT_TEMPLATE_2 =>
            {
                return field_55.get(start..).unwrap_or_default();
            }
            Some(Ok(_)) => {}
            _ => return &[],
        }
    }
}

/// Which data objects field 55 of each message has. [B4 12.1]
///
/// Account number and track data are in it only where they are listed; they travel in fields of
/// their own. What the journal may not keep ([`NEVER_KEPT`]) is left out of all but the
/// authorisation.
#[derive(Clone, Copy, Debug)]
pub struct MessageLists<'a> {
    /// Of the authorisation.
    pub authorisation: &'a [Tag],
    /// Of an advice.
    pub advice: &'a [Tag],
    /// Of a reversal.
    pub reversal: &'a [Tag],
    /// Of an item of the batch.
    pub batch: &'a [Tag],
}

/// Data that must not be stored after authorisation: track data (57, and 9F1F and 9F20, which
/// are parts of it), and whatever comes of a PIN (99).
pub const NEVER_KEPT: [Tag; 4] = [Tag(0x57), Tag(0x9F1F), Tag(0x9F20), Tag(0x99)];

impl MessageLists<'_> {
    /// What most acquirers ask for. [B4 12.1]
    pub const DEFAULT: MessageLists<'static> = MessageLists {
        authorisation: &AUTHORISATION,
        advice: &AFTERWARDS,
        reversal: &REVERSAL,
        batch: &AFTERWARDS,
    };

    /// The list of a message.
    pub const fn of(&self, kind: MessageKind) -> &[Tag] {
        match kind {
            MessageKind::Authorisation => self.authorisation,
            MessageKind::Advice => self.advice,
            MessageKind::Reversal => self.reversal,
            MessageKind::Batch => self.batch,
        }
    }
}

impl Default for MessageLists<'_> {
    fn default() -> Self {
        Self::DEFAULT
    }
}

const AUTHORISATION: [Tag; 22] = [
    Tag(0x82),   // Application Interchange Profile
    Tag(0x84),   // DF Name
    Tag(0x95),   // Terminal Verification Results
    Tag(0x9A),   // Transaction Date
    Tag(0x9C),   // Transaction Type
    Tag(0x5F2A), // Transaction Currency Code
    Tag(0x5F34), // PAN Sequence Number
    Tag(0x9F02), // Amount, Authorised
    Tag(0x9F03), // Amount, Other
    Tag(0x9F09), // Application Version Number
    Tag(0x9F10), // Issuer Application Data
    Tag(0x9F1A), // Terminal Country Code
    Tag(0x9F1E), // Interface Device Serial Number
    Tag(0x9F26), // Application Cryptogram
    Tag(0x9F27), // Cryptogram Information Data
    Tag(0x9F33), // Terminal Capabilities
    Tag(0x9F34), // CVM Results
    Tag(0x9F35), // Terminal Type
    Tag(0x9F36), // Application Transaction Counter
    Tag(0x9F37), // Unpredictable Number
    Tag(0x9F39), // POS Entry Mode
    Tag(0x9F41), // Transaction Sequence Counter
];

const AFTERWARDS: [Tag; 24] = [
    Tag(0x82),
    Tag(0x84),
    Tag(0x8A), // Authorisation Response Code
    Tag(0x95),
    Tag(0x9A),
    Tag(0x9C),
    Tag(0x5F2A),
    Tag(0x5F34),
    Tag(0x9F02),
    Tag(0x9F03),
    Tag(0x9F09),
    Tag(0x9F10),
    Tag(0x9F1A),
    Tag(0x9F1E),
    Tag(0x9F26),
    Tag(0x9F27),
    Tag(0x9F33),
    Tag(0x9F34),
    Tag(0x9F35),
    Tag(0x9F36),
    Tag(0x9F37),
    Tag(0x9F39),
    Tag(0x9F41),
    Tag(0x9F5B), // Issuer Script Results
];

const REVERSAL: [Tag; 8] = [
    Tag(0x8A),
    Tag(0x95),
    Tag(0x5F34),
    Tag(0x9F10),
    Tag(0x9F1E),
    Tag(0x9F36),
    Tag(0x9F41),
    Tag(0x9F5B),
];

/// Writes field 55 of a message.
///
/// The Terminal Verification Results (95) are those that the last cryptogram covers: what an issuer
/// script behind it came to is in the Issuer Script Results, and a message that said it here as
/// well would not fit the cryptogram beside it.
///
/// # Errors
/// [`Full`] when the objects do not fit.
pub fn field_55<'o>(
    list: &[Tag],
    objects: &Objects<'_>,
    out: &'o mut [u8],
) -> Result<&'o [u8], Full> {
    // [B3 10.10]
    let covered = objects.get(TVR).map(|mut results| {
        results.clear(TerminalVerificationResults::SCRIPT_FAILED_AFTER);
        results.encode()
    });
    let value = |tag| match &covered {
        Some(results) if tag == TVR.tag => Some(&results[..]),
        _ => objects.bytes(tag),
    };
    let mut writer = Writer::new(out);
    append(list.iter().copied(), value, &mut writer)?;
    Ok(writer.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::database::Database;
    use chipwright::dictionary::EMV;

    fn bytes(hex: &str) -> Vec<u8> {
        hex::decode(hex.replace(' ', "")).unwrap()
    }

    /// [B4 12]
    #[test]
    fn an_answer_is_read_in_any_order() {
        let string = bytes("8906414243444546 9108 0102030405060708 8A023030");
        let read = answer(&string).unwrap();
        assert_eq!(read.authorisation_response_code, *b"00");
        assert_eq!(read.authorisation_code, Some(&b"ABCDEF"[..]));
        assert_eq!(read.issuer_authentication_data.map(<[u8]>::len), Some(8));
        assert!(read.scripts.is_empty());
        let string = bytes("8A023035 7206860484180000 9F3602FFFF 7106860484240000");
        assert_eq!(hex::encode(answer(&string).unwrap().scripts), hex::encode(&string[4..]));
    }

    /// [B3 10.10]
    #[test]
    fn results_in_messages_are_those_of_the_cryptogram() {
        let kept = bytes("95050000008010 9C0100");
        let mut out = [0; 64];
        let list = [Tag(0x95), Tag(0x9C), Tag(0x95)];
        let written = field_55(&list, &Objects::Kept(&kept), &mut out);
        assert_eq!(hex::encode(written.unwrap()), "950500000080009c0100");
        let earlier = bytes("95050000000020");
        let written = field_55(&list, &Objects::Kept(&earlier), &mut out);
        assert_eq!(hex::encode(written.unwrap()), "95050000000020", "before the last cryptogram");
    }

    #[test]
    fn an_answer_without_a_code_is_none() {
        // covers B4 12.2.3
        for string in ["", "8A0130", "8A03303030", "91080102030405060708", "8A0230", "9180"] {
            assert_eq!(answer(&bytes(string)).err(), Some(NoAnswer::Lost), "{string}");
        }
    }

    #[test]
    fn an_answer_that_says_something_twice_is_none() {
        let (data, approval) = ("91080102030405060708", "8906414243444546");
        for twice in ["8A023030", "8A023035", data, approval] {
            let string = format!("8A023030 {data} {approval} {twice}");
            assert_eq!(answer(&bytes(&string)).err(), Some(NoAnswer::Lost), "{twice}");
        }
        assert!(answer(&bytes(&format!("8A023030 {data} {approval}"))).is_ok());
    }

    #[test]
    fn field_55_has_what_is_listed_and_there() {
        // covers B4 12.1
        let kept = bytes("5A0447617390 9F360200FF 9C0100 57024761");
        let objects = Objects::Kept(&kept);
        let mut out = [0; 64];
        let written = field_55(&[Tag(0x9C), Tag(0x95), Tag(0x9F36)], &objects, &mut out);
        assert_eq!(hex::encode(written.unwrap()), "9c01009f360200ff");
        let written = field_55(&[Tag(0x5A)], &objects, &mut out);
        assert_eq!(hex::encode(written.unwrap()), "5a0447617390", "listed, and so it is there");
        assert_eq!(field_55(&[Tag(0x9F36)], &objects, &mut [0; 4]), Err(Full));
    }

    #[test]
    fn the_default_lists_name_no_account() {
        let lists = MessageLists::DEFAULT;
        for kind in MessageKind::ALL {
            let list = lists.of(kind);
            for (place, tag) in list.iter().enumerate() {
                assert!(EMV.entry(*tag).is_some(), "{tag} is in no book");
                assert!(!list[..place].contains(tag), "{tag} twice in {kind:?}");
                assert!(*tag != PAN.tag && !NEVER_KEPT.contains(tag), "{tag} in {kind:?}");
            }
        }
    }

    #[test]
    fn the_account_is_masked() {
        let mut memory = [0; 128];
        let mut data = Database::new(&mut memory);
        data.put_bytes(PAN.tag, &bytes("4761739001010010")).unwrap();
        let message = HostMessage {
            kind: MessageKind::Reversal,
            sequence: 7,
            repeat: true,
            reason: Some(ReversalReason::NoAnswer),
            removal_timeout: 0,
            objects: Objects::Data(&data),
            field_55: &[0x47, 0x61],
        };
        let shown = format!("{message:?}");
        assert!(shown.contains("476173******0010") && shown.contains("field_55: 2"), "{shown}");
    }
}
