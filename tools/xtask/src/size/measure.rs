//! Reads an image.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use object::{Object, ObjectSection, ObjectSymbol, SectionFlags, SectionKind, elf};

/// Section for what the probe says of itself: one word per symbol, not part of the image.
const EXPORTS: &str = ".chipwright.sizes";

/// Beginning of the names of the symbols in it.
const PREFIX: &str = "CHIPWRIGHT_SIZE_";

/// Bytes of the ELF file in `bytes`: those of [`memory`], and what it exports.
///
/// # Errors
/// When it is no ELF file, or exports nothing.
pub(super) fn measure(bytes: &[u8]) -> Result<BTreeMap<String, u64>> {
    let mut sizes = memory(bytes)?;
    sizes.extend(exports(&object::File::parse(bytes).context("no ELF file")?)?);
    Ok(sizes)
}

/// Bytes of the ELF file in `bytes`: `flash` and `ram`.
///
/// # Errors
/// When it is no ELF file.
pub(crate) fn memory(bytes: &[u8]) -> Result<BTreeMap<String, u64>> {
    let file = object::File::parse(bytes).context("no ELF file")?;
    let (mut flash, mut ram) = (0, 0);
    for section in file.sections() {
        let SectionFlags::Elf { sh_flags, .. } = section.flags() else { bail!("no ELF file") };
        if !sh_flags.contains(elf::SHF_ALLOC) {
            continue;
        }
        if section.kind() != SectionKind::UninitializedData {
            flash += section.size();
        }
        let name = section.name().context("section name")?;
        if name.starts_with(".data") || name.starts_with(".bss") {
            ram += section.size();
        }
    }
    Ok(BTreeMap::from([("flash".to_owned(), flash), ("ram".to_owned(), ram)]))
}

fn exports(file: &object::File<'_>) -> Result<Vec<(String, u64)>> {
    let section = file.section_by_name(EXPORTS).context("the probe exports no sizes")?;
    let mut sizes = Vec::new();
    for symbol in file.symbols() {
        let Some(name) = symbol.name().ok().and_then(|name| name.strip_prefix(PREFIX)) else {
            continue;
        };
        let width = if file.is_64() { 8 } else { 4 };
        let word =
            section.data_range(symbol.address(), width)?.context("size outside its section")?;
        let size = word.iter().rev().fold(0, |size, byte| size << 8 | u64::from(*byte));
        sizes.push((name.to_lowercase(), size));
    }
    Ok(sizes)
}
