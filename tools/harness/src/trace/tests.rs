use super::*;
use chipwright::event::Events;
use chipwright::outcome::{Conclusion, End};
use chipwright::phase::Phase;

use crate::recorded::Note;
use crate::run::Unwatched;

fn trace(name: &str) -> Trace {
    let path = format!("{}/../../test-vectors/traces/{name}.json", env!("CARGO_MANIFEST_DIR"));
    Trace::parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn replayed(name: &str) -> Replayed {
    replay(&trace(name), Events::NONE, &Unwatched)
}

#[test]
fn show() {
    for name in ["bf-contact-mastercard","bf-contact-visa","dn-VisaCardPse","dc-mrautio-a","dc-mrautio-b","dn-wrapperTestSW_61","dn-wrapperTestSW_6C"] {
        let r = replayed(name);
        println!("{name} {:?} used {}", r.outcome, r.used);
        for n in &r.notes { println!("    {n:02X?}"); }
    }
}
