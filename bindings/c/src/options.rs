//! How rules are read that the books leave open.

use chipwright::config;
use chipwright::hardening::{Hardening, Profile, Rule, Rules};

use crate::arena::Arena;
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
    /// Rules of the hardened profile that are kept, `CHIPWRIGHT_RULE_...`; 0 for none.
    pub rules_enforced: u32,
    /// Rules of it of which a breach is only told: an event of the kind `CHIPWRIGHT_EVENT_KIND_BREACH`.
    pub rules_reported: u32,
    /// Bits that the modulus of a certified key has at least, for `CHIPWRIGHT_RULE_KEY_HYGIENE`.
    pub minimum_modulus: u16,
    /// Not 0 when taps whose qualifiers nothing proves go online where no verification is required,
    /// for `CHIPWRIGHT_RULE_QUALIFIERS_PROVED`.
    pub unproved_below_limit: u8,
}

/// H1: authentication that both sides can do, or the card could, succeeds; or declined.
pub const RULE_AUTHENTICATION_SUCCEEDS: u32 = 0x0_0002;
/// H2: verification follows signed data alone.
pub const RULE_VERIFICATION_SIGNED: u32 = 0x0_0004;
/// H3: contactless qualifiers are proved by a signature, online as well.
pub const RULE_QUALIFIERS_PROVED: u32 = 0x0_0008;
/// H4: an offline approval stands on a signed cryptogram.
pub const RULE_OFFLINE_BOUND: u32 = 0x0_0010;
/// H5: the account belongs to the brand of the application.
pub const RULE_BRAND_CONSISTENT: u32 = 0x0_0020;
/// H7: no static authentication, no plaintext PIN, a key of its own for PINs.
pub const RULE_SUNSET_FEATURES: u32 = 0x0_0080;
/// H8: certified keys are of a decent length, odd, and not of a kind that is known broken.
pub const RULE_KEY_HYGIENE: u32 = 0x0_0100;
/// H10: what the coding rules leave open is refused.
pub const RULE_STRICT_CODING: u32 = 0x0_0400;
/// H11: exchanges, bytes, records, nesting and time are bounded.
pub const RULE_BUDGET: u32 = 0x0_0800;
/// H14: data that is not signed relaxes no limit.
pub const RULE_INPUTS_SIGNED: u32 = 0x0_4000;
/// H15: what the card says in two places of the type of its cryptogram agrees.
pub const RULE_CRYPTOGRAM_TYPE_AGREES: u32 = 0x0_8000;
/// H16: what the card tells its issuer of the PIN agrees with what the terminal saw.
pub const RULE_CARD_RESULTS_AGREE: u32 = 0x1_0000;
/// All of them. H12 and H13 need a memory beyond the transaction, which this interface has not.
pub const RULES_ALL: u32 = 0x1_CDBE;

const _: () = {
    const fn is(bit: u32, rule: Rule) -> bool {
        bit == 1 << rule.number()
    }
    assert!(is(RULE_AUTHENTICATION_SUCCEEDS, Rule::AuthenticationSucceeds));
    assert!(is(RULE_VERIFICATION_SIGNED, Rule::VerificationSigned));
    assert!(is(RULE_QUALIFIERS_PROVED, Rule::QualifiersProved));
    assert!(is(RULE_OFFLINE_BOUND, Rule::OfflineBound));
    assert!(is(RULE_BRAND_CONSISTENT, Rule::BrandConsistent));
    assert!(is(RULE_SUNSET_FEATURES, Rule::SunsetFeatures));
    assert!(is(RULE_KEY_HYGIENE, Rule::KeyHygiene));
    assert!(is(RULE_STRICT_CODING, Rule::StrictCoding));
    assert!(is(RULE_BUDGET, Rule::Budget));
    assert!(is(RULE_INPUTS_SIGNED, Rule::InputsSigned));
    assert!(is(RULE_CRYPTOGRAM_TYPE_AGREES, Rule::CryptogramTypeAgrees));
    assert!(is(RULE_CARD_RESULTS_AGREE, Rule::CardResultsAgree));
    let here = RULE_AUTHENTICATION_SUCCEEDS
        | RULE_VERIFICATION_SIGNED
        | RULE_QUALIFIERS_PROVED
        | RULE_OFFLINE_BOUND
        | RULE_BRAND_CONSISTENT
        | RULE_SUNSET_FEATURES
        | RULE_KEY_HYGIENE
        | RULE_STRICT_CODING
        | RULE_BUDGET
        | RULE_INPUTS_SIGNED
        | RULE_CRYPTOGRAM_TYPE_AGREES
        | RULE_CARD_RESULTS_AGREE;
    assert!(RULES_ALL == here);
};

/// The rules whose bits are set.
fn rules(bits: u32) -> Result<Rules, Status> {
    if bits & !RULES_ALL != 0 {
        return Err(Status::UnknownValue);
    }
    let chosen = Rule::ALL.into_iter().filter(|rule| bits & 1 << rule.number() != 0);
    Ok(chosen.fold(Rules::NONE, Rules::with))
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
            rules_enforced: 0,
            rules_reported: 0,
            minimum_modulus: Profile::ENFORCED.minimum_modulus,
            unproved_below_limit: 0,
        }
    }

    /// The hardened profile, which lies in the context; off where no rule is asked for.
    fn hardening(&self, arena: &mut Arena) -> Result<Hardening<'static>, Status> {
        let [enforced, reported] = [rules(self.rules_enforced)?, rules(self.rules_reported)?];
        if (enforced, reported) == (Rules::NONE, Rules::NONE) {
            return Ok(Hardening::OFF);
        }
        let profile = Profile {
            minimum_modulus: self.minimum_modulus,
            unproved_below_limit: self.unproved_below_limit != 0,
            ..Profile::of(enforced, reported)
        };
        Ok(Hardening::by(arena.keep(profile)?))
    }

    /// # Safety
    /// Its bytes stay as they are for as long as the context.
    pub(crate) unsafe fn read(
        &self,
        arena: &mut Arena,
    ) -> Result<config::Options<'static>, Status> {
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
            hardening: self.hardening(arena)?,
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
