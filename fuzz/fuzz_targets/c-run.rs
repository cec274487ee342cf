//! The loop of the C interface, with callbacks that do anything: it ends with one outcome, and the
//! event record that comes with it can be read.

#![no_main]

use chipwright::driver;
use chipwright::event::record::{HEAD, Rows};
use chipwright::session;
use chipwright_ffi::*;
use chipwright_fuzz::script::Script;
use chipwright_fuzz::terminal::APPLICATIONS;
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use std::ffi::c_void;
use std::mem::zeroed;
use std::ptr::null_mut;

/// Room for a context with applications, a key and combinations.
const WORDS: usize = 1500;

/// Everything that callbacks get at.
struct World<'s> {
    script: RefCell<Script<'s>>,
    record: RefCell<Vec<u8>>,
    events: RefCell<u32>,
}

unsafe fn world<'w>(user: *mut c_void) -> &'w World<'w> {
    // SAFETY: it is what every function here is given.
    unsafe { &*user.cast::<World<'w>>() }
}

unsafe fn read<'b>(bytes: Bytes) -> &'b [u8] {
    match bytes.length {
        0 => &[],
        // SAFETY: the interface says so of what it hands over.
        length => unsafe { std::slice::from_raw_parts(bytes.bytes, length) },
    }
}

fn lent(bytes: &[u8]) -> Bytes {
    Bytes { bytes: bytes.as_ptr(), length: bytes.len() }
}

unsafe extern "C" fn random(_: *mut c_void, out: *mut u8, length: usize) -> u32 {
    // SAFETY: the kernel's memory.
    unsafe { out.write_bytes(0x5A, length) };
    0
}

unsafe extern "C" fn event(user: *mut c_void, event: *const Event) {
    // SAFETY: as the interface says.
    let (world, event) = unsafe { (world(user), &*event) };
    assert_ne!(event.kind, 0);
    // SAFETY: as before.
    assert!(unsafe { read(event.bytes) }.len() <= 4096);
    *world.events.borrow_mut() += 1;
}

unsafe extern "C" fn record(user: *mut c_void, bytes: Bytes) {
    // SAFETY: as the interface says.
    unsafe { world(user).record.borrow_mut().extend(read(bytes)) };
}

unsafe extern "C" fn on_exception_file(user: *mut c_void, account: *const Account) -> u32 {
    // SAFETY: as the interface says.
    let account = unsafe { &*account };
    let digits = &account.digits[..account.digit_count.into()];
    assert!(digits.iter().all(u8::is_ascii_digit));
    // SAFETY: as before.
    unsafe { world(user).events.borrow().is_multiple_of(5).into() }
}

unsafe extern "C" fn logged_amount(_: *mut c_void, account: *const Account) -> u64 {
    // SAFETY: as the interface says.
    u64::from(unsafe { (*account).digit_count }) * 100
}

unsafe extern "C" fn transmit(
    user: *mut c_void,
    command: Bytes,
    answer: *mut u8,
    size: usize,
    length: *mut usize,
) -> u32 {
    // SAFETY: as the interface says.
    let (world, command) = unsafe { (world(user), read(command)) };
    assert!(matches!(command.len(), 4..=261));
    let mut memory = Vec::new();
    let bytes = match world.script.borrow_mut().answer_in_field(command, &mut memory) {
        driver::Input::Response { bytes, .. } => bytes.to_vec(),
        driver::Input::LinkFailed(error) => return 1 + error as u32,
        _ => return 4,
    };
    let bytes = &bytes[..bytes.len().min(size)];
    // SAFETY: there is room for so many.
    unsafe {
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), answer, bytes.len());
        *length = bytes.len();
    }
    0
}

unsafe extern "C" fn choose(user: *mut c_void, context: *mut Context, count: u32) -> i32 {
    // SAFETY: as the interface says.
    let world = unsafe { world(user) };
    // SAFETY: zeros are a candidate without a name.
    let mut candidate = unsafe { zeroed::<Candidate>() };
    for place in 0..count as usize {
        // SAFETY: the context can be asked meanwhile.
        let status = unsafe { chipwright_candidate(context, place, &raw mut candidate) };
        assert_eq!(status, Status::Ok);
    }
    let byte = world.script.borrow_mut().byte();
    byte.filter(|byte| *byte != 0xFF).map_or(-1, i32::from)
}

