//! The loop around `step`, with callbacks.

use core::ffi::c_void;
use core::mem::MaybeUninit;

use chipwright::apdu::BUFFER_LENGTH;

use crate::context::enter;
use crate::step::step;
use crate::{
    Bytes, Context, FieldRequest, HostResponse, Input, InputContent, InputKind, Outcome, Output,
    OutputKind, PinReport, PinRequest, PinResult, Proceed, Response, Status, Stop, UiRequest,
};

/// The devices of a terminal, as functions that return when it is done. Each is given `user`. While
/// one of them is called, the context can be asked for data objects and candidates, and stepping it
/// or ending it ends the loop.
///
/// What is null is not there: no PIN pad is a broken one, nobody to choose takes the best
/// application, no line is an unreachable issuer, reviews go on; a display or a field that is not
/// there is done at once. Required: `transmit`, and for taps `poll`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Devices {
    /// Given to each of them.
    pub user: *mut c_void,
    /// Sends a command to the card and writes its answer, status word included, to `answer`, which
    /// has `size` bytes; `*length` is how many. Returns 0, or a `chipwright_link_error`.
    pub transmit: Option<
        unsafe extern "C" fn(
            user: *mut c_void,
            command: Bytes,
            answer: *mut u8,
            size: usize,
            length: *mut usize,
        ) -> u32,
    >,
    /// Lets the cardholder choose among `count` candidates: see `chipwright_candidate`. Returns the
    /// number of one, or -1 for none.
    pub choose:
        Option<unsafe extern "C" fn(user: *mut c_void, context: *mut Context, count: u32) -> i32>,
    /// Takes a PIN and reports.
    pub enter_pin: Option<
        unsafe extern "C" fn(user: *mut c_void, request: *const PinRequest, report: *mut PinReport),
    >,
    /// Asks the issuer; fills in its answer and returns 1, or 0 when there is none.
    pub authorise: Option<
        unsafe extern "C" fn(
            user: *mut c_void,
            context: *mut Context,
            response: *mut HostResponse,
        ) -> u32,
    >,
    /// Looks in: `review` is a `chipwright_review`. Returns a `chipwright_proceed`.
    pub review:
        Option<unsafe extern "C" fn(user: *mut c_void, context: *mut Context, review: u32) -> u32>,
    /// Looks once what is in the field. Returns a `chipwright_polled`.
    pub poll: Option<unsafe extern "C" fn(user: *mut c_void) -> u32>,
    /// Switches the field.
    pub switch_field: Option<unsafe extern "C" fn(user: *mut c_void, request: *const FieldRequest)>,
    /// Shows something.
    pub show: Option<unsafe extern "C" fn(user: *mut c_void, request: *const UiRequest)>,
    /// Whether to stop, asked before every step. Returns 0, or a `chipwright_stop`.
    pub stop: Option<unsafe extern "C" fn(user: *mut c_void) -> u32>,
}

/// Runs a transaction from where it is to its end, calling devices for what it asks for.
///
/// Status: NULL when `transmit` or `poll` is needed and not there; as `chipwright_step`, of a reply
/// that a device gave. The transaction is then where it was, and can be run or stepped on, or ended.
///
/// # Safety
/// `context` is null or points to memory as long as a context; `devices` to devices; there is room
/// at `outcome`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_run(
    context: *mut Context,
    devices: *const Devices,
    outcome: *mut Outcome,
) -> Status {
    // SAFETY: the caller promises it.
    Status::of(unsafe { run(context, devices, outcome) })
}

/// # Safety
/// As [`chipwright_run`].
unsafe fn run(
    context: *mut Context,
    devices: *const Devices,
    outcome: *mut Outcome,
) -> Result<(), Status> {
    // SAFETY: the caller promises it. They are copied: no device can change them.
    let devices = *unsafe { crate::pointer::read(devices) }?;
    crate::pointer::check(outcome)?;
    // SAFETY: the caller promises it.
    unsafe { enter(context) }?.apart(outcome, 1)?;
    let mut answer = [0; BUFFER_LENGTH];
    let mut input = plain(InputKind::Start);
    loop {
        let mut output = MaybeUninit::uninit();
        // SAFETY: the caller promises a context; input and output are ours.
        unsafe { step(context, &raw const input, output.as_mut_ptr()) }?;
        // SAFETY: a step that was done has written it.
        let output = unsafe { output.assume_init() };
        if output.kind == OutputKind::Ended as u32 {
            // SAFETY: it goes with the kind.
            let ended = unsafe { output.content.outcome };
            // SAFETY: the caller promises it.
            return unsafe { crate::pointer::write(outcome, ended) };
        }
        // SAFETY: the output is that of the last step.
        input = unsafe { devices.reply(context, &output, &mut answer) }?;
    }
}

const fn plain(kind: InputKind) -> Input {
    Input { kind: kind as u32, content: InputContent { chosen: 0 } }
}

const fn with(kind: InputKind, content: InputContent) -> Input {
    Input { kind: kind as u32, content }
}

