//! What a terminal sells: transaction types, their amounts, limits and applications.

use chipwright::config::{Application, Terminal, TransactionType};
use chipwright::field::AdditionalTerminalCapabilities as Additional;
use chipwright::value::{Amount, Code};
use chipwright_entry_point::Combination;
use core::fmt;

/// What is ordered: one transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Order {
    /// What kind of business. Its code is the Transaction Type (9C).
    pub kind: TransactionType,
    /// Amount, Authorised (9F02), in minor units: all that is to be paid, cashback included.
    /// `None` when it is known only after the card was read: a hook then sets it.
    pub amount: Option<Amount>,
    /// Amount, Other (9F03): the cashback in it.
    pub amount_other: Amount,
    /// Transaction Currency Code (5F2A).
    pub currency: Code,
    /// Transaction Currency Exponent (5F36): digits of the minor unit.
    pub currency_exponent: u8,
    /// The merchant wants the issuer to decide. [B4 6.5.3]
    pub force_online: bool,
}

/// How one kind of business is done.
///
/// | Kind | 9C | Amount (9F02) | Other (9F03) | Flow | Needs (9F40) |
/// |---|---|---|---|---|---|
/// | purchase | 00 | above zero | none | full | goods or services |
/// | cash | 01 | above zero | none | full | cash |
/// | cashback | 09 | above zero, with cashback | above zero, below 9F02 | full | cashback |
/// | refund | 20 | above zero | none | refused by the terminal | |
/// | inquiry | 31 | none | none | full, to the issuer | inquiry |
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// The kind.
    pub kind: TransactionType,
    /// The applications with which it may be done, in order of preference, and their limits and
    /// action codes for it.
    pub applications: &'a [Application<'a>],
    /// The combinations of application and kernel with which taps may be done, and their limits.
    /// None for no taps. [A 5.2]
    pub combinations: &'a [Combination<'a>],
    /// Most that may be ordered, in minor units.
    pub maximum: Amount,
    /// Most cashback, in minor units.
    pub maximum_other: Amount,
    /// How far the card is taken.
    pub flow: Flow,
}

/// How far a card is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Flow {
    /// To a decision.
    Full,
    /// Until its records were read: for what needs no cryptogram.
    CardRead,
    /// Until it gave a refusal (AAC): proof that the card was there, for business that the
    /// merchant decides alone. No approval is asked of card or issuer.
    Refused,
}

/// When the acquirer learns of a sale.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum Capture {
    /// With the authorisation: what is approved online needs no further message, what is approved
    /// offline is sent as an advice. [B4 12.1]
    Online = 1,
    /// Later, from the terminal's batch. [B4 12.1]
    Batch = 2,
}

/// Why an order is not taken up. Nothing was begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// The terminal has no service of this kind.
    NoService,
    /// The terminal's capabilities (9F40, 9F35) do not cover this kind.
    NotCapable,
    /// The service has no combination for taps, and nothing else was asked for.
    NoCombination,
    /// An amount is missing, or there is one where none belongs.
    Amount,
    /// There is cashback where none belongs, or none where it does, or more than the whole.
    AmountOther,
    /// More than the service allows.
    AboveMaximum,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoService => "the terminal offers no such service",
            Self::NotCapable => "the terminal's capabilities do not cover this service",
            Self::NoCombination => "the terminal offers no taps for this service",
            Self::Amount => "amount missing or out of place",
            Self::AmountOther => "cashback missing, out of place or above the amount",
            Self::AboveMaximum => "amount above the limit of this service",
        })
    }
}

impl core::error::Error for Refusal {}

impl<'a> Service<'a> {
    /// A service in the slot, without limits of its own, done as the table above says.
    pub const fn new(kind: TransactionType, applications: &'a [Application<'a>]) -> Self {
        let flow = match kind {
            TransactionType::Refund => Flow::Refused,
            _ => Flow::Full,
        };
        let most = match Amount::new(999_999_999_999) {
            Some(most) => most,
            None => Amount::ZERO,
        };
        Self { kind, applications, combinations: &[], maximum: most, maximum_other: most, flow }
    }

    /// Whether these amounts may be paid: as ordered, and again where a hook changed them.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, amount: Amount, other: Amount) -> Result<(), Refusal> {
        let moves_money = self.kind != TransactionType::Inquiry;
        if (amount > Amount::ZERO) != moves_money {
            return Err(Refusal::Amount);
        }
        let cashback = self.kind == TransactionType::Cashback;
        if (other > Amount::ZERO) != cashback || (cashback && other >= amount) {
            return Err(Refusal::AmountOther);
        }
        if amount > self.maximum || other > self.maximum_other {
            return Err(Refusal::AboveMaximum);
        }
        Ok(())
    }
}

/// Finds the service for an order. [B4 6.5.1, A3]
///
/// # Errors
/// Why the order is not taken up.
pub fn find<'s>(
    services: &'s [Service<'s>],
    terminal: &Terminal<'_>,
    order: &Order,
) -> Result<&'s Service<'s>, Refusal> {
    let service = services.iter().find(|service| service.kind == order.kind);
    let service = service.ok_or(Refusal::NoService)?;
    if !is_capable(terminal, order.kind) {
        return Err(Refusal::NotCapable);
    }
    if let Some(amount) = order.amount {
        service.check(amount, order.amount_other)?;
    }
    Ok(service)
}

