//! The corpus of BER-TLV: what cards answered to READ RECORD.

/// The templates, one after the other.
///
/// # Panics
/// When the committed corpus is not hexadecimal.
pub fn records() -> Vec<Vec<u8>> {
    include_str!("../corpus/records.hex")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| hex::decode(line).expect("hexadecimal"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corpus_is_what_its_heading_says() {
        let records = records();
        let bytes: usize = records.iter().map(Vec::len).sum();
        let objects: usize = records.iter().map(|record| crate::work::tlv::count(record)).sum();
        assert_eq!((records.len(), bytes, objects), (113, 11_599, 619));
    }
}
