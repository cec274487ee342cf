//! The terminal against a small card, a host with books, and a storage, with power that fails.

mod blocks;
mod card;
mod field;
mod journal;
mod power;
mod taps;
mod transactions;
mod void;
mod world;
