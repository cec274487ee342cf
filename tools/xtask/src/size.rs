//! What the probe's images cost: flash, RAM, and the sizes it exports.
//!
//! `docs/budget.toml` says what each may cost at most; `docs/size.md` what it cost when the page
//! was last written.

mod measure;
mod page;

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::finding::{Finding, conclude};
use crate::{checkout, image};

const BUDGET: &str = "docs/budget.toml";
const PAGE: &str = "docs/size.md";

/// Compilers differ a little: so much may lie between page and image, in percent.
const TOLERANCE: u64 = 2;

/// Bytes by what they are spent on, for each image.
type Sizes = BTreeMap<String, BTreeMap<String, u64>>;

/// Measures every image, and writes the page or (`check`) compares budget and page.
///
/// # Errors
/// When an image does not build, is over budget, or (`check`) differs from the page.
pub(crate) fn run(check: bool) -> Result<()> {
    let root = checkout::root()?;
    let mut sizes = Sizes::new();
    for (name, target, image) in image::all() {
        let file = image::build(&root, &image::directory(&root), target, image)?;
        let bytes = std::fs::read(&file).with_context(|| file.display().to_string())?;
        sizes.insert(name, measure::measure(&bytes)?);
    }
    let text = std::fs::read_to_string(root.join(BUDGET)).context(BUDGET)?;
    let budget: Sizes = toml::from_str(&text).context(BUDGET)?;

    let rendered = page::render(&sizes, &budget);
    println!("{rendered}");
    let mut findings = over(&sizes, &budget);
    if check {
        let text = std::fs::read_to_string(root.join(PAGE)).context(PAGE)?;
        findings.extend(outdated(&sizes, &page::parse(&text)));
    } else {
        std::fs::write(root.join(PAGE), rendered).context(PAGE)?;
    }
    conclude("size", findings)
}

fn over(sizes: &Sizes, budget: &Sizes) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (target, what, size) in flatten(sizes) {
        let message = match budget.get(target).and_then(|budget| budget.get(what)) {
            Some(limit) if size <= *limit => continue,
            Some(limit) => format!("{target}: {what} takes {size} bytes, budget {limit}"),
            None => format!("{target}: {what} has no budget"),
        };
        findings.push(Finding::new(BUDGET, 1, message));
    }
    findings
}

fn outdated(sizes: &Sizes, page: &Sizes) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (target, what, size) in flatten(sizes) {
        let written = page.get(target).and_then(|page| page.get(what)).copied();
        if written.is_some_and(|written| size.abs_diff(written) * 100 <= written * TOLERANCE) {
            continue;
        }
        let written = written.map_or("nothing".to_owned(), |written| written.to_string());
        let message = format!("{target}: {what} takes {size} bytes, the page says {written}");
        findings.push(Finding::new(PAGE, 1, message));
    }
    findings
}

fn flatten(sizes: &Sizes) -> impl Iterator<Item = (&str, &str, u64)> {
    sizes.iter().flat_map(|(target, sizes)| {
        sizes.iter().map(|(what, size)| (target.as_str(), what.as_str(), *size))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(flash: u64) -> Sizes {
        let sizes = BTreeMap::from([("flash".to_owned(), flash)]);
        Sizes::from([("thumb".to_owned(), sizes)])
    }

    #[test]
    fn the_budget_is_a_limit() {
        assert_eq!(over(&sizes(100), &sizes(100)), []);
        let expected = "docs/budget.toml:1: thumb: flash takes 101 bytes, budget 100";
        assert_eq!(over(&sizes(101), &sizes(100))[0].to_string(), expected);
        assert_eq!(over(&sizes(1), &Sizes::new()).len(), 1);
    }

    #[test]
    fn the_page_may_differ_a_little() {
        for size in [980, 1000, 1020] {
            assert_eq!(outdated(&sizes(size), &sizes(1000)), []);
        }
        for size in [979, 1021] {
            assert_eq!(outdated(&sizes(size), &sizes(1000)).len(), 1);
        }
        let expected = "docs/size.md:1: thumb: flash takes 5 bytes, the page says nothing";
        assert_eq!(outdated(&sizes(5), &Sizes::new())[0].to_string(), expected);
    }
}
