//! The chain of certificates, and what was hashed.

use super::html::Html;
use super::part::{datum, section};
use crate::explain::{Authentication, Certificate, Entry, Recording, told};

/// From the authority down to the signature.
pub(super) fn chain(html: &mut Html, recording: &Recording, authentication: &Authentication) {
    section(html, "Certificate chain", "B2 5, 6", |html| {
        html.element("ol", "chain", |html| {
            authority(html, recording, !authentication.certificates.is_empty());
            authentication.certificates.iter().for_each(|found| certificate(html, found));
            result(html, authentication);
        });
        hashed(html, authentication);
    });
}

/// The key that everything stands on, by the name that the card gives it.
fn authority(html: &mut Html, recording: &Recording, trusted: bool) {
    let object = |tag: &str| {
        let found = recording.objects.iter().find(|object| object.text("tag") == tag);
        found.map(|object| object.text("value").to_owned()).unwrap_or_default()
    };
    let (index, name) = (object("8F"), object("84"));
    html.element("li", if trusted { "good" } else { "note" }, |html| {
        html.leaf("h3", "", "Certification authority");
        let provider = name.get(..10).unwrap_or_default();
        if !index.is_empty() && !provider.is_empty() {
            html.leaf("p", "quiet", &format!("key {index} of {provider}"));
        }
    });
}

fn certificate(html: &mut Html, certificate: &Certificate) {
    html.element("li", "good", |html| {
        html.element("h3", "", |html| html.text(&certificate.part));
        html.element("dl", "facts small", |html| {
            for (name, value) in [
                ("Key", format!("{} bits", certificate.modulus_bits)),
                ("Exponent", certificate.exponent.to_string()),
                ("Serial", certificate.serial.clone()),
                ("Good to", certificate.expiry.clone()),
            ] {
                html.element("div", "", |html| {
                    html.leaf("dt", "", name);
                    html.leaf("dd", "", &value);
                });
            }
        });
    });
}

fn result(html: &mut Html, authentication: &Authentication) {
    let method = authentication.method.as_deref().unwrap_or("none in common");
    let (class, text) = match (authentication.passed, &authentication.failure) {
        (_, Some((code, why))) => ("bad", format!("failed: {why} ({code})")),
        (Some(true), _) => ("good", "verified".to_owned()),
        _ => ("note", "was not finished".to_owned()),
    };
    html.element("li", class, |html| {
        html.leaf("h3", "", &format!("Signature: {method}"));
        html.leaf("p", "", &text);
    });
}

fn hashed(html: &mut Html, authentication: &Authentication) {
    html.element("div", "hashed", |html| {
        if !authentication.static_data.is_empty() {
            html.element("article", "", |html| {
                html.leaf("h3", "", "Static data hashed");
                html.element("ol", "", |html| {
                    let pieces = authentication.static_data.iter();
                    pieces.for_each(|piece| html.leaf("li", "", &told(piece)));
                });
            });
        }
        let answer = authentication.covered_answer.join(" ");
        let lists = &authentication.covered_lists;
        if lists.is_empty() && authentication.covered.is_empty() && answer.is_empty() {
            return;
        }
        html.element("article", "", |html| {
            html.leaf("h3", "", "The signature covers");
            for list in lists {
                html.leaf("p", "", &format!("the bytes of list {list}"));
            }
            authentication.covered.iter().for_each(|object| datum(html, object));
            if !answer.is_empty() {
                html.leaf("p", "", &format!("the card's answer: {answer}"));
            }
        });
    });
}
