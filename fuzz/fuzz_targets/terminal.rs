//! A whole terminal: a journal of any records, a transaction with devices and a host that do
//! anything, a storage that fails, recovery, delivery. One final record, nothing approved without a
//! TC, and nothing that the host may have approved is forgotten.

#![no_main]

use chipwright::candidates::Candidates;
use chipwright::config::TransactionType;
use chipwright::driver::Input;
use chipwright::field::CryptogramType;
use chipwright::outcome::Conclusion;
use chipwright::session::{LinkError, PinRequest, PinResult};
use chipwright::value::Date;
use chipwright_fuzz::crypto::crypto;
use chipwright_fuzz::script::Script;
use chipwright_fuzz::terminal::{AMOUNT, APPLICATIONS, CURRENCY, Setup as Configured, TODAY};
use chipwright_terminal::blocking::{self, Cardholder, Devices, Host, PinPad, Reader, Storage};
use chipwright_terminal::device::{
    Absent, Answered, Clock, Display, NoCancel, NoHooks, NotAcknowledged, StorageFailed,
};
use chipwright_terminal::display::Show;
use chipwright_terminal::host::{Answer, HostMessage, MessageKind, NoAnswer, answer};
use chipwright_terminal::journal::Due;
use chipwright_terminal::{Capture, FinalRecord, Order, RECORD_LENGTH, Service, Setup, Workspace};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use std::ops::Range;

/// Records that the journal begins with, at most.
const RECORDS: u8 = 12;

/// What all devices read their behaviour from.
type Shared<'s> = RefCell<Script<'s>>;

fuzz_target!(|bytes: &[u8]| {
    let [first, second, fails, rest @ ..] = bytes else {
        return;
    };
    let mut script = Script::new(rest);
    let records = records(&mut script);
    let hostile = !records.is_empty();
    let mut flash = Flash { records, left: None };
    let mut workspace = Workspace::new();
    let Ok(recovery) = blocking::recover(&mut flash, 1, &mut workspace) else {
        return;
    };
    let mut journal = recovery.journal;
    let sequence = journal.next_sequence();
    let before = finals(&mut flash, &mut workspace, sequence);
    assert!(hostile || before.is_empty());
    flash.left = Some(u32::from(*fails)).filter(|left| *left > 0);

    let configured = Configured(first & !0x10, *second);
    let terminal = configured.terminal();
    let services = [Service::new(TransactionType::Purchase, &APPLICATIONS)];
    let crypto = crypto(first & Configured::TRANSPARENT != 0);
    let capture = if second & 0x80 == 0 { Capture::Batch } else { Capture::Online };
    let setup = Setup { capture, ..Setup::new(&terminal, &services, crypto) };
    let order = Order {
        kind: TransactionType::Purchase,
        amount: Some(AMOUNT),
        amount_other: chipwright::value::Amount::ZERO,
        currency: CURRENCY,
        currency_exponent: 2,
        force_online: first & Configured::FORCE_ONLINE != 0,
    };
    let shared = RefCell::new(script);
    let (mut host, mut front) = (Acquirer::new(&shared), Front::default());
    let result = blocking::run(
        &setup,
        &order,
        Devices {
            reader: &mut Slot(&shared),
            pad: &mut Pad(&shared),
            cardholder: &mut Customer(&shared),
            host: &mut host,
            storage: &mut flash,
            hooks: &mut NoHooks,
            display: &mut front,
            clock: &Noon,
            cancel: &NoCancel,
        },
        &mut journal,
        workspace.lend(),
    );
    // The storage is mended, and the terminal starts again.
    flash.left = None;
    let recovery = blocking::recover(&mut flash, 1, &mut workspace).expect("readable before");
    let (mut journal, interrupted) = (recovery.journal, recovery.interrupted);
    let record = match result {
        Ok(record) => {
            assert!(interrupted.is_none(), "closed twice");
            check(&record, sequence);
            Some(record)
        }
        Err(_) => {
            assert!(!front.approved, "approved is in the journal");
            interrupted
        }
    };
    // What was there before may have the same number.
    if !hostile {
        let after = finals(&mut flash, &mut workspace, sequence);
        assert_eq!(after.len(), usize::from(record.is_some()), "one final record");
    }
    let mut books = Acquirer { delivers: true, ..Acquirer::new(&shared) };
    let due = Due::Everything;
    let delivery =
        blocking::deliver(&mut journal, &mut flash, &mut books, due, &setup.lists, &mut workspace);
    let delivery = delivery.expect("the storage is good");
    assert!(hostile || delivery.left == 0);
    let Some(record) = record.filter(|record| record.sequence == sequence) else {
        assert!(!host.asked || hostile, "asked, and no record of it");
        return;
    };
    let delivered =
        |kind| [&host, &books].iter().any(|heard| heard.messages.contains(&(kind, sequence)));
    if host.may_have_approved && !hostile {
        let kept = record.conclusion == Conclusion::Approved;
        assert!(kept || delivered(MessageKind::Reversal), "forgotten: {record:?}");
        assert!(!(kept && delivered(MessageKind::Reversal)), "approved and undone: {record:?}");
    }
    if !hostile && capture == Capture::Batch {
        let approved = record.conclusion == Conclusion::Approved;
        assert_eq!(delivered(MessageKind::Batch), approved, "{record:?}");
    }
});

