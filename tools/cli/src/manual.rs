//! `completions` and `man`: the command line, for shells and for readers.

use clap::CommandFactory;

use crate::Report;
use crate::arguments::{Arguments, Completions, Man};
use crate::failure::{Exit, Failure};

/// The name under which the command is installed.
const NAME: &str = "chipwright";

/// The script that completes the command line in a shell.
pub(crate) fn completions(arguments: &Completions) -> Report {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), NAME, &mut script);
    Report { text: String::from_utf8_lossy(&script).into_owned(), exit: Exit::Success }
}

/// The manual page, or all of them into a directory.
pub(crate) fn run(arguments: &Man) -> Result<Report, Failure> {
    let failed = |error: std::io::Error| Failure::data(format!("manual pages: {error}"));
    let Some(directory) = &arguments.output else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Arguments::command()).render(&mut page).map_err(failed)?;
        let text = String::from_utf8_lossy(&page).into_owned();
        return Ok(Report { text, exit: Exit::Success });
    };
    std::fs::create_dir_all(directory).map_err(failed)?;
    clap_mangen::generate_to(Arguments::command(), directory).map_err(failed)?;
    Ok(Report { text: String::new(), exit: Exit::Success })
}
