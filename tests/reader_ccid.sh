#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Faults of a USB reader with its real driver, and what Debian has around pcscd, as a program meets them through
# scardssp.dll, in both widths:
#     tools/sandbox --reader ccid --card t0 -- tests/reader_ccid.sh [TEST...]
#     tools/sandbox --reader ccid --card t1 -- tests/reader_ccid.sh refused    a card of T=1, which it does not offer
# A TEST is order (what runs without any), pulled, unplugged, dialog, polkit, doctor, idle, mute, or all of these. With
# mute a card that never answers is waited for, which takes four minutes.

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"
. "$top/tests/usb_reader.sh"
. "$top/tests/display.sh"
trap 'stop_display; rm -rf "$work"' EXIT

select_mf=00A4000C02:3F:00

vcard()
{
    local answer
    exec 3<> "/dev/tcp/127.0.0.1/$VCARD_CONTROL" && echo "$1" >&3 && read -r -t 15 answer <&3
    exec 3>&-
    [[ $answer == ok* ]]
}

service_is()
{
    [ "$(systemctl is-active pcscd.service)" = "$1" ]
}

commands()
{
    exec 3<> "/dev/tcp/127.0.0.1/$VCARD_CONTROL" && echo status >&3 && read -r -t 15 <&3 && echo "${REPLY%% commands*}"
    exec 3>&-
}

# cardinfo STATUS TEXT OPTION...: it ends with this status and says this
cardinfo()
{
    local wanted=$1 text=$2 status
    shift 2
    timeout -k10 400 wine "$build/tools/cardinfo/cardinfo$width.exe" --reader "$reader" "$@" \
        > "$work/out" 2>&1 < /dev/null
    status=$?
    cat "$work/out"
    echo "status $status"
    [ $status -eq "$wanted" ] && grep -qF -- "$text" "$work/out"
}

# in_exchange COMMAND...: carries it out while cardinfo waits for an answer, which says SCARD_F_COMM_ERROR then
in_exchange()
{
    local before client end=$((SECONDS + 120)) status
    vcard 'delay 60000' || return
    before=$(commands)
    cardinfo 5 SCARD_F_COMM_ERROR --apdu $select_mf > "$work/exchange" &
    client=$!
    while [ "$(commands)" = "$before" ] && [ $SECONDS -lt $end ]; do sleep 0.2; done
    "$@"
    status=$?
    wait $client || status=1
    cat "$work/exchange"
    vcard 'delay 0' && [ $status -eq 0 ]
}

# Without a session: what a login over the network, or a service, is.
without_session()
{
    ssh -q -i /home/user/.ssh/id_ed25519 -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        user@127.0.0.1 "$(printf '%q ' env PATH="$PATH" HOME="$HOME" WINEPREFIX="$WINEPREFIX" WINEDEBUG=-all \
            ${WINELOADER:+WINELOADER="$WINELOADER" WINESERVER="$WINESERVER"} \
            ${WINEDLLPATH:+WINEDLLPATH="$WINEDLLPATH"} SCARDSSP_BUILD="$build" "$@")"
}

refused_without_session()
{
    without_session wine "$build/tools/cardinfo/cardinfo$width.exe" --reader "$reader" --apdu $select_mf \
        > "$work/out" 2>&1
    [ $? -eq 3 ] && grep -q "$1" "$work/out" || { cat "$work/out"; return 1; }
}

doctor_without_session()
{
    without_session "$top/tools/doctor/scardssp-doctor" > "$work/out" 2>&1
    [ $? -eq 1 ] && grep -q '^wrong    pcscd: polkit refuses this user (0x8010006A)' "$work/out" ||
        { cat "$work/out"; return 1; }
}

test_order()
{
    check "$width bits: the card answers" cardinfo 0 9000 --apdu $select_mf
    check "$width bits: a card that takes its time" slow
    check "$width bits: a protocol that card and reader do not have in common" \
        cardinfo 3 SCARD_E_PROTO_MISMATCH --protocol t1
    check "$width bits: the longest command of T=0" cardinfo 1 6986 --apdu "00D60000FF$(bytes 255)"
    check "$width bits: a longer one is not sent" longer
    check "what systemd clears at its start is the machine's own" [ "$(findmnt -n -o FSTYPE /tmp)" = tmpfs ]
}

# bytes N: so many, in hexadecimal
bytes()
{
    printf '%0*d' $((2 * $1)) 0
}

