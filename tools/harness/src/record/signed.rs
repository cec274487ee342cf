//! Static data to be authenticated, and the records that it stands in. [B3 10.3]

use chipwright::tlv::Tlvs;
use serde_json::{Value, json};

use crate::describe;

/// What the record is called that a command reads; none of another command.
pub(super) fn record(command: &[u8]) -> Option<String> {
    let reads = command.get(1) == Some(&READ_RECORD);
    reads.then(|| describe::command(command).about)
}

const READ_RECORD: u8 = 0xB2;

/// A piece of the static data: a whole record, or the content of its template, or else a value
/// that the Static Data Authentication Tag List asks for.
pub(super) fn static_data(piece: &[u8], records: &[(String, Vec<u8>)]) -> Value {
    let is_it = |(_, data): &&(String, Vec<u8>)| {
        !piece.is_empty() && (data == piece || content(data) == Some(piece))
    };
    let record = records.iter().find(is_it);
    json!({
        "event": "static-data",
        "length": piece.len(),
        "record": record.map(|(name, _)| name),
        "tags": record.map(|(_, data)| tags(content(data).unwrap_or(data))),
        "list": record.is_none().then_some("9F4A"),
    })
}

/// The value of the only object.
fn content(data: &[u8]) -> Option<&[u8]> {
    let mut objects = Tlvs::new(data);
    match (objects.next(), objects.next()) {
        (Some(Ok(template)), None) => Some(template.value),
        _ => None,
    }
}

fn tags(content: &[u8]) -> Vec<String> {
    Tlvs::new(content).map_while(Result::ok).map(|object| object.tag.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_found_in_their_records() {
        let record = |number: u8| record(&[0x00, 0xB2, number, 0x14, 0x00]).unwrap();
        let content = [0x5F, 0x24, 0x03, 0x49, 0x12, 0x31];
        let records = [
            (record(1), vec![0x70, 0x03, 0x8F, 0x01, 0x92]),
            (record(2), [&[0x70, 0x06][..], &content].concat()),
        ];
        let found = static_data(&content, &records);
        assert_eq!((&found["record"], &found["tags"][0]), (&record(2).into(), &"5F24".into()));
        assert_eq!(static_data(&records[0].1, &records)["tags"], json!(["8F"]), "a whole record");
        assert_eq!(static_data(&[0x38, 0x00], &records)["list"], "9F4A");
        assert!(static_data(&[], &records)["record"].is_null());
        assert_eq!(super::record(&[0x80, 0xA8, 0, 0]), None);
    }
}
