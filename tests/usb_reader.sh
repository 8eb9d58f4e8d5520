# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Sourced by the scripts that do something to the USB reader of tools/sandbox --reader ccid.

# await SECONDS COMMAND...
await()
{
    local end=$((SECONDS + $1))
    shift
    until "$@" > /dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

# The names of the readers, and whether the first has a card: Yes or No.
readers()
{
    opensc-tool -l 2> /dev/null | sed -n 's/^[0-9].*\(Gemalto.*\)/\1/p'
}

card_is()
{
    [ "$(opensc-tool -l 2> /dev/null | awk '$1 == 0 { print $2 }')" = "$1" ]
}

# qemu COMMAND [ARGUMENTS-IN-JSON]: tells the machine's emulator what becomes of its devices
qemu()
{
    local answer answers=
    exec 4<> "/dev/tcp/127.0.0.1/$QEMU_QMP" || return
    printf '%s\n' '{"execute": "qmp_capabilities"}' "{\"execute\": \"$1\", \"arguments\": ${2:-{\}}}" >&4
    while [[ $answers != *'"return"'*'"return"'* && $answers != *'"error"'* ]] && read -r -t 60 answer <&4; do
        answers+=$answer
    done
    exec 4>&-
    [[ $answers = *'"return"'*'"return"'* ]] || { echo "$answers"; return 1; }
}

no_reader()
{
    [ -z "$(readers)" ]
}

unplug()
{
    qemu device_del '{"id": "reader"}' && await 90 no_reader
}

# The card is on a socket of the reader's, which is a new one too.
plug_in()
{
    qemu chardev-remove '{"id": "card"}' &&
        qemu chardev-add '{"id": "card", "backend": {"type": "socket", "data": {"addr": {"type": "unix",
            "data": {"path": "/run/sandbox/card"}}, "server": true, "wait": false}}}' &&
        qemu device_add '{"driver": "usb-ccid", "id": "reader", "port": "1"}' &&
        qemu device_add '{"driver": "ccid-card-passthru", "chardev": "card"}' && await 90 card_is Yes
}
