use super::*;

fn said_in(book: Option<Book>, tag: u32, hex: &str) -> String {
    let context = Context { currency: Currency::find("EUR"), book };
    let meaning = meaning(Tag(tag), &hex::decode(hex).unwrap(), context);
    match (meaning.text, meaning.problem) {
        (Some(text), None) => text,
        (None, None) => meaning.parts.join("; "),
        (_, Some(problem)) => format!("! {problem}"),
    }
}

#[test]
fn values_are_told() {
    for (tag, hex, expected) in [
        (0x9A, "260115", "2026-01-15"),
        (0x9A, "261315", "! no date"),
        (0x9F21, "235959", "23:59:59"),
        (0x9F21, "246000", "! no time"),
        (0x9F02, "000000001234", "12.34 EUR"),
        (0x9F02, "00000000123A", "! no amount"),
        (0x9F1B, "00001388", "50.00 EUR"),
        (0x5F2A, "0978", "EUR Euro"),
        (0x5F2A, "0999", "No currency"),
        (0x5F2A, "0001", "001"),
        (0x5F2A, "0A78", "! no currency code"),
        (0x9F3B, "09780840", "EUR Euro, USD United States dollar"),
        (0x9F1A, "0276", "Germany"),
        (0x9F1A, "0999", "country 999"),
        (0x5F55, "4652", "France"),
        (0x5F2D, "6465656E", "German, English"),
        (0x5F2D, "7A7A", "zz"),
        (0x9F15, "5411", "grocery shops and supermarkets"),
        (0x5F30, "0201", "international, use the chip; normal authorisation; no restrictions"),
        (0x84, "315041592E5359532E4444463031", "1PAY.SYS.DDF01"),
        (0x84, "A0000000031010", "Visa Credit or Debit"),
        (0x84, "D276000025", ""),
        (0x87, "82", "priority 2, not without confirmation"),
        (0x9F36, "0102", "258"),
        (0x9F32, "010001", "65537"),
        (0x90, &"11".repeat(128), "1024 bits"),
        (0x8A, "5931", "Y1, approved offline"),
        (0x8A, "3035", "05, declined"),
        (0x9F35, "22", "merchant's, attended, offline with online capability"),
        (0x9F35, "17", "! no terminal type"),
        (0x9F39, "07", "contactless chip"),
        (0x5F57, "30", "credit"),
        (0x9F11, "05", "ISO 8859-5"),
        (0x9F4D, "0B0A", "SFI 11, at most 10 records"),
        (0x86, "8418000008", "APPLICATION UNBLOCK"),
        (0xDF05, "20301231", "2030-12-31"),
        (0xDF05, "3230333031323331", "2030-12-31"),
        (0x50, "56495341", "VISA"),
        (0x5F20, "41", "! length 1, expected 2 to 26"),
        (0x9F4C, "00", "! length 1, expected 2 to 8"),
        (0x57, "4761739001010010D49122011143804489", "expires 2049-12, service code 201"),
        (0x5A, "4761739001010010", ""),
        (0x5A, "47FF61", "! no account number"),
        (0x9A, "0A0101", "! no date"),
        (0x9F01, "00000000000A", "! not numeric"),
        (0x9B, "0000", "no bit set"),
        (0xDF77, "00", ""),
    ] {
        assert_eq!(said_in(None, tag, hex), expected, "{tag:04X} {hex}");
    }
}

