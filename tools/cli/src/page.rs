//! Text for a terminal: rows of cells, wrapped and coloured.

use chipwright_harness::describe::Secrets;
use core::cell::{Cell as Flag, RefCell};
use std::io::IsTerminal;

/// Columns of a page that is not shown on a terminal.
const WIDTH: usize = 100;

/// How a cell looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Style {
    /// As any text.
    #[default]
    Plain,
    /// Less important.
    Dim,
    /// More important.
    Bold,
    /// As it should be.
    Good,
    /// Worth a look.
    Note,
    /// As it should not be.
    Bad,
    /// To and from the card.
    Link,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Dim => "2",
            Self::Bold => "1",
            Self::Good => "32",
            Self::Note => "33",
            Self::Bad => "31",
            Self::Link => "36",
        }
    }
}

/// A piece of a row.
pub(crate) struct Cell<'t> {
    text: &'t str,
    style: Style,
    width: usize,
}

/// A piece of a row, as wide as its text.
pub(crate) const fn cell(style: Style, text: &str) -> Cell<'_> {
    Cell { text, style, width: 0 }
}

impl Cell<'_> {
    /// At least so many characters wide.
    pub(crate) const fn wide(mut self, width: usize) -> Self {
        self.width = width;
        self
    }
}

/// Collects rows.
#[derive(Debug)]
pub(crate) struct Page {
    width: usize,
    colour: bool,
    /// Account numbers that must not be seen.
    pub(crate) secrets: RefCell<Secrets>,
    text: RefCell<String>,
    blank: Flag<bool>,
    /// Rows are printed when they are written, and not collected.
    live: Flag<bool>,
}

impl Page {
    /// For the standard output: colour only on a terminal, and only if nobody minds.
    pub(crate) fn new() -> Self {
        let stdout = std::io::stdout();
        let colour = stdout.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let size =
            if stdout.is_terminal() { terminal_size::terminal_size_of(&stdout) } else { None };
        let width = size.map_or(WIDTH, |(width, _)| usize::from(width.0).clamp(72, 120));
        Self::with(width, colour)
    }

    fn with(width: usize, colour: bool) -> Self {
        Self {
            width,
            colour,
            secrets: RefCell::default(),
            text: RefCell::default(),
            blank: Flag::new(true),
            live: Flag::new(false),
        }
    }

    /// From now on rows are printed at once: somebody waits for what they say.
    pub(crate) fn go_live(&self) {
        self.live.set(true);
    }

    /// Everything so far that was not printed.
    pub(crate) fn text(&self) -> String {
        self.text.borrow().clone()
    }

    /// An empty row, unless the last one is empty.
    pub(crate) fn gap(&self) {
        if !self.blank.replace(true) {
            self.push("");
        }
    }

    /// A heading with a rule across the page, and a remark at its end.
    pub(crate) fn heading(&self, title: &str, remark: &str) {
        self.gap();
        let end = match remark {
            "" => "\u{2500}\u{2500}".to_owned(),
            remark => format!(" {remark} \u{2500}\u{2500}"),
        };
        let used = title.chars().count() + end.chars().count() + 4;
        let line = "\u{2500}".repeat(self.width.saturating_sub(used));
        self.row(&[
            cell(Style::Dim, "\u{2500}\u{2500} "),
            cell(Style::Bold, title),
            cell(Style::Dim, &format!(" {line}{end}")),
        ]);
    }

