#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Tests tools/cardinfo in both widths against the virtual card. Run in the sandbox:
#     tools/sandbox --card PROFILE -- tests/cardinfo.sh PROFILE
# with the profile t1 (default), t0, ext, gsm or none.

set -u

profile=${1:-t1}
top=$(realpath -- "$(dirname -- "$0")/..")
build=${SCARDSSP_BUILD:-$top/build}
reader='Virtual PCD 00 00'
[ -z "${QEMU_QMP:-}" ] || reader=$(opensc-tool -l | sed -n 's/^0 .*\(Gemalto.*\)/\1/p')
named=$(sed 's/[].*[]/\\&/g' <<< "$reader")       # as a pattern
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

pass()
{
    passed=$((passed + 1))
}

fail()
{
    failed=$((failed + 1))
    printf 'FAILED (%s bits, %s): %s\n  in: cardinfo %s\n' "$width" "$profile" "$1" "$arguments"
    cat "$work/out" "$work/err" | tail -n 20 | sed 's/^/    /'
}

# Runs cardinfo, which must exit with status $1.
run()
{
    local wanted=$1 status
    shift
    arguments=$*
    wine "$build/tools/cardinfo/cardinfo$width.exe" "$@" > "$work/out" 2> "$work/err"
    status=$?
    if [ $status -eq "$wanted" ]; then pass; else fail "exit status $status instead of $wanted"; fi
}

# The same, with a card in the reader, which is named as long as the readers cannot be listed.
card()
{
    local wanted=$1
    shift
    run "$wanted" --reader "$reader" "$@" < /dev/null
}

shows()
{
    if tr -d '\r' < "$work/out" | grep -q -e "$1"; then pass; else fail "no \"$1\" in the output"; fi
}

says()
{
    if tr -d '\r' < "$work/err" | grep -q -e "$1"; then pass; else fail "no \"$1\" in the messages"; fi
}

hides()
{
    if grep -q -e "$1" "$work/out" "$work/err"; then fail "\"$1\" is in the output"; else pass; fi
}

# Sends a line to the control port of the virtual card.
control()
{
    local answer
    exec 3<> "/dev/tcp/127.0.0.1/$VCARD_CONTROL" || return
    echo "$1" >&3
    read -r -t 10 answer <&3
    exec 3>&-
    case $answer in
    ok*) ;;
    *) fail "the virtual card answers \"$answer\" to $1" ;;
    esac
}

# Waits until the reader shows a card (Yes) or not (No).
await_card()
{
    local end=$((SECONDS + 10))
    until [ "$(opensc-tool -l 2> /dev/null | awk '$1 == 0 { print $2 }')" = "$1" ]; do
        if [ $SECONDS -ge $end ]; then
            fail "the reader does not show card $1"
            return
        fi
        sleep 0.1
    done
}

# Waits until $1 is in the file $2, or for 20 seconds.
await_text()
{
    local end=$((SECONDS + 20))
    until grep -qs -e "$1" "$2" || [ $SECONDS -ge $end ]; do sleep 0.1; done
}

test_usage()
{
    run 0 --help
    shows '^Usage: cardinfo'
    shows '--verify \[REF\]'
    shows '^  3  no service'
    run 0 --version
    shows '^cardinfo [0-9][0-9.]*$'
    run 2 --bogus
    says 'unknown option: --bogus'
    says 'cardinfo --help'
    run 2 $'--he\u00adlp' # a soft hyphen, which a comparison by locale ignores
    run 2 stray
    run 2 --select
    says '--select HEX wants a file identifier'
    run 2 --select 3F0
    run 2 --select 3F00AA
    run 2 --select XY00
    run 2 --aid 0011223344556677889900112233445566
    run 2 --read 0
    run 2 --read 32769
    run 2 --read 1x
    run 2 --record 255
    run 2 --verify 256
    run 2 --protocol t2
    says 'wants t0, t1, any or raw'
    run 2 --class A0A0
    run 2 --pad 65
    run 2 --apdu 00A400
    run 2 --reader ''
    run 2 --pin 1234
    says 'only with --verify'
    run 2 --verify --pin 12345678901234567890123456789012345678901234567890123456789012345
    hides 1234567890
    # shellcheck disable=SC2046
    run 2 $(printf -- '--read %.0s' $(seq 65))
    says 'too many steps'
}

test_environment()
{
    run 3 --reader 'No such reader' --read
    says 'SCARD_E_UNKNOWN_READER'
    says 'What to do:'
    hides 'READ BINARY'
    run 3 --reader 'Lesegerät Ω'
    export PCSCLITE_CSOCK_NAME=/nonexistent/pcscd.comm
    run 3 --reader "$reader"
    says 'SCARD_E_NO_SERVICE'
    says 'pcscd'
    unset PCSCLITE_CSOCK_NAME
    WINEDLLOVERRIDES='scardssp=' run 4 --reader "$reader"
    says 'DLL override'
    test_not_installed
}

