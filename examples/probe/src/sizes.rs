//! Sizes that `cargo xtask size` reads from the image.

/// Exports a size under a name that `cargo xtask size` knows by its beginning.
macro_rules! export {
    ($($name:ident = $size:expr;)*) => {
        $(
            #[used]
            #[unsafe(no_mangle)]
            #[unsafe(link_section = ".chipwright.sizes")]
            static $name: usize = $size;
        )*
    };
}

export! {
    CHIPWRIGHT_SIZE_CRYPTO = size_of::<chipwright::crypto::Crypto<'static>>();
}
