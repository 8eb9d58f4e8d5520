#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Logs of exchanges from end to end: cardinfo makes one, sends it again (--replay), the virtual card plays it (vcard
# --script), and tools/redact-log takes out its secrets; in both widths. In the sandbox:
#     tools/sandbox --card PROFILE -- tests/replay.sh PROFILE
# with the profile t1, t0, ext or gsm. Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

profile=${1:-t1}
first='Virtual PCD 00 00'
second='Virtual PCD 00 01'
pin=31323334
name=4572696B61          # Erika, in a file
known=                   # the protocol of the log
second_card=
width=

# cardinfo WANTED ARGUMENT...: the exit status, its output in the files out and err
cardinfo()
{
    local wanted=$1 status
    shift
    wine "$build/tools/cardinfo/cardinfo$width.exe" "$@" > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    cp "$work/out" "$work/out.raw"
    tr -d '\r' < "$work/out.raw" > "$work/out"
    check "$width bits, cardinfo $*: status $status instead of $wanted: $(tail -n 3 "$work/out" "$work/err")" \
        [ $status -eq "$wanted" ]
}

replay()
{
    local wanted=$1 reader=$2
    shift 2
    cardinfo "$wanted" --reader "$reader" --replay "$@"
}

shows()
{
    check "$width bits, $profile: no \"$1\" in $(tail -n 12 "$work/out")" grep -q -e "$1" "$work/out"
}

says()
{
    check "$width bits, $profile: no \"$1\" in $(cat "$work/err")" grep -q -e "$1" "$work/err"
}

lacks()
{
    grep -q -a -i -e "$1" "${@:2}"
    [ $? -eq 1 ] # and not 2: they could not be read
}

# The PIN and the name, as digits and with blanks, the name as characters too: in none of the files, of which the first
# says something.
hides_secrets()
{
    check "$width bits, $profile: nothing is in $1" [ -s "$1" ]
    check "$width bits, $profile: a secret is in $*" \
        lacks "$pin\|31 32 33 34\|$name\|45 72 69 6B 61\|Erika" "$@"
}

exchanges()
{
    grep -c -e ' > ' -e ' ! ' "$1"
}

# await_second Yes|No: until the second reader shows a card, or none
await_second()
{
    local end=$((SECONDS + 20))
    until [ "$(opensc-tool -l 2> /dev/null | awk '$1 == 1 { print $2 }')" = "$1" ]; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

take_away_second()
{
    [ -n "$second_card" ] || return
    kill "$second_card"
    wait "$second_card" 2> /dev/null
    second_card=
    check 'the second card stays' await_second No
}

# put_into_second OPTION...: a virtual card of its own in the second reader
put_into_second()
{
    take_away_second
    : > "$work/second"
    "$build/tools/vcard/vcard" --port "$VPCD_PORT" --profile-dir "$top/tools/vcard/profiles" "$@" \
        > "$work/second" 2>&1 < /dev/null &
    second_card=$!
    check "vcard $*: $(cat "$work/second")" await_second Yes
}

# The content of the card as it was described, and no state.
renew_card()
{
    local answer
    exec 3<> "/dev/tcp/127.0.0.1/$VCARD_CONTROL"
    echo reset-data >&3
    read -r -t 10 answer <&3
    exec 3>&-
    check "the card answers \"$answer\" to reset-data" [ "${answer%% *}" = ok ]
}

# What is done with a card, as arguments of cardinfo: files, records, a PIN and what it opens.
set_steps()
{
    case $profile in
    gsm)
        steps=(--class A0 --select 3F00 --select 2FE2 --read --verify 1 --pin 1234 --pad 8 --select 7F20 --select 6F07
            --read --select 7F10 --select 6F3A --record 1) ;;
    *)
        steps=(--select 3F00 --select 2F02 --read --aid F057494E4501 --select 0001 --read --select 0005 --record
            --verify 1 --pin 1234 --select 0002 --read) ;;
    esac
    [ "$profile" != ext ] ||
        steps+=(--aid F057494E4503 --select 0001 --apdu 00B00000001000 --apdu 00B00000000000)
}

