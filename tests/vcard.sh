#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The virtual card as an independent client sees it: opensc-tool through pcscd and vpcd.
#   tools/sandbox --card PROFILE -- tests/vcard.sh PROFILE        PROFILE: t1, t0, gsm, ext
# VCARD_CONTROL, where set, is the card's control port, for pulling the card and putting it back.

set -u

reader='Virtual PCD 00 00'
passed=0
failed=0
skipped=0

usage()
{
    echo "usage: tests/vcard.sh t1|t0|gsm|ext   (within: tools/sandbox --card PROFILE -- ...)" >&2
    exit 2
}

# check NAME EXPECTED GOT
check()
{
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
        echo "ok     $1"
    else
        failed=$((failed + 1))
        printf 'FAILED %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
    fi
}

skip()
{
    skipped=$((skipped + 1))
    echo "skip   $1"
}

# talk COMMAND... sends the commands in one session; prints "DATA SW" per command, in hexadecimal.
talk()
{
    local command arguments=()

    for command in "$@"; do
        arguments+=(-s "$command")
    done
    opensc-tool -r "$reader" "${arguments[@]}" 2>&1 | awk '
        function flush()
        {
            if (sw != "")
                printf "%s%s%s", separator, data == "" ? "" : data " ", sw
            separator = ", "
            sw = data = ""
        }
        /^Sending:/ { if (sw != "") flush(); next }
        /^Received/ { match($0, /SW1=0x../); sw = substr($0, RSTART + 6, 2)
                      match($0, /SW2=0x../); sw = sw substr($0, RSTART + 6, 2); next }
        # a line of the dump: n times "XX ", then n characters
        sw != ""    { line = substr($0, 1, 3 * length($0) / 4); gsub(/ /, "", line); data = data line; next }
                    { print }
        END         { flush() }'
}

hex()
{
    printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F
}

card_state()
{
    opensc-tool -l 2>/dev/null | awk -v name="$reader" 'index($0, name) { print $2 }'
}

# wait_for Yes|No
wait_for()
{
    local i

    for i in $(seq 50); do
        [ "$(card_state)" = "$1" ] && break
        sleep 0.1
    done
    card_state
}

control()
{
    local answer

    exec 3<>"/dev/tcp/127.0.0.1/$VCARD_CONTROL" || return
    echo "$1" >&3
    read -r -t 15 answer <&3
    exec 3>&-
    echo "$answer"
}

fci=6F1F820238418302A1008406F057494E45018A0105500A$(hex Membership)
membership=00A4040C06F057494E4501

# What is the same on t1, t0 and ext. A client of T=0 fetches by 61xx and 6Cxx what T=1 gives at once.
check_demonstration_card()
{
    local holder

    holder=$(hex 'Erika Mustermann')
    check 'select by name, with FCI' "$fci 9000" "$(talk 00A4040006F057494E450100)"
    check 'read by short identifier' "9000, $holder 9000" "$(talk $membership 00B0810010)"
    check 'read at an offset' "9000, 9000, $(hex Muster) 9000" \
          "$(talk $membership 00A4020C020001 00B0000606)"
    check 'select by path' "9000, $(hex '10 %') 9000" \
          "$(talk 00A4080C06A100A1100001 00B0000004)"
    check 'file not found' 6A82 "$(talk 00A4000C02BEEF)"
    check 'read without the PIN' '9000, 6982' "$(talk $membership 00B0820001)"
    check 'wrong PIN, tries left, right PIN' '63C2, 63C2, 9000' \
          "$(talk 002000010439393939 00200001 002000010431323334)"
    check 'read with the PIN' "9000, 9000, $(hex 'The safe') 9000" \
          "$(talk $membership 002000010431323334 00B0820008)"
    check 'write, read, erase, read' '9000, 9000, 0102 9000, 9000, 0100 9000' \
          "$(talk $membership 00D68600020102 00B0000002 000E0001020002 00B0000002)"
    check 'read a record' "9000, $(hex 'bread, milk, cheese') 9000" "$(talk $membership 00B2022C13)"
    check 'append to the visits' "9000, 9000, $(hex '2005-01-01 Lima')00 9000" \
          "$(talk $membership "00E2002010$(hex '2005-01-01 Lima')00" 00B2012410)"
    check 'no such record' '9000, 6A83' "$(talk $membership 00B2092C01)"
    check 'get data' "$(hex 'virtual card') 9000" "$(talk 00CA01010C)"
    check 'put data, get data' '9000, AABB 9000' "$(talk 00DA010102AABB 00CA010102)"
    check 'internal authenticate, FIPS 197 C.1' '69C4E0D86A7B0430D8CDB78070B4C55A 9000' \
          "$(talk 008800021000112233445566778899AABBCCDDEEFF10)"
    check 'two challenges differ' 2 \
          "$(talk 0084000008 0084000008 | tr ',' '\n' | awk '{ print $1 }' | sort -u | wc -l)"
    check 'manage channel' '01 9000, 9000, 6881' "$(talk 0070000001 00708001 01A4000C)"
    check 'unknown class and instruction' '6E00, 6D00' "$(talk E0A4000C 00FE0000)"
}

