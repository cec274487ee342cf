//! Signatures over static and dynamic data. [B2 5.4, 6.5.2, 6.6.2]

use super::*;
use proptest::prelude::*;

const EXPONENT: [u8; 1] = [3];

/// A signature's recovered block of `length` bytes: frame, format, fields, padding.
fn block(length: usize, format: u8, fields: &[u8], padding: u8) -> Vec<u8> {
    let mut block = [&[0x6A, format], fields].concat();
    block.resize(length - 21, padding);
    block.extend(HASH);
    block.push(0xBC);
    block
}

/// What a dynamic signature gives for the block that is recovered from it.
fn dynamic(block: &[u8], glass: &Glass) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let modulus = vec![0xC1; block.len()];
    let key = PublicKey { modulus: &modulus, exponent: &EXPONENT };
    let signed: [&[u8]; 2] = [&[0x11, 0x22], &[0x33, 0x44]];
    let mut room = [0; MAX_MODULUS];
    let data =
        verify_dynamic_signature(key, block, &mut signed.into_iter(), glass.crypto(), &mut room)?;
    Ok((data.number.to_vec(), data.rest.to_vec()))
}

#[track_caller]
fn dynamic_fails(block: &[u8], check: Check) {
    assert_eq!(
        dynamic(block, &Glass::new(HASH)),
        Err(Failure::new(Part::DynamicSignature, check)),
        "{block:02X?}"
    );
}

/// Hash algorithm, length and the dynamic data of a combined signature.
fn fields(number: &[u8], rest: &[u8]) -> Vec<u8> {
    let count = u8::try_from(number.len()).unwrap();
    let length = u8::try_from(1 + number.len() + rest.len()).unwrap();
    [&[0x01, length, count], number, rest].concat()
}

/// [B2 6.5.2 5]
#[test]
fn a_dynamic_signature_gives_number_and_rest() {
    let cryptogram = [&[0x80][..], &[0xAC; 8], &[0x4D; 20]].concat();
    for length in [64, 144, MAX_MODULUS] {
        for count in 2..=8 {
            for rest in [&[][..], &cryptogram] {
                let number = vec![0x55; count];
                let glass = Glass::new(HASH);
                let block = block(length, 0x05, &fields(&number, rest), 0xBB);
                assert_eq!(dynamic(&block, &glass), Ok((number, rest.to_vec())));
                let hashed = [&block[1..length - 21], &[0x11, 0x22, 0x33, 0x44]].concat();
                assert_eq!(glass.hashed.into_inner(), hashed, "content, then terminal data");
                assert_eq!(
                    glass.keys.into_inner(),
                    [(vec![0xC1; length], vec![3])],
                    "with the card's key"
                );
            }
        }
    }
}

/// [B2 6.5.2 number]
#[test]
fn lengths_inside_a_dynamic_signature_stay_inside() {
    for length in [33, 80, MAX_MODULUS] {
        // So much fits between length byte and hash.
        let most = length - 25;
        for data in 0..=u8::MAX {
            for count in 0..=u8::MAX {
                let block = block(length, 0x05, &[0x01, data, count], 0xBB);
                let (data, count) = (usize::from(data), usize::from(count));
                let good = data <= most && matches!(count, 2..=8) && count < data;
                let expected = if good {
                    Ok((vec![0xBB; count], vec![0xBB; data - 1 - count]))
                } else {
                    // Dynamic data without a dynamic number is none.
                    Err(Failure::new(Part::DynamicSignature, Check::DynamicData))
                };
                assert_eq!(dynamic(&block, &Glass::new(HASH)), expected, "{length} {data} {count}");
            }
        }
    }
}

