#!/usr/bin/env bash
# Every target with its seeds and its dictionary, where it has one.
set -euo pipefail
cd "$SRC/chipwright"

cargo fuzz build -O --debug-assertions --features desktop
host="$(rustc -vV | sed -n 's/^host: //p')"
release="${CARGO_TARGET_DIR:-fuzz/target}/$host/release"
for file in fuzz/fuzz_targets/*.rs; do
    target="$(basename "$file" .rs)"
    cp "$release/$target" "$OUT/"
    (cd "fuzz/corpus/$target" && zip --quiet --recurse-paths "$OUT/${target}_seed_corpus.zip" .)
    if [ -f "fuzz/dictionaries/$target.dict" ]; then
        cp "fuzz/dictionaries/$target.dict" "$OUT/"
    fi
done
