//! Sizes that `cargo xtask size` reads from the image.

use chipwright::apdu::BUFFER_LENGTH;
use chipwright::config::Transaction;
use chipwright::contactless::Activation;
use chipwright::crypto::Crypto;
use chipwright::database::DATABASE_LENGTH;
use chipwright::driver::Driver;
use chipwright::session::Session;
use chipwright_c7::Configuration;
use chipwright_entry_point::Reader;

use crate::linked::Linked;

export! {
    CHIPWRIGHT_SIZE_CONTACT_FUTURE = size_of_future(chipwright_contact::transact);
    CHIPWRIGHT_SIZE_C7_FUTURE = size_of_tap(chipwright_c7::transact);
    CHIPWRIGHT_SIZE_READER_FUTURE = size_of_reader(chipwright_entry_point::transact::<Linked>);
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

/// The same of a contactless kernel.
const fn size_of_tap<Kernel>(
    _: fn(
        &'static Session<'static>,
        &'static Activation<'static>,
        &'static Configuration<'static>,
        &'static [u8],
    ) -> Kernel,
) -> usize {
    size_of::<Kernel>()
}

/// The same of Entry Point with the kernels of the image.
const fn size_of_reader<Tap>(
    _: fn(&'static Session<'static>, &'static Reader<'static>, &'static Linked) -> Tap,
) -> usize {
    size_of::<Tap>()
}