/// [B2 6.5.2 1]
#[test]
fn a_dynamic_signature_is_as_long_as_the_key() {
    let block = block(80, 0x05, &fields(&[1, 2], &[]), 0xBB);
    for length in (0..=300).filter(|length| *length != 80) {
        let modulus = vec![0xC1; length];
        let key = PublicKey { modulus: &modulus, exponent: &EXPONENT };
        let glass = Glass::new(HASH);
        let mut room = [0; MAX_MODULUS];
        let result = verify_dynamic_signature(
            key,
            &block,
            &mut core::iter::empty(),
            glass.crypto(),
            &mut room,
        );
        assert_eq!(result, Err(Failure::new(Part::DynamicSignature, Check::Length)));
        assert!(glass.keys.into_inner().is_empty(), "nothing was recovered");
    }
    // Longer than any key of EMV.
    let long = vec![0x6A; MAX_MODULUS + 1];
    dynamic_fails(&long, Check::Length);
    dynamic_fails(&[], Check::Length);
}

/// [B2 6.5.2 2-4, 6, 7]
/// [B2 6.5.2 3; B2 6.5.2 4; B2 6.5.2 6; B2 6.5.2 7]
#[test]
fn the_frame_of_a_dynamic_signature_is_exact() {
    let good = block(80, 0x05, &fields(&[1, 2], &[]), 0xBB);
    for byte in 0..=u8::MAX {
        for (place, right, check) in [
            (0, 0x6A, Check::Header),
            (1, 0x05, Check::Format),
            (2, 0x01, Check::HashAlgorithm),
            (79, 0xBC, Check::Trailer),
        ] {
            let mut bad = good.clone();
            bad[place] = byte;
            if byte != right {
                dynamic_fails(&bad, check);
            }
        }
    }
    for bit in 0..160 {
        let mut bad = good.clone();
        bad[59 + bit / 8] ^= 1 << (bit % 8);
        dynamic_fails(&bad, Check::Hash);
    }
    let mut glass = Glass::new(HASH);
    glass.refuse = true;
    assert_eq!(
        dynamic(&good, &glass),
        Err(Failure::new(Part::DynamicSignature, Check::KeyRefused))
    );
}

/// Fast DDA differs by its format alone, and neither stands for the other.
#[test]
fn a_fast_dynamic_signature_has_a_format_of_its_own() {
    let key = PublicKey { modulus: &[0xC1; 80], exponent: &EXPONENT };
    let fast = |format: u8, hash: [u8; 20]| {
        let (block, glass) = (block(80, format, &fields(&[1, 2], &[7]), 0xBB), Glass::new(hash));
        let (signed, mut room) = (&mut core::iter::once(&[0x11][..]), [0; MAX_MODULUS]);
        let data = verify_fast_dynamic_signature(key, &block, signed, glass.crypto(), &mut room);
        data.map(|data| (data.number.to_vec(), data.rest.to_vec()))
    };
    assert_eq!(fast(0x95, HASH), Ok((vec![1, 2], vec![7])));
    let failure = |check| Err(Failure::new(Part::DynamicSignature, check));
    for format in (0..=u8::MAX).filter(|format| *format != 0x95) {
        assert_eq!(fast(format, HASH), failure(Check::Format), "{format:02X}");
    }
    assert_eq!(fast(0x95, [0; 20]), failure(Check::Hash));
    dynamic_fails(&block(80, 0x95, &fields(&[1, 2], &[]), 0xBB), Check::Format);
}

#[test]
fn the_first_check_that_fails_is_the_one_reported() {
    let faults: [(Check, usize, u8); 5] = [
        (Check::Trailer, 79, 0xBB),
        (Check::Header, 0, 0x6B),
        (Check::Format, 1, 0x04),
        (Check::Hash, 60, 0x00),
        (Check::DynamicData, 3, 0xFF),
    ];
    let good = block(80, 0x05, &fields(&[1, 2], &[]), 0xBB);
    for (place, (first, at, byte)) in faults.iter().enumerate() {
        for (_, other_at, other) in &faults[place..] {
            let mut bad = good.clone();
            (bad[*at], bad[*other_at]) = (*byte, *other);
            dynamic_fails(&bad, *first);
        }
    }
}

