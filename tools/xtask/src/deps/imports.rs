//! Which modules of the core a source file may name, and what portable crates promise.

use std::path::Path;

use proc_macro2::{Delimiter, TokenTree};

use crate::finding::Finding;
use crate::source::{Source, first_line, group, ident, punct};

/// What the simulators may use: the codec, the values it carries and the issuer's cryptography.
const SIMULATOR: [&str; 11] = [
    "apdu",
    "crypto",
    "cryptogram",
    "dictionary",
    "dol",
    "field",
    "object",
    "status",
    "tag",
    "tlv",
    "value",
];

/// Where `unsafe` may stand; the fuzz targets call the C interface as C does.
const UNSAFE: [&str; 5] = [
    "bindings/c",
    "examples",
    "benches",
    "fuzz/fuzz_targets/c-interface.rs",
    "fuzz/fuzz_targets/c-run.rs",
];

/// Checks one file.
pub(super) fn check(source: &Source, findings: &mut Vec<Finding>) {
    let path = source.path.as_path();
    let simulator = path.starts_with("tools/card") || path.starts_with("tools/host");
    let kernel = path.starts_with("kernels");
    let may_be_unsafe = UNSAFE.iter().any(|folder| path.starts_with(folder));
    source.each(|token, rest| {
        let Some(name) = ident(token) else { return };
        let line = first_line(token.span());
        let mut found = |message| findings.push(Finding::new(path, line, message));
        if name == "unsafe" && !may_be_unsafe {
            found("unsafe stands only in bindings/c, examples and benches".to_owned());
        }
        if source.is_test(line) {
            return;
        }
        if name == "extern" && source.is_portable() && links_std(rest) {
            found("a portable crate links neither std nor alloc".to_owned());
        }
        if name != "chipwright" || !(simulator || kernel) {
            return;
        }
        for module in modules(rest) {
            if module == "as" || module == "self" || module == "*" {
                found(format!("`{module}` hides which modules of chipwright are used"));
            } else if simulator && !SIMULATOR.contains(&module.as_str()) {
                found(format!("a simulator must not share chipwright::{module} with a terminal"));
            } else if kernel && module == "cryptogram" {
                found("a kernel must not use the issuer's cryptography".to_owned());
            }
        }
    });
    check_promises(source, findings);
}

/// First path segments after `chipwright`: one, those of a group, or `as` when it is renamed.
fn modules(rest: &[TokenTree]) -> Vec<String> {
    match rest {
        [first, ..] if ident(first).is_some_and(|word| word == "as") => vec!["as".to_owned()],
        [first, second, third, ..] if punct(first) == Some(':') && punct(second) == Some(':') => {
            match group(third, Delimiter::Brace) {
                Some(tokens) => tokens
                    .split(|token| punct(token) == Some(','))
                    .filter_map(|part| part.first())
                    .map(ToString::to_string)
                    .collect(),
                None => vec![third.to_string()],
            }
        }
        _ => Vec::new(),
    }
}

/// `extern crate std` or `extern crate alloc`, from behind the `extern`.
fn links_std(rest: &[TokenTree]) -> bool {
    let mut words = rest.iter().map(ident);
    words.next().flatten().is_some_and(|word| word == "crate")
        && words.next().flatten().is_some_and(|name| name == "std" || name == "alloc")
}

/// What the root of a portable crate says, each in one of its forms.
const PROMISES: [&[&str]; 2] =
    [&["[no_std]", "[cfg_attr(not(test),no_std)]"], &["[forbid(unsafe_code)]"]];

