//! Cardholder Verification Method Results.

use crate::object::Value;

/// CVM Results (9F34), 3 bytes: the rule that was applied last and how it ended. [B4 6.3.4.5]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CvmResults {
    /// CVM code of the rule as in the list, "apply succeeding rule" bit included; 3F when no
    /// rule was performed.
    pub code: u8,
    /// Condition code of the rule; 00 when no rule was performed.
    pub condition: u8,
    /// How it ended.
    pub outcome: CvmOutcome,
}

/// How the last cardholder verification method ended. [B4 A4]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CvmOutcome {
    /// Known only later (signature, online PIN), or no method was required to be performed.
    Unknown,
    /// Failed, or none could be performed.
    Failed,
    /// Successful.
    Successful,
    /// A value that EMV reserves.
    Rfu(u8),
}

impl Value for CvmResults {
    type Bytes = [u8; 3];
    fn decode(bytes: &[u8]) -> Option<Self> {
        let &[code, condition, outcome] = bytes else {
            return None;
        };
        let outcome = match outcome {
            0 => CvmOutcome::Unknown,
            1 => CvmOutcome::Failed,
            2 => CvmOutcome::Successful,
            other => CvmOutcome::Rfu(other),
        };
        Some(Self { code, condition, outcome })
    }
    fn encode(self) -> [u8; 3] {
        let outcome = match self.outcome {
            CvmOutcome::Unknown => 0,
            CvmOutcome::Failed => 1,
            CvmOutcome::Successful => 2,
            CvmOutcome::Rfu(other) => other,
        };
        [self.code, self.condition, outcome]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [B4 A4]
    #[test]
    fn decodes_what_it_encodes() {
        for outcome in 0..5 {
            let bytes = [0x42, 0x03, outcome];
            assert_eq!(CvmResults::decode(&bytes).unwrap().encode(), bytes);
        }
        assert_eq!(CvmResults::decode(&[0x1F, 0]), None);
    }
}