#[test]
fn a_signature_too_short_for_its_frame_fails() {
    for length in 0..25 {
        let mut short = vec![0xBC; length];
        if let [first, second, ..] = &mut short[..] {
            (*first, *second) = (0x6A, 0x05);
        }
        assert!(dynamic(&short, &Glass::new([0xBC; 20])).is_err());
        assert!(statically(&short, &Glass::new([0xBC; 20]), &[]).is_err());
    }
}

const STATIC: [u8; 6] = [0x5F, 0x24, 0x03, 0x30, 0x12, 0x31];

/// What a static signature gives; `covered` are records to be authenticated beside one of
/// [`STATIC`], as file and content.
fn statically(block: &[u8], glass: &Glass, covered: &[(u8, &[u8])]) -> Result<[u8; 2], Failure> {
    let modulus = vec![0xC1; block.len()];
    let key = PublicKey { modulus: &modulus, exponent: &EXPONENT };
    let mut memory = [0; 1024];
    let mut data = Database::new(&mut memory);
    store_record(&mut data, 1, &tlv(0x93, block), false);
    store_record(&mut data, 2, &STATIC, true);
    for (sfi, objects) in covered {
        store_record(&mut data, *sfi, objects, true);
    }
    store_aip(&mut data, [0x58, 0x00]);
    verify_static_signature(&data, key, glass.crypto())
}

#[track_caller]
fn static_fails(block: &[u8], check: Check) {
    assert_eq!(
        statically(block, &Glass::new(HASH), &[]),
        Err(Failure::new(Part::StaticSignature, check)),
        "{block:02X?}"
    );
}

/// [B2 5.4 5]
#[test]
fn a_static_signature_covers_the_records_in_order_and_the_profile() {
    for length in [64, 128, 247] {
        let block = block(length, 0x03, &[0x01, 0xDA, 0xC0], 0xBB);
        let glass = Glass::new(HASH);
        // Trailing padding inside a record of EMV stays; other files count with their template.
        let covered: [(u8, &[u8]); 3] = [
            (3, &[0x9F, 0x4A, 0x01, 0x82, 0x00, 0x00]),
            (11, &[0x5F, 0x25, 0x03, 0x20, 0x01, 0x01]),
            (10, &[0xDF, 0x7F, 0x01, 0xAA]),
        ];
        assert_eq!(statically(&block, &glass, &covered), Ok([0xDA, 0xC0]));
        let expected = [
            &block[1..length - 21],
            &STATIC,
            &[0x9F, 0x4A, 0x01, 0x82, 0x00, 0x00],
            &[0x70, 0x06, 0x5F, 0x25, 0x03, 0x20, 0x01, 0x01],
            &[0xDF, 0x7F, 0x01, 0xAA],
            &[0x58, 0x00],
        ];
        assert_eq!(glass.hashed.into_inner(), expected.concat());
        assert_eq!(glass.keys.into_inner(), [(vec![0xC1; length], vec![3])]);
    }
}

#[test]
fn without_a_tag_list_the_profile_is_not_covered() {
    let block = block(80, 0x03, &[0x01, 0xDA, 0xC0], 0xBB);
    let glass = Glass::new(HASH);
    statically(&block, &glass, &[]).unwrap();
    let expected = [&block[1..59], &STATIC].concat();
    assert_eq!(glass.hashed.into_inner(), expected);
}

/// [B2 5.4 2-4, 6]
/// [B2 5.4 3; B2 5.4 4; B2 5.4 6]
#[test]
fn the_frame_of_a_static_signature_is_exact() {
    let good = block(80, 0x03, &[0x01, 0xDA, 0xC0], 0xBB);
    for byte in 0..=u8::MAX {
        for (place, right, check) in [
            (0, 0x6A, Check::Header),
            (1, 0x03, Check::Format),
            (2, 0x01, Check::HashAlgorithm),
            (79, 0xBC, Check::Trailer),
        ] {
            let mut bad = good.clone();
            bad[place] = byte;
            if byte != right {
                static_fails(&bad, check);
            }
        }
    }
    for bit in 0..160 {
        let mut bad = good.clone();
        bad[59 + bit / 8] ^= 1 << (bit % 8);
        static_fails(&bad, Check::Hash);
    }
}

