//! Keys for one transaction. [B2 A1.3]

use super::key::{halves, whole, xor};
use super::{DoubleKey, Error};
use crate::crypto::BlockCiphers;

/// How the key of an application cryptogram comes from the master key of the card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionKey {
    /// It is the master key.
    Master,
    /// Common session key, from the counter. [B2 A1.3.1]
    Common,
    /// As [`Common`](Self::Common), from counter and unpredictable number.
    Mastercard,
    /// From the counter and its complement.
    UnionPay,
    /// A leaf of a tree.
    Tree(Tree),
}

impl SessionKey {
    /// The key for the transaction with this Application Transaction Counter (9F36) and this
    /// Unpredictable Number (9F37).
    pub fn derive(
        self,
        ciphers: &dyn BlockCiphers,
        master: &DoubleKey,
        atc: [u8; 2],
        unpredictable_number: [u8; 4],
    ) -> DoubleKey {
        let [high, low] = atc;
        let [a, b, c, d] = unpredictable_number;
        match self {
            Self::Master => master.clone(),
            Self::Common => common(ciphers, master, [high, low, 0, 0, 0, 0, 0, 0]),
            Self::Mastercard => common(ciphers, master, [high, low, 0, 0, a, b, c, d]),
            Self::UnionPay => union_pay(ciphers, master, atc),
            Self::Tree(shape) => tree(ciphers, master, atc, shape, [0; 16]),
        }
    }
}

/// The common session key for `diversifier`, of odd parity. [B2 A1.3.1]
///
/// The diversifier is the counter and six zeros for an application cryptogram, the application
/// cryptogram for a script.
pub fn common(ciphers: &dyn BlockCiphers, master: &DoubleKey, diversifier: [u8; 8]) -> DoubleKey {
    let half = |mark| {
        let [a, b, _, rest @ ..] = diversifier;
        let [d, e, f, g, h] = rest;
        master.encipher(ciphers, [a, b, mark, d, e, f, g, h])
    };
    DoubleKey::new(whole(half(0xF0), half(0x0F))).with_odd_parity()
}

/// Visa's key for scripts: the counter and its complement over the ends of the halves.
pub fn visa_script(master: &DoubleKey, atc: [u8; 2]) -> DoubleKey {
    let (left, right) = halves(master.bytes());
    DoubleKey::new(whole(xor(left, at_the_end(atc)), xor(right, at_the_end(complement(atc)))))
        .with_odd_parity()
}

/// UnionPay's session key (PBOC 3.0): the counter and its complement, enciphered.
pub fn union_pay(ciphers: &dyn BlockCiphers, master: &DoubleKey, atc: [u8; 2]) -> DoubleKey {
    let left = master.encipher(ciphers, at_the_end(atc));
    let right = master.encipher(ciphers, at_the_end(complement(atc)));
    DoubleKey::new(whole(left, right))
}

fn at_the_end(atc: [u8; 2]) -> [u8; 8] {
    let [high, low] = atc;
    [0, 0, 0, 0, 0, 0, high, low]
}

fn complement(atc: [u8; 2]) -> [u8; 2] {
    atc.map(|byte| !byte)
}

/// The shape of a session key tree with a leaf for every counter. [EMV 4.1, Book 2 A1.3]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tree {
    height: u8,
    branches: u8,
}

impl Tree {
    /// Four branches at each of eight levels, the shape most used.
    pub const FOUR: Self = Self { height: 8, branches: 4 };
    /// Two branches at each of sixteen levels.
    pub const TWO: Self = Self { height: 16, branches: 2 };

    /// A tree of this height in which every node has so many branches.
    ///
    /// # Errors
    /// [`Error::Tree`] when it has fewer than 65,536 leaves.
    pub fn new(height: u8, branches: u8) -> Result<Self, Error> {
        let leaves = u32::from(branches).saturating_pow(u32::from(height));
        if leaves > u32::from(u16::MAX) { Ok(Self { height, branches }) } else { Err(Error::Tree) }
    }

    /// The branch to take at `level`, counted from 1 below the root, on the way to `leaf`.
    fn branch(self, level: u8, leaf: u16) -> u8 {
        let below = u32::from(self.height.saturating_sub(level));
        let leaves = u32::from(self.branches).saturating_pow(below);
        let branch = u32::from(leaf).checked_div(leaves).unwrap_or_default();
        let branch = branch.checked_rem(u32::from(self.branches)).unwrap_or_default();
        u8::try_from(branch).unwrap_or_default()
    }
}

/// The session key at a leaf of a tree that grows from the master key, of odd parity.
/// [EMV 4.1, Book 2 A1.3]
///
/// A node comes from parent and grandparent; above the root is `initial`. The session key is the
/// leaf over its grandparent.
pub fn tree(
    ciphers: &dyn BlockCiphers,
    master: &DoubleKey,
    atc: [u8; 2],
    shape: Tree,
    initial: [u8; 16],
) -> DoubleKey {
    let leaf = u16::from_be_bytes(atc);
    let mut grandparent = DoubleKey::new(initial);
    let mut parent = master.clone();
    for level in 1..=shape.height {
        let branch = shape.branch(level, leaf);
        let (left, right) = halves(grandparent.bytes());
        let left = parent.encipher(ciphers, xor(left, [0, 0, 0, 0, 0, 0, 0, branch]));
        let right = parent.encipher(ciphers, xor(right, [0, 0, 0, 0, 0, 0, 0, branch ^ 0xF0]));
        let child = DoubleKey::new(whole(left, right));
        if level == shape.height {
            return DoubleKey::new(xor(*child.bytes(), *grandparent.bytes())).with_odd_parity();
        }
        grandparent = parent;
        parent = child;
    }
    parent
}
