//! Tells the linker where code and data go, and to keep its relocations for `cargo xtask panics`.

use std::path::Path;

fn main() {
    let architecture = std::env::var("CARGO_CFG_TARGET_ARCH").expect("set by cargo");
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("set by cargo");
    let folder = Path::new(&folder);
    println!("cargo:rustc-link-arg=-T{}", folder.join(format!("{architecture}.ld")).display());
    println!("cargo:rustc-link-arg=-T{}", folder.join("image.ld").display());
    println!("cargo:rustc-link-arg=--emit-relocs");
    println!("cargo:rustc-link-arg=--no-pie");
    println!("cargo:rerun-if-changed=.");
}
