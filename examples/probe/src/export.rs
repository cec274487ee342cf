//! How an image says what `cargo xtask size` reads.

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
