//! The runner, with the simulated card and issuer behind its functions: what comes of whole
//! transactions, and what becomes of devices that give nonsense.

#![allow(clippy::multiple_unsafe_ops_per_block, reason = "a test of functions that are all unsafe")]

use core::ffi::c_void;
use core::mem::{MaybeUninit, zeroed};
use core::ptr::null_mut;

use chipwright_card::{Card, Interface, Profile, builtin};
use chipwright_ffi::*;
use chipwright_host::{Host, Mode};

/// Room for a context of these tests, in words.
const WORDS: usize = 1300;

/// What lies behind the functions.
struct World {
    card: Card,
    host: Host,
    answer: Vec<u8>,
    context: *mut Context,
    /// Kinds and codes of the events.
    events: Vec<(u32, u32)>,
    record: Vec<u8>,
    reviews: Vec<u32>,
    shown: Vec<u8>,
    chosen: i32,
    pin: PinReport,
    stop: u32,
}

impl World {
    fn new(card: &str) -> Box<Self> {
        let text = builtin().iter().find(|builtin| builtin.name == card).unwrap().text;
        let mut record = RECORD_HEAD.to_be_bytes().to_vec();
        record.reserve(4096);
        Box::new(Self {
            card: Card::new(&Profile::parse(text).unwrap(), 1).unwrap(),
            host: Host::new(Mode::Approve),
            answer: Vec::new(),
            context: null_mut(),
            events: Vec::new(),
            record,
            reviews: Vec::new(),
            shown: Vec::new(),
            chosen: -1,
            pin: PinReport { result: PinResult::Bypassed as u32, status_word: 0, link_error: 0 },
            stop: 0,
        })
    }

    /// The world that a function was given.
    unsafe fn of<'w>(user: *mut c_void) -> &'w mut Self {
        // SAFETY: every test gives its own, and the library calls one function at a time.
        unsafe { &mut *user.cast() }
    }

    fn saw(&self, kind: EventKind, code: u32) -> bool {
        self.events.contains(&(kind as u32, code))
    }
}

unsafe extern "C" fn random(_: *mut c_void, out: *mut u8, length: usize) -> u32 {
    // SAFETY: the kernel's memory.
    unsafe { out.write_bytes(0x5A, length) };
    0
}

unsafe extern "C" fn event(user: *mut c_void, event: *const Event) {
    // SAFETY: the world's, and an event.
    unsafe { World::of(user).events.push(((*event).kind, (*event).code)) };
}

unsafe extern "C" fn record(user: *mut c_void, bytes: Bytes) {
    // SAFETY: the world's, and bytes.
    unsafe {
        let bytes = core::slice::from_raw_parts(bytes.bytes, bytes.length);
        World::of(user).record.extend_from_slice(bytes);
    }
}

unsafe extern "C" fn transmit(
    user: *mut c_void,
    command: Bytes,
    answer: *mut u8,
    size: usize,
    length: *mut usize,
) -> u32 {
    // SAFETY: the world's, a command, and room for an answer.
    unsafe {
        let command = core::slice::from_raw_parts(command.bytes, command.length);
        let bytes = World::of(user).card.transmit(command);
        assert!(bytes.len() <= size);
        answer.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        *length = bytes.len();
    }
    0
}

unsafe extern "C" fn choose(user: *mut c_void, context: *mut Context, count: u32) -> i32 {
    // SAFETY: the world's.
    let world = unsafe { World::of(user) };
    let mut candidate = MaybeUninit::uninit();
    // SAFETY: the context is the transaction's.
    unsafe {
        assert_eq!(chipwright_candidate(context, 0, candidate.as_mut_ptr()), Status::Ok);
        let behind = chipwright_candidate(context, count as usize, candidate.as_mut_ptr());
        assert_eq!(behind, Status::NotFound);
        assert!(candidate.assume_init_ref().name.length >= 5);
    }
    world.chosen
}

unsafe extern "C" fn enter_pin(
    user: *mut c_void,
    request: *const PinRequest,
    report: *mut PinReport,
) {
    // SAFETY: the world's, a request and room for a report.
    unsafe {
        assert!((*request).method >= 1);
        *report = World::of(user).pin;
    }
}

