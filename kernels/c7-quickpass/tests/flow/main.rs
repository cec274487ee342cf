//! The kernel against cards: every row of sections 2 to 7 of the notes, kept and broken.

mod activate;
mod authenticate;
mod card;
mod cards;
mod conclude;
mod configuration;
mod hardened;
mod hostile;
mod initiate;
mod read;
mod run;
mod sweep;
mod transcripts;
mod vectors;
mod verify;
