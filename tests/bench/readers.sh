# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Sourced by benchmarks, after tests/checks.sh.

# Restarts the sandbox's pcscd with so many virtual readers, two by two; 16 are as many as pcsc-lite can have. They are
# empty, as the virtual reader has cards only where it is alone.
start_readers()
{
    local number=$1 i
    pkill -x pcscd
    while pgrep -x pcscd > /dev/null; do sleep 0.1; done
    rm -f /run/pcscd/pcscd.comm /run/pcscd/pcscd.pid
    for ((i = 0; i < number; i += 2)); do
        sed "s/^FRIENDLYNAME.*/FRIENDLYNAME \"Virtual PCD $i\"/; s/0x8C7B/$(printf '0x%X' $((0x8C7B + i)))/" \
            /etc/reader.conf.d/vpcd
    done > "$work/reader.conf"
    pcscd --foreground --disable-polkit --config "$work/reader.conf" > "$work/pcscd.log" 2>&1 < /dev/null &
    for ((i = 0; i < 300; i++)); do
        [ "$("$build/tools/doctor/host" | grep -c '^reader')" -ne "$number" ] || return 0
        sleep 0.1
    done
    check "$number readers: $(cat "$work/pcscd.log")" false
    return 1
}