#[test]
fn static_data_that_cannot_be_authenticated_fails_the_signature() {
    let good = block(80, 0x03, &[0x01, 0xDA, 0xC0], 0xBB);
    let failure = Failure::new(Part::StaticSignature, Check::StaticData);
    for list in [&[][..], &[0x83], &[0x82, 0x82], &[0x82, 0x9F, 0x36]] {
        let record = tlv(0x9F4A, list);
        let result = statically(&good, &Glass::new(HASH), &[(3, &record)]);
        assert_eq!(result, Err(failure), "{list:02X?}");
    }
}

/// [B3 10.3 record]
#[test]
fn a_covered_record_without_a_template_fails_the_signature() {
    let good = block(80, 0x03, &[0x01, 0xDA, 0xC0], 0xBB);
    let modulus = [0xC1; 80];
    let key = PublicKey { modulus: &modulus, exponent: &EXPONENT };
    for (covered, expected) in [
        (false, Ok([0xDA, 0xC0])),
        (true, Err(Failure::new(Part::StaticSignature, Check::StaticData))),
    ] {
        for answer in [&b"own format"[..], &[0x71, 0x01, 0x00], &[0x70, 0x02, 0x00], &[]] {
            let mut memory = [0; 512];
            let mut data = Database::new(&mut memory);
            store_record(&mut data, 1, &tlv(0x93, &good), false);
            let record = RecordId { sfi: 21, number: 1 };
            data.store_record(record, answer, covered, EMV, Events::NONE).unwrap();
            let glass = Glass::new(HASH);
            assert_eq!(
                verify_static_signature(&data, key, glass.crypto()),
                expected,
                "{answer:02X?}"
            );
        }
    }
}

/// [B2 5.4 1]
#[test]
fn a_static_signature_that_is_missing_or_of_another_length_fails() {
    let glass = Glass::new(HASH);
    let modulus = [0xC1; 80];
    let key = PublicKey { modulus: &modulus, exponent: &EXPONENT };
    assert_eq!(
        verify_static_signature(&Database::default(), key, glass.crypto()),
        Err(Failure { part: Part::StaticSignature, check: Check::Missing, tag: Some(Tag(0x93)) })
    );
    let good = block(80, 0x03, &[0x01, 0xDA, 0xC0], 0xBB);
    for length in (0..=255).filter(|length| *length != 80) {
        let mut memory = [0; 512];
        let mut data = Database::new(&mut memory);
        let mut value = good.clone();
        value.resize(length, 0xBC);
        data.put_bytes(Tag(0x93), &value).unwrap();
        assert_eq!(
            verify_static_signature(&data, key, glass.crypto()),
            Err(Failure::new(Part::StaticSignature, Check::Length))
        );
    }
}

proptest! {
    #[test]
    fn whatever_a_signed_block_holds_is_refused_or_used_without_panic(
        mut block in prop::collection::vec(any::<u8>(), 0..=MAX_MODULUS),
        format in prop::sample::select(vec![0x03, 0x05]),
        small in 0..40u8, count in 0..12u8,
    ) {
        let length = block.len();
        if length > 24 {
            (block[0], block[1], block[2], block[length - 1]) = (0x6A, format, 0x01, 0xBC);
            (block[3], block[4]) = (small, count);
        }
        let hash: Vec<_> = block.iter().rev().skip(1).take(20).rev().copied().collect();
        let glass = Glass::new(hash.try_into().unwrap_or(HASH));
        if let Ok((number, rest)) = dynamic(&block, &glass) {
            prop_assert!(format == 0x05 && matches!(number.len(), 2..=8));
            prop_assert!(1 + number.len() + rest.len() == usize::from(small));
            prop_assert!(usize::from(small) + 25 <= length);
        }
        if block.len() <= 247 && statically(&block, &glass, &[]).is_ok() {
            prop_assert!(format == 0x03);
        }
    }
}