# The log of a session: of our channel, between lines of others.
record()
{
    renew_card
    WINEDEBUG=+scardssp,+scardsspdata,+winscard cardinfo 0 --reader "$first" --trace-data "${steps[@]}"
    cp "$work/err" "$work/log"
    cp "$work/out" "$work/session"
    count=$(grep -c '^scardsspdata: [^ ]* 0x[0-9a-f]* [0-9A-F]* [>!] ' "$work/log")
    check "$width bits: the log has $count exchanges" [ "$count" -ge 8 ]
    check "the log has no line of the connection" \
        grep -q "^scardsspdata: [^ ]* 0x[0-9a-f]* attach T=[01] 3[BF][0-9A-F]* $first\$" "$work/log"
    check "the log has no end of the connection" grep -q "^scardsspdata: [^ ]* 0x[0-9a-f]* detach\$" "$work/log"
    check 'the PIN is not in the log' grep -q "$pin" "$work/log"
    known=$(sed -n 's/^scardsspdata:.* attach \(T=[01]\) .*/\1/p' "$work/log" | head -n 1)
}

# What a program does to the state of a card is in the log, in its place.
test_trace()
{
    local directory=system32 words
    [ "$width" = 64 ] || directory=syswow64
    [ "${SCARDSSP_WINE_KIND:-}" != win32 ] || directory=system32
    cat > "$work/trace.js" <<'END'
var card = new ActiveXObject("Scardssp.SCard"), other = new ActiveXObject("Scardssp.SCard");
card.AttachByReader("Virtual PCD 00 00", 2, 3);
card.LockSCard();
card.UnlockSCard(0);
card.LockSCard();
card.UnlockSCard(1);
card.ReAttach(2, 0);
card.ReAttach(2, 1);
other.AttachByHandle(card.CardHandle);
other.Detach(0);
card.Detach(2);
END
    WINEDEBUG=+scardsspdata wine "C:\\windows\\$directory\\cscript.exe" //nologo "$(winepath -w "$work/trace.js")" \
        > "$work/out" 2> "$work/err" < /dev/null
    words=$(sed -n "s/^scardsspdata: [^ ]* 0x[0-9a-f]* \([a-z]*\).*/\1/p" "$work/err" | tr '\n' ' ')
    check "$width bits: the log is \"$words\": $(cat "$work/out")" \
        [ "$words" = 'attach reset attach reset attach attach reset detach ' ]
}

# The same card answers as it did; nothing that is secret is shown, unless it is asked for.
test_same()
{
    renew_card
    replay 0 "$first" "$work/log"
    shows "^REPLAY card 1 of 1 in the log, $count exchanges\$"
    shows "^  $count of $count exchanges sent, 0 left out; 0 differences\$"
    hides_secrets "$work/out" "$work/err"
    replay 0 "$first" "$work/log" --trace
    shows '^  > .. 20 00 01, [0-9]* bytes$'
    hides_secrets "$work/out" "$work/err"
    WINEDEBUG=+scardsspdata replay 0 "$first" "$work/log" --trace-data
    shows "$pin"
    check 'the replay did not reset the card' grep -q '^scardsspdata: [^ ]* 0x[0-9a-f]* reset$' "$work/err"
    # and of this replay there is a log
    cp "$work/out" "$work/again"
    replay 0 "$first" "$work/again"
    shows "^  $count of $count exchanges sent, 0 left out; 0 differences\$"
    # lines as Windows ends them
    sed 's/$/\r/' "$work/log" > "$work/crlf"
    replay 0 "$first" "$work/crlf"
    shows "^  $count of $count exchanges sent"
}

# What cardinfo itself wrote, through the objects.
test_cardinfo_log()
{
    local number
    number=$(grep -c '^  [0-9-]*T[0-9:.]*Z [0-9A-F]* [>!] ' "$work/session")
    renew_card
    replay 0 "$first" "$work/session"
    shows "^  $number of $number exchanges sent, 0 left out; 0 differences\$"
    put_into_second --script "$work/session"
    cardinfo 0 --reader "$second" "${steps[@]}"
    replay 0 "$second" "$work/session"
    shows "^  $number of $number exchanges sent, 0 left out; 0 differences\$"
}

# The virtual card that plays the log is the card that the log is of.
test_script()
{
    put_into_second --script "$work/log"
    cardinfo 0 --reader "$second" --trace-data "${steps[@]}"
    sed "s/$second/$first/; s/20[0-9-]*T[0-9:.]*Z/TIME/" "$work/out" > "$work/played"
    sed 's/20[0-9-]*T[0-9:.]*Z/TIME/' "$work/session" > "$work/recorded"
    check "$width bits: the log answers otherwise: $(diff "$work/recorded" "$work/played" | head -n 5)" \
        cmp -s "$work/recorded" "$work/played"
    replay 0 "$second" "$work/log"
    shows '0 differences'
    check "vcard says: $(cat "$work/second")" [ ! -s "$work/second" ]
    cardinfo 1 --reader "$second" --apdu EE010203
    shows '6F00'
    check "vcard does not say what it does not know" \
        grep -q '^vcard: the log has no such command EE 01 02 03, [45] bytes$' "$work/second"
}

