//! The rules of the hardened profile, and what breaks them.

use core::fmt;

/// A rule of the hardened profile. H6 (no magnetic stripe mode) and H9 (relay resistance) are
/// missing: no kernel here has either.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum Rule {
    /// H1: authentication that both sides can do, or the card could, succeeds; or declined.
    AuthenticationSucceeds = 1,
    /// H2: verification follows signed data alone.
    VerificationSigned = 2,
    /// H3: contactless qualifiers are proved by a signature, online as well.
    QualifiersProved = 3,
    /// H4: an offline approval stands on a signed cryptogram.
    OfflineBound = 4,
    /// H5: the account belongs to the brand of the application.
    BrandConsistent = 5,
    /// H7: no static authentication, no plaintext PIN, a key of its own for PINs.
    SunsetFeatures = 7,
    /// H8: certified keys are of a decent length, odd, and not of a kind that is known broken.
    KeyHygiene = 8,
    /// H10: what the coding rules leave open is refused.
    StrictCoding = 10,
    /// H11: exchanges, bytes, records, nesting and time are bounded.
    Budget = 11,
    /// H12: a number that was drawn before is not drawn again.
    RandomHealth = 12,
    /// H13: transaction counters grow from one offline approval to the next.
    CounterMemory = 13,
    /// H14: data that is not signed relaxes no limit.
    InputsSigned = 14,
    /// H15: what the card says in two places of the type of its cryptogram agrees.
    CryptogramTypeAgrees = 15,
    /// H16: what the card tells its issuer of the PIN agrees with what the terminal saw.
    CardResultsAgree = 16,
}

impl Rule {
    /// All of them, by number.
    pub const ALL: [Self; 14] = [
        Self::AuthenticationSucceeds,
        Self::VerificationSigned,
        Self::QualifiersProved,
        Self::OfflineBound,
        Self::BrandConsistent,
        Self::SunsetFeatures,
        Self::KeyHygiene,
        Self::StrictCoding,
        Self::Budget,
        Self::RandomHealth,
        Self::CounterMemory,
        Self::InputsSigned,
        Self::CryptogramTypeAgrees,
        Self::CardResultsAgree,
    ];

    /// Its number: 1 for H1.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The rule by its name: `H1`.
    ///
    /// # Errors
    /// [`UnknownRule`].
    pub fn named(name: &str) -> Result<Self, UnknownRule> {
        let number = name.strip_prefix(['H', 'h']).and_then(|number| number.parse::<u8>().ok());
        let Some(number @ 1..=16) = number else { return Err(UnknownRule::NoRule) };
        let mut all = Self::ALL.into_iter();
        all.find(|rule| rule.number() == number).ok_or(UnknownRule::NoKernel)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "H{}", self.number())
    }
}

/// Why there is no rule of a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnknownRule {
    /// The hardened profile has none of this name.
    NoRule,
    /// It is about what no kernel here does.
    NoKernel,
}

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRule => "no rule of the hardened profile, expected H1 to H16",
            Self::NoKernel => "no kernel here has it yet",
        })
    }
}

impl core::error::Error for UnknownRule {}

/// What breaks a rule of the hardened profile.
///
/// Codes are stable, the number of the rule in front: they go into logs and reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u16)]
#[non_exhaustive]
pub enum Breach {
    /// The method that both sides share failed.
    AuthenticationFailed = 0x0101,
    /// The card has certificates, and its profile promises no authentication by them.
    AuthenticationLeftOut = 0x0102,
    /// The issuer approved, and the card would have authenticated it and did not.
    IssuerUnauthenticated = 0x0103,

    /// The list of verification methods, or the profile that leaves it out, is not signed.
    VerificationUnsigned = 0x0201,

    /// No signature proves the qualifiers of the card.
    QualifiersUnproved = 0x0301,

    /// No signature covers the cryptogram of an offline approval.
    OfflineUnbound = 0x0401,

    /// The account number is of another brand than the application.
    ForeignBrand = 0x0501,

    /// The best method of authentication is a static one.
    StaticAuthentication = 0x0701,
    /// The PIN would go to the card in the clear.
    PlaintextPin = 0x0702,
    /// The card deciphers PINs with the key that signs.
    SharedPinKey = 0x0703,

    /// The modulus is even.
    ModulusEven = 0x0801,
    /// The modulus is shorter than configured.
    ModulusShort = 0x0802,
    /// The modulus has the marks of a generator whose keys can be factored.
    ModulusFactorable = 0x0803,

    /// An object of terminal or issuer comes from the card.
    ForeignObject = 0x0A01,
    /// An object stands in a template where it does not belong.
    MisplacedObject = 0x0A02,
    /// An object has a length that it cannot have.
    ObjectLength = 0x0A03,
    /// A length is coded in more bytes than it needs.
    LengthNotMinimal = 0x0A04,
    /// There are bytes between or behind the objects.
    Padding = 0x0A05,
    /// An object comes twice in its template.
    ObjectTwice = 0x0A06,
    /// Account number and track are of different accounts.
    AccountsDiffer = 0x0A07,

