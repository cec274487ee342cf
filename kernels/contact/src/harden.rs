//! What the hardened profile refuses: rules of ours, all off unless the configuration says
//! otherwise. `docs/adr/0006-hardened-profile.md`
//!
//! Every question begins with whether anybody asks, which an image without the profile answers at
//! compile time.

use crate::Contact;
use chipwright::actions::Decision;
use chipwright::cvm::{CvmList, Method};
use chipwright::dictionary::emv::{
    AID, AIP, APPLICATION_EXPIRATION_DATE, APPLICATION_USAGE_CONTROL, ATC, CVM_LIST, CVM_RESULTS,
    IAC_DEFAULT, IAC_DENIAL, IAC_ONLINE, ICC_PUBLIC_KEY_CERTIFICATE, ISSUER_APPLICATION_DATA,
    ISSUER_AUTHENTICATION_DATA, ISSUER_PUBLIC_KEY_CERTIFICATE, LOWER_CONSECUTIVE_OFFLINE_LIMIT,
    PAN, TRACK_2, TVR, UPPER_CONSECUTIVE_OFFLINE_LIMIT,
};
use chipwright::fault::Failed;
use chipwright::field::{
    ApplicationInterchangeProfile as Aip, CryptogramType, OnlineCapability,
    TerminalCapabilities as Can, TerminalVerificationResults as Tvr,
};
use chipwright::hardening::{Breach, Rule};
use chipwright::oda;
use chipwright::tag::Tag;
use chipwright::value::{Pan, Track2};

/// What decides whether a transaction may stay offline. [H 14]
const INPUTS: [Tag; 8] = [
    PAN.tag,
    APPLICATION_EXPIRATION_DATE.tag,
    APPLICATION_USAGE_CONTROL.tag,
    IAC_DEFAULT.tag,
    IAC_DENIAL.tag,
    IAC_ONLINE.tag,
    LOWER_CONSECUTIVE_OFFLINE_LIMIT.tag,
    UPPER_CONSECUTIVE_OFFLINE_LIMIT.tag,
];

/// One rule for every cardholder: an online PIN, or verification fails.
const ONLINE_PIN_ALONE: [u8; 10] = [0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x00];

