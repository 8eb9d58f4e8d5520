#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Measures the dialog of FindCard, and prints a table. Run by "make bench-dialog", in the sandbox:
#     tools/sandbox --card t1 -- tests/bench/dialog.sh [SECONDS]
# The dialog is left alone for SECONDS (60), with the known cards of pcsc-tools' list; once with as many readers as
# pcsc-lite can have.

. "$(dirname -- "$(realpath -- "$0")")/../checks.sh"
. "$top/tests/display.sh"
. "$top/tests/bench/readers.sh"
. "$top/tests/bench/machine.sh"

duration=${1:-60}
list=/usr/share/pcsc/smartcard_list.txt
changes=10
trap 'stop_display; rm -rf "$work"' EXIT

# The processor time, in ms, that the processes of a name have used.
used_by()
{
    local pid sum=0 ticks
    for pid in $(pgrep -x "$1"); do
        ticks=$(sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 }')
        sum=$((sum + ticks * 1000 / $(getconf CLK_TCK)))
    done
    echo $sum
}

# percent MILLISECONDS: of one core, in the time that the dialog was left alone
percent()
{
    awk "BEGIN { printf \"%.2f\", $1 / ($duration * 10) }"
}

# measure READERS WIDTH ARGUMENT...
measure()
{
    local readers=$1 width=$2 key value daemon=0 server=0 cards
    local -A got=([row]='' [named]='')
    shift 2
    while read -r key value; do
        case $key in
        idle) daemon=$(used_by pcscd) server=$(used_by wineserver) ;;
        processor) got[$key]=$value daemon=$(($(used_by pcscd) - daemon)) server=$(($(used_by wineserver) - server)) ;;
        row) got[row]+="$value " ;;
        *) got[$key]=$value ;;
        esac
    done < <(timeout -k10 $((duration + 300)) wine "$build/tests/bench/dialog$width.exe" "$duration" "$@" \
        2> "$work/errors" < /dev/null | tr -d '\r')
    check "dialog$width.exe, $readers readers: $(cat "$work/errors")" [ -n "${got[calls]:-}" ]
    [ -n "${got[calls]:-}" ] || return
    cards=$(tr ' ' '\n' <<< "${got[row]}" | sed '/^$/d' | sort -n | awk '{ t[NR] = $1 }
        END { if (NR) printf "%.0f, at most %.0f", (t[int((NR + 1) / 2)] + t[int(NR / 2) + 1]) / 2, t[NR] }')
    echo "| $readers | $width | ${got[painted]} | ${got[named]} | $(percent "${got[processor]}") |" \
        "$(percent "$daemon") | $(percent "$server") | $(awk "BEGIN { printf \"%.1f\", ${got[calls]} / $duration }") | $cards |"
}

[ -f $list ] || { echo "$list is not there: install pcsc-tools" >&2; exit 1; }
start_display || { echo 'there is no display' >&2; exit 1; }
check 'the list of cards is not imported' \
    wine "$build/tools/cards/scardssp-cards${widths%% *}.exe" import "$(winepath -w $list)" --lax
describe_machine
echo
echo '| readers | bits | painted, ms | names, ms | program, % | pcscd, % | wineserver, % | calls/s | card to row, ms |'
echo '|---|---|---|---|---|---|---|---|---|'
for width in $widths; do measure 2 $width 'Virtual PCD 00 00' $changes; done
if start_readers 16; then
    for width in $widths; do measure 16 $width; done
fi
finish
