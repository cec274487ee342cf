//! Values that are more than bits or bytes: amounts, dates, account numbers, track data.

mod amount;
mod date;
mod digits;
mod pan;
mod track2;

pub use amount::{Amount, Code};
pub use date::{Date, MonthYear};
pub use digits::Digits;
pub use pan::Pan;
pub use track2::Track2;
