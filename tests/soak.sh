#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Endurance: tests/soak/soak.c in each width, with another program that connects and disconnects meanwhile, and what the
# process and pcscd use, seen from outside. In the sandbox:
#     tools/sandbox --card t1 -- tests/soak.sh [TRANSACTIONS [CYCLES]]
# Without numbers it is a short run. Prints a table, and ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

transactions=${1:-20000}
cycles=${2:-1000}
slack=2048      # KB of memory that a process may grow by after the first tenth
trap 'kill $(jobs -p) 2> /dev/null; rm -rf "$work"' EXIT

case $transactions$cycles in
*[!0-9]*) echo "usage: tests/soak.sh [TRANSACTIONS [CYCLES]], in tools/sandbox --card t1" >&2; exit 2 ;;
esac

# The Unix process of a Windows program that was started last.
process_of()
{
    pgrep -n -f "$1"
}

# sample PID: resident KB, threads, open files of the process; open files of pcscd
sample()
{
    local rss threads
    rss=$(awk '/^VmRSS/ { print $2 }' "/proc/$1/status" 2> /dev/null) || return
    threads=$(awk '/^Threads/ { print $2 }' "/proc/$1/status" 2> /dev/null)
    echo "${rss:-0} ${threads:-0} $(ls "/proc/$1/fd" 2> /dev/null | wc -l) $(ls "/proc/$pcscd/fd" | wc -l)"
}

# The largest of each column of the samples, in the second tenth or in the last one: LINES FROM PERCENT TO PERCENT
largest()
{
    local count
    count=$(wc -l < "$1")
    sed -n "$((count * $2 / 100 + 1)),$((count * $3 / 100))p" "$1" |
        awk '{ for (i = 1; i <= 4; i++) if ($i > m[i]) m[i] = $i } END { print m[1] + 0, m[2] + 0, m[3] + 0, m[4] + 0 }'
}

# run WIDTH KIND COUNT: one line of the table
run()
{
    local width=$1 kind=$2 count=$3 start=$SECONDS pid status a b first last
    wine "$build/tests/soak/soak$width.exe" "$kind" "$count" > "$work/out" 2>&1 < /dev/null &
    local job=$!
    : > "$work/samples"
    sleep 0.3
    while kill -0 $job 2> /dev/null; do
        # Not before it has begun, which takes Wine its time.
        ! grep -aq '^soak: ' "$work/out" ||
            { pid=$(process_of "soak$width.exe $kind") && sample "$pid" >> "$work/samples"; }
        [ ! -t 1 ] || printf '\r%s bits, %s: %s ' "$width" "$kind" "$(sed -n 's/^soak: //p' "$work/out" | tail -n 1)"
        sleep "$interval"
    done
    [ ! -t 1 ] || printf '\r\033[K'
    wait $job
    status=$?
    read -r -a a < <(largest "$work/samples" 10 30)
    read -r -a b < <(largest "$work/samples" 70 100)
    first=$(sed -n 's/^soak: .*heap \([0-9]*\) bytes.*/\1/p' "$work/out" | sed -n 3p)
    last=$(sed -n 's/^soak: .*heap \([0-9]*\) bytes.*/\1/p' "$work/out" | tail -n 1)
    printf '| %s | %s | %s | %s s | %s -> %s | %s -> %s | %s -> %s | %s -> %s | %s -> %s |\n' "$width" "$kind" "$count" \
        $((SECONDS - start)) "${a[0]}" "${b[0]}" "$((first / 1024))" "$((last / 1024))" "${a[1]}" "${b[1]}" \
        "${a[2]}" "${b[2]}" "${a[3]}" "${b[3]}"
    check "$width bits, $kind: $(grep -a 'failed:\|exception' "$work/out" | head -n 3; tail -n 1 "$work/out")" \
        [ $status -eq 0 ]
    check "$width bits, $kind: too few samples" [ "$(wc -l < "$work/samples")" -ge 10 ]
    check "$width bits, $kind: the memory grew from ${a[0]} to ${b[0]} KB" [ "${b[0]}" -le $((a[0] + slack)) ]
    check "$width bits, $kind: the threads grew from ${a[1]} to ${b[1]}" [ "${b[1]}" -le "${a[1]}" ]
    check "$width bits, $kind: the open files grew from ${a[2]} to ${b[2]}" [ "${b[2]}" -le $((a[2] + 1)) ]
    check "$width bits, $kind: pcscd's open files grew from ${a[3]} to ${b[3]}" [ "${b[3]}" -le $((a[3] + 3)) ]
}

pcscd=$(pgrep -x pcscd) || { echo 'there is no pcscd: run this in tools/sandbox'; echo '0 passed, 1 failed'; exit 1; }
interval=0.1
[ "$transactions" -le 100000 ] || interval=1

echo '| bits | what | count | time | memory (KB) | heap (KB) | threads | open files | pcscd'"'"'s open files |'
echo '|---|---|---|---|---|---|---|---|---|'
for width in $widths; do
    wine "$build/tests/soak/soak64.exe" neighbour 100000 > "$work/neighbour" 2>&1 < /dev/null &
    neighbour=$!
    run $width transactions "$transactions"
    run $width cycles "$cycles"
    check "the neighbour ended: $(tail -n 1 "$work/neighbour")" kill -0 $neighbour
    kill $neighbour $(pgrep -f 'soak64.exe neighbour') 2> /dev/null
    wait $neighbour 2> /dev/null
done
sleep 1
check "pcscd keeps files of those who left: $(ls "/proc/$pcscd/fd" | wc -l)" [ "$(ls "/proc/$pcscd/fd" | wc -l)" -le 30 ]

finish
