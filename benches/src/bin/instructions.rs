//! Instructions of every work, counted by callgrind.
//!
//! Without arguments it runs itself under valgrind, once per work, and prints a table. With the
//! place of a work in the list it does that work: once to warm up, once in [`measured`], which is
//! what callgrind is told to count.

use chipwright_benches::work::{self, Work};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let Some(place) = std::env::args().nth(1) else {
        return table();
    };
    let mut work = work::all();
    let Some(work) = place.parse().ok().and_then(|place: usize| work.get_mut(place)) else {
        eprintln!("no such work: {place}");
        return ExitCode::FAILURE;
    };
    (work.run)();
    measured(&mut *work.run);
    ExitCode::SUCCESS
}

/// What is counted: everything from here on down.
#[inline(never)]
fn measured(run: &mut dyn FnMut()) {
    run();
}

fn table() -> ExitCode {
    println!("| Task | By | Instructions | Times ours |\n|---|---|---|---|");
    let mut ours = ("", 1);
    for (place, work) in work::all().iter().enumerate() {
        let Some(count) = count(place) else {
            eprintln!("valgrind did not count {work:?}");
            return ExitCode::FAILURE;
        };
        if ours.0 != work.task {
            ours = (work.task, count);
        }
        let Work { task, by, .. } = work;
        let hundredths = count * 100 / ours.1;
        println!("| {task} | {by} | {count} | {}.{:02} |", hundredths / 100, hundredths % 100);
    }
    ExitCode::SUCCESS
}

/// Instructions of one work; none when valgrind is missing or fails.
fn count(place: usize) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=*instructions::measured*")
        .arg(std::env::current_exe().ok()?)
        .arg(place.to_string())
        .output()
        .ok()?;
    let words = String::from_utf8_lossy(&output.stderr);
    let line = words.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(' ').next()?.parse().ok().filter(|_| output.status.success())
}
