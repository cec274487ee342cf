//! A terminal: applications, keys, limits, as structs.

use chipwright::config;
use chipwright::contactless::{KernelId, TerminalTransactionQualifiers};
use chipwright::field::{
    AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType,
    TerminalVerificationResults as Results,
};
use chipwright::value::{Amount, Code};
use chipwright_entry_point as entry_point;

use crate::arena::Arena;
use crate::{Bytes, Options, Status, pointer};

/// A terminal. It and all that it points to must stay as it is from `begin` to `end`; memory of
/// zeros is an empty one.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Terminal {
    /// Terminal Type (9F35).
    pub terminal_type: u8,
    /// Terminal Capabilities (9F33).
    pub capabilities: [u8; 3],
    /// Additional Terminal Capabilities (9F40).
    pub additional_capabilities: [u8; 5],
    /// Interface Device Serial Number (9F1E), eight characters.
    pub ifd_serial_number: [u8; 8],
    /// Terminal Country Code (9F1A), as a number: 276.
    pub country: u16,
    /// Further objects of the terminal, as a BER-TLV string: merchant, acquirer, location.
    pub data: Bytes,
    /// The applications that the terminal accepts in its slot, in its order of preference.
    pub applications: *const Application,
    /// How many.
    pub application_count: usize,
    /// Keys of the certification authorities.
    pub keys: *const Key,
    /// How many.
    pub key_count: usize,
    /// Issuer certificates that count no more.
    pub revocations: *const Revocation,
    /// How many.
    pub revocation_count: usize,
    /// What the reader does with taps: applications, kernels, limits. Among equals the first is
    /// preferred.
    pub combinations: *const Combination,
    /// How many.
    pub combination_count: usize,
    /// How rules are read that changed between versions of the books; null for the default.
    pub options: *const Options,
}

/// An application that the terminal accepts in its slot. Memory of zeros is none: every one has an
/// identifier.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Application {
    /// Application Identifier, 5 to 16 bytes.
    pub aid: Bytes,
    /// Not 0 when a card's longer name that begins with the identifier is accepted.
    pub partial_match: u8,
    /// Application Version Number (9F09).
    pub version: u16,
    /// Terminal Floor Limit (9F1B), in minor units.
    pub floor_limit: u32,
    /// Random selection: target percentage, 0 to 99. [B3 10.6.2]
    pub random_target: u8,
    /// Maximum target percentage for biased selection.
    pub random_maximum: u8,
    /// Threshold value for biased selection, in minor units.
    pub random_threshold: u32,
    /// Terminal Action Code, denial.
    pub action_code_denial: [u8; 5],
    /// Terminal Action Code, online.
    pub action_code_online: [u8; 5],
    /// Terminal Action Code, default.
    pub action_code_default: [u8; 5],
    /// Default DDOL, used when the card has none; null for none.
    pub default_ddol: Bytes,
    /// Default TDOL, used when the card has none; null for none.
    pub default_tdol: Bytes,
    /// Further objects of the terminal for this application, as a BER-TLV string.
    pub data: Bytes,
}

/// A key of a certification authority. [B2 5.2]
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Key {
    /// Registered Application Provider Identifier.
    pub rid: [u8; 5],
    /// Certification Authority Public Key Index.
    pub index: u8,
    /// Modulus, up to 248 bytes.
    pub modulus: Bytes,
    /// Exponent, 3 or 65537.
    pub exponent: Bytes,
}

/// An issuer certificate that counts no more. [B2 5.1.2]
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Revocation {
    /// Registered Application Provider Identifier.
    pub rid: [u8; 5],
    /// Index of the key that signed the certificate.
    pub index: u8,
    /// The certificate's serial number.
    pub serial: [u8; 3],
}

