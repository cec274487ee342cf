//! Checks of the repository that cargo has no command for: `cargo xtask --help`.
//!
//! Every check prints what it found as `file:line: what is wrong` and exits with 1.

mod breaks;
mod checkout;
mod coverage;
mod deps;
mod errors;
mod faults;
mod finding;
mod firmware;
mod fuzz;
mod header;
mod image;
mod keys;
mod limits;
mod long;
mod mutants;
mod pages;
mod panics;
mod size;
mod source;
mod trace;
mod waste;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Checks of the repository that cargo has no command for.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Dependency directions: who may use whom, no std and no unsafe where promised.
    Deps,
    /// Requirement ledger against code and tests; writes docs/traceability.md.
    Trace {
        /// Fail when docs/traceability.md is not current instead of writing it.
        #[arg(long, conflicts_with = "mutate")]
        check: bool,
        #[command(flatten)]
        mutants: trace::mutate::Arguments,
    },
    /// Lines per file and per function.
    Limits,
    /// Header of the C interface; writes bindings/c/include/chipwright.h.
    Header {
        /// Fail when it is not current instead of writing it.
        #[arg(long)]
        check: bool,
    },
    /// Flash, RAM and future sizes of the probe image; writes docs/size.md.
    Size {
        /// Fail when over docs/budget.toml or when docs/size.md is not current.
        #[arg(long)]
        check: bool,
    },
    /// The firmware in QEMU: runs it, and writes docs/firmware.md.
    Firmware {
        /// Fail when over docs/budget.toml or when docs/firmware.md is not current.
        #[arg(long)]
        check: bool,
    },
    /// The pages of `chipwright report` in Chromium: no errors, no requests, nothing cut off.
    Pages {
        /// Write what they look like to this folder.
        #[arg(long, value_name = "FOLDER")]
        pictures: Option<std::path::PathBuf>,
    },
    /// Proof on the linked probe image that nothing in it can panic or allocate.
    Panics,
    /// Deliberate faults: panics and allocations, which `panics` must catch; endless loops, skipped
    /// phases, unmasked account numbers, which tests or the compiler must.
    Breaks {
        /// Every fault of the list, not those of the gate alone.
        #[arg(long)]
        all: bool,
    },
    /// Deliberate waste that size and firmware budgets must refuse.
    Waste,
    /// Deliberate errors in Entry Point, which its tests and vectors must see.
    Errors,
    /// Lines of its module that each fuzz target reaches from its corpus.
    Coverage(coverage::Arguments),
    /// Fuzz targets, each by the processor time that it has had.
    Fuzz(fuzz::Arguments),
    /// Test keys that are still missing under test-vectors/keys.
    Keys,
    /// Mutation scores: what the tests of a module notice of the mutants that cargo-mutants makes.
    Mutants(mutants::Arguments),
    /// What takes hours: fuzzing, all of Miri, deliberate errors, mutants, long property tests.
    Long(long::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Deps => deps::run(),
        Task::Trace { mutants, .. } if mutants.mutate => trace::mutate::run(&mutants),
        Task::Trace { check, .. } => trace::run(check),
        Task::Limits => limits::run(),
        Task::Header { check } => header::run(check),
        Task::Size { check } => size::run(check),
        Task::Firmware { check } => firmware::run(check),
        Task::Pages { pictures } => pages::run(pictures.as_deref()),
        Task::Panics => panics::run(),
        Task::Breaks { all } => breaks::run().and_then(|()| faults::run(all)),
        Task::Waste => waste::run(),
        Task::Errors => errors::run(),
        Task::Coverage(arguments) => coverage::run(&arguments),
        Task::Fuzz(arguments) => fuzz::run(&arguments),
        Task::Keys => keys::run(),
        Task::Mutants(arguments) => mutants::run(&arguments),
        Task::Long(arguments) => long::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
