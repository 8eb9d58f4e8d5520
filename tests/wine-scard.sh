#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Tests of tools/wine-scard with a program that uses winscard alone. In each kind of Wine:
#     tools/sandbox --wine KIND --card t1 -- tests/wine-scard.sh
# Ends with the line "N passed, N failed".

set -u

top=$(realpath -- "$(dirname -- "$(realpath -- "$0")")/..")
build=${SCARDSSP_BUILD:-$top/build}
launcher=$top/tools/wine-scard
program=$build/tests/pcsc32/plain32.exe
output=$build/tests/logs/wine-scard-$SCARDSSP_WINE_KIND.out
passed=0 failed=0
mkdir -p "$build/tests/logs"

# expect STATUS TEXT COMMAND...: the command ends with the status and prints a line that has the text
expect()
{
    local wanted=$1 text=$2 status
    shift 2
    timeout -k10 60 "$@" > "$output" 2>&1 < /dev/null
    status=$?
    if [ $status -eq "$wanted" ] && grep -q -e "$text" "$output"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: ${*##*/}: status $status, wanted $wanted and '$text'; it printed:"
        sed 's/^/    /' "$output"
    fi
}

read_card='SCardTransmit: 0, '
bug='SCardEstablishContext: 0x80100004'

[ -f "$program" ] || { echo "$program is not built: run make test-programs" >&2; exit 2; }
expect 0 'Usage: wine-scard' "$launcher" --help
expect 2 "unknown option --nothing" "$launcher" --nothing
expect 2 "no program given" "$launcher"
expect 2 "choose wow64, preload or plain" "$launcher" --way=other x.exe
case $SCARDSSP_WINE_KIND in
old-wow64)
    expect 1 "$bug" wine "$program"
    expect 1 "$bug" "$launcher" --way=plain "$program"
    expect 0 '^wow64$' "$launcher" --show
    expect 0 "$read_card" "$launcher" "$program"
    expect 0 "$read_card" "$launcher" "$program"
    expect 0 "$read_card" "$launcher" "${program%32.exe}64.exe"
    expect 0 "$read_card" "$launcher" --way=preload "$program"
    expect 0 "Virtual PCD" "$build/tests/pcsc32/native"
    expect 0 "Virtual PCD" env LD_PRELOAD="$build/dlls/pcsc32/libscardssp-pcsc32.so" "$build/tests/pcsc32/native" ;;
win32)
    expect 1 "$bug" wine "$program"
    expect 0 '^preload$' "$launcher" --show
    expect 0 "$read_card" "$launcher" "$program"
    expect 1 "needs a 64-bit prefix" "$launcher" --way=wow64 "$program"
    expect 1 "libscardssp-pcsc32.so is not installed" env SCARDSSP_BUILD=/nowhere "$launcher" "$program" ;;
new-wow64)
    expect 0 "$read_card" wine "$program"
    expect 0 "$read_card" "$launcher" "$program"
    expect 0 "$read_card" "$launcher" --way=plain "$program" ;;
*)
    echo "no 32-bit programs here: use --wine old-wow64, win32 or new-wow64" >&2
    exit 2 ;;
esac

# Ctrl-C, which a terminal sends to the whole group, while Wine hangs.
interrupt()
{
    local pid status start=$SECONDS
    setsid env --default-signal=INT "$launcher" --wine "$work/hanging-wine" x.exe &
    pid=$!
    until [ -s "$work/hanging" ]; do sleep 0.1; [ $((SECONDS - start)) -lt 20 ] || return 1; done
    start=$SECONDS
    kill -INT -- -$pid
    wait $pid
    status=$?
    kill -0 "$(cat "$work/hanging")" 2> /dev/null && return 1
    echo "$status after $((SECONDS - start)) s"
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '#!/bin/sh\necho $$ > %s/hanging\nexec sleep 600\n' "$work" > "$work/hanging-wine"
chmod +x "$work/hanging-wine"
export -f interrupt
export launcher work
expect 0 '^130 after 1\{0,1\}[0-9] s' bash -c interrupt

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
