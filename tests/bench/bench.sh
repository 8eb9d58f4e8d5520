#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The benchmark, as tables. In the sandbox, which "make bench" brings:
#     tools/sandbox --card ext -- tests/bench/bench.sh [ROUNDS]
# Without a number it is a short run that is a test: every step works, and a transaction costs the heap allocations that
# it may cost. Ends with "N passed, N failed"; times are shown, not judged, but for a table that misses a row.

. "$(dirname -- "$(realpath -- "$0")")/../checks.sh"

rounds=${1:-3}
case $rounds in
'' | *[!0-9]* | 0) echo "usage: tests/bench/bench.sh [ROUNDS], in tools/sandbox --card ext" >&2; exit 2 ;;
esac
bench=$build/tests/bench
alone=$((rounds < 201 ? rounds : 201))  # rounds without a card, whose times differ less

# The most heap allocations that a row of instant.c may have.
allowed()
{
    case $1 in
    'c: Transaction'|'Transaction, '*) echo 0 ;;
    'd: cycle'|'ApduReply, '*) echo 1 ;;
    *) echo 1000 ;;
    esac
}

# The time that a row is to stay below, in ns.
target()
{
    case $1 in
    'c: Transaction') echo 300 ;;
    'd: cycle') echo 1500 ;;
    'e: late-bound cycle'*) echo 10000 ;;
    esac
}

. "$top/tests/bench/machine.sh"
describe_machine
echo
echo 'Through the whole chain, a READ BINARY of 16 bytes where nothing else is said:'
echo
# shellcheck disable=SC2086
python3 "$top/tests/bench/chain.py" "$build" 'Virtual PCD 00 00' "$rounds" $widths > "$work/chain" 2> "$work/errors" \
    < /dev/null
status=$?
check "chain.py: status $status: $(cat "$work/errors")" [ $status -eq 0 ]
expected=6
for width in $widths; do expected=$((expected + 9)); done
check 'chain.py: a row is missing' [ "$(grep -c '^| [a-g] |' "$work/chain")" -eq $expected ]
cat "$work/chain"

echo
echo 'scardssp.dll alone, with a winscard that takes no time:'
echo
for width in $widths; do
    timeout -k10 600 wine "$bench/instant$width.exe" "$alone" > "$work/out" 2> "$work/errors" < /dev/null
    status=$?
    check "instant$width.exe: status $status: $(tail -n 3 "$work/errors")" [ $status -eq 0 ]
    tr -d '\r' < "$work/out" > "$work/instant$width"
    check "instant$width.exe: rows" [ "$(wc -l < "$work/instant$width")" -eq 33 ]
    while IFS='|' read -r _ what _ heap _; do
        check "$what: $heap allocations in $width bits" awk "BEGIN { exit !($heap <= $(allowed "$what")) }"
    done < "$work/instant$width"
done
echo '| what | to reach | 32 bits, ns | 64 bits, ns | allocations | beside, 32 bits | beside, 64 bits |'
echo '|---|---|---|---|---|---|---|'
cd "$work" && touch instant32 instant64
while IFS='|' read -r _ what _ heap _; do
    limit=$(target "$what")
    for width in 32 64; do
        IFS='|' read -r _ _ "ns$width" _ "beside$width" < <(grep -F "|$what|" instant$width)
    done
    echo "| $what | ${limit:+<= $limit} | ${ns32:-} | ${ns64:-} | $heap | ${beside32:-} | ${beside64:-} |"
    ns32='' ns64='' beside32='' beside64=''
done < "instant${widths%% *}"
echo
finish
