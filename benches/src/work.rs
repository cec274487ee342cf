//! What is measured.

mod certificates;
mod dol;
#[cfg(feature = "peer-emv")]
mod peer;
mod reader;
mod recovery;
mod selection;
mod tap;
pub mod tlv;
mod transaction;

/// One task, done by one implementation.
pub struct Work {
    /// What is done.
    pub task: &'static str,
    /// By whom.
    pub by: &'static str,
    /// Does it once. Everything that only prepares was done before.
    pub run: Box<dyn FnMut()>,
}

impl core::fmt::Debug for Work {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} by {}", self.task, self.by)
    }
}

impl Work {
    fn new(task: &'static str, by: &'static str, run: impl FnMut() + 'static) -> Self {
        Self { task, by, run: Box::new(run) }
    }
}

/// All work, task by task, with what the features have switched on.
pub fn all() -> Vec<Work> {
    let mut all = tlv::work();
    all.extend(dol::work());
    all.extend(recovery::work());
    all.extend(certificates::work());
    all.extend(transaction::work());
    all.extend(selection::work());
    all.extend(tap::work());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every work checks its own result, so that nobody is fast at doing something else.
    #[test]
    fn all_work_can_be_done_twice() {
        for mut work in all() {
            (work.run)();
            (work.run)();
        }
    }
}
