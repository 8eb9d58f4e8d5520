#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Runs the conformance programs of the widths that the Wine has. In the sandbox:
#     tools/sandbox [--wine KIND] --card PROFILE -- tests/conformance.sh PROFILE [PROGRAM...]
# PROGRAM is the name of a file of tests/conformance or tests/ without .c, with its directory where it is in another one
# below; without one all that are built in tests/ itself run. Ends with the line "N passed, N failed"; the whole output
# of each program stays in the build directory, in tests/logs. SCARDSSP_TEST_MODE, where it is set, is the argument of
# each program. A program that skips all it has is a failure, unless SCARDSSP_TEST_MAY_SKIP is "yes".

set -u

top=$(realpath -- "$(dirname -- "$(realpath -- "$0")")/..")
build=${SCARDSSP_BUILD:-$top/build}
limit=300
passed=0 failed=0 skipped=0

if [ $# -lt 1 ]; then
    echo "usage: tests/conformance.sh PROFILE [PROGRAM...], in tools/sandbox --card PROFILE" >&2
    exit 2
fi
export SCARDSSP_TEST_CARD=$1
shift
logs=$build/tests/logs
mkdir -p "$logs"

# A program's last line: "card: 336 tests executed (0 marked as todo, 0 as flaky, 0 failures), 1 skipped."
summary='^[a-z0-9_]+: ([0-9]+) tests executed \(([0-9]+) marked as todo, 0 as flaky, ([0-9]+) failures?\), ([0-9]+) skipped'

run_program()
{
    local program=$1 mode=${SCARDSSP_TEST_MODE:-} log status line failures
    log=$logs/$kind-${mode:-$SCARDSSP_TEST_CARD}-${program//\//-}.log
    timeout -k10 $limit wine "$build/tests/$program.exe" ${mode:+"$mode"} > "$log" 2>&1 < /dev/null
    status=$?
    line=$(tail -n 1 "$log")
    if [[ $line =~ $summary ]]; then
        failures=${BASH_REMATCH[3]}
        passed=$((passed + BASH_REMATCH[1] - BASH_REMATCH[2] - failures))
        skipped=$((skipped + BASH_REMATCH[4]))
        [ $status -eq 0 ] || [ "$failures" -gt 0 ] || failures=1
        if [ "${BASH_REMATCH[1]}" -eq 0 ] && [ "${SCARDSSP_TEST_MAY_SKIP:-no}" != yes ]; then
            failures=1
            line="$program checked nothing: $line"
        fi
    else
        failures=1
        line="$program did not get to its end (status $status$([ $status -eq 124 ] && echo ", after $limit s"))"
    fi
    failed=$((failed + failures))
    printf '%-24s %s\n' "$program" "${line#*: }"
    [ "$failures" -eq 0 ] || grep -a -e 'failed:' -e 'succeeded inside todo' -e 'exception' "$log" | head -n 20 |
        sed 's/^/    /'
}

kind=${SCARDSSP_WINE_KIND:-wine}
. "$top/tests/widths.sh"
for width in $widths; do
    if [ $# -gt 0 ]; then
        names=("$@")
    else
        names=($(cd "$build/tests" && ls ./*$width.exe | sed "s|^\./||; s|$width\.exe\$||"))
    fi
    for name in "${names[@]}"; do run_program "$name$width"; done
done

[ $skipped -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