# T=0 has no command of more than 260 bytes, and the reader takes 271 in all.
longer()
{
    local before
    before=$(commands)
    cardinfo 5 E_INVALIDARG --apdu "00D60000000100$(bytes 256)" && [ "$(commands)" = "$before" ]
}

slow()
{
    vcard 'delay 4000' && cardinfo 0 9000 --apdu $select_mf && vcard 'delay 0'
}

test_pulled()
{
    check "$width bits: a card pulled during an exchange" in_exchange vcard pull
    check "$width bits: no card" cardinfo 3 SCARD_E_NO_SMARTCARD --apdu $select_mf
    check "the card goes in" vcard insert
    check "pcscd sees it" await 90 card_is Yes
    check "$width bits: the card that was pulled answers" cardinfo 0 9000 --apdu $select_mf
}

test_unplugged()
{
    check "$width bits: the reader unplugged during an exchange" in_exchange unplug
    check "$width bits: no reader" cardinfo 3 SCARD_E_UNKNOWN_READER --apdu $select_mf
    check "the reader is plugged in" plug_in
    check "$width bits: the reader that was unplugged works" cardinfo 0 9000 --apdu $select_mf
}

# The program of the dialog's faults has the reader unplugged while the dialog is open.
test_dialog()
{
    check "$width bits: the reader unplugged, and plugged in, while the dialog is open" env SCARDSSP_TEST_WIDTHS=$width \
        SCARDSSP_TEST_MODE=unplugged SCARDSSP_TEST_HOST="$top/tests/host.sh" SCARDSSP_TEST_HOST_DONE="$work/done" \
        "$top/tests/conformance.sh" t0 locate_dialog_faults
}

# pcscd ends for idleness a minute after its last client, and systemd starts it when there is one. Sometimes it does not
# notice that a client was the last, where another one has left just before; then it stays until the next one has left.
ends_without_clients()
{
    local i
    for i in 1 2 3; do
        readers
        ! await 80 service_is inactive || return 0
    done
    return 1
}

test_idle()
{
    readers > /dev/null
    check "pcscd is running" service_is active
    check "pcscd ends without clients" ends_without_clients
    check "its socket stays" [ "$(systemctl is-active pcscd.socket)" = active ]
    check "$width bits: pcscd is started for a program" cardinfo 0 9000 --apdu $select_mf
    check "pcscd is running again" service_is active
}

# libccid gives up after 232 s; the card is pulled, and answers again.
test_mute()
{
    check "the card is mute" vcard mute
    check "$width bits: a card that never answers" cardinfo 5 SCARD_E_NOT_TRANSACTED --apdu $select_mf
    vcard 'delay 0'; vcard pull; await 90 card_is No; vcard insert; await 90 card_is Yes
    check "$width bits: it answers when it was pulled" cardinfo 0 9000 --apdu $select_mf
}

# Nothing reaches polkit's rule but a session at the machine: neither a program's start nor the doctor's.
test_polkit()
{
    check "$width bits: polkit refuses a user without a session" refused_without_session SCARD_W_SECURITY_VIOLATION
    check "$width bits: and lets a user in who has one" cardinfo 0 9000 --apdu $select_mf
}

test_doctor()
{
    check "the doctor says that polkit refuses the user" doctor_without_session
}

test_refused()
{
    check "$width bits: a card of a protocol that the reader does not offer" \
        cardinfo 3 SCARD_W_UNRESPONSIVE_CARD --apdu $select_mf
    check "$width bits: a protocol that the card does not speak" cardinfo 3 SCARD_E_PROTO_MISMATCH --protocol t0
    check "the reader still has the card" card_is Yes
}

reader=$(readers)
[ $# -gt 0 ] || set -- order
[ "$*" != all ] || set -- order pulled unplugged polkit doctor idle mute dialog
for name; do
    case $name in
    order|pulled|unplugged|polkit|refused) for width in $widths; do "test_$name"; done ;;
    dialog) check "there is a display" start_display; for width in $widths; do test_dialog; done ;;
    doctor|idle|mute) width=${widths%% *}; "test_$name" ;;
    *)
        echo "usage: tests/reader_ccid.sh [order|pulled|unplugged|dialog|polkit|doctor|idle|mute|refused|all]..." >&2
        exit 2 ;;
    esac
done
finish
