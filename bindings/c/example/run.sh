#!/bin/sh
# Runs the example against a simulated card and issuer: run.sh CHIPWRIGHT CARD COMMAND ...
# The two talk through a pipe in each direction.
set -eu
chipwright="$1"
card="$2"
shift 2
pipes="$(mktemp -d)"
trap 'rm -rf "$pipes"' EXIT
mkfifo "$pipes/to_card" "$pipes/from_card"
"$chipwright" card --stdio --card "$card" <"$pipes/to_card" >"$pipes/from_card" &
"$@" >"$pipes/to_card" <"$pipes/from_card"
wait
