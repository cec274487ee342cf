#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_possible_wrap,
        clippy::unreachable,
        clippy::todo
    )
)]
//! The terminal around EMV kernels: what every integrator would write otherwise.
//!
//! A kernel asks for one thing at a time and knows no device. This crate hands its requests to a
//! reader, a PIN pad, a cardholder and a host; shows the standard messages; builds the messages to
//! the acquirer; and keeps a journal, so that a power failure at any moment loses no money. It has
//! neither allocator nor `std` nor `unsafe`: all memory is lent.
//!
//! | Module | What it is for |
//! |---|---|
//! | [`run`](run()), [`tap`](tap()), [`tap_or_insert`](tap_or_insert()) | one transaction in the slot, in the field, or where the card comes |
//! | [`blocking`] | the same for devices that block |
//! | [`device`] | the traits of the devices, and the hooks |
//! | [`service`] | transaction types, their amounts, limits and applications |
//! | [`display`] | messages by their standard identifiers, languages [B4 11] |
//! | [`host`] | authorisation, advice, reversal, batch, and their field 55 [B4 12] |
//! | [`journal`] | what is written down, recovery after a power failure, delivery |
//! | [`interface`] | which interface is next: retry, switch, fallback to the stripe |
//!
//! # A day of a terminal
//! 1. [`Journal::recover`] when it starts: closes what a power failure left open.
//! 2. [`Journal::deliver`] with [`Due::Now`](journal::Due::Now): reversals and advices that are
//!    owed, and again whenever the line is back.
//! 3. [`run`](run()), [`tap`](tap()) or [`tap_or_insert`](tap_or_insert()) for every [`Order`]. It returns the [`FinalRecord`], which is in the journal
//!    by then.
//! 4. [`Journal::void`] for a sale that is taken back before the batch was delivered.
//! 5. [`Journal::deliver`] with [`Due::Everything`](journal::Due::Everything): the batch.
//!
//! # What holds whatever happens
//! - A transaction that was begun has one final record, and never two.
//! - What the host may have approved is either completed or reversed.
//! - "Approved" is shown only when it is in the journal.
//! - Nothing of a message that is owed is lost, and a message that may have been delivered before
//!   says so.
//! - The account number leaves the journal with the last message that needs it; track data never
//!   enters it.
//!
//! Every call of every device is a point at which the tests cut the power, and again while the
//! terminal recovers.
//!
//! # A whole transaction
//! ```
//! use chipwright::candidates::Candidates;
//! use chipwright::config::{Application, Terminal, TransactionType};
//! use chipwright::crypto::{Crypto, Random, RandomFailed};
//! use chipwright::field::{AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType};
//! use chipwright::outcome::{Authority, Conclusion};
//! use chipwright::session::{LinkError, PinRequest, PinResult};
//! use chipwright::value::{Amount, Code, Date};
//! use chipwright_rustcrypto::RustCrypto;
//! use chipwright_terminal::blocking::{self, Cardholder, Host, PinPad, Reader, Storage};
//! use chipwright_terminal::device::{
//!     Absent, Answered, Clock, Display, NoCancel, NoHooks, NotAcknowledged, StorageFailed,
//! };
//! use chipwright_terminal::display::Show;
//! use chipwright_terminal::host::{Answer, HostMessage, NoAnswer, answer};
//! use chipwright_terminal::journal::Due;
//! use chipwright_terminal::{Order, Service, Setup, Workspace};
//!
//! /// A card with one application and no keys.
//! struct Card;
//! impl Reader for Card {
//!     fn card_inserted(&mut self) -> Result<(), Absent> {
//!         Ok(())
//!     }
//!     fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
//!         let answer = match command[1] {
//!             0xA4 if command[5] == 0xA0 => "6F11 8407A0000000031010 A506500456495341 9000",
//!             0xA8 => "8006 0000 08010100 9000",
//!             0xB2 => "701F 5A084761739001010010 5F2403301231 8C069F02069F3704 8D058A029F3704 9000",
//!             0xAE => "800B 80 0001 0102030405060708 9000", // an ARQC
//!             _ => "6A82",
//!         };
//!         // The second cryptogram is a TC.
//!         let answer = if command[2] == 0x40 { answer.replace(" 80 ", " 40 ") } else { answer.into() };
//!         let answer = hex::decode(answer.replace(' ', "")).unwrap();
//!         out[..answer.len()].copy_from_slice(&answer);
//!         Ok(Answered { length: answer.len(), elapsed: 0 })
//!     }
//!     fn card_removed(&mut self) {}
//! }
//!
//! /// An acquirer that approves everything, and prints what it is sent.
//! struct Acquirer;
//! impl Host for Acquirer {
//!     fn authorise<'a>(
//!         &mut self,
//!         message: &HostMessage<'_>,
//!         memory: &'a mut [u8],
//!     ) -> Result<Answer<'a>, NoAnswer> {
//!         println!("{message:?}");
//!         memory[..4].copy_from_slice(&[0x8A, 2, b'0', b'0']);
//!         answer(&memory[..4])
//!     }
//!     fn deliver(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged> {
//!         println!("{message:?}");
//!         Ok(())
//!     }
//! }
//!
//! /// Records in a vector; a device writes them to flash.
//! #[derive(Default)]
//! struct Memory(Vec<Vec<u8>>);
//! impl Storage for Memory {
//!     fn places(&mut self) -> Result<std::ops::Range<u32>, StorageFailed> {
//!         Ok(0..self.0.len() as u32)
//!     }
//!     fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
//!         self.0.push(record.to_vec());
//!         Ok(())
//!     }
//!     fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
//!         let record = &self.0[place as usize];
//!         out[..record.len()].copy_from_slice(record);
//!         Ok(record.len())
//!     }
//!     fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
//!         self.0[place as usize].clear();
//!         Ok(())
//!     }
//! }
//!
//! /// A display that remembers, a customer who takes the first application, no PIN pad.
//! #[derive(Default)]
//! struct Front(Vec<u8>);
//! impl Display for Front {
//!     fn show(&mut self, show: &Show) {
//!         self.0.push(show.message.identifier());
//!     }
//! }
//! struct Customer;
//! impl Cardholder for Customer {
//!     fn choose(&mut self, candidates: Candidates<'_>) -> Option<u8> {
//!         candidates.by_priority().next().map(|(number, _)| number)
//!     }
//! }
//! struct NoPad;
//! impl PinPad for NoPad {
//!     fn enter(&mut self, _: &PinRequest<'_>, _: &mut dyn Reader) -> PinResult {
//!         PinResult::Broken
//!     }
//! }
//! struct Noon;
//! impl Clock for Noon {
//!     fn now(&self) -> (Date, [u8; 3]) {
//!         (Date::new(2026, 11, 25).unwrap(), [0x12, 0x00, 0x00])
//!     }
//! }
//! # #[derive(Debug)] struct Dice;
//! # impl Random for Dice {
//! #     fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> { out.fill(4); Ok(()) }
//! # }
//!
//! let capabilities = TerminalCapabilities([0xE0, 0xF8, 0xC8]);
//! let terminal = Terminal {
//!     additional_capabilities: AdditionalTerminalCapabilities([0x60, 0, 0xF0, 0xA0, 1]),
//!     ..Terminal::new(TerminalType(0x22), capabilities, Code::new(276).unwrap())
//! };
//! let applications = [Application::new(&[0xA0, 0, 0, 0, 3, 0x10, 0x10])];
//! let services = [Service::new(TransactionType::Purchase, &applications)];
//! let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &Dice };
//! let setup = Setup::new(&terminal, &services, crypto);
//! let order = Order {
//!     kind: TransactionType::Purchase,
//!     amount: Amount::new(12_34),
//!     amount_other: Amount::ZERO,
//!     currency: Code::new(978).unwrap(),
//!     currency_exponent: 2,
//!     force_online: false,
//! };
//!
//! let (mut workspace, mut storage, mut front) =
//!     (Workspace::new(), Memory::default(), Front::default());
//! let mut journal = blocking::recover(&mut storage, 1, &mut workspace)?.journal;
//! let devices = blocking::Devices {
//!     reader: &mut Card,
//!     pad: &mut NoPad,
//!     cardholder: &mut Customer,
//!     host: &mut Acquirer,
//!     storage: &mut storage,
//!     hooks: &mut NoHooks,
//!     display: &mut front,
//!     clock: &Noon,
//!     cancel: &NoCancel,
//! };
//! let record = blocking::run(&setup, &order, devices, &mut journal, workspace.lend())?;
//! assert_eq!((record.conclusion, record.authority), (Conclusion::Approved, Authority::Online));
//! // Insert card, please wait, authorising, approved, remove card.
//! assert_eq!(front.0, [0x0B, 0x0E, 0x1B, 0x03, 0x10]);
//!
//! // In the evening the batch is settled.
//! let due = Due::Everything;
//! let delivery = blocking::deliver(
//!     &mut journal, &mut storage, &mut Acquirer, due, &setup.lists, &mut workspace,
//! )?;
//! assert_eq!((delivery.delivered, delivery.left), (1, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod blocking;
pub mod counters;
pub mod device;
pub mod display;
mod duties;
mod final_record;
mod given;
pub mod host;
pub mod interface;
pub mod journal;
mod memory;
pub mod numbers;
mod objects;
mod run;
pub mod service;

pub use duties::Duties;
pub use final_record::{Details, FinalCause, FinalRecord, MaskedPan, Name};
pub use journal::{Journal, JournalFailure, RECORD_LENGTH, Recovery};
pub use memory::{ANSWER_LENGTH, FIELD_55_LENGTH, Memory, Workspace};
pub use objects::Objects;
pub use run::{Contactless, Devices, Failure, Setup, run, tap, tap_or_insert};
pub use service::{Capture, Flow, Order, Refusal, Service};
