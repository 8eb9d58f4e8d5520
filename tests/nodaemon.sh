#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What programs see where no smart card resource manager runs: creating ISCard gives
# SCARD_E_NO_SERVICE, the classes that need no card work. For both widths, with
# pcsc-lite's client looking for its daemon where there is none. Run in the sandbox:
#     tools/sandbox --card none -- tests/nodaemon.sh
# Ends with the line "N passed, N failed".

set -u

top=$(realpath -- "$(dirname -- "$(realpath -- "$0")")/..")
build=${SCARDSSP_BUILD:-$top/build}
passed=0
failed=0

# The counts of the last line of a test program, which may be missing after a crash.
count_results()
{
    local program=$1 status=$2 line=$3
    local summary='tests executed \(([0-9]+) marked as todo, 0 as flaky, ([0-9]+) failure'
    summary="^[a-z0-9_]+: ([0-9]+) $summary"
    if [[ $line =~ $summary ]]; then
        local executed=${BASH_REMATCH[1]} todo=${BASH_REMATCH[2]} failures=${BASH_REMATCH[3]}
        passed=$((passed + executed - todo - failures))
        failed=$((failed + failures))
        [ "$status" -eq 0 ] || [ "$failures" -gt 0 ] || failed=$((failed + 1))
    else
        echo "$program did not get to its end (status $status)"
        failed=$((failed + 1))
    fi
}

run_program()
{
    local program=$1 output status
    if [ ! -f "$build/tests/$program" ]; then
        echo "$build/tests/$program is missing: build the tests first (make)"
        failed=$((failed + 1))
        return
    fi
    output=$(timeout 60 wine "$build/tests/$program" nodaemon < /dev/null 2>&1)
    status=$?
    printf '%s\n' "$output"
    count_results "$program" "$status" "$(tail -n 1 <<< "$output")"
}

export PCSCLITE_CSOCK_NAME=/nonexistent/pcscd.comm
for width in 32 64; do
    run_program "card$width.exe"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
