#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Measures how the cost of things grows with their number, and prints tables. Run by "make bench-growth", in the
# sandbox:
#     tools/sandbox --card t1 -- tests/bench/growth.sh [SECONDS]
# SECONDS (10) are those in which processes compete for a card.

. "$(dirname -- "$(realpath -- "$0")")/../checks.sh"
. "$top/tests/bench/readers.sh"
. "$top/tests/bench/machine.sh"

duration=${1:-10}
reader='Virtual PCD 00 00'

growth()
{
    local width=$1
    shift
    wine "$build/tests/bench/growth$width.exe" "$@" 2>> "$work/errors" < /dev/null | tr -d '\r'
}

# ratio A B
ratio()
{
    awk "BEGIN { if ($2) printf \"%.3f\", $1 / $2 }"
}

describe_machine
echo
echo '| attached in one process | bits | Transaction, us | SCardTransmit, us | ratio |'
echo '|---|---|---|---|---|'
for width in $widths; do
    for number in 1 8 64; do
        read -r ours theirs < <(growth "$width" attached "$reader" $number)
        check "$number attached, $width bits: $(cat "$work/errors")" [ -n "${theirs:-}" ]
        echo "| $number | $width | ${ours:-} | ${theirs:-} | $(ratio "${ours:-0}" "${theirs:-0}") |"
    done
done

# compete WIDTH WAY NUMBER: sets together to the rounds of all in a second, fair to the fewest beside the most
compete()
{
    local start i
    start=$(($(date +%s) + 3 + $3 / 4))
    for ((i = 0; i < $3; i++)); do
        growth "$1" lock "$reader" $start "$duration" "$2" > "$work/rounds.$i" &
    done
    wait
    check "$3 processes, $1 bits, $2: $(cat "$work/errors")" [ "$(cat "$work/rounds".* | wc -l)" -eq "$3" ]
    read -r together fair < <(sort -n "$work/rounds".* | awk -v s="$duration" 'NR == 1 { least = $1 } { sum += $1 }
        END { printf "%.0f %.2f\n", sum / s, $1 ? least / $1 : 0 }')
    rm -f "$work/rounds".*
}

echo
echo '| processes with one card | bits | objects, rounds/s | least/most | winscard, rounds/s | least/most | ratio |'
echo '|---|---|---|---|---|---|---|'
for width in $widths; do
    for number in 1 8 32; do
        compete "$width" objects $number
        ours=$together our_fair=$fair
        compete "$width" winscard $number
        echo "| $number | $width | $ours | $our_fair | $together | $fair | $(ratio "$ours" "$together") |"
    done
done

echo
echo '| readers | bits | ListReaders, us | winscard, us | FindCard, us | winscard, us |'
echo '|---|---|---|---|---|---|'
for number in 2 8 16; do
    start_readers $number || continue
    for width in $widths; do
        read -r list list_beside find find_beside < <(growth "$width" readers)
        check "$number readers, $width bits: $(cat "$work/errors")" [ -n "${find_beside:-}" ]
        echo "| $number | $width | ${list:-} | ${list_beside:-} | ${find:-} | ${find_beside:-} |"
    done
done
finish
