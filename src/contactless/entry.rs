//! Why a combination is not used. [B 3.1.1.13, 3.3.2.5]

/// Why a combination is not used for this transaction. [B 3.1.1.13]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Excluded {
    /// The amount is not below the limit for transactions of the combination. [B 3.1.1.5]
    TransactionLimit,
    /// The amount is zero, and the combination does not take that. [B 3.1.1.4, 3.1.1.11]
    ZeroAmount,
}

/// Why an entry of the directory is passed over. [B 3.3.2.5]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum EntryPassed {
    /// It has no ADF name (4F), or one that is not 5 to 16 bytes long, or is no BER-TLV.
    NoName,
    /// Its Kernel Identifier (9F2A) has two bytes, more than eight, or names a domestic kernel
    /// with fewer than three.
    KernelIdentifier,
    /// The choice of a kernel is left to the terminal in a way that the books leave open.
    KernelOpen,
    /// No combination of the reader has both its name and its kernel.
    NoCombination,
}
