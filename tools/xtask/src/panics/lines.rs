//! Source lines behind an address, through everything that was inlined there.

use anyhow::Result;
use object::read::File;
use object::{Object, ObjectSection};

type Reader<'data> = addr2line::gimli::EndianSlice<'data, addr2line::gimli::LittleEndian>;

/// Line tables of an image.
pub(super) struct Lines<'data>(addr2line::Context<Reader<'data>>);

impl<'data> Lines<'data> {
    /// Reads the line tables of `file`. Without any, [`Self::at`] knows nothing.
    ///
    /// # Errors
    /// When they are malformed.
    pub(super) fn of(file: &File<'data>) -> Result<Self> {
        let load = |id: addr2line::gimli::SectionId| {
            let section = file.section_by_name(id.name());
            let data = section.map_or(Ok(&[][..]), |section| section.data())?;
            Ok::<_, object::Error>(Reader::new(data, addr2line::gimli::LittleEndian))
        };
        let dwarf = addr2line::gimli::Dwarf::load(load)?;
        Ok(Self(addr2line::Context::from_dwarf(dwarf)?))
    }

    /// `, at a.rs:1 in b.rs:2`: the line at `address`, then those it was inlined into.
    pub(super) fn at(&self, address: u64) -> String {
        let mut text = String::new();
        let Ok(mut frames) = self.0.find_frames(address).skip_all_loads() else {
            return text;
        };
        while let Ok(Some(frame)) = frames.next() {
            let Some(location) = frame.location else {
                continue;
            };
            if let (Some(file), Some(line)) = (location.file, location.line) {
                let joint = if text.is_empty() { ", at" } else { " in" };
                text = format!("{text}{joint} {}:{line}", shortened(file));
            }
        }
        text
    }
}

/// The last parts of a path, enough to recognise the file.
fn shortened(path: &str) -> &str {
    path.rmatch_indices('/').nth(3).map_or(path, |(index, _)| path.get(index + 1..).unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_keep_what_tells_them_apart() {
        assert_eq!(shortened("/x/y/kernels/contact/src/flow.rs"), "kernels/contact/src/flow.rs");
        assert_eq!(shortened("src/tlv.rs"), "src/tlv.rs");
    }
}