test_not_installed()
{
    local folder=syswow64 dll
    [ $width = 32 ] || folder=system32
    dll=$WINEPREFIX/drive_c/windows/$folder/scardssp.dll

    wine "C:\\windows\\$folder\\regsvr32.exe" /s /u scardssp.dll 2> /dev/null
    run 4 --reader "$reader"
    says 'REGDB_E_CLASSNOTREG'
    wine "C:\\windows\\$folder\\regsvr32.exe" /s scardssp.dll 2> /dev/null
    mv "$dll" "$dll.away"
    run 4 --reader "$reader"
    says 'could not be loaded'
    mv "$dll.away" "$dll"
}

# Listing needs ISCardDatabase, which a build may not have.
test_list()
{
    run_any --list
    if grep -q CLASS_E_CLASSNOTAVAILABLE "$work/err"; then
        echo "skipped: this build has no ISCardDatabase, so the readers cannot be listed"
        run 4 --list
        says '--reader'
        run 4
        return
    fi
    run 0 --list
    shows "^  $named\$"
    [ -n "${QEMU_QMP:-}" ] || shows "^  Virtual PCD 00 01\$"
    hides 'ATR:'
    if [ "$profile" = none ]; then
        run 3
        says 'SCARD_E_NO_SMARTCARD'
        return
    fi
    run 0
    shows "^  $named\$"
    shows "^Reader: *$named\$"
    run 0 --trace
    hides '^Readers:'
}

run_any()
{
    wine "$build/tools/cardinfo/cardinfo$width.exe" "$@" > "$work/out" 2> "$work/err"
}

test_card()
{
    local protocol=T=1 name='56 43 54 31'
    [ "$profile" != t0 ] || protocol=T=0 name='56 43 54 30'
    [ "$profile" != ext ] || name='56 43 45 58'

    card 0
    shows "^Reader: *$named\$"
    shows "^State: *ready"
    shows "^Protocol: *$protocol\$"
    shows "^ATR: *3B .* $name"
    hides '^Readers:'
    card 0 --protocol "${protocol/=/}"
    card 0 --exclusive
    if [ $protocol = T=1 ]; then card 3 --protocol t0; else card 3 --protocol t1; fi
    says 'SCARD_E_PROTO_MISMATCH'
    says '--protocol any'
}

test_files()
{
    card 0 --select 3F00 --select 2F02 --read
    shows 'label: *Wine demonstration card'
    shows 'type: *directory'
    shows 'type: *transparent file'
    shows 'size: *10 bytes'
    shows 'file id: *2F02'
    shows '^  0000  80 27 60 00 00 00 00 00 00 42 '
    shows '10 bytes, status: 9000 success'
    card 0 --aid F057494E4501 --select 0001 --read
    shows 'DF name (AID): F0 57 49 4E 45 01'
    shows ' Erika Mustermann'
    shows '32 bytes, status: 9000'
    card 0 --aid F057494E4501 --select 0001 --read 5
    shows ' Erika$'
    shows ' 5 bytes, status: 9000'
    card 0 --select 3F00A100A1100001 --read
    shows ' 10 % off hats'
    card 0 --select 3F00 --select A1000001 --read
    shows ' Erika Mustermann'
    card 0 --aid F057494E4502 --select 0001 --read
    shows '^  0100  01 02 03 04'
    shows '^  03F0  F3 F4 F5'
    shows '1024 bytes, status: 9000'
    card 0 --aid F057494E4502 --select 0001 --read 300
    shows '300 bytes, status: 9000'
    card 1 --select 3F00 --select 7777 --read
    shows '6A82 file or application not found'
    hides 'READ BINARY'
    card 1 --aid F057494E4501 --select 0008 --read
    shows '6982 security status not satisfied'
    card 0 --aid F057494E4501 --select 0009
    shows '6283 warning: the selected file is deactivated'
}

test_records()
{
    card 0 --aid F057494E4501 --select 0005 --record 2
    shows 'type: *file of linear variable records: use --record'
    shows ' bread, milk, che'
    shows '19 bytes, status: 9000'
    card 0 --aid F057494E4501 --select 0005 --record
    shows '^READ RECORD 1$'
    shows '^READ RECORD 3$'
    hides '^READ RECORD 4'
    shows ' call Max'
    card 1 --aid F057494E4501 --select 0005 --record 9
    shows '6A83 record not found'
    card 1 --aid F057494E4501 --select 0005 --read
    shows '6981 the command does not fit'
}

