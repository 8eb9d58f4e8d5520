#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Draws the ratios of a run of the benchmark, which has a machine of its own for that:
#     tools/sandbox --packages tests/bench/picture-packages --wine none --card none -- \
#         tests/bench/picture.sh RUN PICTURE
# RUN is the output of "make bench", PICTURE an .svg file. A row is what a program waits for with scardssp.dll beside
# what it would wait for with winscard alone: the median of the ratios, and the interval in which it is with a
# probability of 95 %.

set -eu

[ $# -eq 2 ] && [ -r "$1" ] || { echo 'usage: tests/bench/picture.sh RUN PICTURE' >&2; exit 2; }
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT

# number, ratio, from, to, goal (or 0), bits, text
awk -F ' *[|] *' '
    $2 ~ /^[cdef]$/ && ($5 == "b" || $5 == "winscard") {
        split($7, interval, " to ")
        goal = $8 ~ /^<=/ ? substr($8, 4) + 0 : 0
        bits = $3 ~ /32 bits/ ? 32 : 64
        text = $3
        sub(/, [36][24] bits/, "", text)
        sub(/^the same/, "the cycle late-bound", text)
        printf "%d\t%s\t%s\t%s\t%s\t%d\t%s, %d bits\n", ++n, $6, interval[1], interval[2], goal, bits, text, bits
    }' "$1" > "$rows"
[ -s "$rows" ] || { echo "$1 has no rows of the benchmark" >&2; exit 1; }

gnuplot <<PLOT
set terminal svg size 900,$((110 + 24 * $(wc -l < "$rows"))) font 'sans-serif,13' background 'white'
set output '$2'
set datafile separator '\t'
set title 'Time with scardssp.dll beside winscard alone (1 is as fast)'
set yrange [$(wc -l < "$rows").5:0.5]
set xrange [0.96:*]
set grid xtics linecolor '#cccccc'
set xtics 0.04
set key outside bottom center horizontal
set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 1 linecolor '#666666'
plot '$rows' using 2:1:3:4:ytic(7) with xerrorbars pointtype 7 linewidth 2 linecolor '#1f5fa8' title 'median, 95 %', \
    '$rows' using (\$5 > 0 ? \$5 : NaN):1 with points pointtype 2 linewidth 2 linecolor '#c03030' title 'to reach'
PLOT