unsafe extern "C" fn authorise(
    user: *mut c_void,
    context: *mut Context,
    response: *mut HostResponse,
) -> u32 {
    let mut message = Vec::new();
    let (mut tag, mut value) = (0_u32, Bytes::NONE);
    let mut place = 0;
    // SAFETY: the world's, and the context is the transaction's.
    unsafe {
        while chipwright_object_at(context, place, &raw mut tag, &raw mut value) == Status::Ok {
            let bytes = core::slice::from_raw_parts(value.bytes, value.length);
            let tag = tag.to_be_bytes();
            message.extend(tag.into_iter().skip_while(|byte| *byte == 0));
            if bytes.len() > 0x7F {
                message.push(0x81);
            }
            message.push(u8::try_from(bytes.len()).unwrap());
            message.extend(bytes);
            place += 1;
        }
        let world = World::of(user);
        world.answer = world.host.authorise(&message).unwrap().objects();
        let answer = Bytes { bytes: world.answer.as_ptr(), length: world.answer.len() };
        assert_eq!(chipwright_read_host_response(answer, response), Status::Ok);
    }
    1
}

unsafe extern "C" fn review(user: *mut c_void, _: *mut Context, review: u32) -> u32 {
    // SAFETY: the world's.
    unsafe { World::of(user).reviews.push(review) };
    Proceed::Continue as u32
}

unsafe extern "C" fn poll(user: *mut c_void) -> u32 {
    // SAFETY: the world's.
    unsafe { World::of(user).card.present(Interface::Contactless) };
    Polled::Card as u32
}

unsafe extern "C" fn show(user: *mut c_void, request: *const UiRequest) {
    // SAFETY: the world's, and a request.
    unsafe { World::of(user).shown.push((*request).message) };
}

unsafe extern "C" fn stop(user: *mut c_void) -> u32 {
    // SAFETY: the world's.
    unsafe { World::of(user).stop }
}

/// A terminal and what it is to do, all of which stays where it is.
struct Setup {
    world: Box<World>,
    devices: Devices,
    callbacks: Box<Callbacks>,
    terminal: Box<Terminal>,
    transaction: Box<Transaction>,
    memory: Box<[u64; WORDS]>,
    /// What the terminal points to.
    tables: Tables,
}

struct Tables {
    application: Box<Application>,
    _combination: Box<Combination>,
    options: Box<Options>,
    _keys: Box<[Key; 2]>,
    _moduli: [Vec<u8>; 2],
}

fn bytes(bytes: &[u8]) -> Bytes {
    Bytes { bytes: bytes.as_ptr(), length: bytes.len() }
}

/// The authorities' keys of the simulated cards, with index D2.
fn moduli() -> [Vec<u8>; 2] {
    let text = include_str!("../../../test-vectors/keys/capk.json");
    let vectors: serde_json::Value = serde_json::from_str(text).unwrap();
    let of = |id: &str| {
        let vectors = vectors["vectors"].as_array().unwrap();
        let key = vectors.iter().find(|key| key["id"] == id).unwrap();
        hex::decode(key["inputs"]["modulus"].as_str().unwrap()).unwrap()
    };
    [of("capk-A000000003-D2-1984"), of("capk-A000000333-D2-1984")]
}