/// A combination of application and kernel, and how it is used. [A 5.2] A field whose bit is not set
/// in `present` is not looked at: absence means something.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Combination {
    /// Application Identifier, 5 to 16 bytes.
    pub aid: Bytes,
    /// The kernel, by its number in the books: 7 for QuickPass.
    pub kernel: u8,
    /// Which of the fields below are there: `CHIPWRIGHT_HAS_...`.
    pub present: u32,
    /// Status Check Support flag: not 0 when an amount of one unit of the currency goes online.
    pub status_check: u8,
    /// Zero Amount Allowed flag: not 0 when it is.
    pub zero_amount_allowed: u8,
    /// Extended Selection Support flag: not 0 when it is supported.
    pub extended_selection: u8,
    /// Terminal Transaction Qualifiers (9F66).
    pub qualifiers: [u8; 4],
    /// Terminal Floor Limit (9F1B), in minor units: stands in for the reader's.
    pub terminal_floor_limit: u32,
    /// Reader Contactless Transaction Limit, in minor units: not for this much or more.
    pub transaction_limit: u64,
    /// Reader Contactless Floor Limit, in minor units: online for more.
    pub floor_limit: u64,
    /// Reader CVM Required Limit, in minor units: cardholder verification for this much or more.
    pub cvm_required_limit: u64,
    /// Not 0 when transactions go online without any floor limit. [C7 3] It is always looked at.
    pub online_without_floor_limit: u8,
}

/// `status_check` is there.
pub const HAS_STATUS_CHECK: u32 = 0x01;
/// `zero_amount_allowed` is there.
pub const HAS_ZERO_AMOUNT_ALLOWED: u32 = 0x02;
/// `extended_selection` is there.
pub const HAS_EXTENDED_SELECTION: u32 = 0x04;
/// `qualifiers` are there.
pub const HAS_QUALIFIERS: u32 = 0x08;
/// `terminal_floor_limit` is there.
pub const HAS_TERMINAL_FLOOR_LIMIT: u32 = 0x10;
/// `transaction_limit` is there.
pub const HAS_TRANSACTION_LIMIT: u32 = 0x20;
/// `floor_limit` is there.
pub const HAS_FLOOR_LIMIT: u32 = 0x40;
/// `cvm_required_limit` is there.
pub const HAS_CVM_REQUIRED_LIMIT: u32 = 0x80;

impl Terminal {
    /// The terminal as the core has it.
    ///
    /// # Safety
    /// It and all that it points to stay as they are for as long as the context.
    pub(crate) unsafe fn read(
        &self,
        arena: &mut Arena,
    ) -> Result<config::Terminal<'static>, Status> {
        arena.apart(self.applications, self.application_count)?;
        arena.apart(self.keys, self.key_count)?;
        arena.apart(self.revocations, self.revocation_count)?;
        arena.apart(self.options, 1)?;
        // SAFETY: the caller promises it, of all of these.
        let applications = unsafe { pointer::table(self.applications, self.application_count) }?;
        // SAFETY: as before.
        let keys = unsafe { pointer::table(self.keys, self.key_count) }?;
        // SAFETY: as before.
        let revocations = unsafe { pointer::table(self.revocations, self.revocation_count) }?;
        Ok(config::Terminal {
            terminal_type: TerminalType(self.terminal_type),
            capabilities: TerminalCapabilities(self.capabilities),
            additional_capabilities: AdditionalTerminalCapabilities(self.additional_capabilities),
            country: Code::new(self.country).ok_or(Status::WrongValue)?,
            ifd_serial_number: self.ifd_serial_number,
            // SAFETY: as before.
            data: unsafe { self.data.read() }?,
            // SAFETY: as before.
            applications: arena.table(applications, |row| unsafe { row.read() })?,
            // SAFETY: as before.
            keys: arena.table(keys, |row| unsafe { row.read() })?,
            revocations: arena.table(revocations, |row| Ok(row.read()))?,
            options: if self.options.is_null() {
                config::Options::DEFAULT
            } else {
                // SAFETY: as before.
                let options = unsafe { pointer::read(self.options) }?;
                // SAFETY: as before.
                unsafe { options.read(arena) }?
            },
        })
    }

    /// The combinations as Entry Point has them.
    ///
    /// # Safety
    /// As [`read`](Self::read).
    pub(crate) unsafe fn combinations(
        &self,
        arena: &mut Arena,
    ) -> Result<&'static [entry_point::Combination<'static>], Status> {
        arena.apart(self.combinations, self.combination_count)?;
        // SAFETY: the caller promises it.
        let combinations = unsafe { pointer::table(self.combinations, self.combination_count) }?;
        // SAFETY: the caller promises it.
        arena.table(combinations, |row| unsafe { row.read() })
    }
}