test_redacted()
{
    local left
    "$top/tools/redact-log" "$work/log" > "$work/redacted" 2> "$work/err"
    check "redact-log ends with $?" [ -s "$work/redacted" ]
    hides_secrets "$work/redacted"
    check 'redact-log keeps lines of other kinds' [ -z "$(grep -v '^scardsspdata: ' "$work/redacted")" ]
    check 'redact-log keeps the name of the reader' lacks Virtual "$work/redacted"
    check "redact-log lost exchanges: $(exchanges "$work/redacted") of $count" \
        [ "$(exchanges "$work/redacted")" -eq "$count" ]
    says "^redact-log: $count exchanges; [1-9][0-9]* other lines left out\$"
    "$top/tools/redact-log" < "$work/redacted" > "$work/twice" 2> /dev/null
    check 'redacted twice it is another' cmp -s "$work/redacted" "$work/twice"
    "$top/tools/redact-log" "$work/session" > "$work/session.redacted" 2> "$work/err"
    hides_secrets "$work/session.redacted"

    left=$(grep -c '^scardsspdata: [^ ]* [^ ]* [0-9A-F]*<[0-9]* bytes>[0-9A-F]* [>!] ' "$work/redacted")
    check 'there is nothing redacted' [ "$left" -ge 4 ]
    put_into_second --script "$work/redacted"
    replay 0 "$second" "$work/redacted"
    shows "^  $((count - left)) of $count exchanges sent, $left left out; 0 differences\$"
    shows 'left out, its data are redacted'
    # What the log had of data is zeros in that card, of the same length.
    replay 6 "$second" "$work/log"
    shows 'other data, from byte '
    check "something else than data is different: $(cat "$work/out")" \
        [ "$(grep -c ': different$' "$work/out")" -eq "$(grep -c 'other data, from byte' "$work/out")" ]
    hides_secrets "$work/out" "$work/err"
    # Without the commands that are left out a real card is elsewhere.
    renew_card
    replay 6 "$first" "$work/redacted"
    shows "$left left out"
}

# A card of another kind is told in every respect.
test_other_card()
{
    local other=t1
    [ "$profile" != t1 ] || other=t0
    put_into_second --profile $other
    replay 6 "$second" "$work/log"
    shows 'the ATR is different'
    shows 'expected: 3B'
    shows "^  $count of $count exchanges sent"
    case $profile in
    t1|t0|gsm)
        shows 'the protocol is different'
        shows "^    expected: T=$([ $profile = t1 ] && echo 1 || echo 0)\$" ;;
    *) check 'ext and t1 have one protocol' lacks 'the protocol is different' "$work/out" ;;
    esac
    hides_secrets "$work/out" "$work/err"
}

# Cards at once in two readers, of which the log has the lines mixed.
test_two_cards()
{
    local other=t1
    [ "$profile" != t1 ] || other=t0
    put_into_second --profile $other
    WINEDEBUG=+scardsspdata cardinfo 0 --reader "$second" --aid F057494E4501 --select 0001 --read
    grep '^scardsspdata' "$work/err" | sed 's/ 0x[0-9a-f]* / 0x77777777 /' > "$work/log.second"
    grep '^scardsspdata' "$work/log" | sed 's/ 0x[0-9a-f]* / 0x11111111 /' > "$work/log.first"
    paste -d '\n' "$work/log.second" "$work/log.first" | sed '/^$/d' > "$work/mixed"
    renew_card
    replay 0 "$first" "$work/mixed"
    shows "^REPLAY card 2 of 2 in the log, $count exchanges\$"
    shows "exchanges are with other cards"
    replay 0 "$second" "$work/mixed"
    shows "^REPLAY card 1 of 2 in the log"
    replay 6 "$first" "$work/mixed" --log-card 1
    shows 'the ATR is different'
    replay 2 "$first" "$work/mixed" --log-card 3
    says 'the log has no card 3'
    put_into_second --script "$work/mixed" --script-card 2
    replay 0 "$second" "$work/log"
}

# line COMMAND-AND-OUTCOME, as the channel writes it
line()
{
    echo "scardsspdata: 2026-01-31T12:34:56.789Z 0x5 $1"
}

