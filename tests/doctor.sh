#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# scardssp-doctor against a chain in order and against each fault that it names.
#     tools/sandbox --wine KIND --no-dlls --card t1 -- tests/doctor.sh
# Ends with the line "N passed, N failed".

set -u

top=$(realpath -- "$(dirname -- "$(realpath -- "$0")")/..")
doctor=$top/tools/doctor/scardssp-doctor
setup=$top/tools/setup/scardssp-setup
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
windows=$WINEPREFIX/drive_c/windows

case $SCARDSSP_WINE_KIND in
win32) bits=32-bit directory=$windows/system32 loader=wine ;;
win64) bits=64-bit directory=$windows/system32 loader=wine64 ;;
*) bits=32-bit directory=$windows/syswow64 loader=wine ;;
esac

# says STATUS LINE ARGUMENT...: the doctor ends with this status, and one of its lines begins so
says()
{
    local wanted=$1 line=$2 status
    shift 2
    timeout 200 "$doctor" "$@" > out 2>&1 < /dev/null
    status=$?
    if [ $status -eq "$wanted" ] && grep -q -- "^$line" out; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: wanted $wanted and '$line', got $status:"
        sed 's/^/    /' out
    fi
}

ready()
{
    "$setup" install > setup.log 2>&1 || { cat setup.log; echo '0 passed, 1 failed'; exit 1; }
}

vcard()
{
    exec 3<> "/dev/tcp/127.0.0.1/$VCARD_CONTROL" && echo "$1" >&3 && read -r -t 10 <&3
    exec 3>&-
}

# await_host TEXT: until pcscd gives this answer
await_host()
{
    local end=$((SECONDS + 15))
    until "$SCARDSSP_BUILD/tools/doctor/host" 2> /dev/null | grep -q "$1" || [ $SECONDS -ge $end ]; do sleep 0.1; done
}

# restart_pcscd OPTION...: that of the sandbox, in its namespace, is the only one
restart_pcscd()
{
    stop_pcscd
    env -u PCSCLITE_CSOCK_NAME PCSCLITE_HP_DROPDIR=/run/sandbox/drivers pcscd --foreground "$@" \
        > pcscd.log 2>&1 < /dev/null &
    await_host context
}

stop_pcscd()
{
    local pid end=$((SECONDS + 10))
    pid=$(pgrep -x -o pcscd)
    [ -n "$pid" ] && kill "$pid"
    while [ -d "/proc/$pid" ] && [ $SECONDS -lt $end ]; do sleep 0.1; done
    rm -f /run/pcscd/pcscd.comm
}

says 2 "scardssp-doctor: unknown argument" --frobnicate
says 2 "scardssp-doctor: --reader needs a value" --reader
says 0 'Usage: scardssp-doctor' --help
says 1 "wrong    prefix: $work/none is no Wine prefix" --prefix "$work/none"
says 1 "wrong    Wine: there is no program 'no-such-wine'" --wine no-such-wine
says 1 "wrong    $bits DLL: there is no"

ready
says 0 'Programs of this prefix can talk to the card.'
says 0 "ok       $bits exchange: the card answered 9000"
says 0 '{"ok": true' --json
python3 -m json.tool out > /dev/null && passed=$((passed + 1)) || { failed=$((failed + 1)); echo 'failed: --json'; }
says 1 "wrong    reader: there is no 'none'" --reader none

vcard pull
await_host 'reader empty - Virtual PCD 00 00'
says 1 'wrong    card: there is none in Virtual PCD 00 00'
vcard insert
await_host 'reader card'
says 0 'ok       card: ATR 3B'

if [ $bits = 32-bit ]; then
    mv "$directory/scardssp-pcsc32.dll.so" adapter
    case $SCARDSSP_WINE_KIND in
    new-wow64) says 0 'ok       32-bit winscard: reaches pcscd' ;;
    *) says 1 "wrong    32-bit winscard: has Wine's integer bug, and the adapter is missing" ;;
    esac
    mv adapter "$directory/scardssp-pcsc32.dll.so"
fi

$loader "C:\\windows\\${directory##*/}\\regsvr32.exe" /s /u scardssp.dll > /dev/null 2>&1 < /dev/null
says 1 "wrong    $bits classes: not registered: CByteBuffer"
ready
$loader reg delete 'HKCR\TypeLib\{82c38704-19f1-11d3-a11f-00c04f79f800}' /f > /dev/null 2>&1 < /dev/null
says 1 "wrong    $bits type library: does not load"
ready
echo native > "$directory/scardssp.dll"
says 1 "wrong    $bits DLL: .* is not this project's"
rm "$directory/scardssp.dll"
ready

restart_pcscd --disable-polkit --config /dev/null
says 1 'wrong    reader: there is none'
restart_pcscd --config /dev/null
says 1 'wrong    pcscd: polkit refuses this user'
stop_pcscd
says 1 'wrong    pcscd: not running'

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