impl Application {
    /// # Safety
    /// Its bytes stay as they are for as long as the context.
    unsafe fn read(&self) -> Result<config::Application<'static>, Status> {
        Ok(config::Application {
            // SAFETY: the caller promises it.
            aid: identifier(unsafe { self.aid.read() }?)?,
            partial_match: self.partial_match != 0,
            version: self.version,
            floor_limit: self.floor_limit,
            random_selection: config::RandomSelection {
                target: self.random_target,
                maximum: self.random_maximum,
                threshold: self.random_threshold,
            },
            action_codes: config::ActionCodes {
                denial: Results(self.action_code_denial),
                online: Results(self.action_code_online),
                default: Results(self.action_code_default),
            },
            // SAFETY: the caller promises it.
            default_ddol: unsafe { self.default_ddol.read_if_any() }?,
            // SAFETY: the caller promises it.
            default_tdol: unsafe { self.default_tdol.read_if_any() }?,
            // SAFETY: the caller promises it.
            data: unsafe { self.data.read() }?,
        })
    }
}

impl Key {
    /// # Safety
    /// Its bytes stay as they are for as long as the context.
    pub(crate) unsafe fn read(&self) -> Result<config::CaPublicKey<'static>, Status> {
        Ok(config::CaPublicKey {
            rid: self.rid,
            index: self.index,
            // SAFETY: the caller promises it.
            modulus: unsafe { self.modulus.read() }?,
            // SAFETY: the caller promises it.
            exponent: unsafe { self.exponent.read() }?,
        })
    }
}

impl Revocation {
    const fn read(&self) -> config::Revocation {
        config::Revocation { rid: self.rid, index: self.index, serial: self.serial }
    }
}

impl Combination {
    /// # Safety
    /// Its bytes stay as they are for as long as the context.
    unsafe fn read(&self) -> Result<entry_point::Combination<'static>, Status> {
        let amount = |bit, amount| {
            let amount = self.when(bit, amount);
            amount.map(|amount| Amount::new(amount).ok_or(Status::WrongValue)).transpose()
        };
        // SAFETY: the caller promises it.
        let aid = identifier(unsafe { self.aid.read() }?)?;
        let qualifiers = self.when(HAS_QUALIFIERS, self.qualifiers);
        Ok(entry_point::Combination {
            status_check: self.when(HAS_STATUS_CHECK, self.status_check != 0),
            zero_amount_allowed: self.when(HAS_ZERO_AMOUNT_ALLOWED, self.zero_amount_allowed != 0),
            transaction_limit: amount(HAS_TRANSACTION_LIMIT, self.transaction_limit)?,
            floor_limit: amount(HAS_FLOOR_LIMIT, self.floor_limit)?,
            terminal_floor_limit: self.when(HAS_TERMINAL_FLOOR_LIMIT, self.terminal_floor_limit),
            cvm_required_limit: amount(HAS_CVM_REQUIRED_LIMIT, self.cvm_required_limit)?,
            qualifiers: qualifiers.map(TerminalTransactionQualifiers),
            extended_selection: self.when(HAS_EXTENDED_SELECTION, self.extended_selection != 0),
            online_without_floor_limit: self.online_without_floor_limit != 0,
            ..entry_point::Combination::new(aid, KernelId::new(self.kernel))
        })
    }

    fn when<T>(&self, bit: u32, value: T) -> Option<T> {
        (self.present & bit != 0).then_some(value)
    }
}

/// 5 to 16 bytes.
fn identifier(aid: &'static [u8]) -> Result<&'static [u8], Status> {
    if matches!(aid.len(), 5..=16) { Ok(aid) } else { Err(Status::WrongValue) }
}
