//! What a kernel calls while it works: random numbers, history, events.

use core::ffi::c_void;

use chipwright::config::History;
use chipwright::crypto::{Random, RandomFailed};
use chipwright::event::{self, Sink, record};
use chipwright::value::{Amount, Pan};

use crate::{Bytes, Event, Status, pointer};

/// What a kernel calls while it works, from within `chipwright_step`. The context cannot be entered
/// meanwhile: whatever is tried says `CHIPWRIGHT_STATUS_BUSY`. All but `random` may be null.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Callbacks {
    /// Given to each of them.
    pub user: *mut c_void,
    /// Writes bytes that a card cannot predict; says 0, or anything else when it cannot: the
    /// transaction then ends. Required.
    pub random: Option<unsafe extern "C" fn(user: *mut c_void, out: *mut u8, length: usize) -> u32>,
    /// Takes an event. It must not block.
    pub event: Option<unsafe extern "C" fn(user: *mut c_void, event: *const Event)>,
    /// Takes the next bytes of an event record, without account data: what `chipwright record`
    /// explains on a desk. The record begins with the four bytes of `CHIPWRIGHT_RECORD_HEAD`,
    /// big-endian, which the caller writes. It must not block.
    pub record: Option<unsafe extern "C" fn(user: *mut c_void, bytes: Bytes)>,
    /// Whether an account is on the exception file: 0 when it is not. [B3 10.6.1]
    pub on_exception_file:
        Option<unsafe extern "C" fn(user: *mut c_void, account: *const Account) -> u32>,
    /// Amount of the most recent transaction of an account that is still in the log, in minor units;
    /// 0 when there is none. [B3 10.6.1]
    pub logged_amount:
        Option<unsafe extern "C" fn(user: *mut c_void, account: *const Account) -> u64>,
}

/// An account.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Account {
    /// Its number, digits of ISO 8859-1, as many as there are.
    pub digits: [u8; 19],
    /// How many.
    pub digit_count: u8,
    /// PAN Sequence Number (5F34), as coded; -1 where the card has none.
    pub sequence_number: i16,
}

/// What an event record begins with.
pub const RECORD_HEAD: u32 = 0x0002_0001;

const _: () = assert!(u32::from_be_bytes(record::HEAD) == RECORD_HEAD);

impl Callbacks {
    /// The callbacks at a pointer.
    ///
    /// # Safety
    /// They are initialised.
    pub(crate) unsafe fn read(callbacks: *const Self) -> Result<Self, Status> {
        // SAFETY: the caller promises it.
        let callbacks = *unsafe { pointer::read(callbacks) }?;
        if callbacks.random.is_some() { Ok(callbacks) } else { Err(Status::Null) }
    }

    /// Whether anybody takes events.
    pub(crate) const fn has_sink(&self) -> bool {
        self.event.is_some() || self.record.is_some()
    }

    /// Whether there is any history to ask.
    pub(crate) const fn has_history(&self) -> bool {
        self.on_exception_file.is_some() || self.logged_amount.is_some()
    }
}

impl Random for Callbacks {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        let random = self.random.ok_or(RandomFailed)?;
        // SAFETY: the integrator's function, with memory that can be written and how much of it.
        let failed = unsafe { random(self.user, out.as_mut_ptr(), out.len()) };
        if failed == 0 { Ok(()) } else { Err(RandomFailed) }
    }
}

impl Sink for Callbacks {
    fn event(&self, event: &event::Event<'_>) {
        if let Some(take) = self.event {
            let event = Event::of(event);
            // SAFETY: the integrator's function, with an event that outlives the call.
            unsafe { take(self.user, &raw const event) };
        }
        if let (Some(take), Some(event)) = (self.record, record::masked(event)) {
            record::write(&event, &mut |piece| {
                // SAFETY: the integrator's function, with bytes that outlive the call.
                unsafe { take(self.user, Bytes::of(piece)) };
            });
        }
    }
}

impl History for Callbacks {
    fn on_exception_file(&self, pan: Pan<'_>, sequence_number: Option<u8>) -> bool {
        let Some(ask) = self.on_exception_file else { return false };
        let account = Account::new(pan, sequence_number);
        // SAFETY: the integrator's function, with an account that outlives the call.
        unsafe { ask(self.user, &raw const account) != 0 }
    }

    fn logged_amount(&self, pan: Pan<'_>, sequence_number: Option<u8>) -> Amount {
        let Some(ask) = self.logged_amount else { return Amount::ZERO };
        let account = Account::new(pan, sequence_number);
        // SAFETY: as above.
        let amount = unsafe { ask(self.user, &raw const account) };
        // More than twelve digits: certainly over every limit.
        Amount::new(amount).or(Amount::new(999_999_999_999)).unwrap_or_default()
    }
}

impl Account {
    fn new(pan: Pan<'_>, sequence_number: Option<u8>) -> Self {
        let mut account = Self {
            digits: [0; 19],
            digit_count: 0,
            sequence_number: sequence_number.map_or(-1, i16::from),
        };
        for (place, digit) in account.digits.iter_mut().zip(pan.digits()) {
            *place = b'0' + digit;
            account.digit_count += 1;
        }
        account
    }
}
