//! Taps, and the switch from a tap to the slot.

use super::field::Field;
use super::turn::Turn;
use super::{Devices, Failure, Setup, insert, take_up};
use crate::device::{Absent, Cardholder, ContactlessReader, Hooks, Host, PinPad, Reader, Storage};
use crate::final_record::FinalRecord;
use crate::interface::{Interface, Interfaces, Next, after_tap};
use crate::journal::Journal;
use crate::memory::{Lent, Memory};
use crate::service::{Order, Refusal, Service};
use chipwright::outcome::{Conclusion, End, Outcome};
use chipwright_entry_point::Kernels;
use core::fmt;

/// What taps need beside the other devices.
pub struct Contactless<'d, N, A> {
    /// The kernels that are linked.
    pub kernels: &'d N,
    /// The reader.
    pub reader: &'d mut A,
}

impl<N, A> fmt::Debug for Contactless<'_, N, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contactless")
    }
}

/// Takes up an order, asks for a tap, and runs a contactless transaction to its end. Entry Point
/// selects the application by the combinations of the service. [A 8, B 3]
///
/// A terminal without a slot has [`NoSlot`](crate::device::NoSlot) among its devices. The hooks
/// before selection and after the records are not called: a tap is not held up. What an amount
/// known late would need, a tap does not have.
///
/// Returns when the reader has done. What the transaction came to is in the journal by then, and
/// messages that it owes were delivered or wait there. Dropping the future is like a power
/// failure, as for [`run`](crate::run()).
///
/// # Errors
/// [`Failure`]; only the last two leave something behind.
pub async fn tap<N, A, R, P, C, H, S, K>(
    setup: &Setup<'_>,
    order: &Order,
    contactless: Contactless<'_, N, A>,
    mut devices: Devices<'_, R, P, C, H, S, K>,
    journal: &mut Journal,
    mut memory: Memory<'_>,
) -> Result<FinalRecord, Failure>
where
    N: Kernels,
    A: ContactlessReader,
    R: Reader,
    P: PinPad<R>,
    C: Cardholder,
    H: Host,
    S: Storage,
    K: Hooks,
{
    let service = take_up(setup, order, journal)?;
    can_tap(service, order).map_err(Failure::Refused)?;
    let mut lent = Lent(&mut memory);
    let mut once = Once { setup, order, service, contactless };
    match once.tap(&mut devices, journal, &mut lent).await?.0 {
        Tapped::Ended(record) => Ok(record),
        Tapped::Idle(conclusion, end) => Err(idle(conclusion, end)),
    }
}

/// Takes up an order and asks for a card at either interface: a tap where the service has any,
/// the slot when a card is put into it, or when the tap wants another interface.
///
/// A tap that leads to the slot is a transaction of its own: it ends with its own final record,
/// and nothing of it is in the one that follows. [A 8.1.1.11] The final record returned is that
/// of the last one.
///
/// # Errors
/// As [`tap`]; [`Failure::NoCard`] when a tap had its end and nobody inserts a card.
pub async fn tap_or_insert<N, A, R, P, C, H, S, K>(
    setup: &Setup<'_>,
    order: &Order,
    contactless: Contactless<'_, N, A>,
    mut devices: Devices<'_, R, P, C, H, S, K>,
    journal: &mut Journal,
    mut memory: Memory<'_>,
) -> Result<FinalRecord, Failure>
where
    N: Kernels,
    A: ContactlessReader,
    R: Reader,
    P: PinPad<R>,
    C: Cardholder,
    H: Host,
    S: Storage,
    K: Hooks,
{
    let service = take_up(setup, order, journal)?;
    let mut lent = Lent(&mut memory);
    if can_tap(service, order).is_ok() {
        let mut once = Once { setup, order, service, contactless };
        let (tapped, inserted) = once.tap(&mut devices, journal, &mut lent).await?;
        lent.wipe();
        if !(inserted || leads_to_the_slot(&tapped, service)) {
            return match tapped {
                Tapped::Ended(record) => Ok(record),
                Tapped::Idle(conclusion, end) => Err(idle(conclusion, end)),
            };
        }
    }
    insert(setup, order, service, &mut devices, journal, &mut lent).await
}

/// What became of a tap.
enum Tapped {
    /// It was begun, and has ended.
    Ended(FinalRecord),
    /// No card came, and nothing was begun.
    Idle(Conclusion, Option<End>),
}

/// Whether taps may be asked for.
fn can_tap(service: &Service<'_>, order: &Order) -> Result<(), Refusal> {
    match (service.combinations, order.amount) {
        ([], _) => Err(Refusal::NoCombination),
        (_, None) => Err(Refusal::Amount),
        _ => Ok(()),
    }
}

/// Whether the slot is next.
fn leads_to_the_slot(tapped: &Tapped, service: &Service<'_>) -> bool {
    let offered = match service.applications {
        [] => Interfaces::NONE,
        _ => Interfaces::NONE.and(Interface::Contact),
    };
    let conclusion = match tapped {
        Tapped::Ended(record) => record.conclusion,
        Tapped::Idle(conclusion, _) => *conclusion,
    };
    after_tap(conclusion, offered) == Next::Switch(Interface::Contact)
}

/// Why nothing was begun.
fn idle(conclusion: Conclusion, end: Option<End>) -> Failure {
    match (conclusion, end) {
        (Conclusion::TryAnotherInterface, _) => Failure::NoTap,
        (_, Some(End::Stopped(stop))) => Failure::NoCard(Absent::Stopped(stop)),
        _ => Failure::NoCard(Absent::Mute),
    }
}

/// One tap.
struct Once<'t, N, A> {
    setup: &'t Setup<'t>,
    order: &'t Order,
    service: &'t Service<'t>,
    contactless: Contactless<'t, N, A>,
}

impl<N: Kernels, A: ContactlessReader> Once<'_, N, A> {
    /// Runs it; says as well whether a card in the slot put an end to it.
    async fn tap<R, P, C, H, S, K>(
        &mut self,
        devices: &mut Devices<'_, R, P, C, H, S, K>,
        journal: &mut Journal,
        lent: &mut Lent<'_, '_>,
    ) -> Result<(Tapped, bool), Failure>
    where
        R: Reader,
        P: PinPad<R>,
        C: Cardholder,
        H: Host,
        S: Storage,
        K: Hooks,
    {
        let Self { setup, order, service, ref mut contactless } = *self;
        let Memory { data, apdu, answer, record, field_55 } = &mut *lent.0;
        let mut turn = Turn::new(setup, order, service, devices, journal, record, field_55);
        let mut field = Field::new(&mut *contactless.reader, turn.clock.now());
        let result = turn.tap(&mut field, contactless.kernels, data, apdu, answer).await;
        match result {
            Ok(_) => turn.deliver().await,
            Err(_) => turn.give_up(&mut field).await,
        }
        let Outcome { conclusion, end, .. } = result?;
        let tapped = match turn.first {
            Some(_) => Tapped::Ended(turn.record),
            None => Tapped::Idle(conclusion, end),
        };
        Ok((tapped, field.inserted))
    }
}