#[test]
fn kernels_have_meanings_of_their_own() {
    use Book::{C2, C3, C4, C7, C8, Pboc};
    for (book, tag, hex, expected) in [
        (
            C8,
            0x95,
            "84000000CF",
            "[1:8] local authentication not performed; [1:3] local authentication failed; [5:8] kernel 8 processing; [5:7] application identifiers of card and terminal do not match; [5:4] relay resistance threshold exceeded; [5:3] relay resistance time limits exceeded; [5:2] relay resistance protocol performed; [5:1] relay resistance protocol not performed",
        ),
        (
            C8,
            0x82,
            "010D",
            "[1:1] local authentication supported; [2:4] offline capable; [2:3-2] IAD MAC copied at the card's offset; [2:1] relay resistance protocol supported",
        ),
        (
            C8,
            0x9F8108,
            "2100",
            "[1:8-5] restart at B requested; [1:4-1] alternate interface: contact chip; [2:8-1] no message",
        ),
        (C8, 0x9F8102, "02", "[1:8-1] online PIN"),
        (
            C8,
            0x9F8204,
            "000600000000",
            "[1:8-1] L1: OK; [2:8-1] L2: card data error; [3:8-1] L3: OK; [4:8-1] SW1 00; [5:8-1] SW2 00; [6:8-1] message on error 00",
        ),
        (C7, 0x9F79, "000000001234", "12.34 EUR"),
        (C2, 0x9F79, "000000001234", ""),
        (C3, 0x9F5D, "000000001234", "12.34 EUR"),
        (
            C3,
            0x9F6C,
            "8040",
            "[1:8] online PIN required; [2:7] card supports issuer update processing at the point of sale",
        ),
        (C7, 0x9F6C, "8040", "[1:8] online PIN required; [2:7] RFU"),
        (
            C3,
            0x9F66,
            "36004000",
            "[1:6] contactless EMV mode; [1:5] EMV contact chip; [1:3] online PIN; [1:2] signature; [3:7] consumer device CVM",
        ),
        (C8, 0x95, "0000000080", "[5:8] kernel 8 processing"),
        (
            C2,
            0x95,
            "0000008002",
            "[4:8] transaction exceeds floor limit; [5:2-1] relay resistance protocol performed",
        ),
        (C3, 0x95, "0000000080", "[5:8] default TDOL used"),
        (C8, 0x9F820F, "01F4", "500 ms"),
        (C8, 0x9F8213, "0032", "5000 \u{B5}s"),
        (C8, 0x9F8212, "0D", "1300 ms"),
        (C2, 0xDF812D, "000013", "1300 ms"),
        (C4, 0x9F6D, "C8", "[1:8-7] Expresspay mobile EMV; [1:4] CVM required"),
        (Pboc, 0x9F7A, "01", "[1:8-1] electronic cash supported"),
        (
            C2,
            0xDF8129,
            "30F0F020A8F0FF00",
            "[1:8-5] status: online request; [2:8-5] start: N/A; [3:8-5] online response data: N/A; [4:8-5] CVM: online PIN; [5:8] user interface request on outcome; [5:6] data record present; [5:4] receipt; [6:8-5] alternate interface: N/A; [7:8-1] field off request: N/A; [8:8-1] removal timeout, in tenths of a second: 0",
        ),
    ] {
        assert_eq!(said_in(Some(book), tag, hex), expected, "{book} {tag:04X} {hex}");
    }
}

#[test]
fn long_values_are_cut_and_account_numbers_masked() {
    let pan = [0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10];
    assert_eq!(shown(Tag(0x5A), &pan), "476173******0010");
    let long = shown(Tag(0x90), &[0xAB; 100]);
    assert_eq!(long.chars().count(), 33);
    assert!(long.starts_with("ABAB") && long.contains('\u{2026}'));
}

