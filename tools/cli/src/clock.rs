//! Where the time goes: card, kernel, host, and people.

use chipwright::driver::{Input, Output};
use core::cell::Cell;
use std::time::Instant;

/// Whom the transaction waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Who {
    /// The kernel, and the terminal around it.
    Kernel,
    Card,
    Host,
    /// Cardholder: choice, PIN, holding the card to the reader.
    People,
}

/// A stopwatch that stands still while what happens is told.
#[derive(Debug)]
pub(crate) struct Clock {
    who: Cell<Who>,
    since: Cell<Option<Instant>>,
    /// Microseconds, in the order of [`Who`].
    shares: Cell<[u64; 4]>,
}

impl Clock {
    /// Before the transaction.
    pub(crate) const fn new() -> Self {
        Self { who: Cell::new(Who::Kernel), since: Cell::new(None), shares: Cell::new([0; 4]) }
    }

    /// Stands still: something is going to be told. Microseconds since the beginning.
    pub(crate) fn stop(&self) -> u64 {
        let mut shares = self.shares.get();
        if let Some(since) = self.since.take() {
            shares[self.who.get() as usize] +=
                u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.shares.set(shares);
        }
        shares.iter().sum()
    }

    /// Goes on.
    pub(crate) fn go(&self) {
        self.since.set(Some(Instant::now()));
    }

    /// The kernel has asked for something, and waits.
    pub(crate) fn asked(&self, output: &Output<'_>) {
        self.who.set(match output {
            Output::Transmit(_) => Who::Card,
            Output::Authorise(_) => Who::Host,
            Output::Choose(_) | Output::VerifyPin(_) | Output::Poll => Who::People,
            _ => Who::Kernel,
        });
    }

    /// It has got it.
    pub(crate) fn answered(&self, _: &Input<'_>) {
        self.who.set(Who::Kernel);
    }

    /// Who took how long, in microseconds.
    pub(crate) fn shares(&self) -> [(&'static str, u64); 4] {
        let [kernel, card, host, people] = self.shares.get();
        [("card", card), ("kernel", kernel), ("host", host), ("people", people)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;
    use std::thread::sleep;

    const LONG: Duration = Duration::from_millis(3);

    #[test]
    fn time_is_theirs_who_were_waited_for() {
        let clock = Clock::new();
        clock.go();
        clock.stop();
        sleep(LONG); // something is told
        clock.asked(&Output::Transmit(&[]));
        clock.go();
        sleep(LONG);
        clock.stop();
        clock.answered(&Input::Unreachable);
        let [kernel, card, host, people] = clock.shares.get();
        assert!(card >= 3000 && kernel < 3000, "{kernel} {card}");
        assert_eq!((host, people), (0, 0));
        assert_eq!(clock.stop(), kernel + card);
    }
}
