use super::*;

fn tlv(tag: &str, content: &str) -> String {
    format!("{tag}{:02X}{content}", content.len() / 2)
}

/// A directory of these entries, each the content of its template.
fn directory(entries: &[&str]) -> Vec<u8> {
    let entries: String = entries.iter().map(|entry| tlv("61", entry)).collect();
    let list = format!("BF0C81{:02X}{entries}", entries.len() / 2);
    let proprietary = format!("A581{:02X}{list}", list.len() / 2);
    hex::decode(format!("6F81{:02X}{proprietary}", proprietary.len() / 2)).unwrap()
}

const UNIONPAY: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01];
const OTHER: &[u8] = &[0xB0, 0x00, 0x00, 0x00, 0x01];

fn order(entries: &[&str], combinations: &[Combination<'_>]) -> Vec<(u8, u16)> {
    let directory = directory(entries);
    let mut found = Vec::new();
    let mut last = None;
    while let Some(key) = first_after(last, &directory, combinations, |_| true) {
        found.push((key.entry, key.combination));
        assert!(found.len() < 100, "the list has no end");
        last = Some(key);
    }
    found
}

fn passed(entry: &str, combination: Combination<'_>) -> Option<EntryPassed> {
    let directory = directory(&[entry]);
    let entry = entries(&directory).next().unwrap();
    entry.usable(&[combination]).err()
}

fn kernel_7() -> Combination<'static> {
    Combination::new(UNIONPAY, KernelId::new(7))
}

/// [B 3.3.3.2]
#[test]
fn priority_first_then_place_in_the_directory() {
    let any = Combination::new(OTHER, KernelId::new(0x21));
    let entry = |priority: &str| format!("4F05B0000000019F2A0121{priority}");
    let [none, first, second] = ["", "870101", "870182"].map(entry);
    let list = order(&[&none, &second, &first, &second], &[any]);
    assert_eq!(list, [(2, 0), (1, 0), (3, 0), (0, 0)]);
    // 0 and 15 are both the lowest.
    let [zero, fifteen] = ["870100", "87010F"].map(entry);
    for alike in [[&zero, &fifteen, &none], [&fifteen, &zero, &none], [&none, &zero, &fifteen]] {
        let [first, second, third] = alike.map(String::as_str);
        assert_eq!(order(&[first, second, third], &[any]), [(0, 0), (1, 0), (2, 0)]);
    }
}

/// Every combination that matches is a candidate of its own. [B 3.3.2.5]
#[test]
fn entries_meet_every_combination() {
    let open = Combination::new(OTHER, KernelId::new(0x22));
    let two = [open, Combination::new(OTHER, KernelId::new(0x23)), kernel_7()];
    assert_eq!(order(&["4F06B00000000101"], &two), [(0, 0), (0, 1)]);
    assert_eq!(order(&["4F06B000000001019F2A0123"], &two), [(0, 1)]);
    let directory = directory(&["4F06B00000000101"]);
    let not_first = |combination: &Combination<'_>| combination.kernel != open.kernel;
    let first = first_after(None, &directory, &two, not_first);
    assert_eq!(first.unwrap().combination, 1);
}

/// [B 3.3.2.5 aid; B 3.3.2.5 match]
#[test]
fn names_of_5_to_16_bytes_that_begin_with_the_identifier() {
    let passed = |entry: &str| passed(entry, Combination::new(OTHER, KernelId::new(0x21)));
    assert_eq!(passed("4F05B000000001"), None);
    assert_eq!(passed("4F10B0000000010000000000000000000000"), None);
    let short = Combination::new(&OTHER[..4], KernelId::new(0x21));
    assert_eq!(super::tests::passed("4F04B0000000", short), Some(EntryPassed::NoName));
    assert_eq!(passed("4F11B000000001000000000000000000000000"), Some(EntryPassed::NoName));
    assert_eq!(passed("5001419F2A0107"), Some(EntryPassed::NoName));
    assert_eq!(passed("4F05B000"), Some(EntryPassed::NoName));
    assert_eq!(passed("4F05B000000002"), Some(EntryPassed::NoCombination));
}

