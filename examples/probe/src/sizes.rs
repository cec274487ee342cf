//! Sizes that `cargo xtask size` reads from the images: the core and the contact kernel.

use chipwright::apdu::BUFFER_LENGTH;
use chipwright::config::Transaction;
use chipwright::crypto::Crypto;
use chipwright::database::DATABASE_LENGTH;
use chipwright::driver::Driver;
use chipwright::session::Session;

export! {
    CHIPWRIGHT_SIZE_CONTACT_FUTURE = size_of_future(chipwright_contact::transact);
    CHIPWRIGHT_SIZE_SESSION = size_of::<Session<'static>>();
    CHIPWRIGHT_SIZE_DRIVER = size_of::<Driver<'static, 'static>>();
    CHIPWRIGHT_SIZE_TRANSACTION = size_of::<Transaction<'static>>();
    CHIPWRIGHT_SIZE_CRYPTO = size_of::<Crypto<'static>>();
    CHIPWRIGHT_SIZE_LENT_DATABASE = DATABASE_LENGTH;
    CHIPWRIGHT_SIZE_LENT_BUFFER = BUFFER_LENGTH;
}

/// Size of the future that a kernel returns.
const fn size_of_future<Kernel>(
    _: fn(&'static Session<'static>, &'static Transaction<'static>) -> Kernel,
) -> usize {
    size_of::<Kernel>()
}