    /// A row. The last cell is wrapped where the page ends, and goes on below its beginning.
    pub(crate) fn row(&self, cells: &[Cell<'_>]) {
        self.write(cells, self.width);
    }

    /// A row that is never wrapped: programs read it, and search it.
    pub(crate) fn line(&self, cells: &[Cell<'_>]) {
        self.write(cells, usize::MAX);
    }

    fn write(&self, cells: &[Cell<'_>], width: usize) {
        self.blank.set(false);
        let Some((last, before)) = cells.split_last() else { return };
        let mut line = String::new();
        let mut column = 0;
        for cell in before {
            let text = self.hidden(cell.text);
            let length = text.chars().count();
            let padding = cell.width.saturating_sub(length);
            self.paint(&mut line, cell.style, &text);
            line.push_str(&" ".repeat(padding));
            column += length + padding;
        }
        let text = self.hidden(last.text);
        let room = width.saturating_sub(column).max(20);
        for (number, piece) in wrap(&text, room).iter().enumerate() {
            if number > 0 {
                self.push(&line);
                line = " ".repeat(column);
            }
            self.paint(&mut line, last.style, piece.trim_end());
        }
        self.push(&line);
    }

    fn push(&self, line: &str) {
        let line = format!("{}\n", line.trim_end());
        if self.live.get() {
            crate::print(&line);
        } else {
            self.text.borrow_mut().push_str(&line);
        }
    }

    fn hidden(&self, text: &str) -> String {
        self.secrets.borrow().hide(text)
    }

    fn paint(&self, line: &mut String, style: Style, text: &str) {
        if self.colour && style != Style::Plain && !text.trim().is_empty() {
            line.push_str(&format!("\x1B[{}m{text}\x1B[0m", style.code()));
        } else {
            line.push_str(text);
        }
    }
}

/// Breaks a text into pieces of at most `width` characters, at spaces where there are any.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut length = 0;
    for word in text.split_inclusive(' ') {
        let mut word: Vec<char> = word.chars().collect();
        let needed = word.iter().rev().skip_while(|c| **c == ' ').count();
        if length > 0 && length + needed > width {
            pieces.push(String::new());
            length = 0;
        }
        while word.len() > width && needed > width {
            let rest = word.split_off(width);
            push(&mut pieces, &word);
            pieces.push(String::new());
            word = rest;
        }
        length += word.len();
        push(&mut pieces, &word);
    }
    pieces
}

fn push(pieces: &mut [String], word: &[char]) {
    if let Some(last) = pieces.last_mut() {
        last.extend(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::tag::Tag;

    #[test]
    fn lines_are_not_wrapped() {
        let page = Page::with(30, false);
        let (place, message) = ("a/long/path.toml:1:1: ", "one two three four five six");
        page.line(&[cell(Style::Plain, place), cell(Style::Plain, message)]);
        assert_eq!(page.text(), format!("{place}{message}\n"));
    }

    #[test]
    fn long_cells_go_on_below_their_beginning() {
        let page = Page::with(40, false);
        page.row(&[
            cell(Style::Plain, "AB").wide(10),
            cell(Style::Good, "one two three four five six seven eight"),
        ]);
        assert_eq!(page.text(), "AB        one two three four five six\n          seven eight\n");
    }

    #[test]
    fn words_longer_than_the_page_are_broken() {
        assert_eq!(wrap("ABCDEFGHIJ", 4), ["ABCD", "EFGH", "IJ"]);
        assert_eq!(wrap("a ABCDEFGHIJ", 4), ["a ", "ABCD", "EFGH", "IJ"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("abcd efgh", 4), ["abcd ", "efgh"]);
    }

    #[test]
    fn colour_only_where_it_is_wanted() {
        let page = Page::with(80, true);
        page.row(&[cell(Style::Good, "yes").wide(5), cell(Style::Plain, "no")]);
        assert_eq!(page.text(), "\x1B[32myes\x1B[0m  no\n");
    }

    #[test]
    fn known_account_numbers_are_not_written() {
        let page = Page::with(80, false);
        let pan = [0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x01, 0x19];
        page.secrets.borrow_mut().learn_object(Tag(0x5A), &pan);
        page.row(&[cell(Style::Plain, "x4761739001010119x")]);
        assert_eq!(page.text(), "x476173******0119x\n");
    }

    #[test]
    fn headings_cross_the_page_and_gaps_do_not_add_up() {
        let page = Page::with(40, false);
        page.heading("Completion", "B3 10.11");
        page.gap();
        page.gap();
        page.heading("End", "");
        let text = page.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].ends_with(" B3 10.11 \u{2500}\u{2500}"));
        assert_eq!((lines[0].chars().count(), lines[2].chars().count()), (40, 40));
    }
}