/// Which bits have a name, by the public descriptions of each field; all others are RFU. A table
/// beside the tables: a bit that slips to another place shows here.
#[test]
fn bits_have_names_where_the_descriptions_have_them() {
    use Book::{C2, C3, C4, C5, C6, C7, C8, Emv, EntryPoint};
    let fields: &[(Book, u32, &str)] = &[
        (Emv, 0x95, "FFFBFFFFF6"),
        (Emv, 0x9F0D, "FFFBFFFFF6"),
        (Emv, 0x9B, "FC00"),
        (Emv, 0x82, "FF80"),
        (Emv, 0x9F07, "FFC0"),
        (Emv, 0x9F33, "E0FFEC"),
        (Emv, 0x9F40, "FF80F0F3FF"),
        (C2, 0x95, "FFFBFFFFFF"),
        (C2, 0x82, "FF81"),
        (C2, 0x9F1D, "FFFEE0C000000000"),
        (C2, 0xDF811B, "FC"),
        (C2, 0xDF811F, "E8"),
        (C2, 0xDF8117, "E0"),
        (C2, 0xDF8118, "F8"),
        (C2, 0x9F7E, "03"),
        (C2, 0xDF8128, "C0"),
        (C3, 0x9F66, "FFE0C080"),
        (C3, 0x9F6C, "FFC0"),
        (C3, 0x9F6E, "FFFE000F"),
        (C4, 0x9F6D, "C8"),
        (C4, 0x9F6E, "FCF0C0E7"),
        (C5, 0x9F53, "F78000"),
        (C6, 0x9F66, "FFECE880"),
        (C7, 0x9F66, "FFE0C080"),
        (C7, 0x9F6C, "F880"),
        (C7, 0xDF61, "50"),
        (C8, 0x95, "FFFBFFFFFF"),
        (C8, 0x82, "FF8F"),
        (C8, 0x9F1D, "FFFEE0C000000000"),
        (C8, 0x9F8209, "3800"),
        (C8, 0x9F820A, "F8"),
        (C8, 0x9F821B, "80"),
        (C8, 0x9F2B, "FF80FFFFFFFF0000"),
        (C8, 0x9F2C, "FFFFFFFF800000"),
        (EntryPoint, 0x96, "000000C0"),
    ];
    for &(book, tag, named) in fields {
        let named = hex::decode(named).unwrap();
        for place in 0..named.len() {
            for bit in (1u8..=8).rev() {
                let mut value = vec![0; named.len()];
                value[place] = 1 << (bit - 1);
                let context = Context { currency: None, book: Some(book) };
                let meaning = meaning(Tag(tag), &value, context);
                let rfu = format!("[{}:{bit}] RFU", place + 1);
                let is_rfu = meaning.parts.contains(&rfu);
                let is_named = named[place] & value[place] != 0;
                assert!(
                    is_rfu != is_named || coded(book, tag, place),
                    "{book} {tag:X} [{}:{bit}] {:?}",
                    place + 1,
                    meaning.parts
                );
            }
        }
    }
}

/// Bytes that hold codes of several bits, of which some are reserved.
fn coded(book: Book, tag: u32, place: usize) -> bool {
    matches!(
        (book, tag, place),
        (Book::C2, 0x95, 4) | (Book::C3, 0x9F6E, 0) | (Book::C4, 0x9F6E, 3) | (Book::C8, 0x82, 1)
    )
}

/// What is hidden as digits is not told as letters.
#[test]
fn secrets_have_no_meaning() {
    for (tag, hex) in [(0x9F1F, "3132"), (0x56, "42343736"), (0x9F61, "31323334"), (0xDF812A, "31")]
    {
        let book = if tag == 0x9F61 { Book::Pboc } else { Book::C2 };
        assert_eq!(said_in(Some(book), tag, hex), "", "{tag:04X}");
    }
}

/// Values of every length for every meaning: nothing panics, and what has a reading is told.
#[test]
fn every_object_of_the_table_is_told() {
    use crate::describe::dictionary::definitions;
    let mut silent = Vec::new();
    for definition in definitions() {
        let longest = definition.max.unwrap_or(40).min(40);
        for &book in &definition.books {
            let context = Context { currency: None, book: Some(book) };
            let mut said = false;
            for length in 0..=longest + 2 {
                for byte in [0x00, 0x01, 0x10, 0x20, 0x41, 0x80, 0xFF] {
                    let meaning = defined(definition, &vec![byte; length], context);
                    let is_long = definition.max.is_some_and(|max| length > max);
                    assert!(!is_long || meaning.problem.is_some(), "{definition:?} {length}");
                    said |= meaning.text.is_some() || !meaning.parts.is_empty();
                }
            }
            if !said && !definition.reading.is_empty() && definition.reading != "pan" {
                silent.push((definition.tag, definition.reading));
            }
        }
    }
    silent.retain(|(_, reading)| {
        !["track-2", "afl", "third-party-data", "merchant-category", "terminal-type"]
            .contains(reading)
    });
    assert!(silent.is_empty(), "{silent:?}");
}
