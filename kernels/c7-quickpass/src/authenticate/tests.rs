//! Which version of the signature counts.

use super::*;
use crate::Configuration;

const DEFAULT: Signature = Configuration::DEFAULT.signature;

fn related(version: u8) -> [u8; 8] {
    [version, 0xA1, 0xB2, 0xC3, 0xD4, 0x30, 0x00, 0x00]
}

/// Every version of card and signature under every setting. [C7 6.1 related-data, version-0,
/// application-version]
#[test]
fn the_version_goes_by_the_table() {
    let cards = [(None, false), (Some(0x0020), false), (Some(0x002F), false)];
    let cards = cards.into_iter().chain([(Some(0x0030), true), (Some(0x0100), true)]);
    for (card, signs_amount) in cards {
        for given in [None, Some(0u8), Some(1), Some(2), Some(0xFF)] {
            for (version_0, by_application_version) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                let settings = Signature { version_0, by_application_version, ..DEFAULT };
                let expected = match given {
                    Some(2..) => None,
                    Some(1) if !by_application_version || signs_amount => Some(Version::V1),
                    Some(1) => None,
                    _ if version_0 && (!by_application_version || !signs_amount) => {
                        Some(Version::V0)
                    }
                    _ => None,
                };
                let bytes = given.map(related);
                let version = version(bytes.as_ref().map(|bytes| &bytes[..]), card, settings);
                assert_eq!(version.ok(), expected, "{card:?} {given:?} {settings:?}");
            }
        }
    }
}

/// [C7 6.1 related-data]
#[test]
fn related_data_of_a_wrong_length_fails() {
    let mut bytes = related(1).to_vec();
    bytes.extend([0; 9]);
    for length in 0..=17 {
        let result = version(Some(&bytes[..length]), Some(0x0030), DEFAULT);
        let expected = if (8..=16).contains(&length) {
            Ok(Version::V1)
        } else {
            Err(failed(Check::Length, CARD_AUTHENTICATION_RELATED_DATA.tag))
        };
        assert_eq!(result, expected, "{length}");
    }
}

/// [C7 6.1 covered]
#[test]
fn version_0_covers_the_number_alone() {
    let tags =
        |version: Version| version.covered().iter().map(|(tag, _)| tag.0).collect::<Vec<_>>();
    assert_eq!(tags(Version::V0), [0x9F37]);
    assert_eq!(tags(Version::V1), [0x9F37, 0x9F02, 0x5F2A]);
}
