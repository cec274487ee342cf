//! What goes wrong in C goes wrong here, and gets a status: under Miri too, which sees undefined
//! behaviour where there is any.

#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "what is wrong with them is what is tested"
)]

use core::ffi::c_void;
use core::mem::{MaybeUninit, zeroed};
use core::ops::{Deref, DerefMut};
use core::ptr::{null, null_mut};

use chipwright_ffi::*;

/// Room for a context with an application, a key, a revocation and a combination.
const WORDS: usize = 1300;

/// Not a random number, but one that a card of these tests does not mind.
unsafe extern "C" fn random(_: *mut c_void, out: *mut u8, length: usize) -> u32 {
    // SAFETY: the kernel's memory.
    unsafe { out.write_bytes(0x5A, length) };
    0
}

unsafe extern "C" fn no_random(_: *mut c_void, _: *mut u8, _: usize) -> u32 {
    1
}

const AID: &[u8] = &[0xA0, 0, 0, 0, 3, 0x10, 0x10];

fn bytes(bytes: &[u8]) -> Bytes {
    Bytes { bytes: bytes.as_ptr(), length: bytes.len() }
}

/// A value at an address that others know: as in C, nobody owns it alone.
struct Lent<T>(*mut T);

impl<T> Lent<T> {
    fn new(value: T) -> Self {
        Self(Box::into_raw(Box::new(value)))
    }
}

impl<T> Deref for Lent<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: it lives until it is dropped.
        unsafe { &*self.0 }
    }
}

impl<T> DerefMut for Lent<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: it lives until it is dropped, and no step is under way.
        unsafe { &mut *self.0 }
    }
}

