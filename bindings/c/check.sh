#!/usr/bin/env bash
# Builds the C example with gcc and clang, all warnings on, and runs both of its transactions against
# the simulated card: as it is, under valgrind, and with sanitizers.
#
# Needs gcc, g++, clang, valgrind and pkg-config.
set -euo pipefail
cd "$(dirname "$0")"
target="${CARGO_TARGET_DIR:-$PWD/../../target}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

cargo build --quiet --manifest-path ../../Cargo.toml --package chipwright-cli
./install.sh "$work"
export PKG_CONFIG_PATH="$work/lib/pkgconfig"
read -ra flags <<<"$(pkg-config --cflags chipwright)"
read -ra libraries <<<"$(pkg-config --libs chipwright)"

# build COMPILER NAME FLAGS: the example as $work/NAME.
build() {
    local compiler="$1" name="$2"
    shift 2
    "$compiler" -std=c11 -Wall -Wextra -Wpedantic -Werror "$@" "${flags[@]}" example/*.c \
        "${libraries[@]}" -o "$work/$name"
}

# both NAME COMMAND: what comes of both transactions must be as expected, and nothing else be said.
both() {
    local name="$1" which card
    shift
    for which in contact:contact-dda tap:quickpass-offline; do
        card="${which#*:}"
        which="${which%:*}"
        if ! example/run.sh "$target/debug/chipwright" "$card" "$@" "$which" 2>"$work/said"; then
            cat "$work/said"
            echo "c: $name: $which failed" >&2
            exit 1
        fi
        echo "c: $name: $which is well"
    done
}

# Nothing in the library can panic, but for what docs/adr/0001-async-flow.md argues.
if nm --demangle --defined-only "$work/lib/libchipwright_ffi.a" 2>/dev/null | grep ' core::panicking::' |
    grep -v -e panic_const_async_fn_resumed -e '::panic_fmt$'; then
    echo "c: the library can panic" >&2
    exit 1
fi

echo '#include <chipwright.h>' | g++ -std=c++11 -Wall -Wextra -Wpedantic -Werror "${flags[@]}" \
    -fsyntax-only -x c++ -
for compiler in gcc clang; do
    build "$compiler" "$compiler" -O2
    both "$compiler" "$work/$compiler"
done
build gcc debug -g
both valgrind valgrind --quiet --error-exitcode=9 --leak-check=full --track-origins=yes "$work/debug"
for compiler in gcc clang; do
    build "$compiler" "$compiler-sanitized" -g -fsanitize=address,undefined -fno-sanitize-recover=all
    both "$compiler, sanitizers" "$work/$compiler-sanitized"
done

# The desktop tool explains what the example recorded.
for which in contact:contact-dda tap:quickpass-offline; do
    example/run.sh "$target/debug/chipwright" "${which#*:}" "$work/gcc" "${which%:*}" "$work/record" \
        2>/dev/null
    "$target/debug/chipwright" record "$work/record" >"$work/told"
    grep -q 'DDA .*succeeded' "$work/told"
    echo "c: record of ${which%:*}: $(wc -l <"$work/told") lines"
done

# Each check can fail: a card whose signature is forged is not approved.
if example/run.sh "$target/debug/chipwright" contact-dda-forged "$work/gcc" contact 2>/dev/null; then
    echo "c: a forged signature was taken" >&2
    exit 1
fi