/// The root of a portable crate says all [`PROMISES`].
fn check_promises(source: &Source, findings: &mut Vec<Finding>) {
    if !source.is_portable() || !source.path.ends_with(Path::new("src/lib.rs")) {
        return;
    }
    for forms in PROMISES {
        let mut kept = false;
        source.each(|token, rest| {
            if let [bang, attribute, ..] = rest {
                kept |= punct(token) == Some('#')
                    && punct(bang) == Some('!')
                    && forms.contains(&attribute.to_string().replace(' ', "").as_str());
            }
        });
        if !kept {
            let message = format!("a portable crate says #!{}", forms.join(" or #!"));
            findings.push(Finding::new(&source.path, 1, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        let source = Source::parse(Path::new(path), text.to_owned()).unwrap();
        let mut findings = Vec::new();
        check(&source, &mut findings);
        findings.iter().map(Finding::to_string).collect()
    }

    #[test]
    fn a_simulator_uses_the_codec() {
        let text = "use chipwright::{tlv::{self, Tlvs}, dol};\nuse chipwright::cryptogram::arqc;\n";
        assert_eq!(findings("tools/card/src/a.rs", text), [""; 0]);
    }

    #[test]
    fn a_simulator_does_not_use_the_kernel_logic() {
        for module in ["oda", "cvm", "risk", "actions", "restrictions", "script", "database"] {
            let expected = format!(
                "tools/host/src/a.rs:2: a simulator must not share chipwright::{module} with a terminal"
            );
            let text = format!("\nuse chipwright::{{tlv, {module}::x}};\n");
            assert_eq!(findings("tools/host/src/a.rs", &text), [expected.as_str()]);
            let text = format!("fn a() {{\n    ::chipwright::{module}::x();\n}}\n");
            assert_eq!(findings("tools/host/src/a.rs", &text), [expected]);
        }
    }

    #[test]
    fn other_crates_may() {
        let text = "use chipwright::oda::Recovered;\n";
        assert_eq!(findings("tools/cli/src/a.rs", text), [""; 0]);
        assert_eq!(findings("kernels/contact/src/a.rs", text), [""; 0]);
    }

    #[test]
    fn imports_cannot_be_hidden() {
        for (text, hidden) in [
            ("use chipwright as c;", "as"),
            ("extern crate chipwright as c;", "as"),
            ("use chipwright::{self as c};", "self"),
            ("use chipwright::*;", "*"),
            ("use chipwright::{tlv, *};", "*"),
        ] {
            let expected = format!(
                "tools/card/src/a.rs:1: `{hidden}` hides which modules of chipwright are used"
            );
            assert_eq!(findings("tools/card/src/a.rs", text), [expected]);
        }
    }

    #[test]
    fn a_kernel_does_not_use_issuer_cryptography() {
        let expected =
            ["kernels/contact/src/a.rs:1: a kernel must not use the issuer's cryptography"];
        let text = "use chipwright::{tlv, cryptogram::arqc};";
        assert_eq!(findings("kernels/contact/src/a.rs", text), expected);
    }

    #[test]
    fn tests_may_use_what_they_compare_with() {
        let text = "#[cfg(test)]\nmod tests {\n    use chipwright::oda;\n}\n";
        assert_eq!(findings("tools/card/src/a.rs", text), [""; 0]);
        assert_eq!(findings("tools/card/tests/a.rs", "use chipwright::oda;"), [""; 0]);
    }

    #[test]
    fn unsafe_stands_where_it_may() {
        let expected =
            ["tools/cli/src/a.rs:1: unsafe stands only in bindings/c, examples and benches"];
        let text = "fn a() { unsafe { b() } }\n// unsafe\n";
        assert_eq!(findings("tools/cli/src/a.rs", text), expected);
        assert_eq!(findings("examples/probe/src/main.rs", text), [""; 0]);
        assert_eq!(findings("bindings/c/src/lib.rs", text), [""; 0]);
        assert_eq!(findings("bindings/python/src/lib.rs", text).len(), 1);
    }

    #[test]
    fn portable_crates_keep_their_promises() {
        let path = "kernels/contact/src/lib.rs";
        for kept in ["no_std", "cfg_attr(not(test), no_std)"] {
            let text = format!("#![{kept}]\n#![forbid(unsafe_code)]\n");
            assert_eq!(findings(path, &text), [""; 0]);
        }
        let broken = findings(path, "#![deny(unsafe_code)]\n");
        for (finding, promise) in broken.iter().zip(["#![no_std]", "#![forbid(unsafe_code)]"]) {
            let expected = format!("{path}:1: a portable crate says {promise}");
            assert!(finding.starts_with(&expected), "{finding}");
        }
        assert_eq!(broken.len(), 2);
        assert_eq!(findings("tools/cli/src/lib.rs", ""), [""; 0]);
    }

    #[test]
    fn portable_crates_link_std_in_tests_only() {
        let path = "crypto/rustcrypto/src/a.rs";
        for name in ["std", "alloc"] {
            let text = format!("extern crate {name};\n");
            let expected =
                ["crypto/rustcrypto/src/a.rs:1: a portable crate links neither std nor alloc"];
            assert_eq!(findings(path, &text), expected);
            assert_eq!(findings(path, &format!("#[cfg(test)]\n{text}")), [""; 0]);
        }
    }
}