impl Contact<'_, '_, '_> {
    /// Tells that a rule is broken; where it is kept, the card is asked for a refusal, whatever
    /// else is found.
    #[inline(always)]
    pub(crate) fn refuse(&mut self, breach: Breach, tag: Option<Tag>) {
        self.refused |= self.link.refuses(breach, tag);
    }

    /// Whether a rule that is kept was broken.
    #[inline(always)]
    pub(crate) fn is_refused(&self) -> bool {
        !self.link.hardening.is_off() && self.refused
    }

    /// What the account says by itself.
    #[inline(always)]
    pub(crate) fn check_account(&mut self) {
        // [H 5]
        if self.link.hardening.asks(Rule::BrandConsistent)
            && self.link.hardening.is_foreign(&self.link.data)
        {
            self.refuse(Breach::ForeignBrand, Some(PAN.tag));
        }
        // [H 10]
        if self.link.hardening.asks(Rule::StrictCoding) {
            let data = &self.link.data;
            let track =
                data.bytes(TRACK_2.tag).and_then(Track2::new).map(|track| track.pan_bytes());
            let pan = data.bytes(PAN.tag).and_then(Pan::new);
            if track.is_some_and(|track| Pan::new(&track) != pan) {
                self.refuse(Breach::AccountsDiffer, Some(TRACK_2.tag));
            }
        }
    }

    /// A card that could be authenticated by what both sides have, and whose profile does not say
    /// so; and the one that says no more than a static method.
    #[inline(always)]
    pub(crate) fn check_promises(&mut self, aip: Aip, method: Option<oda::Method>) {
        let can = self.transaction.terminal.capabilities;
        // [H 7]
        if self.link.hardening.asks(Rule::SunsetFeatures)
            && matches!(method, None | Some(oda::Method::Sda))
            && aip.contains(Aip::SDA_SUPPORTED)
            && can.contains(Can::SDA)
        {
            // Where the rule is kept, the method is not among those of the terminal any more.
            let _told = self.link.refuses(Breach::StaticAuthentication, Some(AIP.tag));
        }
        // [H 1]
        if self.link.hardening.asks(Rule::AuthenticationSucceeds) {
            let dynamic = Aip::DDA_SUPPORTED | Aip::CDA_SUPPORTED;
            let left_out = [
                (dynamic, Can::DDA | Can::CDA, ICC_PUBLIC_KEY_CERTIFICATE.tag),
                (
                    dynamic | Aip::SDA_SUPPORTED,
                    Can::SDA | Can::DDA | Can::CDA,
                    ISSUER_PUBLIC_KEY_CERTIFICATE.tag,
                ),
            ]
            .into_iter()
            .find(|(promise, methods, tag)| {
                let possible = can.intersects(*methods) && self.link.data.bytes(*tag).is_some();
                possible && !aip.intersects(*promise)
            });
            if let Some((.., tag)) = left_out {
                self.refuse(Breach::AuthenticationLeftOut, Some(tag));
            }
        }
    }

    /// Whether what the card says of verification is nobody's word: its list, or the profile
    /// without a promise of one. [H 2]
    fn verification_is_unsigned(&self) -> bool {
        let data = &self.link.data;
        let aip = data.get(AIP).unwrap_or_default().unwrap_or_default();
        if !aip.contains(Aip::CARDHOLDER_VERIFICATION_SUPPORTED) {
            return !data.is_signed(AIP.tag);
        }
        let list = data.bytes(CVM_LIST.tag).and_then(|list| CvmList::read(list).ok());
        let has_rules = list.is_some_and(|list| list.rules().len() > 0);
        !has_rules || !data.is_signed(CVM_LIST.tag)
    }

    /// Whether the card's word on verification is left out of account. [H 2]
    #[inline(always)]
    pub(crate) fn ignores_list(&self) -> bool {
        self.link.hardening.enforces(Rule::VerificationSigned) && self.verification_is_unsigned()
    }

    /// The list of methods to follow: the card's, or else that of the profile. [H 2]
    #[inline(always)]
    pub(crate) fn verification_list(&self) -> &[u8] {
        if self.ignores_list() {
            return &ONLINE_PIN_ALONE;
        }
        self.link.data.bytes(CVM_LIST.tag).unwrap_or_default()
    }

    /// What is wrong with the way in which the cardholder is to be verified.
    #[inline(always)]
    pub(crate) fn check_verification(&self) {
        // [H 2]
        if self.link.hardening.asks(Rule::VerificationSigned) && self.verification_is_unsigned() {
            let _told = self.link.refuses(Breach::VerificationUnsigned, Some(CVM_LIST.tag));
        }
        // [H 7] Where the rule is kept, the terminal takes none.
        if self.link.hardening.asks(Rule::SunsetFeatures)
            && self.transaction.terminal.capabilities.contains(Can::PLAINTEXT_PIN)
            && self.offers_plaintext()
        {
            let _told = self.link.refuses(Breach::PlaintextPin, Some(CVM_LIST.tag));
        }
    }

    fn offers_plaintext(&self) -> bool {
        let list = self.link.data.bytes(CVM_LIST.tag).and_then(|list| CvmList::read(list).ok());
        list.is_some_and(|list| {
            let mut methods = list.rules().map(|rule| rule.method());
            let plaintext = [Method::PlaintextPin, Method::PlaintextPinAndSignature];
            methods.any(|method| plaintext.contains(&method))
        })
    }

    /// A decision that approves offline, or what takes its place: the issuer's decision, if it is
    /// `within_reach`, or a refusal.
    #[inline(always)]
    pub(crate) fn harden(
        &mut self,
        decision: Decision,
        within_reach: bool,
    ) -> Result<Decision, Failed> {
        if self.link.hardening.is_off() || decision.request != CryptogramType::Tc {
            return Ok(decision);
        }
        if !self.refuses_offline_approval() {
            return Ok(decision);
        }
        let capability = self.transaction.terminal.terminal_type.online_capability();
        let instead = match (within_reach, capability) {
            (false, _) => Decision::UNABLE_DECLINED,
            (true, OnlineCapability::OfflineOnly) => Decision::DECLINED,
            (true, _) => Decision::ONLINE,
        };
        Ok(self.analysis()?.tell(instead))
    }

    fn refuses_offline_approval(&self) -> bool {
        let Self { link, combined, .. } = self;
        // [H 4]
        let unbound = link.hardening.asks(Rule::OfflineBound)
            && !combined
            && link.refuses(Breach::OfflineUnbound, None);
        // [H 14]
        let unsigned = |tag: &Tag| link.data.bytes(*tag).is_some() && !link.data.is_signed(*tag);
        let unsigned = INPUTS.into_iter().find(unsigned);
        let unsigned = link.hardening.asks(Rule::InputsSigned)
            && unsigned.is_some_and(|tag| link.refuses(Breach::InputUnsigned, Some(tag)));
        unbound || unsigned || self.ignores_list()
    }

    /// The type of the cryptogram that counts: a refusal instead of what the card contradicts when
    /// it speaks to its issuer, or says again.
    #[inline(always)]
    pub(crate) fn check_answer(
        &mut self,
        kind: Option<CryptogramType>,
        first: bool,
    ) -> Result<Verdict, Failed> {
        let Some(kind) = kind.filter(|kind| *kind != CryptogramType::Aac) else {
            return Ok(Verdict::Stands);
        };
        if self.link.hardening.is_off() {
            return Ok(Verdict::Stands);
        }
        let data = &self.link.data;
        let name = data.bytes(AID.tag).unwrap_or_default();
        let told = data.bytes(ISSUER_APPLICATION_DATA.tag).unwrap_or_default();
        let results = data.get(CVM_RESULTS)?;
        // [H 15] [H 16]
        match self.link.hardening.contradiction(name, told, (kind, first), results) {
            Some(breach) if self.link.refuses(breach, Some(ISSUER_APPLICATION_DATA.tag)) => {
                return Ok(match breach {
                    Breach::CryptogramTypeDiffers => Verdict::IsRefusal,
                    _ => Verdict::Refused,
                });
            }
            _ => {}
        }
        // [H 13]
        if kind == CryptogramType::Tc
            && first
            && self.link.hardening.asks(Rule::CounterMemory)
            && self.link.hardening.has_seen_counter(&self.link.data)
            && self.link.refuses(Breach::CounterNotAbove, Some(ATC.tag))
        {
            return Ok(Verdict::Refused);
        }
        Ok(Verdict::Stands)
    }

    /// Whether the issuer's approval counts for nothing: it was to be authenticated and was not.
    pub(crate) fn issuer_is_unproved(&self, request: CryptogramType) -> Result<bool, Failed> {
        // [H 1]
        if request != CryptogramType::Tc || !self.link.hardening.asks(Rule::AuthenticationSucceeds)
        {
            return Ok(false);
        }
        let data = &self.link.data;
        let wanted = data.require(AIP)?.contains(Aip::ISSUER_AUTHENTICATION_SUPPORTED);
        let tag = ISSUER_AUTHENTICATION_DATA.tag;
        let failed = data.bytes(tag).is_none()
            || data.require(TVR)?.contains(Tvr::ISSUER_AUTHENTICATION_FAILED);
        Ok(wanted && failed && self.link.refuses(Breach::IssuerUnauthenticated, Some(tag)))
    }
}

/// What an answer to GENERATE AC comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// What it says.
    Stands,
    /// A refusal, of which the card is told.
    Refused,
    /// A refusal, which it is by the card's own word.
    IsRefusal,
}
