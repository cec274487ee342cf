//! The firmware of `examples/firmware` in QEMU: what it does, and what that costs.
//!
//! It runs twice. First with a simulated card and acquirer at the end of a serial line; what is
//! said there is kept. Then a second image has the same answers in flash, and nothing counts
//! waiting.

mod emulator;
mod figures;
mod row;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::checkout;
use crate::finding::conclude;
use crate::size::{self, Page, Sizes};

use row::Row;

const TARGET: &str = "thumbv7em-none-eabihf";
const FOLDER: &str = "examples/firmware";
const CARD: &str = "examples/firmware/card.toml";

const PAGE: Page = Page {
    path: "docs/firmware.md",
    unit: "Bytes, instructions",
    head: "# Firmware\n\n\
        What `examples/firmware` costs: terminal layer, contact kernel, Entry Point, Kernel 7, software\n\
        cryptography, devices and configuration, on a Cortex-M4 that QEMU emulates. It makes a sale\n\
        with DDA, an offline PIN and an answer of the issuer, and a tap with fDDA, with certificates\n\
        under a key of 1984 bits and e = 3.\n\n\
        `flash` and `ram` (.data and .bss: all the memory that a transaction is lent) are the image's;\n\
        `stack` is the high-water mark of the painted stack. The other rows are instructions, counted\n\
        with the answers of card and acquirer in flash: by phase, and apart from the phases those of\n\
        RSA, of hashing, and of the devices, which no total has in it. `sale` and `tap` are what the\n\
        kernels take alone; `whole` is the same with the terminal layer: journal, messages, display.\n\
        `one RSA operation` is under such a key, from bytes to bytes, and `stack` behind it its own.\n\
        Written by `cargo xtask firmware`; the budget is in `docs/budget.toml`.\n",
};

/// Runs the firmware, and writes the page or (`check`) compares budget and page.
///
/// # Errors
/// When it does not do what it should, is over budget, or (`check`) differs from the page.
pub(crate) fn run(check: bool) -> Result<()> {
    let root = checkout::root()?;
    let directory = checkout::target_directory(&root).join("firmware");
    let (told, said) = (directory.join("told"), directory.join("said"));

    let image = build(&root, &directory, Image::Firmware, "s")?;
    let (rows, frames) = emulator::converse(&image, &told, &mut simulator(&root)?)?;
    tell(&rows)?;
    explain(&root, &told)?;
    std::fs::write(&said, frames).with_context(|| said.display().to_string())?;
    let bytes = std::fs::read(&image).with_context(|| image.display().to_string())?;
    let mut memory = size::memory(&bytes)?;
    memory.extend(figures::figures(&rows));
    let mut sizes = Sizes::from([(format!("{TARGET}, firmware"), memory)]);
    for level in ["s", "3"] {
        let image = build(&root, &directory, Image::Measured(&said), level)?;
        let rows = emulator::count(&image, &told)?;
        sizes.insert(format!("{TARGET}, firmware, opt-level {level}"), figures::figures(&rows));
    }
    conclude("firmware", size::compare(&root, &PAGE, &sizes, figures::is_part, check)?)
}

/// The program that simulates card and acquirer.
fn simulator(root: &Path) -> Result<Command> {
    checkout::output(
        Command::new("cargo").args(["build", "--quiet", "-p", "chipwright-cli"]).current_dir(root),
    )?;
    let mut simulator = Command::new(program(root));
    simulator.args(["card", "--stdio", "--card", CARD]).current_dir(root);
    Ok(simulator)
}

/// The command that simulates cards and explains records.
fn program(root: &Path) -> PathBuf {
    checkout::target_directory(root).join("debug/chipwright")
}

/// Has the event record explained, and looks whether both transactions authenticated their card.
fn explain(root: &Path, told: &Path) -> Result<()> {
    let command = |json: bool| {
        let mut program = Command::new(program(root));
        program.arg("record").arg(told).args(json.then_some("--json"));
        checkout::output(&mut program)
    };
    println!("{}", command(false)?);
    let record: Record = serde_json::from_str(&command(true)?).context("chipwright record")?;
    let passed =
        record.events.iter().filter(|event| event.event == "authenticated" && event.passed);
    ensure!(passed.count() == 2, "not every card was authenticated");
    Ok(())
}

/// What is read of an explained record.
#[derive(serde::Deserialize)]
struct Record {
    events: Vec<Told>,
}

#[derive(serde::Deserialize)]
struct Told {
    event: String,
    #[serde(default)]
    passed: bool,
}

/// The images.
enum Image<'p> {
    /// With card and acquirer at the end of a line.
    Firmware,
    /// With what was said there in flash.
    Measured(&'p Path),
}

/// Builds an image, optimised to this level.
fn build(root: &Path, directory: &Path, image: Image<'_>, level: &str) -> Result<PathBuf> {
    let mut command = Command::new("cargo");
    command
        .args(["build", "--release", "--locked", "--quiet", "--target", TARGET, "--bin"])
        .current_dir(root.join(FOLDER))
        .env("CARGO_TARGET_DIR", directory)
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", level)
        // Flags of the caller would change what is measured.
        .env_remove("RUSTFLAGS");
    let name = match image {
        Image::Firmware => "firmware",
        Image::Measured(said) => {
            command.env("CHIPWRIGHT_SAID", said);
            "measured"
        }
    };
    command.arg(name);
    if let Image::Measured(_) = image {
        command.args(["--features", "measured"]);
    }
    checkout::output(&mut command)?;
    Ok(directory.join(TARGET).join("release").join(name))
}

/// Checks that both transactions were approved as
/// they should: the sale by the issuer, the tap by the card.
fn tell(rows: &[Row]) -> Result<()> {
    const APPROVED: u8 = 0;
    const OFFLINE: u8 = 0;
    const ONLINE: u8 = 1;
    let ended = rows.iter().filter_map(|row| match row {
        Row::Ended(conclusion, authority) => Some((*conclusion, *authority)),
        _ => None,
    });
    let ended: Vec<_> = ended.collect();
    if ended != [(APPROVED, ONLINE), (APPROVED, OFFLINE)] {
        bail!("conclusions and authorities of sale and tap are {ended:?}");
    }
    println!("sale approved online, tap approved offline");
    Ok(())
}