impl Setup {
    fn new(card: &str) -> Self {
        let mut world = World::new(card);
        let user: *mut c_void = (&raw mut *world).cast();
        let moduli = moduli();
        let key = |rid, modulus: &[u8]| Key {
            rid: [0xA0, 0, 0, rid, 0x33],
            index: 0xD2,
            modulus: bytes(modulus),
            exponent: bytes(&[3]),
        };
        let mut keys = Box::new([key(0, &moduli[0]), key(3, &moduli[1])]);
        keys[0].rid = [0xA0, 0, 0, 0, 3];
        // SAFETY: zeros are empty ones, of all of these.
        unsafe {
            let mut application = Box::new(zeroed::<Application>());
            application.aid = bytes(&[0xA0, 0, 0, 0, 3]);
            application.partial_match = 1;
            let mut combination = Box::new(zeroed::<Combination>());
            combination.aid = bytes(&[0xA0, 0, 0, 3, 0x33]);
            combination.kernel = 7;
            combination.qualifiers = [0x36, 0, 0, 0x80];
            combination.floor_limit = 20_000;
            combination.present = HAS_QUALIFIERS | HAS_FLOOR_LIMIT;
            let mut options = Box::new(zeroed::<Options>());
            assert_eq!(chipwright_default_options(&raw mut *options), Status::Ok);
            options.review_candidates = 1;
            options.review_records = 1;
            let mut terminal = Box::new(zeroed::<Terminal>());
            terminal.terminal_type = 0x22;
            terminal.capabilities = [0xE0, 0xF8, 0xC8];
            terminal.additional_capabilities = [0x60, 0, 0xF0, 0xA0, 1];
            terminal.country = 276;
            terminal.applications = &raw const *application;
            terminal.application_count = 1;
            terminal.combinations = &raw const *combination;
            terminal.combination_count = 1;
            terminal.keys = keys.as_ptr();
            terminal.key_count = 2;
            terminal.options = &raw const *options;
            let mut callbacks = Box::new(zeroed::<Callbacks>());
            callbacks.user = user;
            callbacks.random = Some(random);
            callbacks.event = Some(event);
            callbacks.record = Some(record);
            let mut transaction = Box::new(zeroed::<Transaction>());
            transaction.terminal = &raw const *terminal;
            transaction.callbacks = &raw const *callbacks;
            transaction.transaction_type = TransactionType::Purchase as u32;
            transaction.amount = 888;
            transaction.currency = 978;
            transaction.currency_exponent = 2;
            transaction.date = [0x26, 0x01, 0x15];
            transaction.sequence_counter = 1;
            let devices = Devices {
                user,
                transmit: Some(transmit),
                choose: Some(choose),
                enter_pin: Some(enter_pin),
                authorise: Some(authorise),
                review: Some(review),
                poll: Some(poll),
                switch_field: None,
                show: Some(show),
                stop: Some(stop),
            };
            let tables = Tables {
                application,
                _combination: combination,
                options,
                _keys: keys,
                _moduli: moduli,
            };
            let memory = Box::new([0; WORDS]);
            Self { world, devices, callbacks, terminal, transaction, memory, tables }
        }
    }

    fn begin(&mut self, tap: bool) -> *mut Context {
        let begin = if tap { chipwright_begin_tap } else { chipwright_begin_contact };
        let mut context = null_mut();
        let memory = self.memory.as_mut_ptr().cast();
        // SAFETY: all of it stays where it is.
        let status =
            unsafe { begin(memory, WORDS * 8, &raw const *self.transaction, &raw mut context) };
        assert_eq!(status, Status::Ok);
        self.world.context = context;
        context
    }

    fn run(&self, context: *mut Context) -> (Status, Option<Outcome>) {
        let mut outcome = MaybeUninit::uninit();
        // SAFETY: the context is one, or what is wrong with it is what is tested.
        let status =
            unsafe { chipwright_run(context, &raw const self.devices, outcome.as_mut_ptr()) };
        // SAFETY: it is written when it ran.
        (status, (status == Status::Ok).then(|| unsafe { outcome.assume_init() }))
    }
}

fn end(context: *mut Context) -> Status {
    // SAFETY: it was begun.
    unsafe { chipwright_end(context) }
}

#[test]
fn a_contact_transaction_is_approved_by_its_issuer() {
    let mut setup = Setup::new("contact-dda");
    let context = setup.begin(false);
    let outcome = setup.run(context).1.unwrap();
    assert_eq!(outcome.conclusion, Conclusion::Approved as u32);
    assert_eq!((outcome.authority, outcome.end), (Authority::Online as u32, 0));
    assert_eq!((outcome.signature, outcome.reversal, outcome.advice), (1, 0, 0));
    assert_eq!(end(context), Status::Ok);
    let world = &setup.world;
    assert_eq!(world.reviews, [Review::Candidates as u32, Review::Records as u32]);
    assert!(world.saw(EventKind::Phase, Phase::Completion as u32));
    assert!(world.saw(EventKind::Authentication, 2) && world.saw(EventKind::Authenticated, 2));
    assert!(world.saw(EventKind::Decision, 1), "an ARQC was asked for");
    assert!(world.saw(EventKind::HostAnswer, 0));
    assert!(world.saw(EventKind::Ended, Conclusion::Approved as u32));
    assert!(!world.saw(EventKind::Fault, 0));
}

