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
    'c: Transaction') echo 0 ;;
    'd: cycle') echo 2 ;;
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

echo 'Through the whole chain, a READ BINARY of 16 bytes where nothing else is said:'
echo
python3 "$top/tests/bench/chain.py" "$build" 'Virtual PCD 00 00' "$rounds" > "$work/chain" 2> "$work/errors" < /dev/null
status=$?
check "chain.py: status $status: $(cat "$work/errors")" [ $status -eq 0 ]
check 'chain.py: a row is missing' [ "$(grep -c '^| [a-g] |' "$work/chain")" -eq 24 ]
cat "$work/chain"

echo
echo 'scardssp.dll alone, with a winscard that takes no time:'
echo
for width in 32 64; do
    timeout 600 wine "$bench/instant$width.exe" "$alone" > "$work/instant$width" 2> "$work/errors" < /dev/null
    status=$?
    check "instant$width.exe: status $status: $(tail -n 3 "$work/errors")" [ $status -eq 0 ]
done
echo '| what | to reach | 32 bits, ns | 64 bits, ns | allocations | beside, 32 bits | beside, 64 bits |'
echo '|---|---|---|---|---|---|---|'
rows=0
while IFS='|' read -r -u 3 _ what ns heap beside && IFS='|' read -r -u 4 _ _ ns64 heap64 beside64; do
    limit=$(target "$what")
    echo "| $what | ${limit:+<= $limit} | $ns | $ns64 | $heap | $beside | $beside64 |"
    check "$what: $heap allocations in 32 bits" awk "BEGIN { exit !($heap <= $(allowed "$what")) }"
    check "$what: $heap64 allocations in 64 bits" awk "BEGIN { exit !($heap64 <= $(allowed "$what")) }"
    rows=$((rows + 1))
done 3< <(tr -d '\r' < "$work/instant32") 4< <(tr -d '\r' < "$work/instant64")
check "instant.c: $rows rows" [ $rows -eq 33 ]
echo
finish
