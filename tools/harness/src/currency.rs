//! Currencies by name. [ISO 4217]

use chipwright::value::{Amount, Code};

/// A currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Currency {
    /// Three letters; empty when only the number is known.
    name: &'static str,
    /// Three digits.
    code: Code,
    /// Decimal places.
    pub exponent: u8,
}

impl Currency {
    /// The currency with this name, or with this number of three digits.
    pub fn find(text: &str) -> Option<Self> {
        let is_number = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_number).and_then(Code::new);
        let named = || Self::known(iso_currency::Currency::from_code(text)?);
        number.map(Self::of).or_else(named)
    }

    /// The currency with this code; two decimal places when it is none that people pay with.
    pub fn of(code: Code) -> Self {
        let known = iso_currency::Currency::from_numeric(code.number()).and_then(Self::known);
        known.unwrap_or(Self { name: "", code, exponent: 2 })
    }

    /// A currency of the standard; none that is for metals, funds and tests.
    fn known(currency: iso_currency::Currency) -> Option<Self> {
        let exponent = u8::try_from(currency.exponent()?).ok()?;
        Some(Self { name: currency.code(), code: Code::new(currency.numeric())?, exponent })
    }

    /// Its name, or its number.
    pub fn name(self) -> String {
        if self.name.is_empty() {
            format!("{:03}", self.code.number())
        } else {
            self.name.to_owned()
        }
    }

    /// Its code.
    pub const fn code(self) -> Code {
        self.code
    }

    /// Reads a decimal number with at most the currency's decimal places.
    pub fn amount(self, text: &str) -> Option<Amount> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let places = usize::from(self.exponent);
        let dotted = text.contains('.');
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let valid = !whole.is_empty()
            && digits(whole)
            && digits(part)
            && part.len() <= places
            && dotted != part.is_empty();
        if !valid || whole.len() > 12 {
            return None;
        }
        format!("{whole}{part:0<places$}").parse().ok().and_then(Amount::new)
    }

    /// The amount as a decimal number.
    pub fn decimal(self, amount: Amount) -> String {
        let places = usize::from(self.exponent);
        let digits = format!("{:0width$}", amount.minor_units(), width = places + 1);
        let (whole, part) = digits.split_at(digits.len() - places);
        if places == 0 { whole.to_owned() } else { format!("{whole}.{part}") }
    }

    /// The amount as a decimal number, with the currency's name.
    pub fn show(self, amount: Amount) -> String {
        format!("{} {}", self.decimal(amount), self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minor(currency: &str, text: &str) -> Option<u64> {
        Currency::find(currency).unwrap().amount(text).map(Amount::minor_units)
    }

    #[test]
    fn amounts_have_the_places_of_their_currency() {
        assert_eq!(minor("EUR", "12.34"), Some(1234));
        assert_eq!(minor("EUR", "12.3"), Some(1230));
        assert_eq!(minor("978", "12"), Some(1200));
        assert_eq!(minor("JPY", "1200"), Some(1200));
        assert_eq!(minor("KWD", "1.234"), Some(1234));
        assert_eq!(minor("EUR", "9999999999.99"), Some(999_999_999_999));
        for wrong in ["12.345", "", ".5", "5.", "-1", "1,5", "1e3", "10000000000.00", "+1", "1 "] {
            assert_eq!(minor("EUR", wrong), None, "{wrong}");
        }
        assert_eq!(minor("JPY", "1.5"), None);
        assert_eq!(minor("EUR", "99999999999999999999999"), None);
    }

    #[test]
    fn shows_what_it_reads() {
        for (name, text) in [("EUR", "0.05"), ("EUR", "12.34"), ("JPY", "7"), ("BHD", "0.001")] {
            let currency = Currency::find(name).unwrap();
            assert_eq!(currency.decimal(currency.amount(text).unwrap()), text);
            assert_eq!(Currency::of(currency.code()), currency);
        }
        let other = Currency::find("999").unwrap();
        assert_eq!(other.show(Amount::new(105).unwrap()), "1.05 999");
        for wrong in ["XXX", "eur", "", "78", "+78", "1000"] {
            assert_eq!(Currency::find(wrong), None, "{wrong}");
        }
    }
}
