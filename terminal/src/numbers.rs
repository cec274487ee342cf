//! Unpredictable numbers that do not repeat. [H 12]

use chipwright::crypto::{Random, RandomFailed};
use chipwright::event::Events;
use chipwright::hardening::{Breach, Hardening, Rule};
use core::cell::Cell;
use core::fmt;

/// A source of unpredictable numbers that remembers the last `N`, and gives none of them again
/// where the hardened profile says so. [H 12]
///
/// It lives as long as the terminal does: what it remembers outlives a transaction. A source that
/// is stuck is found with its first number, because another one is drawn to compare; by chance, one
/// number in 2^32 / `N` repeats.
///
/// ```
/// # use chipwright::crypto::{Random, RandomFailed};
/// # struct Dice;
/// # impl Random for Dice {
/// #     fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> { out.fill(4); Ok(()) }
/// # }
/// use chipwright::event::Events;
/// use chipwright::hardening::{Hardening, Profile};
/// use chipwright_terminal::numbers::Unrepeated;
///
/// let hardening = Hardening::by(&Profile::ENFORCED);
/// let numbers = Unrepeated::<16>::new(&Dice, hardening, Events::NONE);
/// assert!(numbers.fill(&mut [0; 4]).is_err()); // always fours
/// ```
pub struct Unrepeated<'r, const N: usize> {
    source: &'r dyn Random,
    hardening: Hardening<'r>,
    events: Events<'r>,
    last: Cell<[[u8; 4]; N]>,
    drawn: Cell<usize>,
}

impl<const N: usize> fmt::Debug for Unrepeated<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unrepeated({} drawn)", self.drawn.get())
    }
}

impl<'r, const N: usize> Unrepeated<'r, N> {
    /// Numbers of this source. Repetitions are told to `events`.
    pub const fn new(source: &'r dyn Random, hardening: Hardening<'r>, events: Events<'r>) -> Self {
        let (last, drawn) = (Cell::new([[0; 4]; N]), Cell::new(0));
        Self { source, hardening, events, last, drawn }
    }

    /// Whether the number was drawn lately; it is remembered.
    fn repeats(&self, number: [u8; 4]) -> bool {
        let (mut last, drawn) = (self.last.get(), self.drawn.get());
        let repeats = last.iter().take(drawn).any(|earlier| *earlier == number);
        if let Some(place) = drawn.checked_rem(N).and_then(|place| last.get_mut(place)) {
            *place = number;
        }
        self.last.set(last);
        self.drawn.set(drawn.saturating_add(1));
        repeats
    }
}

impl<const N: usize> Random for Unrepeated<'_, N> {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        self.source.fill(out)?;
        if !self.hardening.asks(Rule::RandomHealth) {
            return Ok(());
        }
        // What is no unpredictable number may repeat: single bytes do.
        let Ok(number) = <[u8; 4]>::try_from(&*out) else { return Ok(()) };
        let first = self.drawn.get() == 0 && self.hardening.enforces(Rule::RandomHealth);
        let mut repeats = self.repeats(number);
        if first {
            let mut another = [0; 4];
            self.source.fill(&mut another)?;
            repeats |= self.repeats(another);
        }
        if repeats && self.hardening.refuses(Breach::NumberRepeated, None, self.events) {
            return Err(RandomFailed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::hardening::{Profile, Rules};

    /// Gives what it is told, again and again.
    struct Told<'n>(&'n [u8], Cell<usize>);

    impl Random for Told<'_> {
        fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
            let place = self.1.replace(self.1.get() + 1);
            out.fill(self.0[place % self.0.len()]);
            Ok(())
        }
    }

    /// How many numbers are given before the first that is refused, of 40.
    fn given(source: &[u8], enforced: bool) -> usize {
        let rule = Rules::NONE.with(Rule::RandomHealth);
        let profile =
            if enforced { Profile::of(rule, Rules::NONE) } else { Profile::of(Rules::NONE, rule) };
        let source = Told(source, Cell::new(0));
        let numbers = Unrepeated::<8>::new(&source, Hardening::by(&profile), Events::NONE);
        (0..40).take_while(|_| numbers.fill(&mut [0; 4]).is_ok()).count()
    }

    /// [H 12]
    #[test]
    fn numbers_do_not_repeat() {
        assert_eq!(given(&[0], true), 0);
        assert_eq!(given(&[7, 7, 8, 9], true), 0);
        // One was drawn to compare: of five numbers four are given.
        assert_eq!(given(&[1, 2, 3, 4, 5], true), 4);
        // Beyond the memory it is not known.
        let many: Vec<u8> = (0..50).collect();
        assert_eq!(given(&many, true), 40);
        assert_eq!(given(&[0], false), 40);
    }

    /// [H 12]
    #[test]
    fn other_draws_may_repeat() {
        let source = Told(&[0], Cell::new(0));
        let hardening = Hardening::by(&Profile::ENFORCED);
        let numbers = Unrepeated::<8>::new(&source, hardening, Events::NONE);
        assert!(
            (0..40).all(|_| numbers.fill(&mut [0]).is_ok() && numbers.fill(&mut [0; 8]).is_ok())
        );
        let numbers = Unrepeated::<8>::new(&source, Hardening::OFF, Events::NONE);
        assert!((0..40).all(|_| numbers.fill(&mut [0; 4]).is_ok()));
        // A terminal that remembers nothing refuses nothing.
        let numbers = Unrepeated::<0>::new(&source, hardening, Events::NONE);
        assert!((0..40).all(|_| numbers.fill(&mut [0; 4]).is_ok()));
    }
}
