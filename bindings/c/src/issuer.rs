//! What goes to the issuer, and what comes from it.

use chipwright::tag::Tag;
use chipwright::tlv::Writer;
use chipwright_terminal::host::{MessageLists, answer};

use crate::context::enter;
use crate::pointer::{self, MAX_LENGTH, room, table};
use crate::{Bytes, Context, HostResponse, Status};

/// Writes the data objects of these tags that there are, as a BER-TLV string, to `out`, which has
/// `size` bytes; `*length` is how many were written. Without tags they are those that most acquirers
/// ask for with an authorisation; account number and track data are not among them. [B4 12.1]
///
/// Status: NULL, MISALIGNED, TOO_LONG, OVERLAPPING, NOT_BEGUN, MOVED, BUSY;
/// TOO_SMALL.
///
/// # Safety
/// `context` is null or points to memory as long as a context; `tags` to `count` tags; `out` to
/// `size` bytes that can be written; there is room at `length`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_field_55(
    context: *mut Context,
    tags: *const u32,
    count: usize,
    out: *mut u8,
    size: usize,
    length: *mut usize,
) -> Status {
    // SAFETY: the caller promises it.
    Status::of(unsafe { field_55(context, (tags, count), (out, size), length) })
}

/// # Safety
/// As [`chipwright_field_55`].
unsafe fn field_55(
    context: *mut Context,
    (tags, count): (*const u32, usize),
    (out, size): (*mut u8, usize),
    length: *mut usize,
) -> Result<(), Status> {
    // SAFETY: the caller promises it.
    let entered = unsafe { enter(context) }?;
    entered.apart(tags, count)?;
    entered.apart(out, size.min(MAX_LENGTH))?;
    // SAFETY: the caller promises it.
    let tags = unsafe { table(tags, count) }?;
    // SAFETY: the caller promises it.
    let out = unsafe { room(out, size) }?;
    let data = entered.driver().data();
    let mut writer = Writer::new(out);
    let mut put = |tag| match data.bytes(tag) {
        Some(value) => writer.put(tag, value).map_err(|_| Status::TooSmall),
        None => Ok(()),
    };
    if tags.is_empty() {
        MessageLists::DEFAULT.authorisation.iter().try_for_each(|tag| put(*tag))?;
    } else {
        tags.iter().try_for_each(|tag| put(Tag(*tag)))?;
    }
    // SAFETY: the caller promises it.
    unsafe { entered.write(length, writer.written().len()) }
}

/// Reads the issuer's answer out of a BER-TLV string, as field 55 brings it: 8A, 91, 89, 71 and 72,
/// in any order. What `response` points to lies in the string.
///
/// Status: NULL, MISALIGNED, TOO_LONG; WRONG_CODING when it is no such string, or has no response
/// code (8A): there is no answer then, and the issuer may have approved. [B4 12.2.3]
///
/// # Safety
/// `string` says where bytes are; there is room at `response`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_read_host_response(
    string: Bytes,
    response: *mut HostResponse,
) -> Status {
    // SAFETY: the caller promises it.
    Status::of(unsafe { string.read() }.and_then(|string| {
        let answer = answer(string).map_err(|_| Status::WrongCoding)?;
        let optional = |value: Option<&[u8]>| value.map_or(Bytes::NONE, Bytes::of);
        let read = HostResponse {
            authorisation_response_code: answer.authorisation_response_code,
            issuer_authentication_data: optional(answer.issuer_authentication_data),
            authorisation_code: optional(answer.authorisation_code),
            scripts: Bytes::of(answer.scripts),
        };
        // SAFETY: the caller promises it.
        unsafe { pointer::write(response, read) }
    }))
}
