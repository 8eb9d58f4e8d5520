#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Measures transactions with the virtual card, and prints a table. Run by "make bench", in the sandbox:
#     tools/sandbox --card t1 -- tests/bench/transactions.sh

set -u

top=$(realpath -- "$(dirname -- "$(realpath -- "$0")")/../..")
build=${SCARDSSP_BUILD:-$top/build}
reader="Virtual PCD 00 00"
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT

# measure ROUNDS CALLS
measure()
{
    local width
    printf '%5s %12s %12s %12s %8s %8s %8s %8s\n' bits transmit transaction cycle c/b d/b 'c heap' 'd heap'
    for width in 32 64; do
        if ! timeout 300 wine "$build/tests/bench/transactions$width.exe" "$reader" "$1" "$2" \
            > "$output/figures" < /dev/null; then
            echo "transactions$width.exe failed" >&2
            exit 1
        fi
        tr -d '\r' < "$output/figures" |
            awk '{ printf "%5s %12s %12s %12s %8.3f %8.3f %8s %8s\n", $1, $2, $3, $4, $3 / $2, $4 / $2, $5, $6 }'
    done
}

echo "nanoseconds per call (medians), ratios to SCardTransmit, heap allocations per call"
measure 41 20