unsafe extern "C" fn enter_pin(
    user: *mut c_void,
    request: *const PinRequest,
    report: *mut PinReport,
) {
    // SAFETY: as the interface says.
    let (world, request) = unsafe { (world(user), &*request) };
    assert!(matches!(request.method, 1..=3) && request.tries_left >= -1);
    let (result, status_word, link_error) = match world.script.borrow_mut().pin() {
        driver::Input::Pin(result) => match result {
            session::PinResult::Verified(status) => (1, status.0, 0),
            session::PinResult::Captured => (2, 0, 0),
            session::PinResult::Bypassed => (3, 0, 0),
            session::PinResult::Cancelled => (4, 0, 0),
            session::PinResult::Broken => (5, 0, 0),
            session::PinResult::NoChallenge => (6, 0, 0),
            session::PinResult::LinkFailed(error) => (7, 0, 1 + error as u32),
        },
        _ => (4, 0, 0),
    };
    let reported = PinReport { result, status_word, link_error };
    // SAFETY: there is room for it.
    unsafe { *report = reported };
}

unsafe extern "C" fn authorise(
    user: *mut c_void,
    _: *mut Context,
    response: *mut HostResponse,
) -> u32 {
    // SAFETY: as the interface says.
    let world = unsafe { world(user) };
    let driver::Input::Authorised(said) = world.script.borrow_mut().authorisation() else {
        return 0;
    };
    let any =
        |bytes: Option<&[u8]>| bytes.map_or(Bytes { bytes: std::ptr::null(), length: 0 }, lent);
    // SAFETY: there is room for it; what it points to is the input.
    unsafe {
        *response = HostResponse {
            authorisation_response_code: said.authorisation_response_code,
            issuer_authentication_data: any(said.issuer_authentication_data),
            authorisation_code: any(said.authorisation_code),
            scripts: any(Some(said.scripts)),
        };
    }
    1
}

unsafe extern "C" fn review(user: *mut c_void, _: *mut Context, review: u32) -> u32 {
    assert!(matches!(review, 1 | 2));
    // SAFETY: as the interface says.
    let byte = unsafe { world(user).script.borrow_mut().byte() };
    byte.map_or(1, |byte| 1 + u32::from(byte % 3))
}

unsafe extern "C" fn poll(user: *mut c_void) -> u32 {
    // SAFETY: as the interface says.
    match unsafe { world(user).script.borrow_mut().byte() }.map(|byte| byte % 5) {
        Some(0..=2) => 1,
        Some(3) => 2,
        _ => 3,
    }
}

unsafe extern "C" fn switch_field(_: *mut c_void, request: *const FieldRequest) {
    // SAFETY: as the interface says.
    let request = unsafe { *request };
    assert!(request.on <= 1 && (request.on == 0 || request.off_time == 0));
}

unsafe extern "C" fn show(_: *mut c_void, request: *const UiRequest) {
    // SAFETY: as the interface says.
    assert!(unsafe { (*request).amount } <= 999_999_999_999);
}

/// Stops when nothing is left: whoever polls would wait for ever.
unsafe extern "C" fn stop(user: *mut c_void) -> u32 {
    // SAFETY: as the interface says.
    let over = unsafe { world(user).script.borrow().is_empty() };
    if over { 2 } else { 0 }
}

