#!/usr/bin/env bash
# Builds the static library and installs it with header and pkg-config file:
# install.sh PREFIX [--target TRIPLE]
set -euo pipefail
prefix="$1"
shift
here="$(cd "$(dirname "$0")" && pwd)"
target="${CARGO_TARGET_DIR:-$here/../../target}"
built="$target/static"
[ "${1-}" != "--target" ] || built="$target/$2/static"

cargo rustc --manifest-path "$here/Cargo.toml" --profile static --features panic-handler \
    --crate-type staticlib "$@"
version="$(cargo pkgid --manifest-path "$here/Cargo.toml" | sed 's/.*[#@]//')"
mkdir -p "$prefix/include" "$prefix/lib/pkgconfig"
cp "$here/include/chipwright.h" "$prefix/include/"
cp "$built/libchipwright_ffi.a" "$prefix/lib/"
sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$version|" "$here/chipwright.pc.in" \
    >"$prefix/lib/pkgconfig/chipwright.pc"
