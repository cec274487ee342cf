//! The C interface: any calls in any order, with any numbers and strings that its contract allows.
//! Every status is one of the header's, what is ended is wiped, and nothing is approved but by a TC.

#![no_main]

use chipwright_ffi::*;
use chipwright_fuzz::script::Script;
use libfuzzer_sys::fuzz_target;
use std::ffi::c_void;
use std::mem::zeroed;
use std::ptr::null_mut;

/// Room for a context with an application, a key and a combination.
const WORDS: usize = 1300;

/// Calls in one run.
const CALLS: usize = 500;

const AID: &[u8] = &[0xA0, 0, 0, 0, 3, 0x10, 0x10];

unsafe extern "C" fn random(_: *mut c_void, out: *mut u8, length: usize) -> u32 {
    // SAFETY: the kernel's memory.
    unsafe { out.write_bytes(0x5A, length) };
    0
}

fn lent(bytes: &[u8]) -> Bytes {
    Bytes { bytes: bytes.as_ptr(), length: bytes.len() }
}

fuzz_target!(|bytes: &[u8]| {
    let mut script = Script::new(bytes);
    let setup = script.byte().unwrap_or_default();
    // SAFETY: zeros are what the interface says that they are.
    let (mut options, revocation) = unsafe { (zeroed::<Options>(), zeroed::<Revocation>()) };
    // SAFETY: as before.
    let (mut application, mut combination, mut key, mut terminal, mut transaction, mut callbacks) = unsafe {
        (
            zeroed::<Application>(),
            zeroed::<Combination>(),
            zeroed::<Key>(),
            zeroed::<Terminal>(),
            zeroed::<Transaction>(),
            zeroed::<Callbacks>(),
        )
    };
    application.aid = lent(AID);
    application.partial_match = 1;
    combination.aid = lent(AID);
    combination.kernel = 7;
    combination.qualifiers = [0x36, 0, 0, 0x80];
    combination.present = HAS_QUALIFIERS;
    let everything = setup & 0x20 != 0;
    combination.present |= if everything { u32::MAX } else { 0 };
    combination.transaction_limit = 80_00;
    key.modulus = lent(&[0xC1; 128]);
    key.exponent = lent(&[3]);
    callbacks.random = Some(random);
    terminal.terminal_type = if setup & 2 == 0 { 0x22 } else { script.byte().unwrap_or(0x14) };
    terminal.capabilities = [0xE0, 0xF8, 0xC8];
    terminal.country = 276;
    // SAFETY: there is room.
    assert_eq!(unsafe { chipwright_default_options(&raw mut options) }, Status::Ok);
    if everything {
        options.combined_mode = script.byte().unwrap_or(1);
        options.approval_codes = lent(script.bytes(4));
        terminal.options = &raw const options;
        (terminal.revocations, terminal.revocation_count) = (&raw const revocation, 1);
    }
    (terminal.applications, terminal.application_count) = (&raw const application, 1);
    (terminal.combinations, terminal.combination_count) = (&raw const combination, 1);
    (terminal.keys, terminal.key_count) = (&raw const key, 1);
    transaction.transaction_type = if setup & 4 == 0 { 1 } else { number(&mut script) };
    transaction.amount = if setup & 8 == 0 { 1234 } else { number(&mut script).into() };
    transaction.currency = 978;
    transaction.currency_exponent = 2;
    transaction.date = [0x26, 0x01, 0x15];
    transaction.sequence_counter = 1;
    transaction.terminal = &raw const terminal;
    transaction.callbacks = &raw const callbacks;
    let mut memory = Box::new([0_u64; WORDS]);
    let place: *mut c_void = memory.as_mut_ptr().cast();
    let mut length = WORDS * 8;
    // SAFETY: the terminal is there.
    assert!(unsafe { chipwright_context_size(&raw const terminal) } <= length);
    if setup & 0x10 != 0 {
        length = length.min(number(&mut script) as usize);
    }
    let begin = if setup & 1 == 0 { chipwright_begin_contact } else { chipwright_begin_tap };
    let mut context = null_mut();
    // SAFETY: everything stays where it is until the end.
    let begun = unsafe { begin(place, length, &raw const transaction, &raw mut context) };
    if begun != Status::Ok {
        assert!(memory.iter().all(|word| *word == 0), "{begun:?} has changed nothing");
        return;
    }
    // SAFETY: it is the context's own memory.
    let again = unsafe { begin(place, length, &raw const transaction, &raw mut context) };
    assert_eq!(again, Status::InUse);
    let mut calls = Calls { context, script, is_contact: setup & 1 == 0, ended: None };
    for _ in 0..CALLS {
        if calls.next().is_none() {
            break;
        }
    }
    // SAFETY: it was begun.
    unsafe {
        assert_eq!(chipwright_end(context), Status::Ok);
        assert_eq!(chipwright_end(context), Status::NotBegun);
        let bytes = std::slice::from_raw_parts(place.cast::<u8>(), length);
        assert!(bytes.iter().all(|byte| *byte == 0), "wiped");
    }
});