#[test]
fn a_record_has_every_event_but_static_data_and_no_account() {
    let mut setup = Setup::new("contact-dda");
    let context = setup.begin(false);
    assert_eq!(setup.run(context).0, Status::Ok);
    let mut account = Bytes::NONE;
    // SAFETY: the context is one, and its bytes are there until the next step.
    let account = unsafe {
        assert_eq!(chipwright_object(context, 0x5A, &raw mut account), Status::Ok);
        core::slice::from_raw_parts(account.bytes, account.length).to_vec()
    };
    assert_eq!(end(context), Status::Ok);
    let World { record, events, .. } = &*setup.world;
    let rows = chipwright::event::record::Rows::new(record).unwrap();
    let rows = rows.map(|row| row.map(drop)).collect::<Result<Vec<_>, _>>().unwrap().len();
    let others = events.iter().filter(|(kind, _)| *kind == EventKind::Other as u32).count();
    assert!((events.len() - others..=events.len()).contains(&rows), "{rows} rows");
    assert!(account.len() >= 8 && !record.windows(account.len()).any(|window| window == account));
}

#[test]
fn taps_are_approved_offline_and_online() {
    for (card, authority, final_outcome, last) in [
        ("quickpass-offline", Authority::Offline, 2, 0x03),
        ("quickpass-debit", Authority::Online, 4, 0x1B),
    ] {
        let mut setup = Setup::new(card);
        setup.transaction.currency = 156;
        let context = setup.begin(true);
        let outcome = setup.run(context).1.unwrap();
        assert_eq!(outcome.conclusion, Conclusion::Approved as u32, "{card}: {outcome:?}");
        assert_eq!(outcome.authority, authority as u32, "{card}");
        assert_eq!(end(context), Status::Ok);
        let world = &setup.world;
        assert!(world.saw(EventKind::EntryPoint, 0), "{card}");
        assert!(world.saw(EventKind::FinalOutcome, final_outcome), "{card}: {:X?}", world.events);
        assert!(world.shown.contains(&0x15), "the card was asked for");
        assert_eq!(world.shown.last(), Some(&last), "{card}");
    }
}

#[test]
fn a_forged_signature_is_seen() {
    let mut setup = Setup::new("contact-dda-forged");
    let context = setup.begin(false);
    assert_eq!(setup.run(context).0, Status::Ok);
    assert_eq!(end(context), Status::Ok);
    assert!(setup.world.events.iter().any(|(kind, _)| *kind == EventKind::Result as u32));
}

#[test]
fn without_a_line_the_issuer_is_unreachable_and_without_a_pad_there_is_none() {
    for (card, expected) in [
        ("contact-dda", EventKind::Unreachable as u32),
        ("contact-pin-only", EventKind::PinEntry as u32),
    ] {
        let mut setup = Setup::new(card);
        setup.devices.authorise = None;
        setup.devices.enter_pin = None;
        setup.devices.choose = None;
        setup.devices.review = None;
        setup.devices.stop = None;
        let context = setup.begin(false);
        assert_eq!(setup.run(context).0, Status::Ok, "{card}");
        assert_eq!(end(context), Status::Ok);
        assert!(setup.world.events.iter().any(|(kind, _)| *kind == expected), "{card}");
    }
}

unsafe extern "C" fn too_long(
    _: *mut c_void,
    _: Bytes,
    _: *mut u8,
    size: usize,
    length: *mut usize,
) -> u32 {
    // SAFETY: there is room.
    unsafe { *length = size + 1 };
    0
}

unsafe extern "C" fn no_such_error(
    _: *mut c_void,
    _: Bytes,
    _: *mut u8,
    _: usize,
    _: *mut usize,
) -> u32 {
    77
}

unsafe extern "C" fn nothing_known(_: *mut c_void) -> u32 {
    0
}

unsafe extern "C" fn end_it(user: *mut c_void, _: *mut Context, _: u32) -> u32 {
    // SAFETY: the world's, which knows its context.
    unsafe { assert_eq!(chipwright_end(World::of(user).context), Status::Ok) };
    Proceed::Continue as u32
}

#[test]
fn devices_that_give_nonsense_are_told_and_the_transaction_goes_on() {
    let mut setup = Setup::new("contact-dda");
    let context = setup.begin(false);
    setup.devices.transmit = Some(too_long);
    assert_eq!(setup.run(context).0, Status::TooLong);
    setup.devices.transmit = Some(no_such_error);
    assert_eq!(setup.run(context).0, Status::UnknownValue);
    setup.devices.transmit = None;
    assert_eq!(setup.run(context).0, Status::Null);
    setup.devices.transmit = Some(transmit);
    setup.world.stop = 9;
    assert_eq!(setup.run(context).0, Status::UnknownValue);
    setup.world.stop = 0;
    assert_eq!(setup.run(context).1.unwrap().conclusion, Conclusion::Approved as u32);
    assert_eq!(end(context), Status::Ok);

    let context = setup.begin(true);
    setup.devices.poll = Some(nothing_known);
    assert_eq!(setup.run(context).0, Status::UnknownValue);
    setup.devices.poll = None;
    assert_eq!(setup.run(context).0, Status::Null);
    setup.world.stop = Stop::Timeout as u32;
    let outcome = setup.run(context).1.unwrap();
    assert_eq!((outcome.end, outcome.end_code), (EndKind::Stopped as u32, Stop::Timeout as u32));
    assert_eq!(end(context), Status::Ok);
}

