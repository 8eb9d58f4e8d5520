#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whether a PIN shows in what is printed: in the traces of the DLL at every level of WINEDEBUG, in those of all of Wine,
# and in what the virtual card logs, while tests/secrets.c sends it in every way. In the sandbox:
#     tools/sandbox --card t1 -- tests/secrets.sh
# Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

export SCARDSSP_TEST_CARD=${SCARDSSP_TEST_CARD:-t1}

# The PIN of tests/secrets.c as text, in UTF-16, and as numbers: any four bytes of it in a row.
pin='W7#qJk!9vX%c'
patterns()
{
    local i byte pieces=() digits
    for ((i = 0; i < ${#pin}; i++)); do
        printf -v byte '%02x' "'${pin:i:1}"
        pieces+=("$byte")
    done
    for ((i = 0; i + 4 <= ${#pieces[@]}; i++)); do
        digits=("${pieces[@]:i:4}")
        printf '%s(0x)?%s(0x)?%s(0x)?%s\n' "${digits[@]/%/[ ,:-]*}" | sed 's/\[ ,:-\]\*$//'
    done
    printf '%s\n' "$pin" | sed 's/[][\.*^$+?(){}|]/\\&/g'
}
patterns > "$work/patterns"

shows_pin()
{
    grep -a -i -q -E -f "$work/patterns" "$1"
}

hides_pin()
{
    ! shows_pin "$1"
}

hides_text()
{
    ! grep -a -q "$1" "$2"
}

for text in "data $pin." 'APDU 00 20 00 1f 0c 57 37 23 71 4a 6b' '0x4a,0x6b,0x21,0x39' '6B213976'; do
    echo "$text" > "$work/text"
    check "the search does not find '$text'" shows_pin "$work/text"
done

# traced WIDTH CHANNELS: runs the program, with its traces in a file
traced()
{
    WINEDEBUG=$2 timeout -k10 300 wine "$build/tests/secrets$1.exe" > "$work/trace" 2>&1 < /dev/null
}

for width in $widths; do
    for channels in +scardssp +scardssp,+winscard,+ole,+variant,+typelib,+rpc,+heap +all; do
        traced $width $channels
        status=$?
        check "tests/secrets$width.exe fails with WINEDEBUG=$channels: $(tail -n 1 "$work/trace")" [ $status -eq 0 ]
        check "WINEDEBUG=$channels gives no trace of scardssp in $width bits" grep -a -q 'scardssp' "$work/trace"
        check "WINEDEBUG=$channels shows the PIN in $width bits: $(grep -a -i -m 1 -E -f "$work/patterns" "$work/trace")" \
            hides_pin "$work/trace"
        check "WINEDEBUG=$channels turns on scardsspdata in $width bits" hides_text scardsspdata: "$work/trace"
        echo "$width bits, $channels: $(du -k "$work/trace" | cut -f 1) KB of traces"
    done
done
# The channel for developers shows everything, when it is named.
for channels in +scardsspdata -all,trace+scardsspdata +all,-scardsspdata; do
    traced "${widths%% *}" $channels
    if [ $channels = +all,-scardsspdata ]; then
        check "WINEDEBUG=$channels shows exchanges" hides_text scardsspdata: "$work/trace"
    else
        check "WINEDEBUG=$channels does not show the PIN" shows_pin "$work/trace"
    fi
done
check 'the virtual card has no log' [ -e /run/sandbox/vcard.log ]
check 'the virtual card logs the PIN' hides_pin /run/sandbox/vcard.log

finish