impl<T> Drop for Lent<T> {
    fn drop(&mut self) {
        // SAFETY: it came from a box, and nobody uses it after this.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

/// A whole setup at addresses that do not change.
struct Setup {
    memory: Lent<[u64; WORDS]>,
    transaction: Lent<Transaction>,
    terminal: Lent<Terminal>,
    callbacks: Lent<Callbacks>,
    application: Lent<Application>,
    combination: Lent<Combination>,
    key: Lent<Key>,
}

impl Setup {
    fn new() -> Self {
        // SAFETY: zeros are what the interface says that they are.
        let (mut transaction, mut terminal, mut callbacks) = unsafe {
            (
                Lent::new(zeroed::<Transaction>()),
                Lent::new(zeroed::<Terminal>()),
                zeroed::<Callbacks>(),
            )
        };
        // SAFETY: likewise.
        let (mut application, mut combination, mut key) =
            unsafe { (zeroed::<Application>(), zeroed::<Combination>(), zeroed::<Key>()) };
        application.aid = bytes(AID);
        combination.aid = bytes(AID);
        combination.kernel = 7;
        combination.qualifiers = [0x36, 0, 0, 0x80];
        combination.present = HAS_QUALIFIERS;
        key.modulus = bytes(&[0xC1; 128]);
        key.exponent = bytes(&[3]);
        callbacks.random = Some(random);
        let (application, combination, key) =
            (Lent::new(application), Lent::new(combination), Lent::new(key));
        let callbacks = Lent::new(callbacks);
        terminal.terminal_type = 0x22;
        terminal.capabilities = [0xE0, 0xF8, 0xC8];
        terminal.country = 276;
        terminal.applications = application.0.cast_const();
        terminal.application_count = 1;
        terminal.combinations = combination.0.cast_const();
        terminal.combination_count = 1;
        terminal.keys = key.0.cast_const();
        terminal.key_count = 1;
        transaction.transaction_type = TransactionType::Purchase as u32;
        transaction.amount = 1234;
        transaction.currency = 978;
        transaction.currency_exponent = 2;
        transaction.date = [0x26, 0x01, 0x15];
        transaction.sequence_counter = 1;
        transaction.terminal = terminal.0.cast_const();
        transaction.callbacks = callbacks.0.cast_const();
        let memory = Lent::new([0; WORDS]);
        Self { memory, transaction, terminal, callbacks, application, combination, key }
    }

    fn begin(&mut self) -> (Status, *mut Context) {
        let memory = self.memory.0;
        begin_at(memory.cast(), WORDS * 8, self.transaction.0)
    }

    /// Begun, and the first command asked for.
    fn started(&mut self) -> *mut Context {
        let (status, context) = self.begin();
        assert_eq!(status, Status::Ok);
        let (status, output) = step(context, &input(InputKind::Start));
        assert_eq!((status, output.kind), (Status::Ok, OutputKind::Transmit as u32));
        context
    }
}

fn begin_at(
    memory: *mut c_void,
    length: usize,
    transaction: *const Transaction,
) -> (Status, *mut Context) {
    let mut context = null_mut();
    // SAFETY: what is wrong with them is what is tested.
    let status = unsafe { chipwright_begin_contact(memory, length, transaction, &raw mut context) };
    (status, context)
}

fn step(context: *mut Context, input: &Input) -> (Status, Output) {
    let mut output = Output { kind: 0, content: OutputContent { review: 0 } };
    // SAFETY: what is wrong with them is what is tested.
    let status = unsafe { chipwright_step(context, input, &raw mut output) };
    (status, output)
}

fn end(context: *mut Context) -> Status {
    // SAFETY: what is wrong with it is what is tested.
    unsafe { chipwright_end(context) }
}

fn input(kind: InputKind) -> Input {
    Input { kind: kind as u32, content: InputContent { chosen: 0 } }
}

fn response(answer: Bytes) -> Input {
    let content = InputContent { response: Response { answer, elapsed: 0 } };
    Input { kind: InputKind::Response as u32, content }
}

#[test]
fn a_transaction_begins_ends_and_leaves_zeros() {
    let mut setup = Setup::new();
    for _ in 0..2 {
        let context = setup.started();
        assert_eq!(step(context, &response(bytes(&[0x6A, 0x82]))).0, Status::Ok);
        assert_eq!(end(context), Status::Ok);
        assert_eq!(end(context), Status::NotBegun);
        assert_eq!(step(context, &input(InputKind::Start)).0, Status::NotBegun);
        assert!(setup.memory.iter().all(|word| *word == 0));
    }
}

#[test]
fn a_transaction_that_has_ended_says_so_again() {
    let mut setup = Setup::new();
    let context = setup.started();
    let stop = Input {
        kind: InputKind::Stop as u32,
        content: InputContent { stop: Stop::Cancelled as u32 },
    };
    for input in
        [stop, input(InputKind::Start), input(InputKind::Done), response(bytes(&[0x90, 0]))]
    {
        let (status, output) = step(context, &input);
        assert_eq!((status, output.kind), (Status::Ok, OutputKind::Ended as u32));
        // SAFETY: it goes with the kind.
        let outcome = unsafe { output.content.outcome };
        assert_eq!(outcome.conclusion, Conclusion::Terminated as u32);
        assert_eq!((outcome.end, outcome.end_code), (EndKind::Stopped as u32, 1));
    }
    assert_eq!(end(context), Status::Ok);
}

#[test]
fn a_tap_asks_shows_polls_and_tries_to_select() {
    let setup = Setup::new();
    let mut context = null_mut();
    // SAFETY: all of it stays where it is.
    let status = unsafe {
        chipwright_begin_tap(
            setup.memory.0.cast(),
            WORDS * 8,
            setup.transaction.0,
            &raw mut context,
        )
    };
    assert_eq!(status, Status::Ok);
    let polled = Input {
        kind: InputKind::Polled as u32,
        content: InputContent { polled: Polled::Card as u32 },
    };
    let mut input = input(InputKind::Start);
    let mut asked = Vec::new();
    loop {
        let (status, output) = step(context, &input);
        assert_eq!(status, Status::Ok);
        asked.push(output.kind);
        input = match output.kind {
            kind if kind == OutputKind::Poll as u32 => polled,
            kind if kind == OutputKind::Transmit as u32 => response(bytes(&[0x6A, 0x82])),
            kind if kind == OutputKind::Ended as u32 => break,
            _ => Input { kind: InputKind::Done as u32, ..polled },
        };
    }
    for kind in [OutputKind::Show, OutputKind::Field, OutputKind::Poll, OutputKind::Transmit] {
        assert!(asked.contains(&(kind as u32)), "{kind:?} in {asked:?}");
    }
    assert_eq!(end(context), Status::Ok);
}

#[test]
fn null_is_refused() {
    let mut setup = Setup::new();
    let memory: *mut c_void = setup.memory.0.cast();
    assert_eq!(begin_at(null_mut(), WORDS * 8, setup.transaction.0).0, Status::Null);
    // SAFETY: null is what is tested.
    unsafe {
        let transaction = setup.transaction.0;
        let mut context = null_mut();
        let begun = chipwright_begin_contact(memory, WORDS * 8, null(), &raw mut context);
        assert_eq!(begun, Status::Null);
        let begun = chipwright_begin_tap(memory, WORDS * 8, transaction, null_mut());
        assert_eq!(begun, Status::Null);
    }
    for missing in 0..6 {
        let mut setup = Setup::new();
        match missing {
            0 => setup.transaction.terminal = null(),
            1 => setup.transaction.callbacks = null(),
            2 => setup.callbacks.random = None,
            3 => setup.terminal.applications = null(),
            4 => setup.application.aid.bytes = null(),
            _ => setup.key.modulus.bytes = null(),
        }
        assert_eq!(setup.begin().0, Status::Null, "{missing}");
        assert!(setup.memory.iter().all(|word| *word == 0));
    }
    let context = setup.started();
    // SAFETY: null is what is tested.
    unsafe {
        let start = input(InputKind::Start);
        let mut output = MaybeUninit::<Output>::uninit();
        assert_eq!(chipwright_step(null_mut(), &start, output.as_mut_ptr()), Status::Null);
        assert_eq!(chipwright_step(context, null(), output.as_mut_ptr()), Status::Null);
        assert_eq!(chipwright_step(context, &start, null_mut()), Status::Null);
        assert_eq!(chipwright_object(context, 0x9F02, null_mut()), Status::Null);
        let mut value = Bytes::NONE;
        assert_eq!(chipwright_object_at(context, 0, null_mut(), &raw mut value), Status::Null);
        assert_eq!(chipwright_candidate(null_mut(), 0, null_mut()), Status::Null);
        assert_eq!(chipwright_current_phase(context, null_mut()), Status::Null);
        assert_eq!(chipwright_removal_timeout(context, null_mut()), Status::Null);
        assert_eq!(chipwright_kernel(0, null_mut()), Status::Null);
        assert_eq!(chipwright_default_options(null_mut()), Status::Null);
        assert_eq!(chipwright_run(context, null(), null_mut()), Status::Null);
        let devices: Devices = zeroed();
        let mut outcome = MaybeUninit::uninit();
        assert_eq!(chipwright_run(context, &raw const devices, outcome.as_mut_ptr()), Status::Null);
        assert_eq!(chipwright_context_size(null()), 0);
        let nothing = Bytes { bytes: null(), length: 2 };
        assert_eq!(step(context, &response(nothing)).0, Status::Null);
        assert_eq!(chipwright_set_object(context, 0x9F02, nothing), Status::Null);
        assert_eq!(
            chipwright_field_55(context, null(), 1, null_mut(), 0, null_mut()),
            Status::Null
        );
    }
    assert_eq!(end(null_mut()), Status::Null);
    assert_eq!(end(context), Status::Ok);
}

#[test]
fn misaligned_is_refused() {
    let mut setup = Setup::new();
    let memory: *mut u8 = setup.memory.0.cast();
    for offset in 1..8 {
        let (status, _) =
            begin_at(memory.wrapping_add(offset).cast(), WORDS * 8 - 8, setup.transaction.0);
        assert_eq!(status, Status::Misaligned, "{offset}");
    }
    let context = setup.started();
    let crooked = memory.wrapping_add(1);
    assert_eq!(end(crooked.cast()), Status::Misaligned);
    assert_eq!(step(crooked.cast(), &input(InputKind::Start)).0, Status::Misaligned);
    let mut place = [0_u64; 64];
    let odd = place.as_mut_ptr().cast::<u8>().wrapping_add(1);
    // SAFETY: misaligned pointers are what is tested.
    unsafe {
        let start = input(InputKind::Start);
        assert_eq!(chipwright_step(context, &start, odd.cast()), Status::Misaligned);
        assert_eq!(
            chipwright_step(context, odd.cast(), place.as_mut_ptr().cast()),
            Status::Misaligned
        );
        assert_eq!(chipwright_object(context, 0x9F02, odd.cast()), Status::Misaligned);
        assert_eq!(chipwright_current_phase(context, odd.cast()), Status::Misaligned);
        assert_eq!(chipwright_context_size(odd.cast()), 0);
    }
    assert_eq!(end(context), Status::Ok);
}

#[test]
fn memory_that_is_too_small_is_refused_and_left_empty() {
    let setup = Setup::new();
    let memory: *mut c_void = setup.memory.0.cast();
    // SAFETY: the terminal is one.
    let enough = unsafe { chipwright_context_size(setup.terminal.0) };
    assert!(enough <= WORDS * 8, "{enough}");
    assert_eq!(begin_at(memory, 0, setup.transaction.0).0, Status::TooSmall);
    assert_eq!(begin_at(memory, usize::MAX, setup.transaction.0).0, Status::TooLong);
    let every = if cfg!(miri) { 509 } else { 1 };
    let mut least = enough;
    for length in (0..enough).step_by(every).chain([enough - 1]) {
        match begin_at(memory, length, setup.transaction.0) {
            (Status::Ok, context) => {
                least = least.min(length);
                assert_eq!(end(context), Status::Ok);
            }
            (status, context) => {
                assert_eq!((status, context), (Status::TooSmall, null_mut()), "{length}");
            }
        }
        assert!(setup.memory.iter().all(|word| *word == 0), "{length}");
    }
    assert!(least < enough, "what is said to be enough has room for any padding");
    let (status, context) = begin_at(memory, enough, setup.transaction.0);
    assert_eq!((status, end(context)), (Status::Ok, Status::Ok));
}

#[test]
fn a_context_that_was_moved_is_refused_and_the_one_that_stayed_goes_on() {
    let mut setup = Setup::new();
    let context = setup.started();
    let copy = Lent::new([0_u64; WORDS]);
    // Miri holds it against whoever reads behind the seal that this is somebody else's: rightly.
    let length = if cfg!(miri) { 2 * size_of::<usize>() } else { WORDS * 8 };
    // SAFETY: both have as many bytes; the copy is one of bytes, whatever they mean.
    unsafe {
        let from = context.cast::<MaybeUninit<u8>>();
        copy.0.cast::<MaybeUninit<u8>>().copy_from_nonoverlapping(from, length);
    }
    let moved: *mut Context = copy.0.cast();
    assert_eq!(step(moved, &input(InputKind::Start)).0, Status::Moved);
    assert_eq!(end(moved), Status::Moved);
    let mut value = Bytes::NONE;
    // SAFETY: moved memory is what is tested.
    assert_eq!(unsafe { chipwright_object(moved, 0x9F02, &raw mut value) }, Status::Moved);
    let length = WORDS * 8;
    assert_eq!(begin_at(moved.cast(), length, setup.transaction.0).0, Status::Moved);
    assert_eq!(step(context, &input(InputKind::Start)).1.kind, OutputKind::Transmit as u32);
    assert_eq!(end(context), Status::Ok);
}

#[test]
fn memory_that_was_never_zeroed_is_refused() {
    let setup = Setup::new();
    let memory = Lent::new([0x5555_AAAA_5555_AAAA_u64; WORDS]);
    let context: *mut Context = memory.0.cast();
    assert_eq!(begin_at(context.cast(), WORDS * 8, setup.transaction.0).0, Status::Moved);
    assert_eq!(step(context, &input(InputKind::Start)).0, Status::Moved);
    assert_eq!(end(context), Status::Moved);
    assert!(memory.iter().all(|word| *word == 0x5555_AAAA_5555_AAAA), "nothing was touched");
}

#[test]
fn a_context_in_use_is_not_begun_again() {
    let mut setup = Setup::new();
    let context = setup.started();
    let memory = context.cast();
    assert_eq!(begin_at(memory, WORDS * 8, setup.transaction.0).0, Status::InUse);
    assert_eq!(step(context, &input(InputKind::Start)).1.kind, OutputKind::Transmit as u32);
    assert_eq!(end(context), Status::Ok);
    let (status, context) = begin_at(memory, WORDS * 8, setup.transaction.0);
    assert_eq!((status, end(context)), (Status::Ok, Status::Ok));
}

#[test]
fn replies_of_the_wrong_kind_change_nothing() {
    let mut setup = Setup::new();
    let (_, context) = setup.begin();
    assert_eq!(step(context, &response(bytes(&[0x90, 0x00]))).0, Status::WrongReply);
    assert_eq!(step(context, &input(InputKind::Start)).0, Status::Ok);
    let with = |kind: InputKind, content| Input { kind: kind as u32, content };
    let host_response = HostResponse {
        authorisation_response_code: *b"00",
        issuer_authentication_data: Bytes::NONE,
        authorisation_code: Bytes::NONE,
        scripts: Bytes::NONE,
    };
    let pin = PinReport { result: PinResult::Captured as u32, status_word: 0, link_error: 0 };
    for (wrong, status) in [
        (input(InputKind::Unreachable), Status::WrongReply),
        (input(InputKind::Done), Status::WrongReply),
        (input(InputKind::RemovalTimeout), Status::WrongReply),
        (with(InputKind::Chosen, InputContent { chosen: -1 }), Status::WrongReply),
        (with(InputKind::Chosen, InputContent { chosen: 0 }), Status::WrongReply),
        (with(InputKind::Chosen, InputContent { chosen: 256 }), Status::NotFound),
        (with(InputKind::Chosen, InputContent { chosen: i32::MIN }), Status::NotFound),
        (with(InputKind::Polled, InputContent { polled: 1 }), Status::WrongReply),
        (with(InputKind::Polled, InputContent { polled: 4 }), Status::UnknownValue),
        (with(InputKind::Proceed, InputContent { proceed: 1 }), Status::WrongReply),
        (with(InputKind::Proceed, InputContent { proceed: 0 }), Status::UnknownValue),
        (with(InputKind::Authorised, InputContent { host_response }), Status::WrongReply),
        (with(InputKind::Pin, InputContent { pin }), Status::WrongReply),
        (
            with(InputKind::Pin, InputContent { pin: PinReport { result: 0, ..pin } }),
            Status::UnknownValue,
        ),
        (with(InputKind::LinkFailed, InputContent { link_error: 5 }), Status::UnknownValue),
        (with(InputKind::Stop, InputContent { stop: u32::MAX }), Status::UnknownValue),
        (Input { kind: 0, content: InputContent { stop: 0 } }, Status::UnknownValue),
        (Input { kind: 13, content: InputContent { stop: 0 } }, Status::UnknownValue),
    ] {
        assert_eq!(step(context, &wrong).0, status, "{wrong:?}");
        let (status, output) = step(context, &input(InputKind::Start));
        assert_eq!((status, output.kind), (Status::Ok, OutputKind::Transmit as u32));
    }
    assert_eq!(end(context), Status::Ok);
}

#[test]
fn what_is_too_long_is_refused() {
    let mut setup = Setup::new();
    let context = setup.started();
    let long = vec![0; 262];
    assert_eq!(step(context, &response(bytes(&long))).0, Status::TooLong);
    let huge = Bytes { bytes: long.as_ptr(), length: usize::MAX };
    assert_eq!(step(context, &response(huge)).0, Status::TooLong);
    // SAFETY: lengths that nobody reads are what is tested.
    unsafe {
        assert_eq!(chipwright_set_object(context, 0x9F02, huge), Status::TooLong);
        let mut response = MaybeUninit::uninit();
        assert_eq!(chipwright_read_host_response(huge, response.as_mut_ptr()), Status::TooLong);
    }
    assert_eq!(step(context, &input(InputKind::Start)).0, Status::Ok);
    assert_eq!(end(context), Status::Ok);
    setup.terminal.application_count = usize::MAX;
    assert_eq!(setup.begin().0, Status::TooLong);
    // SAFETY: the terminal is one, whatever it says of its applications.
    assert_eq!(unsafe { chipwright_context_size(setup.terminal.0) }, usize::MAX);
}

#[test]
fn memory_within_the_context_is_refused() {
    let mut setup = Setup::new();
    let context = setup.started();
    let (_, output) = step(context, &input(InputKind::Start));
    // SAFETY: it goes with the kind.
    let command = unsafe { output.content.command };
    assert_eq!(step(context, &response(command)).0, Status::Overlapping);
    let mut amount = Bytes::NONE;
    // SAFETY: memory within the context is what is tested.
    unsafe {
        assert_eq!(chipwright_object(context, 0x9F02, &raw mut amount), Status::Ok);
        assert_eq!(chipwright_set_object(context, 0x9F03, amount), Status::Overlapping);
        let start = input(InputKind::Start);
        let inside = setup.memory.0.cast::<u64>().wrapping_add(600);
        assert_eq!(chipwright_step(context, &start, inside.cast()), Status::Overlapping);
        let mut output = MaybeUninit::uninit();
        let status = chipwright_step(context, inside.cast(), output.as_mut_ptr());
        assert_eq!(status, Status::Overlapping);
        assert_eq!(chipwright_object(context, 0x9F02, inside.cast()), Status::Overlapping);
        let mut tag = 0;
        let status = chipwright_object_at(context, 0, &raw mut tag, inside.cast());
        assert_eq!(status, Status::Overlapping);
        assert_eq!(chipwright_current_phase(context, inside.cast()), Status::Overlapping);
        assert_eq!(chipwright_removal_timeout(context, inside.cast()), Status::Overlapping);
        let mut length = 0;
        let field_55 = |out, length| chipwright_field_55(context, null(), 0, out, 8, length);
        assert_eq!(field_55(inside.cast(), &raw mut length), Status::Overlapping);
        let mut out = [0; 256];
        let status =
            chipwright_field_55(context, null(), 0, out.as_mut_ptr(), out.len(), inside.cast());
        assert_eq!(status, Status::Overlapping);
        let devices: Devices = zeroed();
        let status = chipwright_run(context, &raw const devices, inside.cast());
        assert_eq!(status, Status::Overlapping);
    }
    assert_eq!(step(context, &input(InputKind::Start)).0, Status::Ok);
    assert_eq!(end(context), Status::Ok);
}

#[test]
fn a_terminal_within_the_lent_memory_is_refused() {
    for (within, word) in (0..7).flat_map(|within| [(within, 0), (within, 900)]) {
        let mut setup = Setup::new();
        let inside = setup.memory.0.cast::<u64>().wrapping_add(word);
        let mut transaction = setup.transaction.0.cast_const();
        match within {
            0 => transaction = inside.cast(),
            1 => setup.transaction.terminal = inside.cast(),
            2 => setup.transaction.callbacks = inside.cast(),
            3 => setup.terminal.applications = inside.cast(),
            4 => setup.terminal.keys = inside.cast(),
            5 => setup.terminal.options = inside.cast(),
            _ => {
                setup.terminal.revocations = inside.cast();
                setup.terminal.revocation_count = 1;
            }
        }
        let memory = setup.memory.0.cast();
        assert_eq!(begin_at(memory, WORDS * 8, transaction).0, Status::Overlapping, "{within}");
    }
    let setup = Setup::new();
    let inside = setup.memory.0.cast::<*mut Context>().wrapping_add(900);
    // SAFETY: memory within the context is what is tested.
    let status = unsafe {
        chipwright_begin_tap(setup.memory.0.cast(), WORDS * 8, setup.transaction.0, inside)
    };
    assert_eq!(status, Status::Overlapping);
}

#[test]
fn memory_just_outside_of_the_context_is_the_callers() {
    let setup = Setup::new();
    let memory: *mut u8 = setup.memory.0.cast();
    let (start, length) = (memory.wrapping_add(8), WORDS * 8 - 16);
    let (status, context) = begin_at(start.cast(), length, setup.transaction.0);
    assert_eq!(status, Status::Ok);
    assert_eq!(step(context, &input(InputKind::Start)).0, Status::Ok);
    let set = |first, length| {
        let value = Bytes { bytes: first, length };
        // SAFETY: all of it is memory of the test.
        unsafe { chipwright_set_object(context, 0x9F1C, value) }
    };
    assert_eq!(set(memory, 8), Status::Ok);
    assert_eq!(set(memory, 9), Status::Overlapping);
    assert_eq!(set(start.wrapping_add(length), 8), Status::Ok);
    assert_eq!(set(start.wrapping_add(length - 1), 8), Status::Overlapping);
    assert_eq!(end(context), Status::Ok);
}

#[test]
fn values_that_cannot_be_are_refused_when_it_begins() {
    type Change = fn(&mut Setup);
    let changes: [(Change, Status); 8] = [
        (|setup| setup.transaction.amount = 1_000_000_000_000, Status::WrongValue),
        (|setup| setup.transaction.amount_other = u64::MAX, Status::WrongValue),
        (|setup| setup.transaction.currency = 1000, Status::WrongValue),
        (|setup| setup.transaction.date = [0x26, 0x02, 0x30], Status::WrongValue),
        (|setup| setup.transaction.transaction_type = 0, Status::UnknownValue),
        (|setup| setup.transaction.transaction_type = 7, Status::UnknownValue),
        (|setup| setup.terminal.country = 1000, Status::WrongValue),
        (|setup| setup.application.aid.length = 4, Status::WrongValue),
    ];
    for (number, (change, status)) in changes.into_iter().enumerate() {
        let mut setup = Setup::new();
        change(&mut setup);
        assert_eq!(setup.begin().0, status, "{number}");
    }
    // SAFETY: zeros are no options.
    let mut options = Lent::new(unsafe { zeroed::<Options>() });
    let mut setup = Setup::new();
    setup.terminal.options = options.0;
    assert_eq!(setup.begin().0, Status::UnknownValue);
    // SAFETY: there is room.
    assert_eq!(unsafe { chipwright_default_options(options.0) }, Status::Ok);
    setup.terminal.options = options.0;
    let (status, context) = setup.begin();
    assert_eq!((status, end(context)), (Status::Ok, Status::Ok));
    // No kernel has these, or nothing here remembers for them: H6, H9, H12, H13, and none at all.
    for bit in [0, 6, 9, 12, 13, 17, 31] {
        options.rules_enforced = 1 << bit;
        setup.terminal.options = options.0;
        assert_eq!(setup.begin().0, Status::UnknownValue, "{bit}");
        (options.rules_enforced, options.rules_reported) = (0, 1 << bit);
        setup.terminal.options = options.0;
        assert_eq!(setup.begin().0, Status::UnknownValue, "{bit}");
        options.rules_reported = 0;
    }
    options.rules_enforced = RULES_ALL;
    setup.terminal.options = options.0;
    let (status, context) = setup.begin();
    assert_eq!((status, end(context)), (Status::Ok, Status::Ok));
    options.approval_codes = bytes(b"001");
    setup.terminal.options = options.0;
    assert_eq!(setup.begin().0, Status::WrongValue);
    setup.combination.present = HAS_FLOOR_LIMIT;
    setup.combination.floor_limit = u64::MAX;
    setup.terminal.options = null();
    let memory = setup.memory.0.cast();
    let mut context = null_mut();
    // SAFETY: the limit is what is tested.
    let status =
        unsafe { chipwright_begin_tap(memory, WORDS * 8, setup.transaction.0, &raw mut context) };
    assert_eq!(status, Status::WrongValue);
}

#[test]
fn a_random_source_that_fails_ends_the_transaction() {
    let mut setup = Setup::new();
    setup.callbacks.random = Some(no_random);
    let (_, context) = setup.begin();
    let (status, output) = step(context, &input(InputKind::Start));
    assert_eq!((status, output.kind), (Status::Ok, OutputKind::Ended as u32));
    // SAFETY: it goes with the kind.
    let outcome = unsafe { output.content.outcome };
    assert_eq!((outcome.end, outcome.end_code), (EndKind::Fault as u32, 0x1204));
    assert_eq!(end(context), Status::Ok);
}

/// What an event callback that enters its own context saw.
struct Intruder {
    context: *mut Context,
    seen: Vec<Status>,
}

unsafe extern "C" fn intrude(user: *mut c_void, event: *const Event) {
    // SAFETY: the test gave it, and uses it only when no step is under way.
    let intruder = unsafe { &mut *user.cast::<Intruder>() };
    // SAFETY: the event is one.
    if unsafe { (*event).kind } != EventKind::Command as u32 {
        return;
    }
    let mut value = Bytes::NONE;
    intruder.seen.push(step(intruder.context, &input(InputKind::Start)).0);
    intruder.seen.push(end(intruder.context));
    // SAFETY: entering a context that is busy is what is tested.
    intruder.seen.push(unsafe { chipwright_object(intruder.context, 0x9F02, &raw mut value) });
}

#[test]
fn a_callback_cannot_enter_its_own_step() {
    let mut setup = Setup::new();
    let intruder = Lent::new(Intruder { context: null_mut(), seen: Vec::new() });
    let user = intruder.0;
    setup.callbacks.user = user.cast();
    setup.callbacks.event = Some(intrude);
    let (_, context) = setup.begin();
    // SAFETY: no step is under way.
    unsafe { (*user).context = context };
    assert_eq!(step(context, &input(InputKind::Start)).0, Status::Ok);
    assert_eq!(end(context), Status::Ok);
    // SAFETY: likewise.
    assert_eq!(unsafe { &(*user).seen }[..], [Status::Busy; 3]);
}

#[test]
fn objects_are_read_set_and_listed() {
    let mut setup = Setup::new();
    let context = setup.started();
    let mut value = Bytes::NONE;
    // SAFETY: the context is one, and there is room.
    unsafe {
        assert_eq!(chipwright_object(context, 0x9F02, &raw mut value), Status::Ok);
        let amount = core::slice::from_raw_parts(value.bytes, value.length);
        assert_eq!(amount, [0, 0, 0, 0, 0x12, 0x34]);
        assert_eq!(chipwright_object(context, 0x9F26, &raw mut value), Status::NotFound);
        assert_eq!(chipwright_set_object(context, 0x9F1C, bytes(b"TERM0001")), Status::Ok);
        let mut out = [MaybeUninit::<u8>::uninit(); 32];
        let mut length = 0;
        let tags = [0x9F1C_u32, 0x9F26, 0x9F02];
        let field_55 = |count, size, length| {
            chipwright_field_55(
                context,
                tags.as_ptr(),
                count,
                out.as_mut_ptr().cast(),
                size,
                length,
            )
        };
        let mut field_55 = field_55;
        assert_eq!(field_55(3, 19, &raw mut length), Status::TooSmall);
        assert_eq!(field_55(3, 20, &raw mut length), Status::Ok);
        assert_eq!(length, 20);
        let (mut tag, mut place) = (0, 0);
        while chipwright_object_at(context, place, &raw mut tag, &raw mut value) == Status::Ok {
            place += 1;
        }
        assert!(place > 10, "{place}");
    }
    assert_eq!(end(context), Status::Ok);
}

#[test]
fn kernels_say_what_they_are() {
    for (place, name) in
        ["chipwright-contact", "chipwright-entry-point", "chipwright-c7"].into_iter().enumerate()
    {
        let mut identity = MaybeUninit::<Identity>::uninit();
        // SAFETY: there is room, and it is written when it is found.
        let identity = unsafe {
            assert_eq!(chipwright_kernel(place, identity.as_mut_ptr()), Status::Ok);
            identity.assume_init()
        };
        let string =
            |bytes: &[u8]| core::ffi::CStr::from_bytes_until_nul(bytes).unwrap().to_owned();
        assert_eq!(string(&identity.name).to_str(), Ok(name));
        assert_eq!(string(&identity.version).to_str(), Ok(env!("CARGO_PKG_VERSION")));
        assert_eq!(string(&identity.checksum).as_bytes().len(), 64);
    }
    let mut identity = MaybeUninit::<Identity>::uninit();
    // SAFETY: there is room.
    assert_eq!(unsafe { chipwright_kernel(3, identity.as_mut_ptr()) }, Status::NotFound);
}