# A log that says when the state of the card was lost, or is about a card that failed.
test_events()
{
    local atr
    atr=$(sed -n 's/^scardsspdata:.* attach T=1 \([0-9A-F]*\) .*/\1/p' "$work/log" | head -n 1)
    {
        line "attach T=1 $atr $first"
        line '00A4040C06F057494E4501 > 9000'
        line '002000010431323334 > 9000'
        line '00A4020C020002 > 9000'
        line '00B0000001 > 549000'
        line reset
        line '00A4040C06F057494E4501 > 9000'
        line '00A4020C020002 > 9000'
        line '00B0000001 > 6982'
        line '002000010431323334 > 9000'
        line '00B0000001 ! 80100068'
        line '00B0000001 > 6986'
        line detach
    } > "$work/events"
    replay 0 "$first" "$work/events"
    shows '^  9 of 10 exchanges sent, 1 left out; 0 differences$'
    shows '^  exchange 9 (line 11 of the log), 00 B0 00 00, 5 bytes: left out, the card was reset or removed'
    grep -v reset "$work/events" > "$work/changed"
    replay 6 "$first" "$work/changed"
    shows '^  exchange 7 (line 8 of the log), 00 B0 00 00, 5 bytes: different$'
    shows '^    expected: 6982, 0 bytes$'
    shows '^    came:     9000, 1 bytes$'
    { line "attach T=1 $atr $first"; line '00B0000001 ! 80100016'; } > "$work/changed"
    replay 6 "$first" "$work/changed"
    shows '^    expected: error 0x80100016$'
    { line "attach T=1 $atr $first"; line '0020000104<4 bytes> > 9000'; } > "$work/changed"
    replay 2 "$first" "$work/changed"
    says 'nothing in the log that can be sent'
    { line "attach T=1 $atr $first"; line '00A4040C06F057494E4501 > 9001'; } > "$work/changed"
    replay 6 "$first" "$work/changed" --select 3F00
    check 'a step behind a difference was done' lacks '^SELECT' "$work/out"
}

# What is no log, and logs with what is none in them.
test_hostile()
{
    head -c 200000 /dev/urandom > "$work/noise"
    : > "$work/empty"
    replay 2 "$first" "$work/noise"
    says 'no exchange is in the log'
    replay 2 "$first" "$work/empty"
    replay 2 "$first" "$work"
    says 'the log cannot be read'
    replay 2 "$first" "$work/nothing"
    says 'the log cannot be read: No such file'
    # nothing to send, and of another card
    { line 'attach T=1 3B80010A Another'; line '0020000104<4 bytes> > 9000'; } > "$work/changed"
    replay 2 "$first" "$work/changed"
    shows 'the ATR is different'
    says 'nothing in the log that can be sent'
    cardinfo 2 --replay
    cardinfo 2 --log-card 1
    says 'only with --replay'
    cardinfo 2 --replay "$work/log" --log-card 65
    {
        cat "$work/noise"
        printf '\nscardsspdata: '
        head -c 3000000 /dev/zero | tr '\0' A
        printf '\n\033[2J\n'
        line '002000010431323334 >'
        printf 'scardsspdata: 2026-01-31T12:34:56.789Z 0x5 00A404'
        cat "$work/log"
        printf 'scardsspdata: 2026-01-31T12:34:56.789Z 0x5 002000010431323334 > 90'
    } > "$work/hostile"
    renew_card
    replay 0 "$first" "$work/hostile"
    shows "^  $count of $count exchanges sent, 0 left out; 0 differences\$"
    shows 'lines of the log are damaged$'
    hides_secrets "$work/out" "$work/err"
    "$top/tools/redact-log" "$work/hostile" > "$work/redacted" 2> /dev/null
    check "redact-log lost exchanges of a hostile log: $(exchanges "$work/redacted") of $count" \
        [ "$(exchanges "$work/redacted")" -eq "$count" ]
    hides_secrets "$work/redacted"
}

# replay_raw WANTED ARGUMENT...: a log of RAW, or of a protocol that it does not say, in which all is secret
replay_raw()
{
    replay "$1" "$first" "$work/raw" --log-card 1 "${@:2}"
    shows '^  exchange 1 (line [0-9]* of the log), 4 bytes: different$'
    shows '^    expected: 5 bytes$'
    shows '^    came:     [0-9]* bytes$'
}

