use super::*;
use crate::event::Sink;
use crate::field::TerminalType;
use OnlineCapability::{OfflineOnly, OfflineWithOnline, OnlineOnly};
use core::cell::RefCell;
use proptest::prelude::*;

const CAPABILITIES: [OnlineCapability; 3] = [OnlineOnly, OfflineWithOnline, OfflineOnly];

/// The six codes, in the order of the columns, the issuer's before the terminal's.
type Codes = [u64; 6];

fn field(bits: u64) -> Tvr {
    let [.., a, b, c, d, e] = bits.to_be_bytes();
    Tvr([a, b, c, d, e])
}

fn analysis(results: u64, codes: Codes, capability: OnlineCapability) -> Analysis<'static> {
    let [
        issuer_denial,
        terminal_denial,
        issuer_online,
        terminal_online,
        issuer_default,
        terminal_default,
    ] = codes.map(field);
    Analysis {
        results: field(results),
        issuer: ActionCodes {
            denial: issuer_denial,
            online: issuer_online,
            default: issuer_default,
        },
        terminal: ActionCodes {
            denial: terminal_denial,
            online: terminal_online,
            default: terminal_default,
        },
        capability,
        events: Events::NONE,
    }
}

/// Request and response code before the first GENERATE AC, by the formulas.
fn first(tvr: u64, codes: Codes, capability: OnlineCapability) -> (u8, Option<&'static [u8; 2]>) {
    let [a, b, c, d, e, f] = codes;
    let (denial, online, default) = (a | b, c | d, e | f);
    let (aac, tc, arqc) = (0x00, 0x40, 0x80);
    if denial & tvr != 0 {
        return (aac, Some(b"Z1"));
    }
    match capability {
        OnlineOnly => (arqc, None),
        OfflineWithOnline if online & tvr != 0 => (arqc, None),
        OfflineWithOnline => (tc, Some(b"Y1")),
        OfflineOnly if default & tvr != 0 => (aac, Some(b"Z1")),
        OfflineOnly => (tc, Some(b"Y1")),
    }
}

/// The same when the issuer was not reached. An online-only terminal asks for an AAC.
fn unable(tvr: u64, codes: Codes, capability: OnlineCapability) -> (u8, Option<&'static [u8; 2]>) {
    let [.., e, f] = codes;
    if capability == OnlineOnly || (e | f) & tvr != 0 {
        (0x00, Some(b"Z3"))
    } else {
        (0x40, Some(b"Y3"))
    }
}

fn compare(tvr: u64, codes: Codes, capability: OnlineCapability) {
    let analysis = analysis(tvr, codes, capability);
    for (decision, (request, code)) in [
        (analysis.first(), first(tvr, codes, capability)),
        (analysis.unable_to_go_online(), unable(tvr, codes, capability)),
    ] {
        assert_eq!(
            (decision.request.code(), decision.authorisation_response_code),
            (request, code.copied()),
            "{tvr:010X} {codes:010X?} {capability:?}"
        );
    }
}

/// [B3 10.7 denial; B3 10.7 online; B3 10.7 default; B3 10.7 unable]
#[test]
fn every_bit_counts_in_every_code_by_the_formula() {
    for place in 0..40 {
        let bit = 1u64 << place;
        for present in 0..64 {
            let codes = core::array::from_fn(|code| if present >> code & 1 == 1 { bit } else { 0 });
            // The bit alone, together with one that no code has, and not at all.
            let neighbour = 1 << ((place + 1) % 40);
            for capability in CAPABILITIES {
                for tvr in [bit, bit | neighbour, neighbour, 0] {
                    compare(tvr, codes, capability);
                }
            }
        }
    }
}

#[test]
fn a_code_with_every_other_bit_does_not_hit() {
    for place in 0..40 {
        let bit = 1u64 << place;
        let others = 0xFF_FFFF_FFFF & !bit;
        for capability in CAPABILITIES {
            compare(bit, [others; 6], capability);
            compare(others, [bit; 6], capability);
        }
    }
}

proptest! {
    #[test]
    fn several_bits_agree_with_the_formula(
        tvr in 0..1u64 << 40, sparse in 0..1u64 << 40,
        codes in prop::array::uniform6((0..1u64 << 40, 0..1u64 << 40, 0..1u64 << 40)),
        capability in prop::sample::select(&CAPABILITIES[..]),
    ) {
        let codes = codes.map(|(a, b, c)| a & b & c);
        compare(tvr & sparse, codes, capability);
        compare(tvr & sparse & sparse.rotate_left(7) & 0xFF_FFFF_FFFF, codes, capability);
    }
}