#[test]
fn a_device_may_end_the_transaction_that_it_serves() {
    let mut setup = Setup::new("contact-dda");
    setup.devices.review = Some(end_it);
    let context = setup.begin(false);
    assert_eq!(setup.run(context).0, Status::NotBegun);
    assert!(setup.memory.iter().all(|word| *word == 0));
}

unsafe extern "C" fn listed(_: *mut c_void, account: *const Account) -> u32 {
    // SAFETY: an account.
    let account = unsafe { *account };
    let digits = &account.digits[..usize::from(account.digit_count)];
    u32::from(digits.starts_with(b"476173") && digits.iter().all(u8::is_ascii_digit))
}

unsafe extern "C" fn logged(_: *mut c_void, _: *const Account) -> u64 {
    u64::MAX
}

#[test]
fn history_is_asked_for_the_account() {
    const ON_EXCEPTION_FILE: u32 = chipwright::reason::Reason::OnExceptionFile.code() as u32;
    const OVER_FLOOR_LIMIT: u32 = chipwright::reason::Reason::FloorLimitReached.code() as u32;
    for asked in [false, true] {
        let mut setup = Setup::new("contact-dda");
        setup.callbacks.on_exception_file = asked.then_some(listed);
        setup.callbacks.logged_amount = asked.then_some(logged);
        setup.terminal.options = core::ptr::null();
        setup.tables.application.floor_limit = 1_000_000;
        let context = setup.begin(false);
        assert_eq!(setup.run(context).0, Status::Ok);
        assert_eq!(end(context), Status::Ok);
        assert_eq!(setup.world.saw(EventKind::Result, ON_EXCEPTION_FILE), asked);
        assert_eq!(setup.world.saw(EventKind::Result, OVER_FLOOR_LIMIT), asked);
    }
}

/// A card whose signature fails: approved by its issuer, declined by the rule, approved and told.
#[test]
fn rules_of_the_hardened_profile_are_off_kept_or_told() {
    const FAILED: u32 = 0x0101;
    for (enforced, reported, told, conclusion) in [
        (0, 0, false, Conclusion::Approved),
        (RULE_AUTHENTICATION_SUCCEEDS, 0, true, Conclusion::Declined),
        (0, RULES_ALL, true, Conclusion::Approved),
        (RULE_BUDGET, RULE_KEY_HYGIENE, false, Conclusion::Approved),
        (RULES_ALL, RULES_ALL, true, Conclusion::Declined),
    ] {
        let mut setup = Setup::new("contact-dda-forged");
        setup.tables.options.rules_enforced = enforced;
        setup.tables.options.rules_reported = reported;
        setup.terminal.options = &raw const *setup.tables.options;
        let context = setup.begin(false);
        let outcome = setup.run(context).1.unwrap();
        assert_eq!(outcome.conclusion, conclusion as u32, "{enforced:X} {reported:X}");
        assert_eq!(setup.world.saw(EventKind::Breach, FAILED), told, "{enforced:X} {reported:X}");
        assert_eq!(end(context), Status::Ok);
        assert!(setup.memory.iter().all(|word| *word == 0));
    }
}

/// The numbers that go with rules reach them: a key of 1,984 bits is short of 2,000.
#[test]
fn keys_are_as_long_as_configured() {
    for (bits, told) in [(1024, false), (2000, true)] {
        let mut setup = Setup::new("contact-dda");
        setup.tables.options.rules_reported = RULE_KEY_HYGIENE;
        setup.tables.options.minimum_modulus = bits;
        setup.terminal.options = &raw const *setup.tables.options;
        let context = setup.begin(false);
        assert_eq!(setup.run(context).1.unwrap().conclusion, Conclusion::Approved as u32);
        assert_eq!(setup.world.saw(EventKind::Breach, 0x0802), told, "{bits}");
        assert_eq!(end(context), Status::Ok);
    }
}
