//! The terminal against a small card, a host with books, and a storage, with power that fails.

mod blocks;
mod card;
mod journal;
mod power;
mod transactions;
mod void;
mod world;
