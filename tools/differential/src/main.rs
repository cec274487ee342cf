//! Runs the contact kernel beside another one, card for card. See `docs/differential.md`.

mod adjustment;
mod case;
mod channel;
mod compare;
mod dice;
mod draw;
mod host;
mod observation;
mod ours;
mod peer;
mod rule;
mod verdict;

fn main() {
    let mut count = std::collections::BTreeMap::new();
    let mut classes = std::collections::BTreeMap::new();
    for number in 0..2000 {
        let case = draw::draw(1, number);
        let v = verdict::judge(&case);
        if v.unexplained.is_empty() { count.entry("explained".to_owned()).or_insert((0, 0)).0 += 1; }
        if v.differences.is_empty() { count.entry("none".to_owned()).or_insert((0, 0)).0 += 1; }
        for d in &v.unexplained {
            let e = count.entry(format!("{:?} {d}", v.classes)).or_insert((0, number));
            e.0 += 1;
        }
        for c in v.classes { *classes.entry(c).or_insert(0) += 1; }
    }
    for (k, v) in count { println!("{v:?} {k}"); }
    for (k, v) in classes { println!("{v:?} {k:?}"); }
    if let Some(n) = std::env::args().nth(1) {
        let case = draw::draw(1, n.parse().unwrap());
        let ours = ours::observe(&case, &[]);
        let peer = peer::observe(&case, &[]);
        println!("{}\n{:#?}\n{:?} {:?} {:?}\nours {:?} {:?} {:?} {}\npeer {:?} {}", case.profile(), case.terminal, case.business, case.cardholder, case.issuer, ours.host, ours.performed, ours.reasons, ours.end, peer.host, peer.end);
        for d in compare::compare(&case, &ours, &peer) { println!("{d}"); }
        for (n, o) in [("ours", &ours), ("peer", &peer)] { println!("{n} {:02X?} {:02X?} {:02X?}", o.results, o.status, o.cvm_results);
        for e in &o.exchanges { println!("  {} -> {}", hex::encode(&e.command), hex::encode(&e.answer)); } }
    }
}
