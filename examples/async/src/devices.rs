//! The devices: each a controller behind a line.

use crate::line::{CARD, FLASH, MODEM, PAD};
use chipwright::candidates::Candidates;
use chipwright::contactless::Status as Lights;
use chipwright::crypto::{Random, RandomFailed};
use chipwright::session::{Field, LinkError, PinMethod, PinRequest, PinResult, Polled, Stop};
use chipwright::status::Status;
use chipwright::value::Date;
use chipwright_terminal::device::{
    Absent, Answered, Cancel, Cardholder, Clock, ContactlessReader, Display, Host, NotAcknowledged,
    PinPad, PollEnded, Reader, Storage, StorageFailed,
};
use chipwright_terminal::display::Show;
use chipwright_terminal::host::{Answer, HostMessage, NoAnswer, answer};
use core::cell::Cell;
use core::ops::Range;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex as Mutex;
use embassy_sync::channel::Channel;
use embassy_sync::signal::Signal;

/// What the display task shows, in order.
pub(crate) static SCREEN: Channel<Mutex, Show, 8> = Channel::new();
/// What lights and buzzer say.
pub(crate) static LIGHTS: Signal<Mutex, Lights> = Signal::new();
/// The cancel key was pressed: set by its interrupt.
pub(crate) static CANCELLED: AtomicBool = AtomicBool::new(false);

pub(crate) struct Slot;

impl Reader for Slot {
    async fn card_inserted(&mut self) -> Result<(), Absent> {
        CARD.send(b'I', &[]).await;
        match CARD.receive(&mut [0; 1]).await {
            [1] => Ok(()),
            [2] => Err(Absent::Mute),
            _ => Err(Absent::Stopped(Stop::Timeout)),
        }
    }

    async fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        CARD.send(b'T', command).await;
        match CARD.receive(out).await.len() {
            0 => Err(LinkError::Timeout),
            length => Ok(Answered { length, elapsed: 0 }),
        }
    }

    async fn card_removed(&mut self) {
        CARD.send(b'R', &[]).await;
        CARD.receive(&mut []).await;
    }
}

/// The field beside the slot. The controller waits out hold times, and gives a look up when a card
/// comes into the slot or nobody comes.
pub(crate) struct Antenna;

impl ContactlessReader for Antenna {
    async fn field(&mut self, field: Field) {
        match field {
            Field::On => CARD.send(b'F', &[]).await,
            Field::Off(hold) => CARD.send(b'O', &hold.to_be_bytes()).await,
        }
        CARD.receive(&mut []).await;
    }

    async fn poll(&mut self) -> Result<Polled, PollEnded> {
        CARD.send(b'L', &[]).await;
        match CARD.receive(&mut [0; 1]).await {
            [0] => Ok(Polled::Nothing),
            [1] => Ok(Polled::Card),
            [2] => Ok(Polled::Collision),
            [3] => Err(PollEnded::CardInserted),
            _ => Err(PollEnded::Stopped(Stop::Timeout)),
        }
    }

    async fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        Reader::transmit(&mut Slot, command, out).await
    }
}

/// A pad with a secure processor: it composes VERIFY, and the command passes through here to the
/// card.
pub(crate) struct Pad;

impl<R: Reader> PinPad<R> for Pad {
    async fn enter(&mut self, request: &PinRequest<'_>, reader: &mut R) -> PinResult {
        let method = match request.entry.method {
            PinMethod::Plaintext => b'P',
            PinMethod::Enciphered => b'E',
            PinMethod::Online => b'O',
        };
        if let Some(key) = request.key {
            PAD.send(b'M', key.modulus).await;
            PAD.send(b'X', key.exponent).await;
        }
        PAD.send(method, &[]).await;
        let (mut command, mut answer) = ([0; 261], [0; 258]);
        loop {
            let command = match PAD.receive(&mut command).await {
                [b'C', command @ ..] => command,
                [b'S', sw1, sw2] => {
                    return PinResult::Verified(Status(u16::from_be_bytes([*sw1, *sw2])));
                }
                [b'O'] => return PinResult::Captured,
                [b'B'] => return PinResult::Bypassed,
                [b'A'] => return PinResult::Cancelled,
                [b'N'] => return PinResult::NoChallenge,
                _ => return PinResult::Broken,
            };
            match reader.transmit(command, &mut answer).await {
                Ok(Answered { length, .. }) => {
                    PAD.send(b'R', answer.get(..length).unwrap_or_default()).await;
                }
                Err(error) => return PinResult::LinkFailed(error),
            }
        }
    }
}