test_pin()
{
    local hidden='31 32 33 34\|31323334\|1234'

    card 0 --aid F057494E4501 --verify 1 --pin 1234 --select 0002 --read --trace
    shows '^VERIFY PIN 1$'
    shows '> 00 20 00 01, 9 bytes'
    shows '< 9000, 0 bytes$'
    shows '> 00 A4 04 00, 1[12] bytes$'
    shows 'The safe is behi'
    hides "$hidden"
    card 1 --verify --pin 9999 --trace
    shows '63C2 wrong PIN or key, tries left: 2'
    hides '39 39\|9999'
    run 0 --reader "$reader" --trace --verify 0x1 <<< 1234
    shows '9000 success'
    hides "$hidden"
    run 0 --reader "$reader" --verify 1 --verify 2 < <(printf '1234\r\n87654321')
    run 2 --reader "$reader" --verify < /dev/null
    says 'nothing was sent'
    run 2 --reader "$reader" --verify <<< 'Ω'
    # Any instruction may carry a secret: PUT DATA, PUT KEY, one that nobody knows.
    for header in 00200001 00DA00D3 80D80081 00FE0000; do
        arguments="--trace --apdu ${header}04:31:32:33:34"
        run_traced $arguments
        shows "> ${header:0:2} ${header:2:2} ${header:4:2} ${header:6:2}, 9 bytes"
        hides "$hidden"
    done
    test_trace_data
    test_prompt
    test_blocking
}

# Whatever the card says.
run_traced()
{
    wine "$build/tools/cardinfo/cardinfo$width.exe" --reader "$reader" "$@" > "$work/out" 2> "$work/err" < /dev/null
}

# What --trace-data shows without the times, and the DLL's own trace likewise: command > reply.
shown_exchanges()
{
    tr -d '\r' < "$1" | sed -n 's/^\(scardsspdata:\)\? *[0-9-]*T[0-9:.]*Z \(0x[0-9a-f]* \)\?\([0-9A-F]* [>!] \)/\3/p'
}

# Everything is shown, in a form that can be sent again, by cardinfo and by the DLL.
test_trace_data()
{
    local again
    export WINEDEBUG=trace+scardsspdata
    card 0 --trace-data --apdu 00A4040C06F057494E4501 --apdu 002000010431323334 --apdu 00A4020C020002 --apdu 00B0000010
    unset WINEDEBUG
    shown_exchanges "$work/out" > "$work/first"
    cp "$work/out" "$work/first.out"
    if [ "$(grep -c '^[0-9A-F]* > [0-9A-F]*9000$' "$work/first")" -eq 4 ]; then pass; else fail 'not four exchanges'; fi
    if grep -q '^002000010431323334 > 9000$' "$work/first"; then pass; else fail 'VERIFY is not shown whole'; fi
    shown_exchanges "$work/err" > "$work/dll"
    if cmp -s "$work/first" "$work/dll"; then pass; else fail 'the trace of the DLL is another'; fi
    again=$(sed -n 's/^\([0-9A-F]*\) .*/--apdu \1/p' "$work/dll")
    # shellcheck disable=SC2086
    card 0 --trace-data $again
    shown_exchanges "$work/out" > "$work/again"
    if cmp -s "$work/first" "$work/again"; then pass; else fail 'sent again, the replies are others'; fi
}

# Types the PIN $1 once there is a prompt for it, and stays until cardinfo has ended.
type_pin()
{
    await_text 'PIN:' "$work/out"
    sleep 0.2
    printf '%s\r' "$1"
    await_text 'status:' "$work/out"
}

# On a terminal there is a prompt, and no echo of the PIN.
test_prompt()
{
    arguments="--reader '$reader' --trace --verify (on a terminal)"
    : > "$work/err"
    rm "$work/out"
    TERM=xterm timeout -k10 30 script -qefc \
        "wine '$build/tools/cardinfo/cardinfo$width.exe' --reader '$reader' --trace --verify" "$work/out" \
        < <(type_pin 1234) > /dev/null || fail "exit status $? instead of 0"
    shows 'PIN:'
    shows '9000 success'
    hides '1234'
}

test_blocking()
{
    card 1 --verify 2 --pin 1111
    card 1 --verify 2 --pin 1111
    shows 'tries left: 1'
    card 1 --verify 2 --pin 1111
    shows 'no tries left\|blocked'
    card 1 --verify 2 --pin 87654321
    shows '6983 PIN or key blocked'
    control reset-data
    card 0 --verify 2 --pin 87654321
}

test_apdu()
{
    card 0 --trace --apdu 00A4000C023F00 --apdu '00 84 00 00 08'
    shows '^  > 00 84 00 00, 5 bytes$'
    shows '^  < 9000, 8 bytes$'
    shows '8 bytes, status: 9000'
    card 1 --apdu 00FF0000
    shows '6D00 instruction (INS) not supported'
    card 1 --apdu EE000000
    shows '6E00 class (CLA) not supported'
    card 5 --apdu 00A4000C053F00
    says 'E_INVALIDARG'
    says 'The object says: ISCardCmd'
}

