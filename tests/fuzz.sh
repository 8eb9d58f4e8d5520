#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Fuzzes the plain C parts with libFuzzer, under ASan and UBSan, each target of tests/fuzz for some seconds:
#     tests/fuzz.sh [-runs=COUNT | SECONDS] [TARGET...]
# It starts from tests/fuzz/corpus and keeps what it finds in fuzz of the build directory. An input that breaks a
# promise is left there as crash-*; add it to the corpus with the correction. Ends with "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

limit=-max_total_time=3
case ${1:-} in
-runs=*) limit=$1; shift ;;
[0-9]*) limit=-max_total_time=$1; shift ;;
-*) echo "usage: tests/fuzz.sh [-runs=COUNT | SECONDS] [TARGET...]" >&2; exit 2 ;;
esac
if [ $# -eq 0 ]; then
    for program in "$build"/fuzz/*_fuzz; do set -- "$@" "$(basename "$program" _fuzz)"; done
fi

for target in "$@"; do
    found=$build/fuzz/corpus/$target
    mkdir -p "$found"
    start=$SECONDS
    "$build/fuzz/${target}_fuzz" "$limit" -max_len=4096 -print_final_stats=1 -artifact_prefix="$build/fuzz/" \
        "$found" "$top/tests/fuzz/corpus/$target" > "$work/log" 2>&1 < /dev/null
    status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$work/log")
    echo "$target: ${runs:-0} executions, $((SECONDS - start)) s"
    check "$target: a finding: $(grep -E -m 3 'ERROR|runtime error|_fuzz.c:' "$work/log")" [ $status -eq 0 ]
    check "$target: it executed nothing" [ "${runs:-0}" -ge 1000 ]
done
finish