#[test]
fn absent_codes_decline_nothing_and_send_everything_to_the_issuer() {
    let all = 0xFF_FFFF_FFFF;
    for capability in CAPABILITIES {
        for tvr in (0..40).map(|place| 1u64 << place).chain([0, all]) {
            let with_defaults = Analysis {
                issuer: ISSUER_DEFAULT,
                terminal: ActionCodes::default(),
                ..analysis(tvr, [0; 6], capability)
            };
            let codes = [0, 0, all, 0, all, 0];
            let (request, code) = first(tvr, codes, capability);
            let decision = with_defaults.first();
            assert_eq!(decision.request.code(), request);
            assert_eq!(decision.authorisation_response_code, code.copied());
            let (request, code) = unable(tvr, codes, capability);
            let decision = with_defaults.unable_to_go_online();
            assert_eq!(decision.request.code(), request);
            assert_eq!(decision.authorisation_response_code, code.copied());
        }
    }
}

#[test]
fn decisions_in_words() {
    const BIT: u64 = 0x80; // floor limit, say
    let no = [0; 6];
    let online = [0, 0, BIT, 0, 0, 0];
    let default = [0, 0, 0, 0, 0, BIT];
    let denial = [0, BIT, BIT, 0, 0, 0];
    for (codes, capability, expected) in [
        (no, OfflineWithOnline, Decision::APPROVED),
        (online, OfflineWithOnline, Decision::ONLINE),
        (denial, OfflineWithOnline, Decision::DECLINED),
        (default, OfflineWithOnline, Decision::APPROVED),
        (no, OnlineOnly, Decision::ONLINE),
        (denial, OnlineOnly, Decision::DECLINED),
        (online, OfflineOnly, Decision::APPROVED),
        (default, OfflineOnly, Decision::DECLINED),
    ] {
        assert_eq!(analysis(BIT, codes, capability).first(), expected, "{codes:?} {capability:?}");
    }
    assert_eq!(
        analysis(BIT, no, OfflineWithOnline).unable_to_go_online(),
        Decision { request: CryptogramType::Tc, authorisation_response_code: Some(*b"Y3") }
    );
    assert_eq!(
        analysis(BIT, default, OfflineWithOnline).unable_to_go_online(),
        Decision { request: CryptogramType::Aac, authorisation_response_code: Some(*b"Z3") }
    );
}

/// [B4 6.3.6]
#[test]
fn the_last_digit_of_the_terminal_type_says_which_rules_apply() {
    let floor = [0, 0, 0x80, 0, 0, 0];
    for code in (0x11..=0x16).chain(0x21..=0x26).chain(0x34..=0x36u8) {
        let capability = TerminalType(code).online_capability();
        let quiet = analysis(0, floor, capability).first().request;
        let reached = analysis(0x80, floor, capability).first().request;
        let expected = match code & 0x0F {
            1 | 4 => (CryptogramType::Arqc, CryptogramType::Arqc),
            2 | 5 => (CryptogramType::Tc, CryptogramType::Arqc),
            _ => (CryptogramType::Tc, CryptogramType::Tc),
        };
        assert_eq!((quiet, reached), expected, "{code:02X}");
    }
}

#[derive(Default)]
struct Told(RefCell<Vec<String>>);

impl Sink for Told {
    fn event(&self, event: &Event<'_>) {
        self.0.borrow_mut().push(match event {
            Event::ActionCode { column, issuer, bits } => {
                format!("{column:?} {issuer} {:02X?}", bits.0)
            }
            Event::Decision { request, authorisation_response_code } => {
                format!("{request:?} {authorisation_response_code:?}")
            }
            other => panic!("{other:?}"),
        });
    }
}

fn told(
    tvr: u64,
    codes: Codes,
    capability: OnlineCapability,
    decide: fn(&Analysis<'_>) -> Decision,
) -> Vec<String> {
    let sink = Told::default();
    let analysis = analysis(tvr, codes, capability);
    decide(&Analysis { events: Events::to(&sink), ..analysis });
    sink.0.into_inner()
}

#[test]
fn tells_the_columns_that_were_looked_at_and_the_bits_that_met() {
    let codes = [0x01, 0x02, 0x14, 0x08, 0x20, 0x40];
    assert_eq!(
        told(0x1C, codes, OfflineWithOnline, |a| a.first()),
        ["Online true [00, 00, 00, 00, 14]", "Online false [00, 00, 00, 00, 08]", "Arqc None"]
    );
    assert_eq!(
        told(0x7F, codes, OfflineWithOnline, |a| a.first()),
        [
            "Denial true [00, 00, 00, 00, 01]",
            "Denial false [00, 00, 00, 00, 02]",
            "Aac Some([90, 49])"
        ],
        "what a denial made irrelevant is not told"
    );
    assert_eq!(
        told(0x7C, codes, OfflineOnly, |a| a.first()),
        [
            "Default true [00, 00, 00, 00, 20]",
            "Default false [00, 00, 00, 00, 40]",
            "Aac Some([90, 49])"
        ]
    );
    assert_eq!(told(0x7C, codes, OnlineOnly, |a| a.first()), ["Arqc None"]);
    assert_eq!(
        told(0x40, codes, OfflineWithOnline, |a| a.unable_to_go_online()),
        ["Default false [00, 00, 00, 00, 40]", "Aac Some([90, 51])"]
    );
    assert_eq!(
        told(0x1F, codes, OfflineWithOnline, |a| a.unable_to_go_online()),
        ["Tc Some([89, 51])"]
    );
}