# await_second Yes|No: until there is a card in the second reader, or none
await_second()
{
    local end=$((SECONDS + 10))
    until [ "$(opensc-tool -l 2> /dev/null | awk '$1 == 1 { print $2 }')" = "$1" ]; do
        [ $SECONDS -lt $end ] || { fail "the second reader does not show card $1"; return; }
        sleep 0.1
    done
}

# While another program has the first card, another reader may have one.
test_next_reader()
{
    local second
    run 3
    says 'SCARD_E_SHARING_VIOLATION'
    "$build/tools/vcard/vcard" --port "$VPCD_PORT" --profile "$profile" \
        --profile-dir "$top/tools/vcard/profiles" > "$work/second" 2>&1 < /dev/null &
    second=$!
    await_second Yes
    run 0
    shows '^Passed over: Virtual PCD 00 00: Another program is using the card'
    shows '^Reader: *Virtual PCD 00 01$'
    # A step may be meant for the first card.
    run 3 --verify --pin 1234
    says 'SCARD_E_SHARING_VIOLATION'
    hides 'Virtual PCD 00 01'
    kill $second
    wait $second 2> /dev/null
    await_second No
}

# Another program, and a card that goes away.
test_trouble()
{
    local status other
    mkfifo "$work/pin"
    wine "$build/tools/cardinfo/cardinfo$width.exe" --reader "$reader" --exclusive --verify \
        < "$work/pin" > "$work/other" 2>&1 &
    other=$!
    exec 4> "$work/pin"
    rm "$work/pin"
    await_text '^VERIFY' "$work/other"
    card 3
    says 'SCARD_E_SHARING_VIOLATION'
    hides 'leave out --exclusive'
    card 3 --exclusive
    says 'SCARD_E_SHARING_VIOLATION'
    says 'leave out --exclusive'
    [ -n "${QEMU_QMP:-}" ] || test_next_reader
    control pull
    await_card No
    echo 1234 >&4
    exec 4>&-
    wait $other
    status=$?
    arguments='--exclusive --verify, the card pulled meanwhile'
    cp "$work/other" "$work/out"
    if [ $status -eq 5 ]; then pass; else fail "exit status $status instead of 5"; fi
    shows 'SCARD_W_REMOVED_CARD'
    card 3
    says 'SCARD_E_NO_SMARTCARD\|SCARD_W_REMOVED_CARD'
    says 'What to do: insert'
    control insert
    await_card Yes
    card 0
}

test_extended()
{
    card 0 --aid F057494E4503 --select 0001 --read
    shows '^  7FF0 '
    shows '32768 bytes, status: 9000'
    card 0 --aid F057494E4503 --select 0001 --apdu 00B00000000000
    # What the vpcd reader can carry: 65535 bytes, status word included.
    shows '^  FFF0 '
    shows '65533 bytes, status: 9000'
}

test_gsm()
{
    control pull
    await_card No
    control insert
    await_card Yes
    card 1 --select 3F00
    shows '6E00 class (CLA) not supported; GSM cards want --class A0'
    card 0 --class A0 --select 3F00 --select 2FE2 --read --trace
    shows '^  < 9F0F, 0 bytes$\|^  < 9F16, 0 bytes$'
    shows 'type: *transparent file'
    shows 'size: *10 bytes'
    shows '98 94 00 00 00 00 00 00 00 F4'
    card 1 --class A0 --select 7F20 --select 6F07 --read
    shows '9804'
    card 1 --class A0 --verify --pin 9999 --pad 8
    shows '9804 wrong PIN'
    card 0 --class A0 --verify --pin 1234 --pad 8 --trace --select 7F20 --select 6F07 --read
    shows '> A0 20 00 01, 13 bytes'
    shows '08 09 10 10 00 00 00 00 F1'
    hides '31 32 33 34'
    card 0 --class A0 --verify --pin 1234 --pad 8 --select 7F10 --select 6F3A --record 1
    shows ' Erika'
}

. "$top/tests/widths.sh"
for width in $widths; do
    arguments=
    if [ ! -f "$build/tools/cardinfo/cardinfo$width.exe" ]; then
        echo "cardinfo$width.exe is not in $build/tools/cardinfo: build it first" >&2
        exit 2
    fi
    case $profile in
    t0|t1|ext)
        test_usage
        test_environment
        test_list
        test_card
        test_files
        test_records
        test_pin
        test_apdu
        test_trouble
        [ "$profile" != ext ] || test_extended ;;
    gsm)
        test_gsm ;;
    none)
        run 3 --reader "$reader"
        says 'SCARD_E_NO_SMARTCARD\|SCARD_W_REMOVED_CARD'
        test_list ;;
    *)
        echo "unknown profile $profile: t1, t0, ext, gsm or none" >&2
        exit 2 ;;
    esac
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