# What has no header and no SW1 SW2 is not shown as if it had, whatever it is sent with.
test_raw()
{
    local atr protocol
    atr=$(sed -n 's/^scardsspdata:.* attach T=[01] \([0-9A-F]*\) .*/\1/p' "$work/log" | head -n 1)
    for protocol in RAW - none; do
        { [ $protocol = none ] || line "attach $protocol $atr $first"; line "$pin > $name"; } > "$work/raw"
        # after which it is shown what may be
        { line "attach $known $atr $first"; line '00A4000C023F00 > 9001'; } >> "$work/raw"
        renew_card
        replay_raw 6
        hides_secrets "$work/out" "$work/err"
        check 'the last bytes are shown' lacks '6B61' "$work/out"
        replay_raw 6 --trace
        shows '^  > 4 bytes$'
        shows '^  < [0-9]* bytes$'
        hides_secrets "$work/out" "$work/err"
        replay_raw 6 --trace-data
        shows "0x[1-9a-f][0-9a-f]* attach \(RAW\|-\) $atr $first\$"
        shows "$pin >"
        redact_file "$work/out"
        hides_secrets "$work/redacted"
        check "what is left: $(cat "$work/redacted")" grep -q '0x[1-9a-f][0-9a-f]* <4 bytes> > <[0-9]* bytes>$' \
            "$work/redacted"
    done
}

# The code of an error that is no HRESULT is the same again, and no reply. The library beneath Wine makes it: where
# that is one of 64 bits.
test_positive_error()
{
    case ${SCARDSSP_WINE_KIND:-new-wow64} in
    new-wow64|win64) ;;
    *) echo "skipped: an error that is no HRESULT, with ${SCARDSSP_WINE_KIND}"; return ;;
    esac
    echo 'long SCardTransmit(void) { return 6; }' | gcc -shared -fPIC -x c -o "$work/error.so" -
    { line "attach $known - $first"; line '00A4000C023F00 ! 00000006'; } > "$work/changed"
    LD_PRELOAD=$work/error.so replay 0 "$first" "$work/changed" --trace-data
    shows '^scardsspdata: [^ ]* 0x[0-9a-f]* 00A4000C023F00 ! 00000006$'
    { line "attach $known - $first"; line '00A4000C023F00 ! 80070006'; } > "$work/changed"
    LD_PRELOAD=$work/error.so replay 5 "$first" "$work/changed"
    shows '^    came:     error 0x00000006$'
}

# The log that a replay writes is one of the same card, with its resets, which can be redacted and played.
test_log_of_replay()
{
    renew_card
    replay 0 "$first" "$work/log" --trace-data
    cp "$work/out" "$work/again"
    check 'the connection of the handle is not in the log of the replay' \
        grep -q "^scardsspdata: [^ ]* 0x[1-9a-f][0-9a-f]* attach $known 3[BF][0-9A-F]* $first\$" "$work/again"
    check 'the reset is not in the log of the replay' grep -q '^  20[^ ]* reset$' "$work/again"
    redact_file "$work/again"
    hides_secrets "$work/redacted"
    check "redact-log lost exchanges of a replay" [ "$(exchanges "$work/redacted")" -eq "$count" ]
    check 'redact-log hides all of a replay' grep -q ' [0A]0B00000.. > .*9000$' "$work/redacted"
    put_into_second --script "$work/again"
    replay 0 "$second" "$work/log"
    shows "^  $count of $count exchanges sent, 0 left out; 0 differences\$"
}

redact_file()
{
    "$top/tools/redact-log" "$1" > "$work/redacted" 2> "$work/err"
    check "redact-log of $1 ends with $?" [ -s "$work/redacted" ]
}

# redact LINES...: what redact-log leaves of these lines, the times taken away
redact()
{
    printf '%s\n' "$@" | "$top/tools/redact-log" 2> "$work/err" |
        sed 's/2026-01-31T12:34:56.789Z //; s/^scardsspdata: //'
}

# redacts_to LINE EXPECTED [PROTOCOL]: behind the connection with this protocol, T=1 without it
redacts_to()
{
    local got attach="attach ${3:-T=1} 3B00 R"
    got=$(redact "$(line "$attach")" "  2026-01-31T12:34:56.789Z $attach" "$1" | sed 1,2d)
    check "redact-log makes \"$got\" of \"$1\", and not \"$2\"" [ "$got" = "$2" ]
}

# hides_exchange LINE...: behind these lines redact-log does not know what the bytes of an exchange of 0x5 are
hides_exchange()
{
    local got
    got=$(redact "$@" "$(line '00B0000001 > 319000')" | tail -n 1)
    check "redact-log makes \"$got\" behind \"$*\"" [ "$got" = '0x5 <5 bytes> > <3 bytes>' ]
}

