//! Where a transaction is.

/// The phase of a transaction, in the books' words and order. [B3 8.2]
///
/// The compiler builds the kernel's states; this is their visible name, for displays, logs and
/// diagnosis. See [`Driver::phase`](crate::driver::Driver::phase).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Default)]
#[repr(u8)]
#[non_exhaustive]
pub enum Phase {
    /// Nothing has begun.
    #[default]
    Idle = 0,
    /// Application Selection. [B1 12]
    ApplicationSelection = 1,
    /// Initiate Application Processing. [B3 10.1]
    InitiateApplication = 2,
    /// Read Application Data. [B3 10.2]
    ReadApplicationData = 3,
    /// Offline Data Authentication. [B3 10.3]
    OfflineDataAuthentication = 4,
    /// Processing Restrictions. [B3 10.4]
    ProcessingRestrictions = 5,
    /// Cardholder Verification. [B3 10.5]
    CardholderVerification = 6,
    /// Terminal Risk Management. [B3 10.6]
    TerminalRiskManagement = 7,
    /// Terminal Action Analysis. [B3 10.7]
    TerminalActionAnalysis = 8,
    /// Card Action Analysis: the first GENERATE AC. [B3 10.8]
    CardActionAnalysis = 9,
    /// Online Processing. [B3 10.9]
    OnlineProcessing = 10,
    /// Issuer-to-Card Script Processing. [B3 10.10]
    IssuerScriptProcessing = 11,
    /// Completion: the second GENERATE AC. [B3 10.11]
    Completion = 12,
    /// The outcome is known.
    Ended = 13,
}

impl Phase {
    /// The book's heading.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "Idle",
            Self::ApplicationSelection => "Application Selection",
            Self::InitiateApplication => "Initiate Application Processing",
            Self::ReadApplicationData => "Read Application Data",
            Self::OfflineDataAuthentication => "Offline Data Authentication",
            Self::ProcessingRestrictions => "Processing Restrictions",
            Self::CardholderVerification => "Cardholder Verification",
            Self::TerminalRiskManagement => "Terminal Risk Management",
            Self::TerminalActionAnalysis => "Terminal Action Analysis",
            Self::CardActionAnalysis => "Card Action Analysis",
            Self::OnlineProcessing => "Online Processing",
            Self::IssuerScriptProcessing => "Issuer-to-Card Script Processing",
            Self::Completion => "Completion",
            Self::Ended => "Ended",
        }
    }
}
