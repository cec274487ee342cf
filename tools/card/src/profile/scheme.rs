//! Payment systems and what their cards have in common.

use chipwright::cryptogram;
use serde::Deserialize;

use super::{Digits, IssuerAuthentication};

/// A payment system.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// UnionPay.
    UnionPay,
}

impl Scheme {
    /// The name of its issuer among the master keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Visa => "visa",
            Self::Mastercard => "mastercard",
            Self::UnionPay => "unionpay",
        }
    }

    pub(crate) const fn aid(self) -> &'static [u8] {
        match self {
            Self::Visa => &[0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10],
            Self::Mastercard => &[0xA0, 0x00, 0x00, 0x00, 0x04, 0x10, 0x10],
            Self::UnionPay => &[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x02],
        }
    }

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Visa => "Visa Credit",
            Self::Mastercard => "Mastercard",
            Self::UnionPay => "UnionPay Credit",
        }
    }

    /// A published test number.
    pub(crate) fn account_number(self) -> Digits {
        let digits = match self {
            Self::Visa => "4761739001010119",
            Self::Mastercard => "5413330089020029",
            Self::UnionPay => "6228000100001117",
        };
        Digits::new(digits).unwrap_or_default()
    }

    pub(crate) const fn application_version(self) -> u16 {
        match self {
            Self::Visa => 0x0096,
            Self::Mastercard => 0x0002,
            Self::UnionPay => 0x0030,
        }
    }

    pub(crate) const fn cryptogram_version(self) -> u8 {
        match self {
            Self::Visa => 10,
            Self::Mastercard => 20,
            Self::UnionPay => 1,
        }
    }

    pub(crate) const fn issuer_authentication(self) -> IssuerAuthentication {
        match self {
            Self::Visa | Self::UnionPay => IssuerAuthentication::External,
            Self::Mastercard => IssuerAuthentication::InCdol2,
        }
    }

    pub(crate) const fn cryptograms(self) -> cryptogram::Scheme {
        match self {
            Self::Visa => cryptogram::Scheme::Visa,
            Self::Mastercard => cryptogram::Scheme::Mastercard,
            Self::UnionPay => cryptogram::Scheme::UnionPay,
        }
    }
}
