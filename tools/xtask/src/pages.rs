//! The pages of `chipwright report` in a real browser: Chromium without a window.
//!
//! Every page is opened at the width of a phone and of a desk, in light and dark, with all of it
//! unfolded. It has to load without errors, ask the network for nothing and fit its window.

mod browser;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use base64ct::{Base64, Encoding};

use crate::checkout;
use browser::{Browser, Look, Seen};

/// What is reported: name, and how it is paid.
const PAYMENTS: [(&str, &[&str]); 6] = [
    ("approved", &["--card", "contact-dda"]),
    ("refused", &["--card", "contact-expired"]),
    ("pin", &["--card", "contact-dda-pin", "--pin", "1111", "--pin", "bypass"]),
    ("combined", &["--card", "contact-cda"]),
    ("tap-refused", &["--card", "quickpass-broken-signature", "--currency", "CNY"]),
    ("tap-and-slot", &["--card", "dual-application", "--amount", "8.88", "--currency", "CNY"]),
];

/// How it is looked at.
const LOOKS: [(&str, Look); 4] = [
    ("phone-light", Look { width: 390, dark: false }),
    ("phone-dark", Look { width: 390, dark: true }),
    ("desk-light", Look { width: 1440, dark: false }),
    ("desk-dark", Look { width: 1440, dark: true }),
];

/// A trace that tries to be more than text.
const HOSTILE: &str = r#"{"schema": "chipwright-trace-1", "title":
"</title><script>document.title='owned'</script><img src='http://127.0.0.1:9/x' onerror='alert(1)'>",
"interface": "\"><script>alert(1)</script>", "transaction": {"type": "<b>", "amount": "<i>"},
"timing": {"card": 18446744073709551615, "kernel": 1},
"events": [{"event": "phase", "name": "<script>alert(1)</script>", "rule": "'\"><svg onload=alert(1)>"},
{"event": "command", "name": "<img src=http://127.0.0.1:9/y>", "about": "NAMENAMENAMENAMENAMENAMENAMENAMENAMENAMENAMENAMENAMENAMENAME", "bytes": "<", "at": 5},
{"event": "response", "status": "<u>", "at": 1, "objects": [{"tag": "<td>", "name": "<style>*{display:none}</style>", "value": "ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB"}]},
{"event": "contactless", "code": "<a href=javascript:alert(1)>", "reason": "&lt;", "rule": "\u0000"}],
"objects": [{"tag": "95", "value": "FFFFFFFFFF", "parts": ["[1:8] <script>alert(1)</script>", "[999:99] x"]}],
"outcome": {"conclusion": "<script>", "authority": "</style>"}}"#;

/// Reports, and looks at them. What they look like is written to `pictures`, if it is named.
///
/// # Errors
/// When something is wrong with a page, or there is no Chromium.
pub(crate) fn run(pictures: Option<&Path>) -> Result<()> {
    let root = checkout::root()?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    let folder = target.join("pages");
    std::fs::create_dir_all(&folder)?;
    if let Some(pictures) = pictures {
        std::fs::create_dir_all(pictures)?;
    }
    let mut pages = Vec::new();
    for (name, payment) in PAYMENTS {
        let trace = folder.join(format!("{name}.json"));
        let mut command = chipwright(&root);
        command.arg("pay").args(payment).arg("--trace").arg(&trace);
        let paid = command.output()?;
        if !trace.is_file() {
            bail!("{name}: {}", String::from_utf8_lossy(&paid.stderr));
        }
        pages.push((name, report(&root, &trace)?));
    }
    let hostile = folder.join("hostile.json");
    std::fs::write(&hostile, HOSTILE)?;
    pages.push(("hostile", report(&root, &hostile)?));

    let mut browser = Browser::start(&folder.join("profile"))?;
    let mut wrong = Vec::new();
    for (name, page) in &pages {
        for (look_name, look) in LOOKS {
            let seen = browser.look(page, look)?;
            wrong
                .extend(faults(&seen).into_iter().map(|why| format!("{name}, {look_name}: {why}")));
            if let Some(pictures) = pictures {
                let picture = Base64::decode_vec(&seen.picture).context("picture")?;
                std::fs::write(pictures.join(format!("{name}-{look_name}.png")), picture)?;
            }
        }
    }
    match wrong.as_slice() {
        [] => println!("pages: {} in {} looks", pages.len(), LOOKS.len()),
        wrong => bail!("{}", wrong.join("\n")),
    }
    // The check can fail.
    let broken = folder.join("broken.html");
    std::fs::write(&broken, BROKEN)?;
    let found = faults(&browser.look(&broken, LOOKS[0].1)?);
    if found.len() != 3 {
        bail!("a page with three faults has {found:?}");
    }
    Ok(())
}

/// A page with an error, a request, and too wide.
const BROKEN: &str = "<!DOCTYPE html><title>x</title><script>x.y()</script>\
                      <img src='http://127.0.0.1:9/z'><p style='width:2000px'>x";

/// What is wrong with a page as it was seen.
fn faults(seen: &Seen) -> Vec<String> {
    let mut faults = Vec::new();
    if !seen.requests.is_empty() {
        faults.push(format!("asks for {}", seen.requests.join(", ")));
    }
    if !seen.errors.is_empty() {
        faults.push(format!("says {}", seen.errors.join(", ")));
    }
    if seen.content > seen.window {
        faults.push(format!("{} pixels wide in a window of {}", seen.content, seen.window));
    }
    faults
}

fn chipwright(root: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "-p", "chipwright-cli", "--"]).current_dir(root);
    command
}

fn report(root: &Path, trace: &Path) -> Result<PathBuf> {
    let page = trace.with_extension("html");
    checkout::output(chipwright(root).arg("report").arg(trace).arg("-o").arg(&page))?;
    Ok(page)
}
