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

/// The currencies that have a name here.
const TABLE: [Currency; 32] = [
    new("AED", 784, 2),
    new("AUD", 36, 2),
    new("BHD", 48, 3),
    new("BRL", 986, 2),
    new("CAD", 124, 2),
    new("CHF", 756, 2),
    new("CLP", 152, 0),
    new("CNY", 156, 2),
    new("CZK", 203, 2),
    new("DKK", 208, 2),
    new("EUR", 978, 2),
    new("GBP", 826, 2),
    new("HKD", 344, 2),
    new("HUF", 348, 2),
    new("IDR", 360, 2),
    new("INR", 356, 2),
    new("ISK", 352, 0),
    new("JPY", 392, 0),
    new("KRW", 410, 0),
    new("KWD", 414, 3),
    new("MXN", 484, 2),
    new("NOK", 578, 2),
    new("NZD", 554, 2),
    new("PLN", 985, 2),
    new("RON", 946, 2),
    new("SEK", 752, 2),
    new("SGD", 702, 2),
    new("THB", 764, 2),
    new("TND", 788, 3),
    new("TRY", 949, 2),
    new("USD", 840, 2),
    new("ZAR", 710, 2),
];

const fn new(name: &'static str, number: u16, exponent: u8) -> Currency {
    match Code::new(number) {
        Some(code) => Currency { name, code, exponent },
        None => panic!("a code has three digits"),
    }
}

impl Currency {
    /// The currency with this name, or with this number of three digits.
    pub fn find(text: &str) -> Option<Self> {
        let is_number = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_number).and_then(Code::new);
        let named = TABLE.iter().find(|currency| currency.name == text).copied();
        named.or_else(|| number.map(Self::of))
    }

    /// The currency with this code; two decimal places when it is none of the table.
    pub fn of(code: Code) -> Self {
        let known = TABLE.iter().find(|currency| currency.code == code).copied();
        known.unwrap_or(Self { name: "", code, exponent: 2 })
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
