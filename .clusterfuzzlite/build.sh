#!/usr/bin/env bash
# Every target with its seeds and its dictionary, where it has one.
set -euo pipefail
cd "$SRC/chipwright"

cargo fuzz build -O --debug-assertions --features desktop
release="fuzz/target/x86_64-unknown-linux-gnu/release"
for file in fuzz/fuzz_targets/*.rs; do
    target="$(basename "$file" .rs)"
    cp "$release/$target" "$OUT/"
    zip --quiet --junk-paths --recurse-paths "$OUT/${target}_seed_corpus.zip" "fuzz/corpus/$target"
    if [ -f "fuzz/dictionaries/$target.dict" ]; then
        cp "fuzz/dictionaries/$target.dict" "$OUT/"
    fi
done
