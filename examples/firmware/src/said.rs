//! What was said once, in flash, in place of the line: nothing waits, so that what is counted is
//! the terminal's work.

use crate::line::{LENGTH, Line, Whom};
use core::cell::Cell;

/// A line that answers what it answered before, as long as it is asked the same.
#[derive(Clone)]
pub(crate) struct Said(Cell<&'static [u8]>);

impl Said {
    /// From what was recorded: frames and their answers in turn.
    pub(crate) const fn new(frames: &'static [u8]) -> Self {
        Self(Cell::new(frames))
    }

    /// Goes back to where it was when `other` was made of it.
    pub(crate) fn rewind(&self, other: &Self) {
        self.0.set(other.0.get());
    }

    /// The next frame: its head without the length, and its content.
    fn next(&self) -> Option<(u16, &'static [u8])> {
        let (head, rest) = self.0.get().split_first_chunk()?;
        let head = u16::from_be_bytes(*head);
        let (content, rest) = rest.split_at_checked(usize::from(head & LENGTH))?;
        self.0.set(rest);
        Some((head & !LENGTH, content))
    }
}

impl Line for Said {
    fn ask<'o>(&self, whom: Whom, content: [&[u8]; 2], out: &'o mut [u8]) -> &'o [u8] {
        let Some((asked, said)) = self.next() else { return &[] };
        let Some((_, answer)) = self.next() else { return &[] };
        if asked != whom as u16 || !content.into_iter().flatten().eq(said) {
            return &[];
        }
        match out.get_mut(..answer.len()) {
            Some(room) => {
                room.copy_from_slice(answer);
                room
            }
            None => &[],
        }
    }
}
