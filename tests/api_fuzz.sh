#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Random calls on all seven classes from several threads, in both widths (tests/fuzz/api_fuzz.c). In the sandbox:
#     tools/sandbox --card t1 -- tests/api_fuzz.sh [CALLS [SEED]]
# Without a seed it is another sequence each time; the seed is printed. Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

calls=${1:-5000}
seed=${2:-$RANDOM}
case $calls$seed in
*[!0-9]*) echo "usage: tests/api_fuzz.sh [CALLS [SEED]], in tools/sandbox --card t1" >&2; exit 2 ;;
esac
export SCARDSSP_TEST_CARD=t1

for width in $widths; do
    start=$SECONDS
    timeout -k10 3000 wine "$build/tests/fuzz/api_fuzz$width.exe" "$seed" "$calls" 8 > "$work/log" 2>&1 < /dev/null
    status=$?
    echo "$width bits, seed $seed: $calls calls in $((SECONDS - start)) s"
    check "seed $seed, $width bits: status $status: $(grep -a 'failed:\|exception' "$work/log" | head -n 3; tail -n 1 "$work/log")" \
        [ $status -eq 0 ]
    check "the $width-bit program did not get to its end" grep -q '^api_fuzz: [0-9]* tests executed' "$work/log"
done
finish
