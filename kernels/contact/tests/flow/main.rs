//! Whole transactions, phase by phase, over a card whose every answer a test can set.

mod card;
mod combined;
mod configuration;
mod cryptogram;
mod driver;
mod hardened;
mod hostile;
mod initiate;
mod online;
mod pin;
mod reviews;
mod risk;
mod run;
mod scripts;
mod selection;
