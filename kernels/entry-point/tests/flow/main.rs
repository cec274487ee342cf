//! Dialogues of Entry Point and the reader around it, with a scripted card and a scripted kernel.

mod outcomes;
mod reader;
mod reference;
mod run;
mod selection;
mod sweep;