/// [B 3.3.2.5 kernel-identifier; B 3.3.2.5 kernel]
#[test]
fn kernels_are_asked_for_by_identifier_or_by_scheme() {
    let passed_7 =
        |identifier: &str| passed(&format!("4F07A0000003330101{identifier}"), kernel_7());
    for usable in ["", "9F2A00", "9F2A0107", "9F2A03070000", "9F2A080700000000000000"] {
        assert_eq!(passed_7(usable), None, "{usable}");
    }
    assert_eq!(passed_7("9F2A0100"), None); // any kernel will do
    assert_eq!(passed_7("9F2A0103"), Some(EntryPassed::NoCombination));
    for malformed in ["9F2A020700", "9F2A09070000000000000000", "9F2A0187", "9F2A02C701"] {
        assert_eq!(passed_7(malformed), Some(EntryPassed::KernelIdentifier), "{malformed}");
    }
    assert_eq!(passed_7("9F2A03801234"), Some(EntryPassed::KernelOpen));
    let domestic = Combination::new(UNIONPAY, KernelId([0x81, 0x01, 0x56]));
    let entry = |identifier: &str| format!("4F07A0000003330101{identifier}");
    assert_eq!(passed(&entry("9F2A03810156"), domestic), None);
    assert_eq!(passed(&entry("9F2A0481015699"), domestic), None);
    assert_eq!(passed(&entry("9F2A03810157"), domestic), Some(EntryPassed::NoCombination));
}

/// [B 3.3.2.5 kernel-identifier]
#[test]
fn schemes_have_their_kernels() {
    for (provider, kernel) in [
        ("A000000025", 4),
        ("A000000152", 6),
        ("A000000324", 6),
        ("A000000065", 5),
        ("A000000004", 2),
        ("A000000333", 7),
        ("A000000003", 3),
        ("B000000001", 0),
    ] {
        let name = hex::decode(provider).unwrap();
        assert_eq!(requested_kernel(None, &name), Ok(KernelId::new(kernel)), "{provider}");
    }
}

/// [B 3.3.2.3]
#[test]
fn what_is_no_directory_has_no_entries() {
    let good = directory(&["4F05B000000001"]);
    assert_eq!(entries(&good).count(), 1);
    for bad in ["", "6F00", "6F02A500", "7703BF0C00", "6F05A503BF0C01", "6F8201"] {
        assert_eq!(entries(&hex::decode(bad).unwrap()).count(), 0, "{bad}");
    }
    for length in 0..good.len() {
        assert_eq!(entries(&good[..length]).count(), 0, "{length}");
    }
}

/// [B 3.3.3.3]
#[test]
fn an_extension_is_appended_where_it_fits() {
    let directory = directory(&[
        "4F05B0000000019F2903010203",
        "4F0EB0000000010000000000000000009F2903010203",
        "4F0DB00000000100000000000000009F2903010203",
    ]);
    let combination = [Combination::new(OTHER, KernelId::new(0x21))];
    let first = first_after(None, &directory, &combination, |_| true).unwrap();
    let name = |key, extend| {
        let (name, length) = candidate(&directory, key).unwrap().selection_name(extend);
        name[..length].to_vec()
    };
    assert_eq!(name(first, true), [0xB0, 0, 0, 0, 1, 1, 2, 3]);
    assert_eq!(name(first, false), [0xB0, 0, 0, 0, 1]);
    let second = first_after(Some(first), &directory, &combination, |_| true).unwrap();
    assert_eq!(name(second, true).len(), 14);
    let third = first_after(Some(second), &directory, &combination, |_| true).unwrap();
    assert_eq!(name(third, true), [0xB0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
}

/// A directory that fills an answer. [B 3.3.2.5]
#[test]
fn many_entries_are_all_candidates() {
    let entries = vec!["4F05B000000001"; 27];
    let combinations = [Combination::new(OTHER, KernelId::new(0x21)); 3];
    assert_eq!(order(&entries, &combinations).len(), 81);
}
