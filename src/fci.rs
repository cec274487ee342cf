//! File Control Information: the answer to SELECT. [B1 11.3.4]

use crate::dictionary::emv::DF_NAME;
use crate::dictionary::emv::template::{FCI_PROPRIETARY_TEMPLATE, FCI_TEMPLATE};
use crate::fault::{Cause, Fault};
use crate::tlv::{self, Tlvs};

/// File Control Information whose mandatory parts are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fci<'a> {
    /// DF Name (84), 5 to 16 bytes.
    pub df_name: &'a [u8],
    /// Content of the FCI Proprietary Template (A5).
    pub proprietary: &'a [u8],
}

impl<'a> Fci<'a> {
    /// Reads an answer without its status word.
    ///
    /// # Errors
    /// BER-TLV faults; [`Cause::Template`] when it is not one template 6F;
    /// [`Cause::Missing`] or [`Cause::Format`] for 84 and A5.
    pub fn read(answer: &'a [u8]) -> Result<Self, Fault> {
        let only = Tlvs::new(answer).only()?;
        let template = only.filter(|tlv| tlv.tag == FCI_TEMPLATE);
        let content = template.ok_or(Fault::new(Cause::Template).about(FCI_TEMPLATE))?.value;
        // [B1 11.3.4 mandatory]
        let require = |tag| tlv::find(content, tag)?.ok_or(Fault::missing(tag));
        let df_name: &[u8] = require(DF_NAME.tag)?;
        // [B1 11.3.4 name-length]
        if !matches!(df_name.len(), 5..=16) {
            return Err(Fault::format(DF_NAME.tag));
        }
        let proprietary = require(FCI_PROPRIETARY_TEMPLATE)?;
        Ok(Self { df_name, proprietary })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [B1 11.3.4 mandatory; B1 11.3.4 name-length; B1 11.3.4]
    #[test]
    fn needs_name_and_proprietary_template() {
        let fci = |hex: &str| Fci::read(&hex::decode(hex).unwrap()).map(|f| f.df_name.len());
        assert_eq!(fci("6F0C8405A000000003A503500141"), Ok(5));
        let cause = |hex| fci(hex).map_err(|fault| (fault.cause, fault.tag.map(|tag| tag.0)));
        assert_eq!(cause("6F05A503500141"), Err((Cause::Missing, Some(0x84))));
        assert_eq!(cause("6F078405A000000003"), Err((Cause::Missing, Some(0xA5))));
        assert_eq!(cause("6F088404A0000000A500"), Err((Cause::Format, Some(0x84))));
        assert_eq!(cause("7700"), Err((Cause::Template, Some(0x6F))));
        assert_eq!(cause(""), Err((Cause::Template, Some(0x6F))));
        assert!(fci("6F0C84").is_err());
    }
}