    /// More exchanges than the budget has.
    ExchangesSpent = 0x0B01,
    /// More bytes than the budget has.
    BytesSpent = 0x0B02,
    /// More records than the budget has.
    RecordsSpent = 0x0B03,
    /// Templates within templates, deeper than the budget allows.
    NestingSpent = 0x0B04,
    /// The card took more time than the budget has.
    TimeSpent = 0x0B05,

    /// An unpredictable number that was drawn before.
    NumberRepeated = 0x0C01,

    /// The transaction counter is not above that of an earlier offline approval.
    CounterNotAbove = 0x0D01,

    /// Data that decides about limits is not signed.
    InputUnsigned = 0x0E01,

    /// The Issuer Application Data speak of another type of cryptogram.
    CryptogramTypeDiffers = 0x0F01,

    /// The Issuer Application Data speak of another end of the offline PIN.
    PinResultDiffers = 0x1001,
}

impl Breach {
    /// The stable number.
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The rule that is broken.
    pub const fn rule(self) -> Rule {
        match self {
            Self::AuthenticationFailed
            | Self::AuthenticationLeftOut
            | Self::IssuerUnauthenticated => Rule::AuthenticationSucceeds,
            Self::VerificationUnsigned => Rule::VerificationSigned,
            Self::QualifiersUnproved => Rule::QualifiersProved,
            Self::OfflineUnbound => Rule::OfflineBound,
            Self::ForeignBrand => Rule::BrandConsistent,
            Self::StaticAuthentication | Self::PlaintextPin | Self::SharedPinKey => {
                Rule::SunsetFeatures
            }
            Self::ModulusEven | Self::ModulusShort | Self::ModulusFactorable => Rule::KeyHygiene,
            Self::ForeignObject
            | Self::MisplacedObject
            | Self::ObjectLength
            | Self::LengthNotMinimal
            | Self::Padding
            | Self::ObjectTwice
            | Self::AccountsDiffer => Rule::StrictCoding,
            Self::ExchangesSpent
            | Self::BytesSpent
            | Self::RecordsSpent
            | Self::NestingSpent
            | Self::TimeSpent => Rule::Budget,
            Self::NumberRepeated => Rule::RandomHealth,
            Self::CounterNotAbove => Rule::CounterMemory,
            Self::InputUnsigned => Rule::InputsSigned,
            Self::CryptogramTypeDiffers => Rule::CryptogramTypeAgrees,
            Self::PinResultDiffers => Rule::CardResultsAgree,
        }
    }

    /// What it is, in a few words.
    #[cfg(feature = "names")]
    pub const fn text(self) -> &'static str {
        match self {
            Self::AuthenticationFailed => "authentication failed",
            Self::AuthenticationLeftOut => "certificates, and no promise to use them",
            Self::IssuerUnauthenticated => "an approval of an issuer that was not authenticated",
            Self::VerificationUnsigned => "how to verify the cardholder is not signed",
            Self::QualifiersUnproved => "no signature proves the card's qualifiers",
            Self::OfflineUnbound => "no signature covers the cryptogram of an offline approval",
            Self::ForeignBrand => "the account number is of another brand",
            Self::StaticAuthentication => "static authentication",
            Self::PlaintextPin => "plaintext PIN",
            Self::SharedPinKey => "the key that signs would decipher the PIN",
            Self::ModulusEven => "even modulus",
            Self::ModulusShort => "modulus too short",
            Self::ModulusFactorable => "modulus of a generator whose keys can be factored",
            Self::ForeignObject => "an object that is not the card's to give",
            Self::MisplacedObject => "an object in a wrong template",
            Self::ObjectLength => "an object of a wrong length",
            Self::LengthNotMinimal => "a length coded in more bytes than it needs",
            Self::Padding => "bytes between or behind objects",
            Self::ObjectTwice => "an object twice",
            Self::AccountsDiffer => "account number and track differ",
            Self::ExchangesSpent => "too many exchanges",
            Self::BytesSpent => "too many bytes",
            Self::RecordsSpent => "too many records",
            Self::NestingSpent => "templates nested too deep",
            Self::TimeSpent => "the card takes too long",
            Self::NumberRepeated => "an unpredictable number repeats",
            Self::CounterNotAbove => "the transaction counter does not grow",
            Self::InputUnsigned => "what decides about limits is not signed",
            Self::CryptogramTypeDiffers => "the card tells its issuer another type of cryptogram",
            Self::PinResultDiffers => "the card tells its issuer another end of the PIN",
        }
    }
}
