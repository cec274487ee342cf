//! What several targets assert.

use chipwright::fault::Fault;

/// A fault of the card that says where it is says a place in the bytes.
pub fn within(fault: Fault, bytes: &[u8]) {
    if let Some(offset) = fault.offset {
        assert!(usize::from(offset) <= bytes.len(), "{fault:?} of {} bytes", bytes.len());
    }
}

/// Where a part of these bytes lies, if it is one.
pub fn lies_in(part: &[u8], whole: &[u8]) -> Option<usize> {
    let range = whole.as_ptr_range();
    let begin = part.as_ptr();
    let inside = begin >= range.start && part.as_ptr_range().end <= range.end;
    inside.then(|| begin as usize - range.start as usize)
}
