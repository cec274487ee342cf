//! The header of the C interface, made of its crate.

use std::path::Path;

use anyhow::{Context, Result, bail};
use cbindgen::{Builder, Config};

use crate::checkout;

const CRATE: &str = "bindings/c";
const HEADER: &str = "bindings/c/include/chipwright.h";

/// Writes the header, or checks that the committed one is current.
///
/// # Errors
/// When the crate cannot be read, or the header is not current.
pub(crate) fn run(check: bool) -> Result<()> {
    let root = checkout::root()?;
    let header = header(&root)?;
    let path = root.join(HEADER);
    if check {
        let committed = std::fs::read_to_string(&path).with_context(|| HEADER.to_owned())?;
        if committed != header {
            bail!("{HEADER} is not current: cargo xtask header");
        }
        println!("header: {} functions", header.matches("chipwright_status chipwright_").count());
        return Ok(());
    }
    std::fs::write(&path, header).with_context(|| HEADER.to_owned())
}

fn header(root: &Path) -> Result<String> {
    let folder = root.join(CRATE);
    let config = Config::from_file(folder.join("cbindgen.toml")).map_err(anyhow::Error::msg)?;
    let bindings = Builder::new().with_config(config).with_crate(folder).generate()?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    // What Rust calls safety is what a caller in C has to see to.
    Ok(String::from_utf8(header)?.replace(" * # Safety\n", " * The caller sees to it:\n"))
}
