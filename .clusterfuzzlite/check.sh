#!/usr/bin/env bash
# Runs build.sh with what the image of ClusterFuzzLite sets, without the image, and looks at what
# comes out: every target has its binary, its seeds and its dictionary, and runs for ten seconds.
set -euo pipefail
checkout="$(cd "$(dirname "$0")/.." && pwd)"
place="$(mktemp -d)"
trap 'rm -r "$place"' EXIT
mkdir "$place/src" "$place/out" "$place/work"
ln -s "$checkout" "$place/src/chipwright"

export SRC="$place/src" OUT="$place/out" WORK="$place/work"
export FUZZING_ENGINE=libfuzzer FUZZING_LANGUAGE=rust SANITIZER=address ARCHITECTURE=x86_64
export RUSTUP_TOOLCHAIN=nightly CXXSTDLIB=stdc++
export RUSTFLAGS="--cfg fuzzing -Cdebuginfo=1 -Cforce-frame-pointers"
"$checkout/.clusterfuzzlite/build.sh"

cd "$place/work"
for file in "$checkout"/fuzz/fuzz_targets/*.rs; do
    target="$(basename "$file" .rs)"
    mkdir "$target"
    unzip -q "$OUT/${target}_seed_corpus.zip" -d "$target"
    dictionary=()
    if [ -f "$checkout/fuzz/dictionaries/$target.dict" ]; then
        dictionary=("-dict=$OUT/$target.dict")
    fi
    if ! "$OUT/$target" "$target" "${dictionary[@]}" -max_total_time=10 2>"$target.log"; then
        tail -n 40 "$target.log"
        echo "$target: failed" >&2
        exit 1
    fi
    echo "$target: $(grep -o 'Done [0-9]* runs' "$target.log")"
done