impl Devices {
    /// What the devices reply.
    ///
    /// # Safety
    /// `output` is that of the last step.
    unsafe fn reply(
        &self,
        context: *mut Context,
        output: &Output,
        answer: &mut [u8; BUFFER_LENGTH],
    ) -> Result<Input, Status> {
        // SAFETY: here and below the functions are the integrator's, and what they are given lives
        // longer than the call.
        let stop = self.stop.map_or(0, |stop| unsafe { stop(self.user) });
        if stop != 0 {
            return Ok(with(InputKind::Stop, InputContent { stop }));
        }
        let content = output.content;
        let is = |kind: OutputKind| output.kind == kind as u32;
        Ok(if is(OutputKind::Transmit) {
            // SAFETY: goes with the kind.
            self.transmit(unsafe { content.command }, answer)?
        } else if is(OutputKind::Choose) {
            // SAFETY: goes with the kind.
            self.choose(context, unsafe { content.candidates })?
        } else if is(OutputKind::VerifyPin) {
            // SAFETY: goes with the kind.
            self.enter_pin(&unsafe { content.pin })
        } else if is(OutputKind::Authorise) {
            self.authorise(context)
        } else if is(OutputKind::Review) {
            // SAFETY: goes with the kind.
            self.review(context, unsafe { content.review })
        } else if is(OutputKind::Poll) {
            let poll = self.poll.ok_or(Status::Null)?;
            // SAFETY: the integrator's.
            with(InputKind::Polled, InputContent { polled: unsafe { poll(self.user) } })
        } else if is(OutputKind::Field) {
            // SAFETY: goes with the kind.
            let request = unsafe { content.field };
            if let Some(switch) = self.switch_field {
                // SAFETY: the integrator's.
                unsafe { switch(self.user, &raw const request) };
            }
            plain(InputKind::Done)
        } else if is(OutputKind::Show) {
            // SAFETY: goes with the kind.
            let request = unsafe { content.show };
            if let Some(show) = self.show {
                // SAFETY: the integrator's.
                unsafe { show(self.user, &raw const request) };
            }
            plain(InputKind::Done)
        } else {
            with(InputKind::Stop, InputContent { stop: Stop::Cancelled as u32 })
        })
    }

    fn transmit(&self, command: Bytes, answer: &mut [u8; BUFFER_LENGTH]) -> Result<Input, Status> {
        let transmit = self.transmit.ok_or(Status::Null)?;
        let mut length = 0;
        let (out, size) = (answer.as_mut_ptr(), answer.len());
        // SAFETY: the integrator's.
        let link_error = unsafe { transmit(self.user, command, out, size, &raw mut length) };
        if link_error != 0 {
            return Ok(with(InputKind::LinkFailed, InputContent { link_error }));
        }
        let answer = answer.get(..length).ok_or(Status::TooLong)?;
        let response = Response { answer: Bytes::of(answer), elapsed: 0 };
        Ok(with(InputKind::Response, InputContent { response }))
    }

    fn choose(&self, context: *mut Context, count: u32) -> Result<Input, Status> {
        let chosen = match self.choose {
            // SAFETY: the integrator's.
            Some(choose) => unsafe { choose(self.user, context, count) },
            None => {
                let mut best = MaybeUninit::uninit();
                // SAFETY: the context is that of the last step; there is room for a candidate.
                match unsafe { crate::chipwright_candidate(context, 0, best.as_mut_ptr()) } {
                    // SAFETY: written when it was found.
                    Status::Ok => i32::from(unsafe { best.assume_init() }.number),
                    status => return Err(status),
                }
            }
        };
        Ok(with(InputKind::Chosen, InputContent { chosen }))
    }

    fn enter_pin(&self, request: &PinRequest) -> Input {
        let mut pin = PinReport { result: PinResult::Broken as u32, status_word: 0, link_error: 0 };
        if let Some(enter) = self.enter_pin {
            // SAFETY: the integrator's.
            unsafe { enter(self.user, &raw const *request, &raw mut pin) };
        }
        with(InputKind::Pin, InputContent { pin })
    }

    fn authorise(&self, context: *mut Context) -> Input {
        let mut host_response = HostResponse {
            authorisation_response_code: [0; 2],
            issuer_authentication_data: Bytes::NONE,
            authorisation_code: Bytes::NONE,
            scripts: Bytes::NONE,
        };
        let answered = self.authorise.map_or(0, |authorise| {
            // SAFETY: the integrator's.
            unsafe { authorise(self.user, context, &raw mut host_response) }
        });
        match answered {
            0 => plain(InputKind::Unreachable),
            _ => with(InputKind::Authorised, InputContent { host_response }),
        }
    }

    fn review(&self, context: *mut Context, review: u32) -> Input {
        let proceed = match self.review {
            // SAFETY: the integrator's.
            Some(look_in) => unsafe { look_in(self.user, context, review) },
            None => Proceed::Continue as u32,
        };
        with(InputKind::Proceed, InputContent { proceed })
    }
}
