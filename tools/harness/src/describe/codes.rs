//! Countries, currencies, languages and kinds of business, by their codes.

use isocountry::CountryCode;
use isolang::Language;
use std::sync::LazyLock;

/// Name of the country with this number. [ISO 3166-1]
pub fn country(number: u16) -> Option<&'static str> {
    CountryCode::for_id(number.into()).ok().map(|country| country.name())
}

/// Name of the country with these two or three letters. [ISO 3166-1]
pub fn country_of_letters(letters: &[u8]) -> Option<&'static str> {
    let letters = str::from_utf8(letters).ok()?.to_ascii_uppercase();
    let country = match letters.len() {
        2 => CountryCode::for_alpha2(&letters),
        3 => CountryCode::for_alpha3(&letters),
        _ => return None,
    };
    country.ok().map(|country| country.name())
}

/// Name of the currency with this number. [ISO 4217]
pub fn currency(number: u16) -> Option<String> {
    iso_currency::Currency::from_numeric(number).map(|currency| currency.name().to_owned())
}

/// Name of the language with these two letters. [ISO 639-1]
pub fn language(letters: &[u8]) -> Option<&'static str> {
    let letters = str::from_utf8(letters).ok()?.to_ascii_lowercase();
    Language::from_639_1(&letters).map(|language| language.to_name())
}

/// Codes of a kind of business, the first and the last, and what they are for.
type Categories = Vec<(u16, u16, &'static str)>;

static CATEGORIES: LazyLock<Categories> = LazyLock::new(|| {
    let category = |line: &'static str| {
        let (codes, name) = line.split_once('\t')?;
        let (first, last) = codes.split_once('-').unwrap_or((codes, codes));
        Some((first.parse().ok()?, last.parse().ok()?, name))
    };
    include_str!("merchant_categories.tsv").lines().filter_map(category).collect()
});

/// The kind of business with this merchant category code. [ISO 18245]
pub fn merchant_category(code: u16) -> Option<&'static str> {
    let mut categories = CATEGORIES.iter();
    categories.find(|(first, last, _)| (*first..=*last).contains(&code)).map(|(.., name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_names() {
        assert_eq!(country(276), Some("Germany"));
        assert_eq!(country(999), None);
        assert_eq!(country_of_letters(b"de"), Some("Germany"));
        assert_eq!(country_of_letters(b"FRA"), Some("France"));
        assert_eq!(country_of_letters(b"F"), None);
        assert_eq!(currency(978).as_deref(), Some("Euro"));
        assert_eq!(currency(1), None);
        assert_eq!(language(b"DE"), Some("German"));
        assert_eq!(language(&[0xFF, 0x00]), None);
        assert_eq!(merchant_category(5411), Some("grocery shops and supermarkets"));
        assert_eq!(merchant_category(3400), Some("car rental agencies"));
        assert_eq!(merchant_category(0), None);
    }

    #[test]
    fn every_category_is_read_and_ascends() {
        let lines = include_str!("merchant_categories.tsv").lines().count();
        assert_eq!(CATEGORIES.len() + 1, lines, "one line is a comment");
        assert!(CATEGORIES.is_sorted_by(|a, b| a.0 <= a.1 && a.1 < b.0));
    }
}
