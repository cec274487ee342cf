//! Sizes that `cargo xtask size` reads from the image: Entry Point and Kernel 7.

use chipwright::contactless::Activation;
use chipwright::session::Session;
use chipwright_c7::Configuration;
use chipwright_entry_point::Reader;

use crate::linked::Linked;

export! {
    CHIPWRIGHT_SIZE_C7_FUTURE = size_of_tap(chipwright_c7::transact);
    CHIPWRIGHT_SIZE_READER_FUTURE = size_of_reader(chipwright_entry_point::transact::<Linked>);
}

/// Size of the future that a contactless kernel returns.
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