# Without a connection that is known to have T=0 or T=1 nothing is kept.
test_redact_protocol()
{
    local known raw text
    known=$(line 'attach T=1 3B00 R')
    hides_exchange
    hides_exchange "$(line 'attach - 3B00 R')"
    hides_exchange "$known" "$(line 'attach - 3B00 R')"
    hides_exchange "$known" "$(line detach)"
    hides_exchange "${known/ 0x5 / 0x6 }"
    for raw in 0x05 0x0000000005 0x00005; do
        hides_exchange "$known" "$(line 'attach RAW 3B00 R' | sed "s/ 0x5 / $raw /")"
    done
    check 'the case of a handle is another handle' [ "$(redact "$(line 'attach RAW 3B00 R' | sed 's/0x5/0xaB/')" \
        "$(line '00B0000001 > 319000' | sed 's/0x5/0x0Ab/')" | tail -n 1)" = '0x0Ab <5 bytes> > <3 bytes>' ]
    check 'zeros before a handle make another' [ "$(redact "$(line 'attach T=1 3B00 R' | sed 's/0x5/0x005/')" \
        "$(line '00B0000001 > 319000')" | tail -n 1)" = '0x5 00B0000001 > <1 bytes>9000' ]
    for text in attach 'attach ' 'attach RA' 'attach RAW' 'attach RAW 3B00' 'attach RAW 3B00 ' 'attach  RAW 3B00 R' \
            'attach T=1  3B00 R' 'attach T=2 3B00 R' 'attach T=1 3B0 R' 'attached' 'atta' \
            "attach RAW 3B00$(printf '%070d' 0) R"; do
        hides_exchange "$known" "$(line "$text")"
    done
    # lines of which it is not even known whose they are
    hides_exchange "$known" 'scardsspdata: 2026-01-31T12:34:56.789Z 0x'
    hides_exchange "$known" 'scardsspdata: 2026-01'
    hides_exchange "$known" "$(line 'attach RAW 3B00 R' | sed 's/^scards//')"
    hides_exchange "$known" "$(line 'attach RA')$(line 'attach RAW 3B00 R' | sed 's/0x5/0x6/')"
    check 'cardinfo is not RAW' [ "$(redact '  2026-01-31T12:34:56.789Z 00B0000001 > 319000')" = \
        '  <5 bytes> > <3 bytes>' ]
}

# What is no ATR is not kept as one.
test_redact_atr()
{
    local atr
    for atr in 3B00 3F00 3B0131 3B80010A 3B8A018073F6415B5456435431B0 3B10FF 3BF0112233800155 - \
            3B9F95801FC78031E073FE211B63070C9183009000AA; do
        redacts_to "$(line "attach T=1 $atr R")" "0x5 attach T=1 $atr reader 1"
    done
    for atr in 3B 00 31323334 3C00 3B01 3B003132 3B8001 3B80010A31 3B8081 3BF01122 3B0A31323334 3B80 \
            3B8A018073F6415B5456435431 "3B00$(printf '%062d' 0)"; do
        redacts_to "$(line "attach T=1 $atr R")" ''
    done
}

# Whatever awk it is, and where what it writes does not go.
test_redact_awk()
{
    local awk status
    { line 'attach T=1 3B00 R'; for _ in {1..2000}; do line '0020000104AABBCCDD > 9000'; done; } > "$work/long"
    "$top/tools/redact-log" "$work/long" > "$work/wanted" 2> /dev/null
    mkdir -p "$work/bin"
    for awk in mawk gawk original-awk 'busybox awk'; do
        if ! type "${awk%% *}" > /dev/null 2>&1; then
            echo "skipped: there is no $awk"
            continue
        fi
        printf '#!/bin/sh\nexec %s "$@"\n' "$awk" > "$work/bin/awk"
        chmod +x "$work/bin/awk"
        check "$awk leaves something else" cmp -s "$work/wanted" \
            <(PATH=$work/bin:$PATH "$top/tools/redact-log" "$work/long" 2> /dev/null)
        PATH=$work/bin:$PATH "$top/tools/redact-log" "$work/long" > /dev/full 2> "$work/err"
        status=$?
        check "$awk: redact-log on a full disk ends with $status" [ $status -eq 1 ]
    done
    # one that says nothing of a full disk
    printf '#!/bin/sh\n%s "$@" || :\n' "$(type -P awk)" > "$work/bin/awk"
    PATH=$work/bin:$PATH "$top/tools/redact-log" "$work/long" > /dev/full 2> "$work/err"
    status=$?
    check "redact-log on a full disk ends with $status, with an awk that does not see it" [ $status -eq 1 ]
}

