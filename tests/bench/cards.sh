#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Measures the smart card database, and prints a table. Run by "make bench-cards", in the sandbox:
#     tools/sandbox --card none -- tests/bench/cards.sh
# The list of pcsc-tools is imported first (Debian package pcsc-tools).

set -u

top=$(realpath -- "$(dirname -- "$(realpath -- "$0")")/../..")
build=${SCARDSSP_BUILD:-$top/build}
. "$top/tests/widths.sh"
. "$top/tests/bench/machine.sh"
list=/usr/share/pcsc/smartcard_list.txt
output=$(mktemp)
trap 'rm -f "$output"' EXIT

# measure WHAT ARGUMENT
measure()
{
    local width figures
    for width in $widths; do
        if ! timeout -k10 600 wine "$build/tests/bench/cards$width.exe" "$2" > "$output" < /dev/null; then
            echo "cards$width.exe $2 failed" >&2
            exit 1
        fi
        read -r -a figures < <(tr -d '\r' < "$output")
        printf '%-22s %5s %8s %10s %10s %10s %10s %10s %10s\n' "$1" "${figures[@]}"
    done
}

describe_machine
echo "ISCardLocate::FindCard by name, ISCardDatabase::ListCards by ATR, milliseconds"
printf '%-22s %5s %8s %10s %10s %10s %10s %10s %10s\n' \
    'cards' bits count 'plain walk' 'by name' first changed again 'all names'
measure '10 made up' 10
measure '1000 made up' 1000
measure '5000 made up' 5000
measure '50000 made up' 50000
if [ -f $list ]; then
    wine "$build/tools/cards/scardssp-cards${widths%% *}.exe" import "$(winepath -w $list)" --lax \
        > "$output" 2> /dev/null ||
        { cat "$output"; exit 1; }
    head -n 1 "$output"
    measure "pcsc-tools' list" known
else
    echo "not measured: pcsc-tools' list; $list is not there"
fi