/// Keys beside the display: the candidates' numbers are sent, one comes back.
pub(crate) struct Keys;

impl Cardholder for Keys {
    async fn choose(&mut self, candidates: Candidates<'_>) -> Option<u8> {
        for (number, _) in candidates.by_priority() {
            if let Some(name) = candidates.display_name(number) {
                PAD.send(number, name.characters).await;
            }
        }
        match PAD.receive(&mut [0; 1]).await {
            [number] => Some(*number),
            _ => None,
        }
    }
}

pub(crate) struct Modem;

impl Host for Modem {
    async fn authorise<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> Result<Answer<'a>, NoAnswer> {
        MODEM.send(message.kind as u8, message.field_55).await;
        match MODEM.receive(memory).await {
            [] => Err(NoAnswer::Lost),
            [b'D'] => Err(NoAnswer::NotSent),
            field_55 => answer(field_55),
        }
    }

    async fn deliver(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged> {
        MODEM.send(message.kind as u8, message.field_55).await;
        match MODEM.receive(&mut [0; 1]).await {
            [b'K'] => Ok(()),
            _ => Err(NotAcknowledged),
        }
    }
}

/// Serial flash with a controller that keeps the journal's contract.
pub(crate) struct Flash;

impl Flash {
    async fn done(&self) -> Result<(), StorageFailed> {
        match FLASH.receive(&mut [0; 1]).await {
            [b'K'] => Ok(()),
            _ => Err(StorageFailed),
        }
    }
}

impl Storage for Flash {
    async fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        FLASH.send(b'P', &[]).await;
        let mut bounds = [0; 8];
        let bounds = FLASH.receive(&mut bounds).await;
        let (start, end) = bounds.split_first_chunk().ok_or(StorageFailed)?;
        let end = end.try_into().map_err(|_| StorageFailed)?;
        Ok(u32::from_be_bytes(*start)..u32::from_be_bytes(end))
    }

    async fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        FLASH.send(b'A', record).await;
        self.done().await
    }

    async fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        FLASH.send(b'R', &place.to_be_bytes()).await;
        Ok(FLASH.receive(out).await.len())
    }

    async fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        FLASH.send(b'E', &place.to_be_bytes()).await;
        self.done().await
    }
}

/// Hands messages to the display's task, which keeps each for as long as it has to be read.
pub(crate) struct Screen;

impl Display for Screen {
    fn show(&mut self, show: &Show) {
        let _full = SCREEN.try_send(*show);
    }

    fn request(&mut self, show: Option<&Show>, status: Option<Lights>) {
        if let Some(status) = status {
            LIGHTS.signal(status);
        }
        if let Some(show) = show {
            self.show(show);
        }
    }
}

/// The clock that the till set last.
pub(crate) struct Watch(pub(crate) Cell<(Date, [u8; 3])>);

impl Clock for Watch {
    fn now(&self) -> (Date, [u8; 3]) {
        self.0.get()
    }
}

pub(crate) struct CancelKey;

impl Cancel for CancelKey {
    fn stop(&self) -> Option<Stop> {
        CANCELLED.swap(false, Ordering::Relaxed).then_some(Stop::Cancelled)
    }
}

/// Where the noise source's interrupt leaves its bits; zero when there is none.
pub(crate) static NOISE: AtomicU32 = AtomicU32::new(0);

#[derive(Debug)]
pub(crate) struct Noise;

impl Random for Noise {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        for chunk in out.chunks_mut(4) {
            match NOISE.swap(0, Ordering::Relaxed) {
                0 => return Err(RandomFailed),
                bits => chunk.iter_mut().zip(bits.to_be_bytes()).for_each(|(a, b)| *a = b),
            }
        }
        Ok(())
    }
}
