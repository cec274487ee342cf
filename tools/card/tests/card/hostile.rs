//! No command, and no sequence of commands, breaks the card.

use chipwright_card::{Card, Profile};
use proptest::prelude::*;

use crate::terminal::{CDOL1, CDOL2, bytes};

fn card() -> Card {
    let text = "title = 't'\n[[application]]\nscheme = 'visa'\n\
        authentication = { methods = ['sda', 'dda', 'cda'], ca_key = 'ca-1152-e65537', \
        issuer_key = 'issuer-1024-e3', icc_key = 'icc-896-e3' }\n\
        [[application]]\nscheme = 'mastercard'\npdol = '9F0206'";
    Card::new(&Profile::parse(text).unwrap(), 3).unwrap()
}

/// A command that a card may well understand, or nearly.
fn command() -> impl Strategy<Value = Vec<u8>> {
    let header = prop::sample::select(vec![
        "00A40400", "00A40402", "80A80000", "00B2010C", "00B20114", "00B20124", "80CA9F36",
        "80CA9F17", "00880000", "00840000", "00200080", "00200088", "80AE4000", "80AE8000",
        "80AE9000", "80AE5000", "80AE0000", "00820000", "841E0000", "84180000", "84160000",
        "84240000", "84240002", "04DA9F14", "04DC010C",
    ]);
    let data = prop_oneof![
        Just(Vec::new()),
        Just(bytes("A000000003")),
        Just(bytes("A000000004")),
        Just(bytes("315041592E5359532E4444463031")),
        Just(bytes("8300")),
        Just(bytes("8306000000001234")),
        Just(bytes("241234FFFFFFFFFF")),
        Just(bytes("11223344")),
        Just(bytes(CDOL1)),
        Just(bytes(CDOL2)),
        Just(vec![0x5A; 41]),
        Just(vec![0x01; 112]),
        prop::collection::vec(any::<u8>(), 1..20),
    ];
    (header, data, any::<bool>()).prop_map(|(header, data, le)| {
        let mut command = bytes(header);
        if !data.is_empty() {
            command.push(u8::try_from(data.len()).unwrap());
            command.extend(data);
        }
        if le {
            command.push(0x00);
        }
        command
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_are_answered(commands in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..20)) {
        let mut card = card();
        for command in commands {
            let answer = card.transmit(&command);
            prop_assert!((2..=258).contains(&answer.len()));
        }
    }

    #[test]
    fn any_dialogue_is_answered(commands in prop::collection::vec(command(), 1..60)) {
        let (mut card, mut twin) = (card(), card());
        let mut online = 0;
        let mut begun = 0;
        for command in commands {
            let answer = card.transmit(&command);
            prop_assert!((2..=258).contains(&answer.len()));
            prop_assert_eq!(&answer, &twin.transmit(&command));
            let good = answer.ends_with(&[0x90, 0x00]);
            match command[1] {
                0xA4 if good => (begun, online) = (0, 0),
                0xA8 if good => begun += 1,
                0xAE if good => online += 1,
                _ => {}
            }
            prop_assert!(begun <= 1 && online <= 2, "no more than two cryptograms in a transaction");
        }
    }
}
