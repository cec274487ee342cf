//! The two formats in which a card answers. [B3 6.5.5, 6.5.8, 6.5.9]

use crate::dictionary::emv::template::{RESPONSE_FORMAT_1, RESPONSE_FORMAT_2};
use crate::dictionary::emv::{
    AFL, AIP, APPLICATION_CRYPTOGRAM, ATC, CRYPTOGRAM_INFORMATION_DATA, ISSUER_APPLICATION_DATA,
};
use crate::fault::{Cause, Fault};
use crate::tag::Tag;
use crate::tlv::Tlvs;

/// An answer by its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response<'a> {
    /// Template 80: values one behind the other.
    Format1(&'a [u8]),
    /// Template 77: data objects.
    Format2(&'a [u8]),
}

impl<'a> Response<'a> {
    /// Reads an answer without its status word.
    ///
    /// # Errors
    /// BER-TLV faults; [`Cause::Template`] when it is neither one template 80 nor one 77.
    pub fn read(answer: &'a [u8]) -> Result<Self, Fault> {
        match Tlvs::new(answer).only()? {
            Some(tlv) if tlv.tag == RESPONSE_FORMAT_1 => Ok(Self::Format1(tlv.value)),
            Some(tlv) if tlv.tag == RESPONSE_FORMAT_2 => Ok(Self::Format2(tlv.value)),
            _ => Err(Fault::new(Cause::Template).about(RESPONSE_FORMAT_2)),
        }
    }
}

/// Takes the format 1 answer to GET PROCESSING OPTIONS apart: AIP and AFL. [B3 6.5.8]
///
/// # Errors
/// A format fault when there is no AFL or it is not made of entries of four bytes.
pub fn processing_options(value: &[u8]) -> Result<[(Tag, &[u8]); 2], Fault> {
    match value.split_at_checked(2) {
        // [B3 6.5.8 format-1]
        Some((aip, afl)) if !afl.is_empty() && afl.len() % 4 == 0 => {
            Ok([(AIP.tag, aip), (AFL.tag, afl)])
        }
        _ => Err(Fault::format(RESPONSE_FORMAT_1).at(value.len())),
    }
}

/// Takes the format 1 answer to GENERATE AC apart: CID, ATC, cryptogram, and Issuer Application
/// Data where there is any. [B3 6.5.5]
///
/// # Errors
/// A format fault when the value has less than 11 or more than 43 bytes.
pub fn cryptogram(value: &[u8]) -> Result<impl Iterator<Item = (Tag, &[u8])>, Fault> {
    let fault = Fault::format(RESPONSE_FORMAT_1).at(value.len());
    let (cid, rest) = value.split_at_checked(1).ok_or(fault)?;
    let (atc, rest) = rest.split_at_checked(2).ok_or(fault)?;
    let (cryptogram, issuer_data) = rest.split_at_checked(8).ok_or(fault)?;
    // [B3 6.5.5 format-1]
    if issuer_data.len() > 32 {
        return Err(fault);
    }
    let mandatory = [
        (CRYPTOGRAM_INFORMATION_DATA.tag, cid),
        (ATC.tag, atc),
        (APPLICATION_CRYPTOGRAM.tag, cryptogram),
    ];
    let issuer_data = Some((ISSUER_APPLICATION_DATA.tag, issuer_data));
    Ok(mandatory.into_iter().chain(issuer_data.filter(|(_, value)| !value.is_empty())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_formats_apart() {
        assert_eq!(Response::read(&[0x80, 1, 5]), Ok(Response::Format1(&[5])));
        assert_eq!(Response::read(&[0x77, 2, 0x9A, 0]), Ok(Response::Format2(&[0x9A, 0])));
        for answer in [&[][..], &[0x70, 0], &[0x77, 0, 0x77, 0]] {
            assert_eq!(Response::read(answer).unwrap_err().cause, Cause::Template);
        }
        assert!(Response::read(&[0x77, 1]).is_err());
    }

    /// [B3 6.5.5 format-1; B3 6.5.8 format-1; B3 7.4]
    #[test]
    fn format_1_has_fixed_places() {
        let value: Vec<u8> = (1..=44).collect();
        assert_eq!(
            processing_options(&value[..6]).unwrap(),
            [(AIP.tag, &[1, 2][..]), (AFL.tag, &[3, 4, 5, 6])]
        );
        for length in [0, 1, 2, 5, 7] {
            assert!(processing_options(&value[..length]).is_err());
        }
        let parts: Vec<_> =
            cryptogram(&value[..12]).unwrap().map(|(tag, v)| (tag.0, v.len())).collect();
        assert_eq!(parts, [(0x9F27, 1), (0x9F36, 2), (0x9F26, 8), (0x9F10, 1)]);
        assert_eq!(cryptogram(&value[..11]).unwrap().count(), 3);
        assert!(cryptogram(&value[..43]).is_ok());
        assert!(cryptogram(&value[..44]).is_err() && cryptogram(&value[..10]).is_err());
    }
}
