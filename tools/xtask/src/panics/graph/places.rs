//! Stretches of memory and the symbols that name them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use object::read::{File, Symbol};
use object::{
    Architecture, Object, ObjectSection, ObjectSymbol, SectionFlags, SectionIndex, SymbolKind, elf,
};

use super::Graph;

/// Named places of an image, by their first address.
pub(super) struct Places(BTreeMap<u64, Place>);

struct Place {
    end: u64,
    section: SectionIndex,
    symbol: usize,
}

/// What symbols say of an address. Those that share it are one, under all their names.
struct Named {
    names: BTreeSet<String>,
    size: u64,
    section: SectionIndex,
}

impl Places {
    /// Finds the places of `file` and takes their symbols into `graph`.
    ///
    /// # Errors
    /// When a symbol is malformed.
    pub(super) fn of(file: &File<'_>, graph: &mut Graph) -> Result<Self> {
        let mut named: BTreeMap<u64, Named> = BTreeMap::new();
        for symbol in file.symbols() {
            let name = symbol.name().context("symbol")?;
            let Some(section) = symbol.section_index() else {
                continue;
            };
            if is_anonymous(&symbol) || !is_loaded(file, section)? {
                continue;
            }
            let new = || Named { names: BTreeSet::new(), size: 0, section };
            let entry = named.entry(address_of(file, &symbol)).or_insert_with(new);
            entry.names.insert(format!("{:#}", rustc_demangle::demangle(name)));
            entry.size = entry.size.max(symbol.size());
        }
        let mut places = BTreeMap::new();
        for (start, Named { names, size, section }) in named {
            let symbol = graph.add(Vec::from_iter(names).join(" = "));
            places.insert(start, Place { end: start + size, section, symbol });
        }
        lengthen(&mut places);
        Ok(Self(places))
    }

    /// The symbol at `address`.
    pub(super) fn containing(&self, address: u64) -> Option<usize> {
        let (_, place) = self.0.range(..=address).next_back()?;
        (address < place.end).then_some(place.symbol)
    }
}

/// Whether the symbol names nothing but a section, a source file, or a piece of a function:
/// a dollar marks code and data inside functions of ARM.
pub(super) fn is_anonymous(symbol: &Symbol<'_, '_>) -> bool {
    matches!(symbol.kind(), SymbolKind::Section | SymbolKind::File)
        || symbol.name().is_ok_and(|name| name.is_empty() || name.starts_with('$'))
}

/// Address of the symbol. The lowest bit of a Thumb function says only that it is one.
pub(super) fn address_of(file: &File<'_>, symbol: &Symbol<'_, '_>) -> u64 {
    let thumb = file.architecture() == Architecture::Arm && symbol.kind() == SymbolKind::Text;
    symbol.address() & !u64::from(thumb)
}

/// Whether the section is part of the image, so that its addresses are its own.
fn is_loaded(file: &File<'_>, section: SectionIndex) -> Result<bool> {
    let flags = file.section_by_index(section).context("section of a symbol")?.flags();
    Ok(matches!(flags, SectionFlags::Elf { sh_flags, .. } if sh_flags.contains(elf::SHF_ALLOC)))
}

/// Symbols without a size, such as those of assembly, reach to the next of their section.
fn lengthen(places: &mut BTreeMap<u64, Place>) {
    let mut following: Option<(u64, SectionIndex)> = None;
    for (start, place) in places.iter_mut().rev() {
        if place.end == *start {
            place.end = match following {
                Some((next, section)) if section == place.section => next,
                _ => start + 1,
            };
        }
        following = Some((*start, place.section));
    }
}
