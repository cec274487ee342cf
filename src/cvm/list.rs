//! The CVM List and its rules. [B3 10.5, C3] [B3 10.5.3]

use crate::dictionary::emv::CVM_LIST;
use crate::fault::Fault;
use crate::field::TerminalCapabilities as Can;
use core::fmt;
use nom::{IResult, Parser, combinator::rest, number::complete::be_u32};

/// A CVM List (8E): two amounts and rules of two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CvmList<'a> {
    /// Amount X, in minor units of the application currency.
    pub amount_x: u32,
    /// Amount Y, in minor units of the application currency.
    pub amount_y: u32,
    rules: &'a [[u8; 2]],
}

impl<'a> CvmList<'a> {
    /// Reads a value field. A list may have no rules.
    ///
    /// # Errors
    /// A format fault when the amounts are cut short or half a rule is left over. [B3 7.5 cvm-list]
    pub fn read(value: &'a [u8]) -> Result<Self, Fault> {
        let fields: IResult<_, _, ()> = (be_u32, be_u32, rest).parse(value);
        match fields.map(|(_, (x, y, rules))| (x, y, rules.as_chunks())) {
            Ok((amount_x, amount_y, (rules, []))) => Ok(Self { amount_x, amount_y, rules }),
            _ => Err(Fault::format(CVM_LIST.tag).at(value.len())),
        }
    }

    /// The rules, in order.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = Rule> + use<'a> {
        self.rules.iter().map(|&[code, condition]| Rule { code, condition })
    }
}

/// One CV Rule: a method and the condition under which it applies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Rule {
    /// CVM code, as in the list.
    pub code: u8,
    /// CVM condition code, as in the list.
    pub condition: u8,
}

/// A cardholder verification method. [B3 C3]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Method {
    /// Verification fails.
    Fail,
    /// Plaintext PIN, verified by the card.
    PlaintextPin,
    /// Enciphered PIN, verified by the issuer.
    OnlinePin,
    /// Plaintext PIN, verified by the card, and signature.
    PlaintextPinAndSignature,
    /// Enciphered PIN, verified by the card.
    EncipheredPin,
    /// Enciphered PIN, verified by the card, and signature.
    EncipheredPinAndSignature,
    /// Signature.
    Signature,
    /// No verification required.
    NoCvm,
    /// A code that EMV reserves or leaves to schemes and issuers.
    Unrecognised,
}

/// When a rule applies. [B3 C3]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Condition {
    /// Always.
    Always,
    /// Unattended cash.
    UnattendedCash,
    /// Neither unattended cash nor manual cash nor purchase with cashback.
    NoCash,
    /// The terminal supports the method.
    Supported,
    /// Manual cash.
    ManualCash,
    /// Purchase with cashback.
    Cashback,
    /// In the application currency and under amount X.
    UnderX,
    /// In the application currency and over amount X.
    OverX,
    /// In the application currency and under amount Y.
    UnderY,
    /// In the application currency and over amount Y.
    OverY,
    /// A code that EMV reserves or leaves to schemes.
    Unrecognised,
}

impl Rule {
    /// The method: bits 6 to 1 of the code.
    pub const fn method(self) -> Method {
        match self.code & 0x3F {
            0x00 => Method::Fail,
            0x01 => Method::PlaintextPin,
            0x02 => Method::OnlinePin,
            0x03 => Method::PlaintextPinAndSignature,
            0x04 => Method::EncipheredPin,
            0x05 => Method::EncipheredPinAndSignature,
            0x1E => Method::Signature,
            0x1F => Method::NoCvm,
            _ => Method::Unrecognised,
        }
    }

    /// Whether the next rule applies when this one is unsuccessful: bit 7 of this rule's code.
    pub const fn apply_succeeding(self) -> bool {
        self.code & 0x40 != 0
    }

    /// The condition.
    pub const fn condition(self) -> Condition {
        match self.condition {
            0x00 => Condition::Always,
            0x01 => Condition::UnattendedCash,
            0x02 => Condition::NoCash,
            0x03 => Condition::Supported,
            0x04 => Condition::ManualCash,
            0x05 => Condition::Cashback,
            0x06 => Condition::UnderX,
            0x07 => Condition::OverX,
            0x08 => Condition::UnderY,
            0x09 => Condition::OverY,
            _ => Condition::Unrecognised,
        }
    }
}

impl Method {
    /// Whether the terminal can perform the method, all of it. [B3 10.5, B4 A2]
    #[inline(never)]
    pub fn is_supported(self, can: Can) -> bool {
        can.contains(match self {
            Self::Fail => Can::EMPTY,
            Self::PlaintextPin => Can::PLAINTEXT_PIN,
            Self::OnlinePin => Can::ENCIPHERED_PIN_ONLINE,
            Self::PlaintextPinAndSignature => Can::PLAINTEXT_PIN | Can::SIGNATURE,
            Self::EncipheredPin => Can::ENCIPHERED_PIN_OFFLINE,
            Self::EncipheredPinAndSignature => Can::ENCIPHERED_PIN_OFFLINE | Can::SIGNATURE,
            Self::Signature => Can::SIGNATURE,
            Self::NoCvm => Can::NO_CVM,
            Self::Unrecognised => return false,
        })
    }

    /// Whether the card verifies a PIN in it.
    pub const fn is_offline_pin(self) -> bool {
        matches!(
            self,
            Self::PlaintextPin
                | Self::PlaintextPinAndSignature
                | Self::EncipheredPin
                | Self::EncipheredPinAndSignature
        )
    }

    /// Whether a signature is part of it.
    pub const fn has_signature(self) -> bool {
        matches!(
            self,
            Self::Signature | Self::PlaintextPinAndSignature | Self::EncipheredPinAndSignature
        )
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fail => "fail cardholder verification",
            Self::PlaintextPin => "plaintext PIN verified by the card",
            Self::OnlinePin => "enciphered PIN verified online",
            Self::PlaintextPinAndSignature => "plaintext PIN verified by the card, and signature",
            Self::EncipheredPin => "enciphered PIN verified by the card",
            Self::EncipheredPinAndSignature => "enciphered PIN verified by the card, and signature",
            Self::Signature => "signature",
            Self::NoCvm => "no verification required",
            Self::Unrecognised => "unrecognised method",
        })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Always => "always",
            Self::UnattendedCash => "if unattended cash",
            Self::NoCash => "if neither cash nor cashback",
            Self::Supported => "if the terminal supports the method",
            Self::ManualCash => "if manual cash",
            Self::Cashback => "if purchase with cashback",
            Self::UnderX => "if in the application currency and under X",
            Self::OverX => "if in the application currency and over X",
            Self::UnderY => "if in the application currency and under Y",
            Self::OverY => "if in the application currency and over Y",
            Self::Unrecognised => "unrecognised condition",
        })
    }
}
