//! Which symbol of a linked image refers to which, read from the relocations left in it.

mod places;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use object::elf;
use object::read::{File, Section, Symbol};
use object::{
    Architecture, Object, ObjectSection, ObjectSymbol, Relocation, RelocationFlags,
    RelocationTarget, SectionFlags,
};

use places::{Places, address_of, is_anonymous};

/// Symbols by name, and who refers to whom.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Demangled names; a symbol is its index here.
    pub(super) names: Vec<String>,
    /// For each symbol, those that refer to it, and the address of such a reference.
    pub(super) callers: Vec<BTreeMap<usize, u64>>,
}

impl Graph {
    /// Takes in a symbol and returns its index.
    pub(super) fn add(&mut self, name: String) -> usize {
        self.names.push(name);
        self.callers.push(BTreeMap::new());
        self.names.len() - 1
    }

    /// Name of the symbol.
    pub(super) fn name(&self, symbol: usize) -> &str {
        self.names.get(symbol).map_or("", String::as_str)
    }

    /// Those that refer to the symbol, and the address of such a reference.
    pub(super) fn callers(&self, symbol: usize) -> impl Iterator<Item = (usize, u64)> {
        let callers = self.callers.get(symbol).into_iter().flatten();
        callers.map(|(caller, address)| (*caller, *address))
    }
}

/// Reads the graph of a linked ELF file.
///
/// # Errors
/// When it has no relocations of its code, or such that are not understood.
pub(super) fn read(file: &File<'_>) -> Result<Graph> {
    let mut graph = Graph::default();
    let places = Places::of(file, &mut graph)?;
    let mut in_code = 0_usize;
    for section in file.sections() {
        let SectionFlags::Elf { sh_flags, .. } = section.flags() else {
            bail!("no ELF file");
        };
        if !sh_flags.contains(elf::SHF_ALLOC) {
            continue;
        }
        let nameless = graph.add(section.name().unwrap_or("nameless section").to_owned());
        for (address, relocation) in section.relocations() {
            in_code += usize::from(sh_flags.contains(elf::SHF_EXECINSTR));
            let target = target(file, &section, address, &relocation)?;
            let Some(to) = target.and_then(|target| places.containing(target)) else {
                continue;
            };
            let from = places.containing(address).unwrap_or(nameless);
            if let Some(callers) = graph.callers.get_mut(to)
                && from != to
            {
                callers.insert(from, address);
            }
        }
    }
    if in_code == 0 {
        bail!("linked without --emit-relocs: nothing can be said about its calls");
    }
    Ok(graph)
}

/// Address that the relocation at `address` refers to.
fn target(
    file: &File<'_>,
    section: &Section<'_, '_>,
    address: u64,
    relocation: &Relocation,
) -> Result<Option<u64>> {
    let RelocationTarget::Symbol(index) = relocation.target() else {
        return Ok(None);
    };
    let symbol = file.symbol_by_index(index).context("relocation")?;
    if symbol.is_undefined() {
        Ok(None)
    } else if is_anonymous(&symbol) {
        in_section(file, section, address, relocation, &symbol).map(Some)
    } else {
        Ok(Some(address_of(file, &symbol)))
    }
}

/// Address for a relocation whose symbol says no more than the section.
fn in_section(
    file: &File<'_>,
    section: &Section<'_, '_>,
    address: u64,
    relocation: &Relocation,
    symbol: &Symbol<'_, '_>,
) -> Result<u64> {
    let RelocationFlags::Elf { r_type } = relocation.flags() else {
        bail!("no ELF file");
    };
    match file.architecture() {
        Architecture::X86_64 => {
            // The processor counts from behind the field, which most often ends the instruction.
            let counted = [elf::R_X86_64_PC32, elf::R_X86_64_PLT32].contains(&r_type);
            let offset = relocation.addend() + if counted { 4 } else { 0 };
            Ok(symbol.address().wrapping_add_signed(offset))
        }
        Architecture::Arm => {
            // The addend stood in the field; the linker has put the result there.
            let field = section.data_range(address, 4)?.context("relocation")?;
            let word = u32::from_le_bytes(field.try_into().context("relocation")?);
            let pointer = match r_type {
                elf::R_ARM_ABS32 => u64::from(word),
                elf::R_ARM_PREL31 => {
                    let offset = i64::from((word << 1).cast_signed() >> 1);
                    address.wrapping_add_signed(offset)
                }
                other => bail!("relocation type {} against a section", other.0),
            };
            // The lowest bit of a pointer to a Thumb function says only that it is one.
            Ok(pointer & !1)
        }
        other => bail!("{other:?} is not an architecture of the probe"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;

    /// Two calls, one of them to a function that only its section names, and a table of pointers.
    const PROGRAM: &str = "
        __attribute__((noinline)) static int hidden(int a) { return a * *(volatile int *)16; }
        __attribute__((noinline)) int callee(int a) { return hidden(a) + 1; }
        __attribute__((noinline)) int other(int a) { return a - *(volatile int *)32; }
        int (*table[])(int) = { other };
        void _start(void) { for (;;) callee(table[0](2)); }";

    fn linked(name: &str, flag: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-graph-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (source, image) = (folder.join(format!("{name}.c")), folder.join(name));
        std::fs::write(&source, PROGRAM).unwrap();
        let flags = "-O1 -nostdlib -static -no-pie -fno-pie -ffunction-sections \
                     -fno-asynchronous-unwind-tables";
        let mut command = Command::new("cc");
        command.args(flags.split_whitespace()).arg(flag).arg("-o").arg(&image).arg(&source);
        assert!(command.status().unwrap().success());
        image
    }

    fn read_file(path: &PathBuf) -> Result<Graph> {
        let bytes = std::fs::read(path).unwrap();
        read(&File::parse(bytes.as_slice()).unwrap())
    }

    fn callers<'g>(graph: &'g Graph, name: &str) -> Vec<&'g str> {
        let symbol = graph.names.iter().position(|known| known == name).unwrap();
        graph.callers(symbol).map(|(caller, _)| graph.name(caller)).collect()
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn references_are_found_in_code_and_data() {
        let graph = read_file(&linked("kept", "-Wl,--emit-relocs")).unwrap();
        assert_eq!(callers(&graph, "callee"), ["_start"]);
        assert_eq!(callers(&graph, "hidden"), ["callee"]);
        assert_eq!(callers(&graph, "other"), ["table"]);
        assert_eq!(callers(&graph, "table"), ["_start"]);
        assert_eq!(callers(&graph, "_start"), [""; 0]);
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn an_image_without_relocations_proves_nothing() {
        let error = read_file(&linked("stripped", "-Wl,--gc-sections")).unwrap_err();
        assert!(error.to_string().contains("--emit-relocs"));
    }
}
