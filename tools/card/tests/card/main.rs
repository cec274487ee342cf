//! The card seen from outside: commands, answers, and what can be verified about them with
//! arithmetic of our own.

mod authentication;
mod cryptogram;
mod foreign;
mod hostile;
mod pin;
mod profile;
mod quickpass;
mod refusal;
mod script;
mod selection;
mod terminal;