/// The records that are there, each with a checksum that fits, or not.
fn records(script: &mut Script<'_>) -> Vec<Vec<u8>> {
    let count = script.byte().unwrap_or_default() % RECORDS;
    let mut records = Vec::new();
    for _ in 0..count {
        let Some(length) = script.byte() else { break };
        let mut record = script.bytes(usize::from(length & 0x7F)).to_vec();
        if length & 0x80 == 0 {
            record.extend(crc32(&record).to_be_bytes());
        }
        records.push(record);
    }
    records
}

/// As the journal has it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    })
}

fn check(record: &FinalRecord, sequence: u32) {
    assert_eq!(record.sequence, sequence);
    if record.conclusion == Conclusion::Approved {
        let information = record.details.cryptogram_information.expect("a cryptogram");
        assert_eq!(information.cryptogram(), Some(CryptogramType::Tc));
        assert_eq!(record.details.amount, Some(AMOUNT));
    }
}

/// The final records of a transaction.
fn finals(flash: &mut Flash, workspace: &mut Workspace, sequence: u32) -> Vec<FinalRecord> {
    let places = 0..flash.records.len() as u32;
    let records = places.filter_map(|place| blocking::read(flash, place, workspace).ok()?);
    records.filter(|record| record.sequence == sequence).collect()
}

/// Records, and calls that are left until it fails for good.
struct Flash {
    records: Vec<Vec<u8>>,
    left: Option<u32>,
}

impl Flash {
    fn call(&mut self) -> Result<(), StorageFailed> {
        match &mut self.left {
            Some(0) => Err(StorageFailed),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Storage for Flash {
    fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        self.call()?;
        Ok(0..self.records.len() as u32)
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        assert!(record.len() <= RECORD_LENGTH && self.records.len() < 64);
        self.call()?;
        self.records.push(record.to_vec());
        Ok(())
    }

    fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        self.call()?;
        let record = &self.records[place as usize];
        out[..record.len()].copy_from_slice(record);
        Ok(record.len())
    }

    fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        self.call()?;
        self.records[place as usize].clear();
        Ok(())
    }
}

struct Slot<'s>(&'s Shared<'s>);

impl Reader for Slot<'_> {
    fn card_inserted(&mut self) -> Result<(), Absent> {
        Ok(())
    }

    fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        assert!(matches!(command.len(), 4..=261));
        let mut memory = Vec::new();
        match self.0.borrow_mut().answer(&mut memory) {
            Input::Response { bytes, .. } => {
                let room = out.get_mut(..bytes.len()).ok_or(LinkError::Protocol)?;
                room.copy_from_slice(bytes);
                Ok(Answered { length: bytes.len(), elapsed: 0 })
            }
            Input::LinkFailed(error) => Err(error),
            _ => Err(LinkError::Removed),
        }
    }

    fn card_removed(&mut self) {}
}

struct Pad<'s>(&'s Shared<'s>);

impl PinPad for Pad<'_> {
    fn enter(&mut self, _: &PinRequest<'_>, _: &mut dyn Reader) -> PinResult {
        match self.0.borrow_mut().pin() {
            Input::Pin(result) => result,
            _ => PinResult::Broken,
        }
    }
}

struct Customer<'s>(&'s Shared<'s>);

impl Cardholder for Customer<'_> {
    fn choose(&mut self, _: Candidates<'_>) -> Option<u8> {
        self.0.borrow_mut().byte().filter(|number| *number < 32)
    }
}

/// A host that answers anything, and what it has heard.
struct Acquirer<'s> {
    script: &'s Shared<'s>,
    delivers: bool,
    asked: bool,
    may_have_approved: bool,
    messages: Vec<(MessageKind, u32)>,
}

impl<'s> Acquirer<'s> {
    fn new(script: &'s Shared<'s>) -> Self {
        let (asked, may_have_approved) = (false, false);
        Self { script, delivers: false, asked, may_have_approved, messages: Vec::new() }
    }
}

impl Host for Acquirer<'_> {
    fn authorise<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> Result<Answer<'a>, NoAnswer> {
        assert_eq!(message.kind, MessageKind::Authorisation);
        assert!(!self.asked, "asked twice");
        self.asked = true;
        let mut script = self.script.borrow_mut();
        match script.byte() {
            None | Some(0) => return Err(NoAnswer::NotSent),
            Some(1) => {
                self.may_have_approved = true;
                return Err(NoAnswer::Lost);
            }
            _ => {}
        }
        let length = usize::from(script.byte().unwrap_or_default());
        let coded = script.bytes(length);
        memory[..coded.len()].copy_from_slice(coded);
        let answer = answer(&memory[..coded.len()]);
        // What cannot be read may have been an approval.
        self.may_have_approved =
            answer.as_ref().map_or(true, |answer| answer.authorisation_response_code == *b"00");
        answer
    }

    fn deliver(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged> {
        let acknowledged =
            self.delivers || self.script.borrow_mut().byte().is_some_and(|byte| byte & 1 == 1);
        if !acknowledged {
            return Err(NotAcknowledged);
        }
        self.messages.push((message.kind, message.sequence));
        Ok(())
    }
}

/// Remembers whether it showed an approval.
#[derive(Default)]
struct Front {
    approved: bool,
}

impl Display for Front {
    fn show(&mut self, show: &Show) {
        self.approved |= show.message == chipwright::message::Message::Approved;
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> (Date, [u8; 3]) {
        (TODAY, [0x12, 0x00, 0x00])
    }
}
