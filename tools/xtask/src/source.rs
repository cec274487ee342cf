//! A Rust source file as tokens with line numbers, and which of its lines are tests.

use core::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};

/// Folders of the crates that run on a terminal: no std, no allocator, no unsafe.
pub(crate) const PORTABLE: [&str; 5] = ["src", "kernels", "terminal", "parameters", "crypto"];

/// A parsed source file.
pub(crate) struct Source {
    /// Path below the root of the checkout.
    pub(crate) path: PathBuf,
    /// The file as it is.
    pub(crate) text: String,
    tokens: Vec<TokenTree>,
    tests: Vec<RangeInclusive<usize>>,
}

impl Source {
    /// Reads the file at `path` below `root`.
    ///
    /// # Errors
    /// When it cannot be read or is not made of Rust tokens.
    pub(crate) fn read(root: &Path, path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(root.join(path))
            .with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(path, text)
    }

    /// Parses `text`.
    ///
    /// # Errors
    /// When it is not made of Rust tokens.
    pub(crate) fn parse(path: &Path, text: String) -> Result<Self> {
        let tokens = text.parse::<TokenStream>().map_err(|error| {
            anyhow!("{}:{}: {error}", path.display(), error.span().start().line)
        })?;
        let mut source = Self {
            path: path.to_path_buf(),
            text,
            tokens: tokens.into_iter().collect(),
            tests: Vec::new(),
        };
        source.tests = source.find_tests();
        Ok(source)
    }

    /// Whether the whole file is test code: below a `tests` folder, or a `tests.rs`.
    pub(crate) fn is_test_file(&self) -> bool {
        self.path.file_name().is_some_and(|name| name == "tests.rs")
            || self.path.iter().any(|part| part == "tests")
    }

    /// Whether `line` (from 1) is test code.
    pub(crate) fn is_test(&self, line: usize) -> bool {
        self.is_test_file() || self.tests.iter().any(|range| range.contains(&line))
    }

    /// Whether the file belongs to a crate that runs on a terminal.
    pub(crate) fn is_portable(&self) -> bool {
        self.path.iter().next().is_some_and(|first| PORTABLE.iter().any(|name| first == *name))
    }

    /// Calls `visit` with every token and the tokens that follow it, at every depth of nesting.
    pub(crate) fn each(&self, mut visit: impl FnMut(&TokenTree, &[TokenTree])) {
        each(&self.tokens, &mut visit);
    }

    /// Lines of the items under `#[cfg(test)]`.
    fn find_tests(&self) -> Vec<RangeInclusive<usize>> {
        let mut tests = Vec::new();
        self.each(|token, rest| {
            if punct(token) == Some('#') && rest.first().is_some_and(is_cfg_test) {
                let end = rest.iter().skip(1).find(|token| ends_item(token)).unwrap_or(token);
                tests.push(first_line(token.span())..=last_line(end.span()));
            }
        });
        tests
    }
}

/// The identifier that `token` is, if it is one.
pub(crate) fn ident(token: &TokenTree) -> Option<&Ident> {
    match token {
        TokenTree::Ident(ident) => Some(ident),
        _ => None,
    }
}

/// The punctuation character that `token` is, if it is one.
pub(crate) fn punct(token: &TokenTree) -> Option<char> {
    match token {
        TokenTree::Punct(punct) => Some(punct.as_char()),
        _ => None,
    }
}

/// The tokens inside `token`, if it is a group with that delimiter.
pub(crate) fn group(token: &TokenTree, delimiter: Delimiter) -> Option<Vec<TokenTree>> {
    match token {
        TokenTree::Group(group) if group.delimiter() == delimiter => {
            Some(group.stream().into_iter().collect())
        }
        _ => None,
    }
}

/// Line on which `span` begins, from 1.
pub(crate) fn first_line(span: Span) -> usize {
    span.start().line
}

/// Line on which `span` ends, from 1.
pub(crate) fn last_line(span: Span) -> usize {
    span.end().line
}

fn each(tokens: &[TokenTree], visit: &mut impl FnMut(&TokenTree, &[TokenTree])) {
    let mut rest = tokens;
    while let Some((token, following)) = rest.split_first() {
        visit(token, following);
        if let TokenTree::Group(group) = token {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            each(&inner, visit);
        }
        rest = following;
    }
}

/// `[cfg(test)]`, `[cfg(all(test, ..))]`; not `[cfg(not(test))]`.
fn is_cfg_test(token: &TokenTree) -> bool {
    let Some(attribute) = group(token, Delimiter::Bracket) else {
        return false;
    };
    let [name, condition] = attribute.as_slice() else {
        return false;
    };
    if ident(name).is_none_or(|name| name != "cfg") {
        return false;
    }
    let (mut test, mut not) = (false, false);
    each(core::slice::from_ref(condition), &mut |token, _| {
        test |= ident(token).is_some_and(|name| name == "test");
        not |= ident(token).is_some_and(|name| name == "not");
    });
    test && !not
}

fn ends_item(token: &TokenTree) -> bool {
    punct(token) == Some(';') || group(token, Delimiter::Brace).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::parse(Path::new("src/tlv.rs"), text.to_owned()).unwrap()
    }

    #[test]
    fn a_test_module_ends_at_its_brace() {
        let source =
            source("fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n");
        let tests: Vec<usize> = (1..=7).filter(|line| source.is_test(*line)).collect();
        assert_eq!(tests, [3, 4, 5, 6]);
    }

    #[test]
    fn a_test_import_ends_at_its_semicolon() {
        let source = source("#[cfg(test)]\nextern crate std;\nfn a() {}\n");
        assert!(source.is_test(2) && !source.is_test(3));
    }

    #[test]
    fn code_compiled_without_tests_is_not_a_test() {
        assert!(!source("#[cfg(not(test))]\nfn a() {}\n").is_test(2));
    }

    #[test]
    fn what_is_no_rust_is_refused_with_its_line() {
        let error = Source::parse(Path::new("src/a.rs"), "fn a() {}\n)".to_owned());
        assert!(error.err().unwrap().to_string().starts_with("src/a.rs:2: "));
    }
}