fn number(script: &mut Script<'_>) -> u32 {
    script.bytes(4).iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

struct Calls<'s> {
    context: *mut Context,
    script: Script<'s>,
    is_contact: bool,
    /// How it ended: it stays so.
    ended: Option<(u32, u32)>,
}

impl<'s> Calls<'s> {
    fn string(&mut self) -> &'s [u8] {
        let length = self.script.byte().unwrap_or_default();
        self.script.bytes(length.into())
    }

    /// One call; none when nothing is left.
    fn next(&mut self) -> Option<()> {
        match self.script.byte()? % 16 {
            0..=8 => self.step()?,
            9 => self.objects(),
            10 => self.set(),
            11 => self.candidates(),
            12 => self.message(),
            13 => self.states(),
            14 => self.read(),
            _ => self.response(&[0x90, 0x00]),
        }
        Some(())
    }

    /// A step with a reply of any kind.
    fn step(&mut self) -> Option<()> {
        let kind = u32::from(self.script.byte()?);
        let input = |content| Input { kind, content };
        let given = match kind {
            2 => {
                let mut answer = Vec::new();
                if let chipwright::driver::Input::Response { bytes, .. } =
                    self.script.answer(&mut answer)
                {
                    let answer = bytes.to_vec();
                    self.response(&answer);
                }
                return Some(());
            }
            4 => input(InputContent { chosen: number(&mut self.script) as i32 }),
            5 => {
                let result = self.script.byte()?.into();
                let status_word = number(&mut self.script) as u16;
                let link_error = self.script.byte()?.into();
                input(InputContent { pin: PinReport { result, status_word, link_error } })
            }
            6 => {
                let [first, second] = *self.script.bytes(2) else { return None };
                let parts = [self.string(), self.string(), self.string()].map(lent);
                let [issuer_authentication_data, authorisation_code, scripts] = parts;
                let host_response = HostResponse {
                    authorisation_response_code: [first, second],
                    issuer_authentication_data,
                    authorisation_code,
                    scripts,
                };
                input(InputContent { host_response })
            }
            _ => input(InputContent { stop: self.script.byte().unwrap_or_default().into() }),
        };
        self.give(&given);
        Some(())
    }

    fn response(&mut self, answer: &[u8]) {
        let response = Response { answer: lent(answer), elapsed: 0 };
        let content = InputContent { response };
        self.give(&Input { kind: InputKind::Response as u32, content });
    }

    fn give(&mut self, input: &Input) {
        let mut output = Output { kind: 0, content: OutputContent { review: 0 } };
        // SAFETY: the context was begun, and what the input points to outlives the call.
        let status = unsafe { chipwright_step(self.context, input, &raw mut output) };
        assert!((status as u32) <= 14);
        if status != Status::Ok {
            assert_eq!(output.kind, 0, "{status:?} has changed nothing");
            return;
        }
        match output.kind {
            1 => {
                // SAFETY: it goes with the kind, and stays until the next step.
                let command = unsafe {
                    let command = output.content.command;
                    std::slice::from_raw_parts(command.bytes, command.length)
                };
                assert!(matches!(command.len(), 4..=261));
            }
            2..=8 => assert!(self.ended.is_none(), "it had ended"),
            9 => {
                // SAFETY: it goes with the kind.
                let outcome = unsafe { output.content.outcome };
                let ending = (outcome.conclusion, outcome.authority);
                assert_eq!(*self.ended.get_or_insert(ending), ending, "one outcome");
                self.check(outcome);
            }
            other => panic!("output of kind {other}"),
        }
    }

    fn check(&self, outcome: Outcome) {
        let approved = outcome.conclusion == Conclusion::Approved as u32;
        if approved && self.is_contact {
            let information = self.object(0x9F27);
            let tc = information.first().is_some_and(|byte| byte & 0xC0 == 0x40);
            assert!(tc, "approved without a TC: {information:02X?}");
        }
    }

    fn object(&self, tag: u32) -> &[u8] {
        let mut value = Bytes { bytes: std::ptr::null(), length: 0 };
        // SAFETY: the context was begun; the bytes stay until the next step.
        unsafe {
            match chipwright_object(self.context, tag, &raw mut value) {
                Status::Ok if value.length > 0 => {
                    std::slice::from_raw_parts(value.bytes, value.length)
                }
                _ => &[],
            }
        }
    }

    /// All objects, each found by its tag as well.
    fn objects(&mut self) {
        for place in 0.. {
            let (mut tag, mut value) = (0, Bytes { bytes: std::ptr::null(), length: 0 });
            let (to_tag, to_value) = (&raw mut tag, &raw mut value);
            // SAFETY: the context was begun.
            match unsafe { chipwright_object_at(self.context, place, to_tag, to_value) } {
                Status::Ok => assert_eq!(self.object(tag).len(), value.length),
                status => {
                    assert_eq!(status, Status::NotFound);
                    break;
                }
            }
        }
    }

    fn set(&mut self) {
        let (tag, value) = (number(&mut self.script), self.string());
        // What the card says of its cryptogram is the card's.
        if tag == 0x9F27 {
            return;
        }
        // SAFETY: the context was begun.
        let status = unsafe { chipwright_set_object(self.context, tag, lent(value)) };
        assert!(matches!(status, Status::Ok | Status::WrongValue | Status::NotFound));
        if status == Status::Ok {
            assert_eq!(self.object(tag), value);
        }
    }

    fn candidates(&mut self) {
        for place in 0..40 {
            // SAFETY: zeros are a candidate without a name.
            let mut candidate = unsafe { zeroed::<Candidate>() };
            // SAFETY: the context was begun.
            match unsafe { chipwright_candidate(self.context, place, &raw mut candidate) } {
                Status::Ok => assert!(candidate.display_name.length <= 16),
                status => {
                    assert_eq!(status, Status::NotFound);
                    return;
                }
            }
        }
        panic!("more candidates than there can be");
    }

    fn message(&mut self) {
        let tags: Vec<u32> = (0..self.script.byte().unwrap_or_default() % 32)
            .map(|_| number(&mut self.script))
            .collect();
        let size = usize::from(self.script.byte().unwrap_or_default());
        let (mut out, mut length) = (vec![0xEE_u8; size + 16], usize::MAX);
        // SAFETY: the context was begun, and there is room.
        let status = unsafe {
            let out = out.as_mut_ptr();
            chipwright_field_55(self.context, tags.as_ptr(), tags.len(), out, size, &raw mut length)
        };
        assert!(out[size..].iter().all(|byte| *byte == 0xEE), "written behind the end");
        assert!(status != Status::Ok || length <= size);
    }

    fn states(&mut self) {
        let (mut phase, mut timeout) = (u32::MAX, u16::MAX);
        // SAFETY: the context was begun.
        unsafe {
            assert_eq!(chipwright_current_phase(self.context, &raw mut phase), Status::Ok);
            assert_eq!(chipwright_removal_timeout(self.context, &raw mut timeout), Status::Ok);
        }
        assert!(phase < 64);
    }

    /// What is read from strings, apart from a context.
    fn read(&mut self) {
        let string = self.string();
        // SAFETY: zeros are what the interface says that they are.
        let (mut response, mut key, mut application, mut combination) = unsafe {
            (
                zeroed::<HostResponse>(),
                zeroed::<Key>(),
                zeroed::<Application>(),
                zeroed::<Combination>(),
            )
        };
        let today = [0x26, 0x01, 0x15];
        // SAFETY: there is room for all of it.
        unsafe {
            if chipwright_read_host_response(lent(string), &raw mut response) == Status::Ok {
                assert!(response.scripts.length <= string.len());
            }
            for environment in 0..3 {
                let (today, to_key) = (today.as_ptr(), &raw mut key);
                let status = chipwright_read_key(lent(string), environment, 1, today, to_key);
                assert!(status != Status::Ok || matches!(key.modulus.length, 1..=248));
            }
            let (to_application, to_combination) = (&raw mut application, &raw mut combination);
            if chipwright_read_application(lent(string), to_application, to_combination)
                == Status::Ok
            {
                assert!(matches!(application.aid.length, 5..=16));
            }
        }
        let place = string.first().copied().unwrap_or_default().into();
        // SAFETY: zeros are strings of none.
        let mut identity = unsafe { zeroed::<Identity>() };
        // SAFETY: there is room.
        let status = unsafe { chipwright_kernel(place, &raw mut identity) };
        assert_eq!(status == Status::Ok, place < 3);
        assert!(identity.name.ends_with(&[0]) && identity.checksum.ends_with(&[0]));
    }
}
