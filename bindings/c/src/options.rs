//! How rules are read that the books leave open.

use chipwright::config;
use chipwright::hardening::Hardening;

use crate::{Bytes, Status, pointer};

/// Choices that the books leave open. `chipwright_default_options` fills in the default; what is a
/// flag is 0 or not.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Options {
    /// Set TVR byte 1 bit 2 when SDA is the selected method. [B3 10.3]
    pub sda_selected_bit: u8,
    /// With which cryptograms a combined signature is asked for: mode 1 to 4.
    pub combined_mode: u8,
    /// Read the Payment System Environment before trying the list of AIDs.
    pub payment_system_environment: u8,
    /// The cardholder can be shown candidates and choose or confirm.
    pub cardholder_selection: u8,
    /// A terminal without attendant may let a PIN be left out too.
    pub unattended_pin_bypass: u8,
    /// Static data authentication is not accepted any more.
    pub sda_withdrawn: u8,
    /// Nor is a plaintext PIN verified by the card.
    pub plaintext_pin_withdrawn: u8,
    /// Nor an enciphered one.
    pub enciphered_pin_withdrawn: u8,
    /// Nor a signature.
    pub signature_withdrawn: u8,
    /// A review is wanted after the candidate list was built.
    pub review_candidates: u8,
    /// And after the records were read.
    pub review_records: u8,
    /// Card commands that one transaction may take.
    pub exchange_limit: u16,
    /// Authorisation Response Codes by which the issuer approves, two bytes each; null for 00, 10
    /// and 11.
    pub approval_codes: Bytes,
}

impl Options {
    fn of(options: &config::Options<'_>) -> Self {
        let config::Options { withdrawn, reviews, .. } = options;
        Self {
            sda_selected_bit: u8::from(options.sda_selected_bit),
            combined_mode: match options.combined_mode {
                config::CombinedMode::Mode1 => 1,
                config::CombinedMode::Mode2 => 2,
                config::CombinedMode::Mode3 => 3,
                config::CombinedMode::Mode4 => 4,
            },
            payment_system_environment: u8::from(options.payment_system_environment),
            cardholder_selection: u8::from(options.cardholder_selection),
            unattended_pin_bypass: u8::from(options.unattended_pin_bypass),
            sda_withdrawn: u8::from(withdrawn.static_data_authentication),
            plaintext_pin_withdrawn: u8::from(withdrawn.plaintext_pin),
            enciphered_pin_withdrawn: u8::from(withdrawn.enciphered_pin),
            signature_withdrawn: u8::from(withdrawn.signature),
            review_candidates: u8::from(reviews.candidates),
            review_records: u8::from(reviews.records),
            exchange_limit: options.exchange_limit,
            approval_codes: Bytes::NONE,
        }
    }

    /// # Safety
    /// Its bytes stay as they are for as long as the context.
    pub(crate) unsafe fn read(&self) -> Result<config::Options<'static>, Status> {
        let default = config::Options::DEFAULT;
        // SAFETY: the caller promises it.
        let approval_codes = match unsafe { self.approval_codes.read_if_any() }? {
            None => default.approval_codes,
            Some(codes) => match codes.as_chunks() {
                (codes, []) => codes,
                _ => return Err(Status::WrongValue),
            },
        };
        Ok(config::Options {
            sda_selected_bit: self.sda_selected_bit != 0,
            combined_mode: match self.combined_mode {
                1 => config::CombinedMode::Mode1,
                2 => config::CombinedMode::Mode2,
                3 => config::CombinedMode::Mode3,
                4 => config::CombinedMode::Mode4,
                _ => return Err(Status::UnknownValue),
            },
            payment_system_environment: self.payment_system_environment != 0,
            cardholder_selection: self.cardholder_selection != 0,
            unattended_pin_bypass: self.unattended_pin_bypass != 0,
            approval_codes,
            withdrawn: config::Withdrawn {
                static_data_authentication: self.sda_withdrawn != 0,
                plaintext_pin: self.plaintext_pin_withdrawn != 0,
                enciphered_pin: self.enciphered_pin_withdrawn != 0,
                signature: self.signature_withdrawn != 0,
            },
            reviews: config::Reviews {
                candidates: self.review_candidates != 0,
                records: self.review_records != 0,
            },
            exchange_limit: self.exchange_limit,
            hardening: Hardening::OFF,
        })
    }
}

/// Fills in the default options.
///
/// # Safety
/// There is room for them at `options`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_default_options(options: *mut Options) -> Status {
    // SAFETY: the caller promises it.
    Status::of(unsafe { pointer::write(options, Options::of(&config::Options::DEFAULT)) })
}
