//! Parameter files, and the slots that they are kept in.

mod file;
mod made;
mod slots;
mod written;
