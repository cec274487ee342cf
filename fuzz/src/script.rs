//! Bytes that are read as what devices reply.
//!
//! Answers of the card begin with their length: up to FB as it is, FD and a byte for 256 and
//! more. FC is an answer made of data objects, so that a mutation of one byte adds an object or
//! takes it away without spoiling the lengths around it. FE and a byte is a link that fails, FF and
//! a byte a stop. Everything else is read byte by byte where it is needed. When nothing is left,
//! the card is gone.

use crate::terminal::APPLICATIONS;
use chipwright::dictionary::{EMV, Entry};
use chipwright::driver::{HostResponse, Input};
use chipwright::session::{LinkError, PinResult, Proceed, Stop};
use chipwright::status::Status;

/// What is left of the replies.
#[derive(Clone, Debug)]
pub struct Script<'s> {
    rest: &'s [u8],
    /// Objects beside those of Books 1 to 4.
    more: &'static [Entry],
}

impl<'s> Script<'s> {
    /// Reads `bytes`.
    pub const fn new(bytes: &'s [u8]) -> Self {
        Self { rest: bytes, more: &[] }
    }

    /// Knows these objects as well, in places behind those of Books 1 to 4.
    #[must_use]
    pub const fn knowing(mut self, more: &'static [Entry]) -> Self {
        self.more = more;
        self
    }

    /// Whether nothing is left.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next byte; `None` at the end.
    pub fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    /// The next bytes, fewer at the end.
    pub fn bytes(&mut self, count: usize) -> &'s [u8] {
        let (bytes, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        bytes
    }