/// Whether the terminal says of itself that it does this kind of business. [B4 A3]
fn is_capable(terminal: &Terminal<'_>, kind: TransactionType) -> bool {
    let can = terminal.additional_capabilities;
    let attended = terminal.terminal_type.is_attended();
    match kind {
        TransactionType::Purchase => can.intersects(Additional::GOODS | Additional::SERVICES),
        TransactionType::ManualCash => can.contains(Additional::CASH) && attended,
        TransactionType::UnattendedCash => can.contains(Additional::CASH) && !attended,
        TransactionType::Cashback => can.contains(Additional::CASHBACK),
        TransactionType::Inquiry => can.contains(Additional::INQUIRY),
        TransactionType::Refund => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::config::Options;
    use chipwright::field::{TerminalCapabilities, TerminalType};

    const EVERYTHING: [u8; 5] = [0xF8, 0, 0, 0, 0];

    fn terminal(kind: u8, additional: [u8; 5]) -> Terminal<'static> {
        Terminal {
            terminal_type: TerminalType(kind),
            capabilities: TerminalCapabilities([0xE0, 0xF8, 0xC8]),
            additional_capabilities: Additional(additional),
            country: Code::new(276).unwrap(),
            ifd_serial_number: *b"00000001",
            data: &[],
            applications: &[],
            keys: &[],
            revocations: &[],
            options: Options::DEFAULT,
        }
    }

    fn order(kind: TransactionType, amount: u64, other: u64) -> Order {
        Order {
            kind,
            amount: Some(Amount::new(amount).unwrap()),
            amount_other: Amount::new(other).unwrap(),
            currency: Code::new(978).unwrap(),
            currency_exponent: 2,
            force_online: false,
        }
    }

    fn taken(order: &Order) -> Result<(), Refusal> {
        let mut service = Service::new(order.kind, &[]);
        service.maximum = Amount::new(10_000).unwrap();
        service.maximum_other = Amount::new(20_00).unwrap();
        find(&[service], &terminal(0x22, EVERYTHING), order).map(|_| ())
    }

    /// [B4 6.5]
    #[test]
    fn amounts_are_those_of_the_kind() {
        // covers B4 6.5.1
        use TransactionType::{Cashback, Inquiry, ManualCash, Purchase, Refund};
        for kind in [Purchase, ManualCash, Refund] {
            assert_eq!(taken(&order(kind, 1, 0)), Ok(()), "{kind:?}");
            assert_eq!(taken(&order(kind, 0, 0)), Err(Refusal::Amount), "{kind:?}");
            assert_eq!(taken(&order(kind, 10, 5)), Err(Refusal::AmountOther), "{kind:?}");
            assert_eq!(taken(&order(kind, 10_001, 0)), Err(Refusal::AboveMaximum), "{kind:?}");
        }
        assert_eq!(taken(&order(Cashback, 50_00, 20_00)), Ok(()));
        assert_eq!(taken(&order(Cashback, 50_00, 20_01)), Err(Refusal::AboveMaximum));
        assert_eq!(taken(&order(Cashback, 50_00, 0)), Err(Refusal::AmountOther));
        assert_eq!(taken(&order(Cashback, 5_00, 5_00)), Err(Refusal::AmountOther));
        assert_eq!(taken(&order(Inquiry, 0, 0)), Ok(()));
        assert_eq!(taken(&order(Inquiry, 1, 0)), Err(Refusal::Amount));
        let late = Order { amount: None, ..order(Purchase, 1, 0) };
        assert_eq!(taken(&late), Ok(()));
    }

    #[test]
    fn a_terminal_does_what_it_says_of_itself() {
        // covers B4 A3
        use TransactionType::{Cashback, Inquiry, ManualCash, Purchase, Refund, UnattendedCash};
        let can = |terminal: &Terminal<'_>, kind| is_capable(terminal, kind);
        for (bits, kind) in [
            (0x80, ManualCash),
            (0x40, Purchase),
            (0x20, Purchase),
            (0x10, Cashback),
            (0x08, Inquiry),
        ] {
            let only = terminal(0x22, [bits, 0, 0, 0, 0]);
            let all_but =
                terminal(0x22, [!(bits | (0x60 * u8::from(kind == Purchase))), 0, 0, 0, 0]);
            assert!(can(&only, kind) && !can(&all_but, kind), "{kind:?}");
        }
        assert!(!can(&terminal(0x22, EVERYTHING), UnattendedCash));
        assert!(can(&terminal(0x14, EVERYTHING), UnattendedCash));
        assert!(!can(&terminal(0x14, EVERYTHING), ManualCash));
        assert!(can(&terminal(0x22, [0; 5]), Refund));
    }

    #[test]
    fn what_is_not_offered_is_refused() {
        let services = [Service::new(TransactionType::Purchase, &[])];
        let refund = order(TransactionType::Refund, 1, 0);
        let found = find(&services, &terminal(0x22, EVERYTHING), &refund);
        assert_eq!(found.map(|_| ()), Err(Refusal::NoService));
        let purchase = order(TransactionType::Purchase, 1, 0);
        let found = find(&services, &terminal(0x22, [0x80, 0, 0, 0, 0]), &purchase);
        assert_eq!(found.map(|_| ()), Err(Refusal::NotCapable));
        assert_eq!(Service::new(TransactionType::Refund, &[]).flow, Flow::Refused);
    }
}
