//! What the probe's images cost: flash, RAM, and the sizes it exports.
//!
//! `docs/budget.toml` says what each may cost at most; `docs/size.md` what it cost when the page
//! was last written.

mod measure;
mod page;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use crate::finding::{Finding, conclude};
use crate::{checkout, image};

const BUDGET: &str = "docs/budget.toml";

/// Compilers differ a little: so much may lie between page and image, in percent.
const TOLERANCE: u64 = 2;

/// Bytes by what they are spent on, for each image.
pub(crate) type Sizes = BTreeMap<String, BTreeMap<String, u64>>;

pub(crate) use measure::memory;

/// A page with figures.
pub(crate) struct Page {
    /// Where it is, below the root of the checkout.
    pub(crate) path: &'static str,
    /// What stands above the tables.
    pub(crate) head: &'static str,
    /// What is counted.
    pub(crate) unit: &'static str,
}

const SIZES: Page = Page {
    path: "docs/size.md",
    unit: "Bytes",
    head: "# Size\n\n\
        What `examples/probe` costs in bytes: the contact kernel (\"contact\"; \"without events\": built\n\
        without that feature, so that it tells nobody what it does), with Entry Point and Kernel 7\n\
        beside it, and with the terminal layer around all of them (\"terminal\"); each with software\n\
        cryptography and a terminal's configuration, linked for size (`opt-level = \"s\"`, fat LTO,\n\
        `panic = \"abort\"`) without an allocator. `flash` is everything that is loaded, `ram` is .data\n\
        and .bss; the stack comes on top. The other rows are sizes of values: futures and what the\n\
        integrator provides. Written by `cargo xtask size`; the budget is in `docs/budget.toml`.\n",
};

/// Measures every image, and writes the page or (`check`) compares budget and page.
///
/// # Errors
/// When an image does not build, is over budget, or (`check`) differs from the page.
pub(crate) fn run(check: bool) -> Result<()> {
    let root = checkout::root()?;
    let mut sizes = Sizes::new();
    for (name, target, image) in image::all(image::MEASURED) {
        let file = image::build(&root, &image::directory(&root), target, image)?;
        let bytes = std::fs::read(&file).with_context(|| file.display().to_string())?;
        sizes.insert(name, measure::measure(&bytes)?);
    }
    conclude("size", compare(&root, &SIZES, &sizes, |_| false, check)?)
}

/// Prints what was measured, and writes the page or (`check`) compares budget and page. What is
/// a part of something else needs no budget of its own.
///
/// # Errors
/// When budget or page cannot be read, or the page not be written.
pub(crate) fn compare(
    root: &Path,
    page: &Page,
    sizes: &Sizes,
    is_part: fn(&str) -> bool,
    check: bool,
) -> Result<Vec<Finding>> {
    let text = std::fs::read_to_string(root.join(BUDGET)).context(BUDGET)?;
    let budget: Sizes = toml::from_str(&text).context(BUDGET)?;
    let rendered = page::render(page, sizes, &budget);
    println!("{rendered}");
    let mut findings = over(sizes, &budget, is_part);
    if check {
        let text = std::fs::read_to_string(root.join(page.path)).context(page.path)?;
        findings.extend(outdated(page.path, sizes, &page::parse(&text)));
    } else {
        std::fs::write(root.join(page.path), rendered).context(page.path)?;
    }
    Ok(findings)
}

fn over(sizes: &Sizes, budget: &Sizes, is_part: fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (target, what, size) in flatten(sizes) {
        let message = match budget.get(target).and_then(|budget| budget.get(what)) {
            Some(limit) if size <= *limit => continue,
            Some(limit) => format!("{target}: {what} takes {size}, budget {limit}"),
            None if is_part(what) => continue,
            None => format!("{target}: {what} has no budget"),
        };
        findings.push(Finding::new(BUDGET, 1, message));
    }
    findings
}

fn outdated(path: &'static str, sizes: &Sizes, page: &Sizes) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (target, what, size) in flatten(sizes) {
        let written = page.get(target).and_then(|page| page.get(what)).copied();
        if written.is_some_and(|written| size.abs_diff(written) * 100 <= written * TOLERANCE) {
            continue;
        }
        let written = written.map_or("nothing".to_owned(), |written| written.to_string());
        let message = format!("{target}: {what} takes {size}, the page says {written}");
        findings.push(Finding::new(path, 1, message));
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
        assert_eq!(over(&sizes(100), &sizes(100), |_| false), []);
        let expected = "docs/budget.toml:1: thumb: flash takes 101, budget 100";
        assert_eq!(over(&sizes(101), &sizes(100), |_| false)[0].to_string(), expected);
        assert_eq!(over(&sizes(1), &Sizes::new(), |_| false).len(), 1);
        assert_eq!(over(&sizes(1), &Sizes::new(), |what| what == "flash"), []);
    }

    #[test]
    fn the_page_may_differ_a_little() {
        for size in [980, 1000, 1020] {
            assert_eq!(outdated(SIZES.path, &sizes(size), &sizes(1000)), []);
        }
        for size in [979, 1021] {
            assert_eq!(outdated(SIZES.path, &sizes(size), &sizes(1000)).len(), 1);
        }
        let expected = "docs/size.md:1: thumb: flash takes 5, the page says nothing";
        assert_eq!(outdated(SIZES.path, &sizes(5), &Sizes::new())[0].to_string(), expected);
    }
}