fuzz_target!(|bytes: &[u8]| {
    let [setup, more, replies @ ..] = bytes else {
        return;
    };
    let is = |bit| setup & bit != 0;
    let script = Script::new(replies).knowing(chipwright_c7::dictionary::C7.entries());
    let world = World {
        script: RefCell::new(script),
        record: RefCell::new(HEAD.to_vec()),
        events: RefCell::new(0),
    };
    let user = (&raw const world).cast_mut().cast::<c_void>();
    // SAFETY: zeros are what the interface says that they are.
    let (blank, combination, mut terminal, mut transaction, mut callbacks, mut options) = unsafe {
        (
            zeroed::<Application>(),
            zeroed::<Combination>(),
            zeroed::<Terminal>(),
            zeroed::<Transaction>(),
            zeroed::<Callbacks>(),
            zeroed::<Options>(),
        )
    };
    let applications = APPLICATIONS.each_ref().map(|known| Application {
        aid: lent(known.aid),
        partial_match: 1,
        floor_limit: 50_00,
        ..blank
    });
    let combinations = [(0, 7), (0, 3), (1, 2), (2, 7)].map(|(place, kernel): (usize, u8)| {
        let aid = applications[place].aid;
        Combination {
            aid,
            kernel,
            qualifiers: [0x36, 0, 0, 0x80],
            present: HAS_QUALIFIERS,
            ..combination
        }
    });
    // SAFETY: there is room.
    assert_eq!(unsafe { chipwright_default_options(&raw mut options) }, Status::Ok);
    options.review_candidates = u8::from(is(0x10));
    options.review_records = u8::from(is(0x10));
    options.combined_mode = 1 + (more >> 6);
    callbacks.user = user;
    callbacks.random = Some(random);
    callbacks.event = Some(event);
    callbacks.record = Some(record);
    if !is(0x20) {
        callbacks.on_exception_file = Some(on_exception_file);
        callbacks.logged_amount = Some(logged_amount);
    }
    terminal.terminal_type =
        [0x22, 0x21, 0x23, 0x25, 0x26, 0x14, 0x15, 0x34][usize::from(more & 7)];
    terminal.capabilities = [0xE0, 0xF8, 0xC8];
    terminal.country = 978;
    (terminal.applications, terminal.application_count) =
        (applications.as_ptr(), applications.len());
    (terminal.combinations, terminal.combination_count) =
        (combinations.as_ptr(), combinations.len());
    terminal.options = &raw const options;
    transaction.transaction_type = 1;
    transaction.amount = 10_00;
    transaction.currency = 978;
    transaction.currency_exponent = 2;
    transaction.date = [0x18, 0x06, 0x15];
    transaction.sequence_counter = 1;
    transaction.terminal = &raw const terminal;
    transaction.callbacks = &raw const callbacks;
    let mut memory = Box::new([0_u64; WORDS]);
    // SAFETY: the terminal is there.
    assert!(unsafe { chipwright_context_size(&raw const terminal) } <= WORDS * 8);
    let place: *mut c_void = memory.as_mut_ptr().cast();
    let begin = if is(0x40) { chipwright_begin_tap } else { chipwright_begin_contact };
    let mut context = null_mut();
    // SAFETY: everything stays where it is until the end.
    if unsafe { begin(place, WORDS * 8, &raw const transaction, &raw mut context) } == Status::Ok {
        run(context, user, is(0x40), !is(0x80));
        // SAFETY: it was begun.
        assert_eq!(unsafe { chipwright_end(context) }, Status::Ok);
        assert!(memory.iter().all(|word| *word == 0), "wiped");
        kept(&world.record.borrow(), *world.events.borrow());
    }
});

fn run(context: *mut Context, user: *mut c_void, taps: bool, all: bool) {
    let devices = Devices {
        user,
        transmit: Some(transmit),
        choose: Some(choose),
        enter_pin: Some(enter_pin),
        authorise: Some(authorise),
        review: Some(review),
        poll: taps.then_some(poll),
        switch_field: Some(switch_field),
        show: Some(show),
        stop: Some(stop),
    };
    let devices = if all {
        devices
    } else {
        Devices {
            choose: None,
            enter_pin: None,
            authorise: None,
            review: None,
            switch_field: None,
            show: None,
            ..devices
        }
    };
    // SAFETY: zeros are an outcome.
    let [mut first, mut second] = unsafe { [zeroed::<Outcome>(), zeroed::<Outcome>()] };
    // SAFETY: the context was begun, and the devices are there.
    let status = unsafe { chipwright_run(context, &raw const devices, &raw mut first) };
    if status != Status::Ok {
        // A reply of the wrong kind; nothing is decided by it.
        return;
    }
    // SAFETY: as before.
    let again = unsafe { chipwright_run(context, &raw const devices, &raw mut second) };
    assert_eq!(again, Status::Ok);
    let ending = |outcome: Outcome| (outcome.conclusion, outcome.authority, outcome.reversal);
    assert_eq!(ending(first), ending(second), "one outcome");
}

/// The record is one, with a row for each event.
fn kept(record: &[u8], events: u32) {
    let rows: Result<Vec<_>, _> = Rows::new(record).expect("a record").collect();
    let count = rows.expect("rows").len();
    assert!(count <= events as usize, "{count} rows of {events} events");
}
