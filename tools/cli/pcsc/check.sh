#!/usr/bin/env bash
# Real PC/SC, with a virtual reader: our terminal with our card, our terminal when something fails,
# and other people's terminals with our card. What each reports is checked.
#
# Installs what is missing. Runs pcscd in a network of its own that has nothing but a loopback, since
# vpcd listens at every address, and with a socket of its own.
set -euo pipefail
cd "$(dirname "$0")/../../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
peers="$target/peers"
readonly EMV=0.1.1 PORT=35963
chipwright="$target/debug/chipwright"
pay=("$chipwright" pay --reader)

prepare() {
    local tool missing=()
    for tool in pcscd:pcscd opensc-tool:opensc pcsc_scan:pcsc-tools swig:swig unshare:util-linux \
        ip:iproute2 pkg-config:pkg-config python3:python3; do
        command -v "${tool%:*}" >/dev/null || missing+=("${tool#*:}")
    done
    [ -e /etc/reader.conf.d/vpcd ] || missing+=(vsmartcard-vpcd)
    pkg-config --exists libpcsclite 2>/dev/null || missing+=(libpcsclite-dev)
    python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv python3-dev)
    if [ ${#missing[@]} -gt 0 ]; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
    fi
    cargo build --quiet --package chipwright-cli --features pcsc
    "$peers/bin/emv-test-transaction" --help 2>&1 | grep emv-test-transaction >/dev/null ||
        cargo install --quiet --locked --root "$peers" emv --version "$EMV"
    "$peers/python/bin/emvtool" version >/dev/null 2>&1 || {
        python3 -m venv "$peers/python"
        "$peers/python/bin/pip" install --quiet setuptools==65.5.0 wheel==0.41.2
        "$peers/python/bin/pip" install --quiet --no-build-isolation --no-deps \
            --requirement tools/cli/pcsc/requirements.txt
    }
    dpkg-query --show pcscd vsmartcard-vpcd libpcsclite1 opensc pcsc-tools
}

fail() {
    echo "pcsc: $1" >&2
    tail -n 40 "$work/out" "$work/err" >&2 || true
    exit 1
}

# run CODE NAME COMMAND...: how it ends.
run() {
    local code="$1" came=0
    what="$2"
    shift 2
    timeout 60 "$@" >"$work/out" 2>"$work/err" <<<"" || came=$?
    [ "$came" -eq "$code" ] || fail "$what: ended with $came, not $code"
    passed=$((passed + 1))
    echo "pcsc: $what"
}

# said TEXT...: what it printed, spaces aside.
said() {
    local text
    for text in "$@"; do
        tr -s ' ' <"$work/out" | grep -F -- "$text" >/dev/null || fail "$what: did not say: $text"
    done
}

# complained MESSAGE...: all that it printed as errors.
complained() {
    [ "$(cat "$work/err")" = "$(printf 'chipwright: %s\n' "$@")" ] || fail "$what: did not complain: $*"
}

complained_nothing() {
    [ ! -s "$work/err" ] || fail "$what: complained"
}

# shows NUMBER STATE: waits until the reader of this number shows this.
shows() {
    local try
    for try in {1..50}; do
        "$chipwright" readers 2>/dev/null | tr -s ' ' | grep -F "Virtual PCD 00 0$1 $2" >/dev/null && return
        sleep 0.1
    done
    fail "reader $1 never shows: $2"
}

# insert NUMBER OPTION...: puts a card into a reader.
declare -A cards=()
insert() {
    local number="$1"
    shift
    take_out "$number"
    "$chipwright" card --vpcd "127.0.0.1:$((PORT + number))" "$@" >/dev/null &
    cards[$number]=$!
    shows "$number" "card in"
}

take_out() {
    [ -n "${cards[$1]:-}" ] || return 0
    kill "${cards[$1]}" 2>/dev/null || true
    wait "${cards[$1]}" 2>/dev/null || true
    unset "cards[$1]"
    shows "$1" empty
}

# interrupted COMMANDS HOW OPTION...: puts a card into the first reader that has so many commands.
interrupted() {
    local commands="$1" how="$2"
    shift 2
    take_out 0
    : >"$work/port"
    python3 tools/cli/pcsc/interrupt.py "$PORT" "$commands" "$how" >"$work/port" &
    cards[0]=$!
    local try
    for try in {1..100}; do
        [ -s "$work/port" ] && break
        sleep 0.05
    done
    "$chipwright" card --vpcd "127.0.0.1:$(cat "$work/port")" "$@" >/dev/null 2>&1 &
    shows 0 "card in"
}

# The process of pcscd.
service() {
    tr -d '\0' </run/pcscd/pcscd.pid 2>/dev/null
}

# The commands of the README, as they stand there.
as_the_readme_says() {
    sed -n '/^### Card readers/,/^### /p' README.md | sed -n '/^pcscd/,/^```/p' | grep -v '^```' >"$work/readme"
    sed -i "s|target/release/chipwright|$chipwright|" "$work/readme"
    grep -q -- '--reader' "$work/readme" || fail "the README has no commands"
    echo 'kill $(jobs -p)' >>"$work/readme"
    run 0 "the README's commands" bash -eu "$work/readme"
    said "Virtual PCD 00 00" "DDA succeeded" "APPROVED online, response code 00" \
        "476173******0119" "622800******1117"
    shows 0 empty
    shows 1 empty
}

our_terminal() {
    insert 0 --card contact-dda
    run 0 "contact, DDA, online, T=1" "${pay[@]}" "00 00"
    said "INTERNAL AUTHENTICATE" "DDA succeeded" "APPROVED online, response code 00"
    run 0 "what was recorded can be replayed" "${pay[@]}" "00 00" --trace "$work/trace.json"
    run 0 "replay" "$chipwright" replay "$work/trace.json"
    run 0 "one JSON document" "${pay[@]}" "00 00" --json
    python3 - "$work/out" <<'END' || fail "$what: not as expected"
import json, sys
told = json.load(open(sys.argv[1]))
assert told["card"] == "Virtual PCD 00 00" and told["interface"] == "contact", told
assert told["record"]["conclusion"] == "approved" and told["exit_code"] == 0, told["record"]
END
    insert 0 --card contact-dda-pin --protocol t0
    run 0 "contact, DDA, PIN, online, T=0" "${pay[@]}" "00 00" --pin 1234
    said "DDA succeeded" "plaintext PIN verified by the card" "APPROVED online, response code 00"
    insert 0 --card contact-cda --protocol t0
    run 0 "contact, CDA, T=0" "${pay[@]}" "00 00"
    said "CDA" "APPROVED online"
    insert 0 --card contact-first-blocked --protocol t0
    run 0 "contact, an answer behind a warning, T=0" "${pay[@]}" "00 00"
    insert 0 --card contact-dda-forged
    run 0 "contact, a forged card, which its issuer is told" "${pay[@]}" "00 00"
    said "DDA failed" "TVR 0800008000"
    insert 1 --card quickpass-debit
    run 0 "tap, online" "${pay[@]}" "00 01" --amount 8.88 --currency CNY
    said "SELECT 2PAY.SYS.DDF01" "APPROVED online, response code 00" "8.88 CNY"
    insert 1 --card quickpass-offline
    run 0 "tap, fDDA, offline" "${pay[@]}" "00 01" --amount 8.88 --currency CNY
    said "DDA succeeded" "APPROVED offline"
    insert 1 --card dual-application --interface contactless
    run 3 "a card that wants the slot, in the field" "${pay[@]}" "00 01" --amount 8.88 --currency CNY
    insert 0 --card dual-application
    run 0 "the same, in the slot" "${pay[@]}" "00 00" --currency CNY
    run 2 "a tap where there is none to make" "${pay[@]}" "00 00" --interface contactless
    run 64 "a name that two readers have" "${pay[@]}" Virtual
    complained "--reader Virtual: could be Virtual PCD 00 00, Virtual PCD 00 01"
    run 69 "a name that no reader has" "${pay[@]}" ACME
    complained "no reader is called \`ACME\`; connected: Virtual PCD 00 00, Virtual PCD 00 01"
    take_out 0
    take_out 1
}

failures() {
    run 2 "nobody inserts a card" "${pay[@]}" "00 00" --wait 1
    complained "Virtual PCD 00 00: waiting for a card" "Virtual PCD 00 00: no card within 1 s"
    run 2 "nobody inserts a card, in the slot" "${pay[@]}" "00 00" --wait 1 --interface contact
    complained "Virtual PCD 00 00: no card within 1 s"
    said "INSERT CARD"
    (sleep 2 && exec "$chipwright" card --vpcd "127.0.0.1:$PORT" >/dev/null) &
    local late=$!
    run 0 "somebody inserts a card, late" "${pay[@]}" "00 00"
    complained "Virtual PCD 00 00: waiting for a card"
    kill "$late"
    shows 0 empty
    run 2 "nobody taps" "${pay[@]}" "00 01" --wait 1 --interface contactless
    complained "Virtual PCD 00 01: nobody came within 1 s"
    local commands
    for commands in 0 3 9; do
        interrupted "$commands" remove
        run 2 "the card is taken out after $commands commands" "${pay[@]}" "00 00"
        complained "Virtual PCD 00 00: the card was removed"
        said "no answer the card was removed" "TERMINATED"
    done
    interrupted 2 remove --card quickpass-debit
    run 2 "a tap that is too short, and no other" "${pay[@]}" "00 00" --wait 3
    complained "Virtual PCD 00 00: the card was removed"
    said "PRESENT CARD" "no answer the card was removed" "TERMINATED"
    interrupted 2 remove --card quickpass-debit
    (sleep 3 && exec "$chipwright" card --vpcd "127.0.0.1:$PORT" --card quickpass-debit >/dev/null) &
    local second=$!
    run 0 "a tap that is too short, and another" "${pay[@]}" "00 00" --amount 8.88 --currency CNY
    complained_nothing
    said "no answer the card was removed" "APPROVED online"
    kill "$second"
    shows 0 empty
    interrupted 3 hang
    run 2 "the card hangs" "${pay[@]}" "00 00" --wait 2
    complained "Virtual PCD 00 00: no answer within 2 s"
    said "no answer the card did not answer in time" "TERMINATED"
    interrupted 3 hang
    "${pay[@]}" "00 00" --wait 4 >/dev/null 2>&1 &
    local other=$!
    shows 0 "card, in use"
    run 69 "another program has the card" "${pay[@]}" "00 00"
    complained "Virtual PCD 00 00: another program has the card"
    wait "$other" || true
    interrupted 3 garble
    run 2 "the card answers nonsense" "${pay[@]}" "00 00"
    complained "Virtual PCD 00 00: an answer without a status word"
    said "no answer the card's answer was garbled" "TERMINATED"
    take_out 0
    interrupted 3 hang
    (shows 0 "card, in use" && sleep 0.5 && kill -KILL "$(service)") &
    run 69 "the service dies" "${pay[@]}" "00 00"
    complained "the PC/SC service does not run"
    said "no answer the card was removed" "TERMINATED"
    rm -f /run/pcscd/*
    kill "${cards[0]}" 2>/dev/null || true
    unset 'cards[0]'
    run 69 "readers without a service" "$chipwright" readers
    complained "the PC/SC service does not run"
    pcscd
}

# Program emv-test-transaction of crate `emv`; its authority's keys are those of our cards. An empty
# line on its standard input is an issuer that approves.
crate_emv() {
    export EMV_CONFIG_DIR="$work/terminal"
    mkdir -p "$EMV_CONFIG_DIR"
    cp tools/cli/pcsc/terminal/*.toml "$EMV_CONFIG_DIR"
    : >"$EMV_CONFIG_DIR/crl.toml"
    sed -n 's/^\[ca-.*/[[capk_rsa]]\nrid = "A000000003"/p; /^index\|^modulus\|^exponent/p' \
        test-vectors/keys/certification-authorities.toml >"$EMV_CONFIG_DIR/capk.toml"
    local protocol
    for protocol in t1 t0; do
        insert 0 --card contact-dda --protocol "$protocol"
        run 0 "crate emv: DDA, online, approved, $protocol" "$peers/bin/emv-test-transaction"
        said "Final selection: [0] A0000000031010" "Offline Data Authentication → DdaSuccess" \
            "Terminal Action Analysis → Arqc" "Card Action Analysis → GoOnline" \
            "Final outcome: Approved (TC banked)" "Final TVR: 0000008000"
        insert 0 --card contact-dda-forged --protocol "$protocol"
        run 0 "crate emv: a forged card is noticed, $protocol" "$peers/bin/emv-test-transaction"
        said "Offline Data Authentication → DdaFailed" "Final TVR: 0800008000"
    done
}

# Program emvtool of PyPI's `emv`, which speaks T=0.
emvtool() {
    local emvtool="$peers/python/bin/emvtool"
    insert 0 --card contact-dda-pin --protocol t0
    run 0 "emvtool: applications" "$emvtool" listapps
    said "Visa Credit" "A0 00 00 00 03 10 10"
    run 0 "emvtool: options and records" "$emvtool" appdata 0
    said "AIP" "AFL" "4761739001010119"
    run 0 "emvtool: PIN and cryptogram" "$emvtool" --pin 1234 cap
    run 1 "emvtool: a wrong PIN" "$emvtool" --pin 9999 cap
    said "Invalid PIN"
}

# apdu NUMBER COMMAND SW1 SW2: opensc-tool and the status word of the last answer.
apdu() {
    run 0 "opensc-tool: $3$4 to $2 in reader $1" opensc-tool --reader "$1" $(printf -- '--send-apdu %s ' $2)
    [ "$(grep -o 'SW1=.*)' "$work/out" | tail -n 1)" = "SW1=0x$3, SW2=0x$4)" ] || fail "not $3$4"
}

opensc() {
    local pse=00A404000E315041592E5359532E444446303100
    local ppse=00A404000E325041592E5359532E444446303100
    local protocol atr
    insert 1 --card quickpass-debit
    for protocol in t1:3b:e0:00:00:81:31:fe:45:eb t0:3b:60:00:00; do
        atr="${protocol#*:}"
        insert 0 --card contact-dda --protocol "${protocol%%:*}"
        run 0 "opensc-tool: answer to reset, ${protocol%%:*}" opensc-tool --reader 0 --atr
        [ "$(cat "$work/out")" = "$atr" ] || fail "not $atr"
        apdu 0 "$pse" 90 00
        said "6F 15 84 0E 31 50 41 59"
        apdu 0 "$pse 00B2010C00" 90 00
        said "4F 07 A0 00 00 00 03 10 10"
        apdu 0 "$pse 00B2020C00" 6A 83
        apdu 0 "$pse 80CA9F3600" 69 85
        apdu 0 "$ppse" 6A 82
        apdu 0 "80FE000000" 6D 00
    done
    run 0 "opensc-tool: answer to reset, in the field" opensc-tool --reader 1 --atr
    [ "$(cat "$work/out")" = "3b:80:80:01:01" ] || fail "not the form for the field"
    apdu 1 "$ppse" 90 00
    said "4F 08 A0 00 00 03 33"
    apdu 1 "$pse" 6A 82
}

scan() {
    insert 0 --card contact-dda
    run 124 "pcsc_scan" timeout 2 pcsc_scan
    said "Reader 0: Virtual PCD 00 00" "Card inserted" "ATR: 3B E0 00 00 81 31 FE 45 EB" \
        "TCK = EB (correct checksum)" "ATR: 3B 80 80 01 01" "TCK = 01 (correct checksum)"
    insert 0 --card contact-dda --protocol t0
    run 124 "pcsc_scan, T=0" timeout 2 pcsc_scan
    said "ATR: 3B 60 00 00"
}

everything() {
    ip link set lo up
    mkdir -p /run/pcscd
    mount -t tmpfs tmpfs /run/pcscd
    work="$(mktemp -d)"
    passed=0
    trap 'kill $(jobs -p) $(service) 2>/dev/null || true; rm -rf "$work"' EXIT
    run 69 "no service" "$chipwright" readers
    complained "the PC/SC service does not run"
    as_the_readme_says
    our_terminal
    failures
    crate_emv
    emvtool
    opensc
    scan
    echo "$passed passed, 0 failed"
}

if [ "${1:-}" = --inside ]; then
    everything
else
    prepare
    alone=()
    [ "$(id -u)" -eq 0 ] || alone=(--map-root-user)
    unshare "${alone[@]}" --net --mount -- "$0" --inside
fi
