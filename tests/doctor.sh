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
win32) widths=32 bits=32-bit directory=$windows/system32 loader=wine ;;
win64) widths=64 bits=64-bit directory=$windows/system32 loader=wine64 ;;
*) widths='32 64' bits=32-bit directory=$windows/syswow64 loader=wine ;;
esac

# says STATUS LINE ARGUMENT...: the doctor ends with this status, and one of its lines begins so
says()
{
    local wanted=$1 line=$2 status
    shift 2
    timeout -k10 200 "$doctor" "$@" > out 2>&1 < /dev/null
    status=$?
    if [ $status -eq "$wanted" ] && grep -q -- "^$line" out; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: wanted $wanted and '$line', got $status:"
        sed 's/^/    /' out
    fi
}

# holds PATTERN [COUNT]: at least one line of the output matches, or that many do
holds()
{
    local count
    count=$(grep -c -- "$1" out)
    if [ "$count" -eq "${2:-$count}" ] && [ "$count" -gt 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: $count lines with '$1':"
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
    await_host 'context \(00000000\|8010006a\)'
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
export WINEARCH=none
says 1 "wrong    $bits programs: do not start: WINEARCH set to invalid value 'none'"
holds 'unset WINEARCH' "$(wc -w <<< "$widths")"
[ "$SCARDSSP_WINE_KIND" = win32 ] && export WINEARCH=win32 || unset WINEARCH
TMPDIR=$work says 0 'note     Wine: TMPDIR is set'

# Names for readers, with nothing wrong; programs are told the first.
lacks()
{
    if grep -q -- "$1" out; then
        failed=$((failed + 1))
        echo "failed: there is '$1':"
        sed 's/^/    /' out
    else
        passed=$((passed + 1))
    fi
}
lacks ' alias: '
name='Gemplus USB Smart Card Reader 0'
"$setup" alias "$name=Virtual*00 00" > setup.log 2>&1 || cat setup.log
says 0 "ok       alias: '$name' is the reader 'Virtual PCD 00 00'"
holds ' alias: ' 1
lacks 'programs do not see'
holds "^ok       $bits exchange: the card answered 9000"
"$setup" alias 'Leser 中文=Virtual PCD 00 01' > setup.log 2>&1 || cat setup.log
"$setup" alias 'Gone=None*' > setup.log 2>&1 || cat setup.log
"$setup" alias 'Virtual PCD 00 01=*' > setup.log 2>&1 || cat setup.log
wine reg add 'HKCU\Software\Wine\Scardssp\Readers' /v Number /t REG_DWORD /d 1 /f > /dev/null 2>&1 < /dev/null
wine reg add 'HKCU\Software\Wine\Scardssp\Readers' /v $'red \e[31m' /d $'none \e[m' /f > /dev/null 2>&1 < /dev/null
export SCARDSSP_READERS=' First = *00 00; bad ;=x;Gone=*00 01'
says 0 "ok       alias: 'First' is the reader 'Virtual PCD 00 00'"
holds "^note     alias: 'bad' in SCARDSSP_READERS is ignored: not NAME=READER"
holds "^note     alias: '=x' in SCARDSSP_READERS is ignored"
holds "^         -> correct SCARDSSP_READERS"
holds "^ok       alias: 'Gone' is the reader 'Virtual PCD 00 01'"
holds "^note     alias: 'Gone' in the registry does not count: another one comes before it"
holds "^ok       alias: '$name' is the reader 'Virtual PCD 00 00', too"
holds "^ok       alias: 'Leser 中文' is the reader 'Virtual PCD 00 01', too"
holds "^note     alias: 'Number' in the registry is ignored: no text"
holds "^note     alias: 'Virtual PCD 00 01' is the name of a reader, and means that one, not '\*'"
holds "^note     alias: 'red  \[31m' is 'none  \[m', and there is no such reader"
lacks $'\e'
holds ' alias: ' 10
lacks 'programs do not see'
unset SCARDSSP_READERS
says 0 "note     alias: 'Gone' is 'None\*', and there is no such reader" --prefix "$WINEPREFIX"
holds "^         -> plug it in, or change it with scardssp-setup --prefix $WINEPREFIX alias, or end it with unalias"
says 0 '{"ok": true' --json
python3 -m json.tool out > /dev/null && passed=$((passed + 1)) || { failed=$((failed + 1)); echo 'failed: --json'; }
wine reg delete 'HKCU\Software\Wine\Scardssp' /f > /dev/null 2>&1 < /dev/null

vcard pull
await_host 'reader empty - Virtual PCD 00 00'
says 1 'wrong    card: there is none in Virtual PCD 00 00'
vcard insert
await_host 'reader card'
says 0 'ok       card: ATR 3B'

# A card that does not come up: its ATR is longer than one can be. Beside one that does it is only named.
cat > mute.py <<'EOF'
import socket, struct
card = socket.create_connection(('127.0.0.1', 0x8C7C))
while size := card.recv(2, socket.MSG_WAITALL):
    if card.recv(*struct.unpack('>H', size), socket.MSG_WAITALL) == b'\x04':
        card.send(struct.pack('>H', 40) + b'\x3B' * 40)
EOF
python3 mute.py &
mute=$!
await_host 'reader mute - Virtual PCD 00 01'
says 0 'note     card: that in Virtual PCD 00 01 is not looked at: it does not answer'
vcard pull
await_host 'reader empty - Virtual PCD 00 00'
says 1 'wrong    card: does not answer'
kill $mute
vcard insert
await_host 'reader card'
await_host 'reader empty - Virtual PCD 00 01'

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
wine reg add 'HKCU\Software\Wine\DllOverrides' /v scardssp /d '' /f > /dev/null 2>&1 < /dev/null
says 1 "wrong    $bits classes: cannot be created: CByteBuffer"
holds '^         -> remove the DLL override scardssp= in HKCU'
wine reg delete 'HKCU\Software\Wine\DllOverrides' /v scardssp /f > /dev/null 2>&1 < /dev/null
echo native > "$directory/scardssp.dll"
says 1 "wrong    $bits DLL: .* is not this project's"
rm "$directory/scardssp.dll"
ready

# readers NUMBER NAME STATE: NUMBER virtual readers of this name, of two slots each; returns when one is in this STATE.
# The driver has cards only where it is alone.
readers()
{
    local i port
    for ((i = 1; i <= $1; i++)); do
        port=$(printf '0x%X' $((0x8C7B + (i - 1) * 2)))
        sed "s/^FRIENDLYNAME.*/FRIENDLYNAME \"$2${i#1}\"/; s/0x8C7B/$port/" /etc/reader.conf.d/vpcd
    done > reader.conf
    restart_pcscd --disable-polkit --config "$work/reader.conf"
    await_host "reader $3"
}

# Names that no code page of Windows has; one that Wine's winscard ends its lists at; as many and as long as can be.
readers 1 '中文 Reader' card
says 0 'ok       reader: 中文 Reader 00 00'
says 0 "ok       $bits exchange: the card answered 9000" --reader '中文 Reader 00 00'
readers 1 'Reader ®' card
export SCARDSSP_READERS='Pattern=Reader *01;Other=Reader*;Whole=Reader ® 00 01'
says 0 "note     $bits readers: programs do not see 'Reader ® 00 01' in lists: Wine's winscard ends them"
holds "^note     alias: 'Pattern' is 'Reader \*01', and there is no such reader"
holds "^ok       alias: 'Other' is the reader 'Reader ® 00 00'\$"
holds "^ok       alias: 'Whole' is the reader 'Reader ® 00 01', which lists leave out"
unset SCARDSSP_READERS
says 0 "note     $bits readers: programs do not see 'Reader ® 00 01'"
says 0 "ok       $bits exchange: the card answered 9000"
says 0 '{"ok": true' --json
holds '"state": "note"'
readers 1 $'Reader \xe4' card
says 1 $'ok       reader: Reader \xe4 00 00'
long=$(printf 'A long name %.0s' $(seq 8))
readers 8 "${long:0:90} Reader" empty
says 1 "wrong    card: there is none in ${long:0:90} Reader8 00 01" --reader "${long:0:90} Reader8 00 01"
"$SCARDSSP_BUILD/tools/doctor/host" > out
holds '^reader' 16

restart_pcscd --disable-polkit --config /etc/reader.conf.d/vpcd
await_host 'reader card'

# What an exchange may fail with, by a Wine that says so of the probe's; the next card may do.
cat > other-wine <<'EOF'
#!/bin/bash
wine=$(type -P wine) || wine=$(type -P wine64)
[[ $* = *probe* ]] || exec "$wine" "$@"
"$wine" "$@" | sed "${EDIT:-}"
[[ $* != *".exe ${HUNG:-none} "* ]] || exit 124
EOF
chmod +x other-wine
hex=$(printf 'Virtual PCD 00 00' | od -An -v -tx1 | tr -d ' \n')
export EDIT="s/^exchange .*/exchange 80100066 0000 $hex/"
says 1 "wrong    $bits exchange: failed with 0x80100066" --wine ./other-wine
EDIT="s/^exchange .*/exchange 8010000b 0000 $hex/"
says 1 "wrong    $bits exchange: another program has the card for itself: " --wine ./other-wine
EDIT="s/^exchange .*/exchange 80100066 0000 ${hex}30\nexchange 00000000 9000 $hex/"
says 0 "note     $bits exchange: not with the card in Virtual PCD 00 000, which failed with 0x80100066" \
    --wine ./other-wine
holds "^ok       $bits exchange: the card answered 9000"
EDIT='s/^class 00000000 CSCard\r*$/class c0000005 CSCard/'
says 1 "wrong    $bits winscard: does not load its pcsc-lite side" --wine ./other-wine
lacks 'scardssp-setup'
unset EDIT

# Another program has the card of the first reader, for itself or in a transaction.
cat > hold.py <<'EOF'
import sys
from smartcard.scard import *
context = SCardEstablishContext(SCARD_SCOPE_USER)[1]
mode = SCARD_SHARE_EXCLUSIVE if sys.argv[1] == 'exclusive' else SCARD_SHARE_SHARED
error, card, protocol = SCardConnect(context, sys.argv[2], mode, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)
if mode == SCARD_SHARE_SHARED:
    SCardBeginTransaction(card)
print(error, flush=True)
sys.stdin.read()
EOF

# hold MODE: a program has the card of the first reader, until release
hold()
{
    coproc HOLD { exec python3 hold.py "$1" 'Virtual PCD 00 00' 2>&1; }
    holder=$HOLD_PID
    read -r -t 20 <&"${HOLD[0]}"
}

release()
{
    exec {HOLD[1]}>&-
    wait "$holder" 2> /dev/null
}

hold exclusive
says 1 "wrong    card: another program has it for itself: python3 ($holder)"
printf '#!/bin/sh\nexec unshare --net "%s" "$@"\n' "$doctor" > elsewhere && chmod +x elsewhere
doctor=./elsewhere says 1 'wrong    card: another program has it for itself: pcscd is outside of what can be seen'
"$SCARDSSP_BUILD/tools/vcard/vcard" --port $((0x8C7C)) --profile t1 \
    --profile-dir "$top/tools/vcard/profiles" > vcard.log 2>&1 < /dev/null &
second=$!
await_host 'reader card .* Virtual PCD 00 01'
says 0 'note     card: that in Virtual PCD 00 00 is not looked at: another program has it'
says 0 "ok       $bits exchange: the card answered 9000"
release
export HUNG=$hex EDIT="/^exchange .*$hex/d"
says 0 "note     $bits exchange: not with the card in Virtual PCD 00 00, which gave no answer in 60 seconds" \
    --wine ./other-wine
holds "^ok       $bits exchange: the card answered 9000"
unset HUNG EDIT
kill $second
await_host 'reader empty - Virtual PCD 00 01'
hold transaction
says 1 "wrong    $bits exchange: no answer in 60 seconds; connected to pcscd: .*python3 ($holder)"
release

restart_pcscd --disable-polkit --config /dev/null
says 1 'wrong    reader: there is none'
restart_pcscd --config /dev/null
says 1 'wrong    pcscd: polkit refuses this user'
stop_pcscd
says 1 'wrong    pcscd: not running'

# A daemon of another version; a socket that is not there, and why.
cat > other.py <<'EOF'
import socket, struct, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind('other.socket')
listener.listen()
while True:
    connection = listener.accept()[0]
    if len(connection.recv(20, socket.MSG_WAITALL)) == 20:
        connection.send(struct.pack('iiI', *map(int, sys.argv[1].split(':')), 0x8010001E))
    connection.close()
EOF
# With one of the same major number, and newer, libpcsclite 2.5 comes to terms.
for protocol in 4:1 5:0; do
    rm -f other.socket
    python3 other.py $protocol &
    other=$!
    until [ -S other.socket ]; do sleep 0.1; done
    export PCSCLITE_CSOCK_NAME=$work/other.socket
    says 1 "wrong    pcscd: runs, but speaks version $protocol of its protocol and libpcsclite version 4:[0-9]*\$"
    if [ $protocol = 4:1 ]; then
        holds '^         -> update pcscd, the older of the two'
    else
        holds '^         -> update libpcsclite1, here or in the container that this runs in, the older'
    fi
    kill $other
done
rm -f other.socket
python3 other.py "$(sed -n 's/.* libpcsclite version //p' out)" &
other=$!
until [ -S other.socket ]; do sleep 0.1; done
says 1 'wrong    pcscd: answers with error 0x8010001e'
kill $other
export PCSCLITE_CSOCK_NAME=/nowhere/pcscd.comm
says 1 '         -> PCSCLITE_CSOCK_NAME is /nowhere/pcscd.comm, and there is no socket'
unset PCSCLITE_CSOCK_NAME
if [ "$(findmnt -n -o FSTYPE /)" = overlay ]; then
    touch /.dockerenv
    says 1 '         -> hand the socket of pcscd to this container'
    printf '[Application]\nname=org.example.Program\n' > /.flatpak-info
    says 1 '         -> .*flatpak override --user --socket=pcsc org.example.Program'
    rm /.dockerenv /.flatpak-info
fi

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
