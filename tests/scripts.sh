#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whole sessions from VBScript and JScript, with Wine's cscript of both widths. In the sandbox:
#     tools/sandbox --card PROFILE -- tests/scripts.sh PROFILE        PROFILE: t1, t0
# A script prints "ok ..." or "not ok ..." for each check, and "end" when it got to its end.

set -u

top=$(realpath -- "$(dirname -- "$(realpath -- "$0")")/..")
limit=60
# A script that crashes ends at once, without a debugger.
export WINEDLLOVERRIDES=winedbg.exe=d
passed=0 failed=0

case ${1:-} in
t1|t0) ;;
*) echo "usage: tests/scripts.sh t1|t0   (within: tools/sandbox --card PROFILE -- ...)" >&2; exit 2 ;;
esac

# The file contents and PIN tries of the card as described: the sessions before may have used them up.
reset_card()
{
    local answer
    [ -n "${VCARD_CONTROL:-}" ] || return 0
    { exec 3<>"/dev/tcp/127.0.0.1/$VCARD_CONTROL"; } || return
    echo reset-data >&3
    read -r -t 15 answer <&3
    exec 3>&-
}

# run WIDTH CSCRIPT FILE
run()
{
    local width=$1 cscript=$2 file=$3 output ok bad
    reset_card
    output=$(timeout -k10 $limit wine "$cscript" //nologo "$(winepath -w "$file")" 2>/dev/null < /dev/null |
        tr -d '\r')
    ok=$(grep -c '^ok ' <<< "$output")
    bad=$(grep -c '^not ok ' <<< "$output")
    if [ "$(tail -n 1 <<< "$output")" != end ]; then
        bad=$((bad + 1))
        output+=$'\n'"not ok did not get to its end"
    fi
    passed=$((passed + ok)) failed=$((failed + bad))
    echo "$(basename "$file"), $width bits: $ok ok, $bad not ok"
    [ $bad -eq 0 ] || sed 's/^/    /' <<< "$output"
}

. "$top/tests/widths.sh"
for file in "$top"/tests/scripts/session*.vbs "$top"/tests/scripts/session*.js; do
    [[ $widths != *32* ]] || run 32 'C:\windows\syswow64\cscript.exe' "$file"
    [[ $widths != *64* ]] || run 64 'C:\windows\system32\cscript.exe' "$file"
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
