//! The page docs/size.md: a table per image.

use core::fmt::Write as _;
use std::collections::BTreeMap;

use super::Sizes;

/// The page for what was measured, beside what may be spent.
pub(super) fn render(sizes: &Sizes, budget: &Sizes) -> String {
    let mut page = String::from(
        "# Size\n\n\
         What `examples/probe` costs in bytes: core, kernels and software cryptography, and\n\
         (\"terminal\") with the terminal layer around them, linked for size (`opt-level = \"s\"`, fat LTO,\n\
         `panic = \"abort\"`) without an allocator. `flash` is everything that is loaded, `ram` is .data\n\
         and .bss; the stack comes on top. The other rows are sizes of values: futures and what the\n\
         integrator provides. Written by\n\
         `cargo xtask size`; the budget is in `docs/budget.toml`.\n",
    );
    for (target, sizes) in sizes {
        _ = write!(page, "\n## {target}\n\n| What | Bytes | Budget |\n|---|---|---|\n");
        for (what, size) in sizes {
            let limit = budget.get(target).and_then(|budget| budget.get(what));
            let limit = limit.map_or("none".to_owned(), u64::to_string);
            _ = writeln!(page, "| {what} | {size} | {limit} |");
        }
    }
    page
}

/// What was measured when the page was written.
pub(super) fn parse(page: &str) -> Sizes {
    let mut sizes = Sizes::new();
    let mut target = "";
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            target = heading;
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let ["", what, size, ..] = cells.as_slice()
            && let Ok(size) = size.parse()
        {
            let of_target: &mut BTreeMap<_, _> = sizes.entry(target.to_owned()).or_default();
            of_target.insert((*what).to_owned(), size);
        }
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_it_was_written() {
        let of =
            |flash, ram| BTreeMap::from([("flash".to_owned(), flash), ("ram".to_owned(), ram)]);
        let sizes = Sizes::from([("arm".to_owned(), of(70, 0)), ("x86".to_owned(), of(90, 8))]);
        assert_eq!(parse(&render(&sizes, &Sizes::new())), sizes);
    }
}
