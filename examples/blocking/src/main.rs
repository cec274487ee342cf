//! A terminal in one loop.
//!
//! Reader, PIN pad and host are simulated; a terminal has real ones in their place, and nothing
//! else changes: [`pay`] is the whole integration. It blocks in every device, which is right for a
//! terminal that serves one customer at a time.
//!
//! `cargo run -p chipwright-blocking`

mod key;

use chipwright::apdu::{BUFFER_LENGTH, Buffer, Command};
use chipwright::config::{Application, Terminal, Transaction};
use chipwright::crypto::{Crypto, Random, RandomFailed};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, HostResponse, Input, Output};
use chipwright::field::{TerminalCapabilities, TerminalType};
use chipwright::outcome::Outcome;
use chipwright::session::{PinMethod, PinRequest, PinResult, Session, Stop};
use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright::tlv::{Full, Writer};
use chipwright::value::{Amount, Code, Date};
use chipwright_card::{Card, Profile};
use chipwright_host::{Answer, Host, Mode};
use chipwright_rustcrypto::RustCrypto;
use core::pin::pin;

const EURO: Code = match Code::new(978) {
    Some(code) => code,
    None => panic!("a currency code has three digits"),
};

/// A constant: in firmware it lies in flash.
const TERMINAL: Terminal<'static> = Terminal {
    applications: &[Application::new(&[0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10])],
    keys: &[key::TEST_KEY],
    ifd_serial_number: *b"BLOCKING",
    // Attended, online with offline capability; plaintext PIN, signature, no CVM; SDA, DDA, CDA.
    ..Terminal::new(TerminalType(0x22), TerminalCapabilities([0xE0, 0xA8, 0xC8]), EURO)
};

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let outcome = sell(Mode::Approve)?;
    println!("{:?}, decided {:?}", outcome.conclusion, outcome.authority);
    if let Some(end) = outcome.end {
        println!("ended in {}: {end:?}", outcome.phase.name());
    }
    Ok(())
}

/// A sale of 12.34 EUR to a simulated card, with a simulated host.
fn sell(mode: Mode) -> Result<Outcome, Box<dyn core::error::Error>> {
    let profile = include_str!("../../../test-vectors/cards/contact-dda-pin.toml");
    let mut reader = Card::new(&Profile::parse(profile)?, 1)?;
    let mut host = Host::new(mode);

    let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &SystemRandom };
    let amount = Amount::new(12_34).ok_or("more than twelve digits")?;
    let today = Date::new(2026, 3, 17).ok_or("no such day")?;
    let transaction = Transaction::purchase(&TERMINAL, crypto, amount, EURO, today);
    Ok(pay(&transaction, &mut reader, &mut host))
}

/// One transaction: the kernel asks, the devices answer, until it is done.
fn pay(transaction: &Transaction<'_>, reader: &mut Card, host: &mut Host) -> Outcome {
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let kernel = pin!(chipwright_contact::transact(&session, transaction));
    let mut driver = Driver::new(&session, kernel);

    let (mut answer, mut host_answer);
    let mut input = Input::Start;
    loop {
        input = match driver.step(input) {
            Ok(Output::Transmit(command)) => {
                answer = reader.transmit(command);
                Input::Response { bytes: &answer, elapsed: 0 }
            }
            Ok(Output::Choose(candidates)) => {
                Input::Chosen(candidates.by_priority().next().map(|(number, _)| number))
            }
            Ok(Output::VerifyPin(request)) => Input::Pin(enter_pin(request, reader)),
            Ok(Output::Authorise(data)) => {
                host_answer = authorise(data, host);
                host_answer.as_ref().map_or(Input::Unreachable, reply)
            }
            Ok(Output::Done(outcome)) => return outcome,
            // Nothing else was asked for; should there be a mistake here, nothing is approved.
            _ => Input::Stop(Stop::Cancelled),
        };
    }
}

/// The PIN pad: it takes the digits and sends VERIFY itself; only the status word leaves it.
fn enter_pin(request: PinRequest<'_>, reader: &mut Card) -> PinResult {
    if request.entry.method != PinMethod::Plaintext {
        return PinResult::Broken; // this pad has neither enciphered nor online PIN
    }
    let block = [0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]; // what the cardholder typed: 1234
    let header = Command::VERIFY_PLAINTEXT.header;
    let command = [&header[..], &[8], &block].concat();
    match *reader.transmit(&command) {
        [.., sw1, sw2] => PinResult::Verified(Status(u16::from_be_bytes([sw1, sw2]))),
        _ => PinResult::Broken,
    }
}

/// Sends an authorisation request; `None` when the host does not answer.
fn authorise(data: &Database<'_>, host: &mut Host) -> Option<Answer> {
    let mut message = [0; 512];
    let message = field_55(data, &mut message).ok()?;
    host.authorise(message).ok()
}

/// What the host answered, as the kernel takes it.
fn reply(answer: &Answer) -> Input<'_> {
    let authentication = answer.issuer_authentication_data.as_slice();
    Input::Authorised(HostResponse {
        authorisation_response_code: answer.code,
        issuer_authentication_data: Some(authentication).filter(|data| !data.is_empty()),
        authorisation_code: None,
        scripts: &answer.scripts,
    })
}

/// The chip data of the message: what the issuer needs to verify the cryptogram.
fn field_55<'m>(data: &Database<'_>, message: &'m mut [u8]) -> Result<&'m [u8], Full> {
    const OBJECTS: [u32; 15] = [
        0x5A, 0x5F2A, 0x5F34, 0x82, 0x95, 0x9A, 0x9C, 0x9F02, 0x9F03, 0x9F10, 0x9F1A, 0x9F26,
        0x9F27, 0x9F36, 0x9F37,
    ];
    let mut writer = Writer::new(message);
    for tag in OBJECTS.map(Tag) {
        if let Some(value) = data.bytes(tag) {
            writer.put(tag, value)?;
        }
    }
    Ok(writer.finish())
}

/// Random numbers of the operating system; firmware asks its own generator.
#[derive(Debug)]
struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        getrandom::fill(out).map_err(|_| RandomFailed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::outcome::{Authority, Conclusion};

    #[test]
    fn the_host_decides_where_it_can_be_reached() {
        let decided =
            |mode| sell(mode).map(|outcome| (outcome.conclusion, outcome.authority)).unwrap();
        assert_eq!(decided(Mode::Approve), (Conclusion::Approved, Authority::Online));
        assert_eq!(decided(Mode::Decline), (Conclusion::Declined, Authority::Online));
        assert_eq!(decided(Mode::Unreachable).1, Authority::UnableToGoOnline);
    }
}
