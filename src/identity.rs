//! Which kernel this is.

/// What a conformance statement says of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Name of the kernel.
    pub name: &'static str,
    /// Version of the crate.
    pub version: &'static str,
    /// SHA-256 over sources, locked dependencies and features, 64 hexadecimal digits.
    pub checksum: &'static str,
}
