#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The smart card daemon is restarted under a program that is attached to a card, in both widths. In the sandbox, whose
# daemon it is:
#     tools/sandbox --card t1 -- tests/restart.sh
# Ends with the line "N passed, N failed".

set -u

top=$(realpath -- "$(dirname -- "$(realpath -- "$0")")/..")
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Waits for a command to succeed, at most 15 seconds.
await()
{
    local i
    for i in $(seq 150); do
        "$@" > /dev/null 2>&1 && return
        sleep 0.1
    done
    return 1
}

has_card()
{
    opensc-tool --reader 'Virtual PCD 00 00' --atr | grep -q ':'
}

restart_daemon()
{
    "$top/tests/host.sh" "$work/stopped" stop-daemon && "$top/tests/host.sh" "$work/started" start-daemon &&
        grep -q ok "$work/stopped" && grep -q ok "$work/started" && await has_card
}

. "$top/tests/widths.sh"
for width in 32:syswow64 64:system32; do
    [[ $widths = *${width%:*}* ]] || continue
    rm -f "$work"/*
    wine "C:\\windows\\${width#*:}\\cscript.exe" //nologo "$(winepath -w "$top/tests/scripts/restart.vbs")" \
        "$(winepath -w "$work/attached")" "$(winepath -w "$work/restarted")" > "$work/out" 2>&1 < /dev/null &
    program=$!
    if await test -e "$work/attached" && restart_daemon; then
        touch "$work/restarted"
        wait "$program"
    else
        echo "FAILED (${width%:*} bits): the program did not attach, or the daemon did not come back"
        failed=$((failed + 1))
        kill "$program"
    fi
    passed=$((passed + $(grep -c '^ok ' "$work/out")))
    failed=$((failed + $(grep -c '^not ok ' "$work/out")))
    grep '^not ok ' "$work/out" | sed "s/^/FAILED (${width%:*} bits): /"
    [ "$(grep -c -e '^ok ' -e '^not ok ' "$work/out")" -eq 9 ] || {
        echo "FAILED (${width%:*} bits): the script did not get to its end:"
        cat "$work/out"
        failed=$((failed + 1))
    }
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
