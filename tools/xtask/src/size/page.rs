//! The page docs/size.md: a table per image.

use core::fmt::Write as _;
use std::collections::BTreeMap;

use super::{Page, Sizes};

/// The page for what was measured, beside what may be spent.
pub(super) fn render(page: &Page, sizes: &Sizes, budget: &Sizes) -> String {
    let mut text = String::from(page.head);
    for (target, sizes) in sizes {
        let unit = page.unit;
        _ = write!(text, "\n## {target}\n\n| What | {unit} | Budget |\n|---|---|---|\n");
        for (what, size) in sizes {
            let limit = budget.get(target).and_then(|budget| budget.get(what));
            let limit = limit.map_or("none".to_owned(), u64::to_string);
            _ = writeln!(text, "| {what} | {size} | {limit} |");
        }
    }
    text
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
        assert_eq!(parse(&render(&crate::size::SIZES, &sizes, &Sizes::new())), sizes);
    }
}