# Every form of a command, and all that is none.
test_redact_log()
{
    redacts_to "$(line '00A40400 > 9000')" '0x5 00A40400 > 9000'
    redacts_to "$(line '00B0000010 > 6C08')" '0x5 00B0000010 > 6C08'
    redacts_to "$(line '0020000104AABBCCDD > 63C2')" '0x5 0020000104<4 bytes> > 63C2'
    redacts_to "$(line '00A4040002AABB00 > CCDD9000')" '0x5 00A4040002<3 bytes> > <2 bytes>9000'
    redacts_to "$(line '00B00000000000 > AABB9000')" '0x5 00B00000000000 > <2 bytes>9000'
    redacts_to "$(line '00D60000000003AABBCC > 9000')" '0x5 00D60000000003<3 bytes> > 9000'
    redacts_to "$(line '00DA0000000002AABB1000 > 9000')" '0x5 00DA0000000002<4 bytes> > 9000'
    # of a PIN longer than Lc the end is where Le would be; or it is where an extended Le would be
    redacts_to "$(line '00200001043132333435 > 9000')" '0x5 0020000104<5 bytes> > 9000'
    redacts_to "$(line '0020000104313233343536 > 9000')" '0x5 00200001<7 bytes> > 9000'
    redacts_to "$(line '0020000100000431323334 > 9000')" '0x5 00200001000004<4 bytes> > 9000'
    redacts_to "$(line '002000010000043132333435 > 9000')" '0x5 00200001<8 bytes> > 9000'
    redacts_to "$(line '00200001000004313233343536 > 9000')" '0x5 00200001000004<6 bytes> > 9000'
    redacts_to "$(line '00200001003132 > 9000')" '0x5 00200001<3 bytes> > 9000'
    # of T=0 the channel has TPDUs, cardinfo APDUs
    redacts_to "$(line '00B0000010 > 6C08')" '0x5 00B0000010 > 6C08' T=0
    redacts_to "$(line '0020000104AABBCCDD > 9000')" '0x5 0020000104<4 bytes> > 9000' T=0
    redacts_to "$(line '00200001043132333435 > 9000')" '0x5 00200001<6 bytes> > 9000' T=0
    redacts_to "$(line '0020000104313233343536 > 9000')" '0x5 00200001<7 bytes> > 9000' T=0
    redacts_to "$(line '0020000100000131 > 9000')" '0x5 00200001<4 bytes> > 9000' T=0
    redacts_to "$(line '00200001003132 > 9000')" '0x5 00200001<3 bytes> > 9000' T=0
    redacts_to "$(line '00200001000000 > 9000')" '0x5 00200001<3 bytes> > 9000' T=0
    redacts_to '  2026-01-31T12:34:56.789Z 00A4040002AABB00 > 9000' '  00A4040002<3 bytes> > 9000' T=0
    # a PIN where Lc should be, or one byte more or less than Lc says
    redacts_to "$(line '0020000131323334 > 6700')" '0x5 00200001<4 bytes> > 6700'
    redacts_to "$(line '002000010531323334 > 6700')" '0x5 00200001<5 bytes> > 6700'
    redacts_to "$(line '00200001023132333435 > 6700')" '0x5 00200001<6 bytes> > 6700'
    redacts_to "$(line '00200001000431323334 > 6700')" '0x5 00200001<6 bytes> > 6700'
    redacts_to "$(line '313233 > 6700')" '0x5 <3 bytes> > 6700'
    redacts_to "$(line '0020000104AABBCCDD ! 80100069')" '0x5 0020000104<4 bytes> ! 80100069'
    redacts_to "$(line '0020000104aabbccdd > aa9000')" '0x5 0020000104<4 bytes> > <1 bytes>9000'
    redacts_to "$(line '0020000104AABBCCDD > ')" '0x5 0020000104<4 bytes> > '
    redacts_to "$(line '0020000104AABBCCDD > 31')" '0x5 0020000104<4 bytes> > <1 bytes>'
    redacts_to "$(line '0020000104AA<2 bytes>DD > 9000')" '0x5 0020000104<4 bytes> > 9000'
    redacts_to "words $(line '00B0000001 > 9000')" '0x5 00B0000001 > 9000'
    redacts_to "$(line '00A4AA')$(line '00B0000001 > 9000')" '0x5 <5 bytes> > <2 bytes>'
    redacts_to "$(line reset)" '0x5 reset'
    redacts_to "$(line '00B0000001 > 9000')"$'\r' '0x5 00B0000001 > 9000'
    redacts_to '  2026-01-31T12:34:56.789Z 0020000104AABBCCDD > 9000' '  0020000104<4 bytes> > 9000'
    # RAW has no header; the same reader has the same number
    check 'redact-log keeps bytes of RAW' [ "$(redact "$(line 'attach RAW 3B00 My reader')" \
        "$(line '0000050020000131 > 00000290006E')" "$(line 'attach T=0 - Another')" \
        "$(line 'attach T=1 - My reader')" "$(line '00B0000001 > 319000')")" = '0x5 attach RAW 3B00 reader 1
0x5 <8 bytes> > <6 bytes>
0x5 attach T=0 - reader 2
0x5 attach T=1 - reader 1
0x5 00B0000001 > <1 bytes>9000' ]
    for text in '00200001 31 32 33 34' '  > 00 20 00 01, 9 bytes' '  0000  31 32 33 34   1234' \
            '0024:trace:winscard:SCardTransmit 002000010431323334' 'ATR: 3B 00' \
            "$(line '002000010431323334')" "$(line '002000010431323334 > 9000 31323334')" \
            "$(line '002000010431323334 ? 9000')" "$(line '002000010431323334 ! 31323334aa')" \
            "$(line '00200001043132333 > 9000')" "$(line 'resets')" "$(line 'PIN 1234')" "$(line 'attach T=1 3B00')" \
            "$(line 'attach T=5 3B00 1234')" "$(line 'attach T=1 1234x Reader')" \
            "$(line '00200001<4 bytes><4 bytes> > 9000')" "$(line '00200001<31323334 bytes> > 9000')" \
            'scardsspdata: 1234 0x5 00B0000001 > 9000' \
            'scardsspdata: 2026-01-31T12:34:56.789Z 31323334 00B0000001 > 9000' \
            'scardsspdata: 2026-01-31T12:34:56.789Z 0x31323334313233343 00B0000001 > 9000'; do
        redacts_to "$text" ''
    done
    says '^redact-log: 0 exchanges; 1 other lines left out$'
    test_redact_protocol
    test_redact_atr
    check 'a line without an end is kept' \
        [ -z "$(line '00B0000001 > 9000' | head -c -1 | "$top/tools/redact-log" 2> /dev/null)" ]
    "$top/tools/redact-log" "$work/nothing" > "$work/out" 2> "$work/err"
    check "redact-log of no file ends with $?" [ $? -eq 1 ]
    "$top/tools/redact-log" --bogus > "$work/out" 2> "$work/err"
    check 'redact-log takes a wrong option' [ $? -eq 2 ]
    "$top/tools/redact-log" '' < "$work/log" > "$work/out" 2> "$work/err"
    check 'redact-log takes a file without a name' [ $? -eq 2 ]
    { line 'attach T=1 3B00 R'; line '00B0000001 > 9000'; } > "$work/-dashes"
    check 'redact-log takes no -- before a file' \
        [ "$(cd "$work" && "$top/tools/redact-log" -- -dashes 2> /dev/null | wc -l)" -eq 2 ]
    check 'redact-log starts again with a file that was read from' \
        [ "$({ read -r; "$top/tools/redact-log"; } < "$work/-dashes" 2> /dev/null | wc -l)" -eq 1 ]
    "$top/tools/redact-log" one two > "$work/out" 2> "$work/err"
    check 'redact-log takes two files' [ $? -eq 2 ]
    check 'redact-log has no help' grep -q '^Usage: redact-log' <("$top/tools/redact-log" --help)
}

trap 'rm -rf "$work"; [ -z "$second_card" ] || kill "$second_card"' EXIT
set_steps
for width in $widths; do
    [ "$profile" != t1 ] || test_trace
    record
    test_same
    test_cardinfo_log
    test_script
    test_redacted
    test_other_card
    test_two_cards
    [ "$profile" = gsm ] || [ "$profile" = t0 ] || test_events
    test_hostile
    test_raw
    test_log_of_replay
    test_positive_error
    take_away_second
done
if [ "$profile" = t1 ]; then
    test_redact_log
    test_redact_awk
fi
finish
