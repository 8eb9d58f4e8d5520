#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Measures what a fresh process waits for until the first reply of a card, and prints a table. Run by
# "make bench-start", in the sandbox:
#     tools/sandbox --card t1 -- tests/bench/start.sh [PROCESSES]
# Medians of PROCESSES (41) of each kind, which take turns; Wine's server is running already.

. "$(dirname -- "$(realpath -- "$0")")/../checks.sh"
. "$top/tests/bench/machine.sh"

processes=${1:-41}
reader='Virtual PCD 00 00'

for ((i = 0; i < processes; i++)); do
    for width in $widths; do
        for way in objects late winscard; do
            wine "$build/tests/bench/start$width.exe" $way "$reader" > "$work/out" 2> "$work/errors" < /dev/null ||
                check "start$width.exe $way: $(cat "$work/errors")" false
            tr -d '\r' < "$work/out" | awk -v way=$way -v width="$width" '
                { print way, width, $1, $2 } $1 != "any-dll" { sum += $2 }
                END { print way, width, "together", sum }' >> "$work/times"
        done
    done
done
check 'all have run' [ -s "$work/times" ]

# median WAY WIDTH STEP, in ms
median()
{
    awk -v way="$1" -v width="$2" -v step="$3" '$1 == way && $2 == width && $3 == step { print $4 }' "$work/times" |
        sort -n | awk '{ t[NR] = $1 } END { if (NR) printf "%.2f", (t[int((NR + 1) / 2)] + t[int(NR / 2) + 1]) / 2000 }'
}

describe_machine
echo
echo '| step, ms | vtable, 32 | late bound, 32 | winscard, 32 | vtable, 64 | late bound, 64 | winscard, 64 |'
echo '|---|---|---|---|---|---|---|'
for step in COM winscard context first-object other-objects connect command exchange together any-dll; do
    row="| $step |"
    for width in 32 64; do
        for way in objects late winscard; do row+=" $(median $way $width $step) |"; done
    done
    echo "$row"
done
finish
