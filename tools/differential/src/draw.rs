//! Draws cases: every choice is likely enough that a few hundred cases meet it.

mod card;
mod surroundings;
mod terminal;

use crate::case::{Card, Cardholder, Case};
use crate::dice::Dice;

/// The case of this number.
pub(crate) fn draw(seed: u32, number: u32) -> Case {
    let dice = &Dice::new(seed, number);
    let kind = terminal::kind(dice);
    let business = surroundings::business(dice, kind);
    let partial = dice.chance(30);
    let application = card::applications(dice, partial);
    let terminal = terminal::terminal(dice, kind, partial, application[0].scheme);
    let card = Card { title: format!("{seed}/{number}"), pse: dice.chance(70), application };
    let issuer = surroundings::issuer(dice, &terminal);
    let cardholder = Cardholder::Bypasses;
    let mut case = Case { seed, number, card, terminal, business, cardholder, issuer };
    case.cardholder = surroundings::cardholder(dice, case.application().verification.pin);
    case
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright_card::Profile;

    #[test]
    fn a_number_has_one_case() {
        let shown = |seed, number| format!("{:?}", draw(seed, number));
        assert_eq!(shown(1, 2), shown(1, 2));
        assert_ne!(shown(1, 2), shown(1, 3));
        assert_ne!(shown(1, 2), shown(2, 2));
    }

    #[test]
    fn every_card_can_be_made() {
        for number in 0..200 {
            let text = draw(1, number).profile();
            let profile = Profile::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            let card = chipwright_card::Card::new(&profile, 1);
            card.unwrap_or_else(|error| panic!("{error}\n{text}"));
        }
    }
}