check_gsm_card()
{
    check 'select the DF GSM' '9F16' "$(talk A0A40000027F20)"
    check 'get response' '9F16, 000000007F2002000000000009000004040083008300 9000' \
          "$(talk A0A40000027F20 A0C0000016)"
    check 'read the provider name' "9F16, 9F0F, 01$(hex 'Wine Mobile')FFFFFFFFFF 9000" \
          "$(talk A0A40000027F20 A0A40000026F46 A0B0000011)"
    check 'IMSI wants CHV1' '9F16, 9F0F, 9804' "$(talk A0A40000027F20 A0A40000026F07 A0B0000009)"
    check 'IMSI with CHV1' '9000, 9F16, 9F0F, 0809101000000000F1 9000' \
          "$(talk A02000010831323334FFFFFFFF A0A40000027F20 A0A40000026F07 A0B0000009)"
    check 'file not found' 9404 "$(talk A0A40000026F99)"
    check 'wrong class' 6E00 "$(talk 00A40000023F00)"
}

# The card answers late, and not at all. A client that waits is heard to do so by the commands that came.
check_slow_card()
{
    local before command=00A4000C023F00 answer=9000 client end wrong

    [ "$profile" != gsm ] || { command=A0A40000023F00; answer=9F16; }
    check 'a delay is answered' 'ok delays answers by 400 ms' "$(control 'delay 400')"
    before=$(date +%s%N)
    check 'an answer that is delayed comes' "$answer" "$(talk $command)"
    check 'it comes late' yes "$([ $(($(date +%s%N) - before)) -ge 400000000 ] && echo yes)"
    for wrong in delay 'delay ' 'delay -1' 'delay 1s' 'delay 86400001' 'delay 99999999999999999999' 'delay 1 2'; do
        check "'$wrong' is refused" error "$(control "$wrong" | cut -d' ' -f1)"
    done
    check 'mute is answered' 'ok mute' "$(control mute)"
    before=$(control status)
    talk $command > /dev/null &
    client=$!
    end=$((SECONDS + 15))
    while [ "$(control status)" = "$before" ] && [ $SECONDS -lt $end ]; do sleep 0.1; done
    sleep 0.5
    check 'a client of a mute card waits' yes "$(kill -0 $client 2> /dev/null && echo yes)"
    check 'pull ends that' 'ok pulled' "$(control pull)"
    wait $client
    check 'the mute card is gone' No "$(wait_for No)"
    check 'no delay is answered' 'ok delays answers by 0 ms' "$(control 'delay 0')"
    control insert > /dev/null
    check 'the card is back, and not mute' Yes "$(wait_for Yes)"
    check 'it answers' "$answer" "$(talk $command)"
}

check_control()
{
    if [ -z "${VCARD_CONTROL:-}" ]; then
        skip 'pull and insert: VCARD_CONTROL is not set'
        return
    fi
    check 'pull is answered' 'ok pulled' "$(control pull)"
    check 'the reader is empty' No "$(wait_for No)"
    check 'insert is answered' 'ok inserted' "$(control insert)"
    check 'the card is back' Yes "$(wait_for Yes)"
    check 'reset-data is answered' 'ok as described' "$(control reset-data)"
    check 'status is answered' "ok present" "$(control status | cut -d, -f1)"
    check_slow_card
    check 'nonsense is refused' error "$(control 'make coffee' | cut -d' ' -f1)"
}

[ $# -eq 1 ] || usage
profile=$1
case $1 in
t1)  atr=3b:8a:01:80:73:f6:41:5b:54:56:43:54:31:b0 ;;
t0)  atr=3b:0a:80:73:f6:41:1b:54:56:43:54:30 ;;
ext) atr=3b:8a:01:80:73:f6:41:5b:54:56:43:45:58:c8 ;;
gsm) atr=3b:16:95:56:43:47:53:4d:31 ;;
*)   usage ;;
esac
if ! command -v opensc-tool >/dev/null; then
    echo "tests/vcard.sh: opensc-tool is missing; it is in Debian's package opensc" >&2
    exit 2
fi

check 'a card is in the reader' Yes "$(wait_for Yes)"
check 'ATR' "$atr" "$(opensc-tool -r "$reader" -a 2>/dev/null)"
[ -z "${VCARD_CONTROL:-}" ] || control reset-data >/dev/null
if [ "$1" = gsm ]; then
    check_gsm_card
else
    check_demonstration_card
fi
check_control

[ $skipped -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