    /// The card's reply to a command; `memory` is for one that is made of data objects.
    pub fn answer<'r>(&mut self, memory: &'r mut Vec<u8>) -> Input<'r>
    where
        's: 'r,
    {
        let length = match self.byte() {
            Some(0xFC) => {
                self.compose(memory);
                return Input::Response { bytes: memory, elapsed: 0 };
            }
            None => return Input::LinkFailed(LinkError::Removed),
            Some(0xFF) => return Input::Stop(self.stop()),
            Some(0xFE) => return Input::LinkFailed(self.link_error()),
            Some(0xFD) => 0x100 + usize::from(self.byte().unwrap_or_default()),
            Some(length) => usize::from(length),
        };
        Input::Response { bytes: self.bytes(length), elapsed: 0 }
    }

    /// The card's reply in the field, where a directory may be made of entries: after byte 0.
    pub fn answer_in_field<'r>(&mut self, command: &[u8], memory: &'r mut Vec<u8>) -> Input<'r>
    where
        's: 'r,
    {
        if command.ends_with(b"2PAY.SYS.DDF01\0") && self.byte() == Some(0) {
            self.directory(memory);
            return Input::Response { bytes: memory, elapsed: 0 };
        }
        self.answer(memory)
    }

    /// Makes an answer of data objects: what is around them, then for each its place in the
    /// dictionary, its length and its value. Length FF stands for the shortest that the dictionary
    /// allows, with one byte all along; place FF ends the answer.
    fn compose(&mut self, answer: &mut Vec<u8>) {
        let around = self.byte().unwrap_or_default();
        let mut objects = Vec::new();
        while let Some(place @ ..=0xFE) = self.byte() {
            let (place, known) = (usize::from(place), EMV.entries().len());
            let place = place % (known + self.more.len());
            let entry = EMV.entries().get(place).unwrap_or_else(|| &self.more[place - known]);
            let value = match self.byte().unwrap_or_default() {
                0xFF => &[self.byte().unwrap_or_default(); 255][..usize::from(entry.min)],
                length => self.bytes(usize::from(length)),
            };
            let tag = entry.tag.to_be_bytes();
            object(&tag[4 - entry.tag.len()..], value, &mut objects);
        }
        answer.clear();
        match around % 4 {
            0 => object(&[0x70], &objects, answer),
            1 => object(&[0x77], &objects, answer),
            2 => {
                let name = APPLICATIONS[usize::from(around >> 2) % APPLICATIONS.len()].aid;
                let mut content = Vec::new();
                object(&[0x84], name, &mut content);
                object(&[0xA5], &objects, &mut content);
                object(&[0x6F], &content, answer);
            }
            _ => answer.extend(&objects),
        }
        answer.extend([0x90, 0x00]);
    }

    /// Makes a directory of a contactless card: of each entry an application, what its name is
    /// longer by, a priority, a kernel and an extension; application FF ends it.
    pub fn directory(&mut self, answer: &mut Vec<u8>) {
        let mut entries = Vec::new();
        while let Some(number @ ..=0xFE) = self.byte() {
            let mut part = || {
                let length = usize::from(self.byte().unwrap_or_default());
                self.bytes(length)
            };
            let known = APPLICATIONS[usize::from(number) % APPLICATIONS.len()].aid;
            let name = [known, part()].concat();
            let mut entry = Vec::new();
            object(&[0x4F], &name, &mut entry);
            for tag in [&[0x87][..], &[0x9F, 0x2A], &[0x9F, 0x29]] {
                match part() {
                    [] => {}
                    value => object(tag, value, &mut entry),
                }
            }
            object(&[0x61], &entry, &mut entries);
        }
        let (mut list, mut content) = (Vec::new(), Vec::new());
        object(&[0xBF, 0x0C], &entries, &mut list);
        object(&[0x84], b"2PAY.SYS.DDF01", &mut content);
        object(&[0xA5], &list, &mut content);
        answer.clear();
        object(&[0x6F], &content, answer);
        answer.extend([0x90, 0x00]);
    }

    /// The cardholder's choice.
    pub fn choice(&mut self) -> Input<'s> {
        match self.byte() {
            None => Input::Stop(Stop::Cancelled),
            Some(0xFF) => Input::Chosen(None),
            number => Input::Chosen(number),
        }
    }

    /// What the PIN pad reports.
    pub fn pin(&mut self) -> Input<'s> {
        let Some(kind) = self.byte() else {
            return Input::Stop(Stop::Timeout);
        };
        Input::Pin(match kind % 7 {
            0 => PinResult::Verified(match *self.bytes(2) {
                [sw1, sw2] => Status(u16::from_be_bytes([sw1, sw2])),
                _ => Status::SUCCESS,
            }),
            1 => PinResult::Captured,
            2 => PinResult::Bypassed,
            3 => PinResult::Cancelled,
            4 => PinResult::Broken,
            5 => PinResult::NoChallenge,
            _ => PinResult::LinkFailed(self.link_error()),
        })
    }

    /// The host's answer.
    pub fn authorisation(&mut self) -> Input<'s> {
        let (Some(kind), &[first, second]) = (self.byte(), self.bytes(2)) else {
            return Input::Unreachable;
        };
        let authentication = self.byte().map(|length| self.bytes(usize::from(length)));
        let scripts = self.byte().map(|length| self.bytes(usize::from(length)));
        if kind == 0 {
            return Input::Unreachable;
        }
        Input::Authorised(HostResponse {
            authorisation_response_code: [first, second],
            issuer_authentication_data: authentication.filter(|_| kind & 1 == 1),
            authorisation_code: Some(&b"AUTH01"[..]).filter(|_| kind & 2 == 2),
            scripts: scripts.unwrap_or_default(),
        })
    }

    /// What the integrator says when it was asked to look in.
    pub fn review(&mut self) -> Input<'s> {
        Input::Proceed(match self.byte().map(|byte| byte % 3) {
            Some(0) => Proceed::CardRead,
            Some(1) => Proceed::Decline,
            _ => Proceed::Continue,
        })
    }

    fn link_error(&mut self) -> LinkError {
        match self.byte().map(|byte| byte % 4) {
            Some(0) => LinkError::Timeout,
            Some(1) => LinkError::Transmission,
            Some(2) => LinkError::Protocol,
            _ => LinkError::Removed,
        }
    }

    fn stop(&mut self) -> Stop {
        match self.byte().map(|byte| byte % 3) {
            Some(0) => Stop::Cancelled,
            Some(1) => Stop::Timeout,
            _ => Stop::CardRemoved,
        }
    }
}

/// Appends a data object.
pub fn object(tag: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.extend(tag);
    match value.len() {
        length @ ..=0x7F => out.push(length as u8),
        length @ ..=0xFF => out.extend([0x81, length as u8]),
        length => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend(value);
}
