#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Does for a test, which is a Windows program, what only the machine can do:
#     host.sh DONE stop-daemon
#     host.sh DONE kill-daemon
#     host.sh DONE start-daemon [READER]
#     host.sh DONE picture FILE X Y WIDTH HEIGHT
#     host.sh DONE unplug
#     host.sh DONE plug-in
# kill-daemon leaves the daemon no time for anything. start-daemon starts the smart card daemon with a virtual reader of
# that name (default: "Virtual PCD"), or with no reader ("none"); picture writes a part of the screen into a PNG; unplug
# and plug-in are for a USB reader (tools/sandbox --reader ccid). The file DONE comes into being in the end, with "ok"
# or "failed" in it.

set -u

. "$(dirname -- "$0")/usb_reader.sh"
config=/run/sandbox/reader-again.conf
done=$1
shift

# stop_daemon SIGNAL
stop_daemon()
{
    local pid
    pid=$(pgrep -x pcscd) || return 1
    kill "-$1" "$pid"
    await 15 sh -c "! kill -0 $pid"
    rm -f /run/pcscd/pcscd.comm /run/pcscd/pcscd.pid
}

# The reader that the sandbox has, under another name.
start_daemon()
{
    local name=${1:-Virtual PCD} fd
    sed "s/^FRIENDLYNAME.*/FRIENDLYNAME \"$name\"/" /etc/reader.conf.d/vpcd > "$config"
    [ "$name" != none ] || : > "$config"
    # What Wine lets this script inherit is not the daemon's.
    for fd in /proc/self/fd/*; do
        [ "${fd##*/}" -le 2 ] || eval "exec ${fd##*/}>&-"
    done
    setsid pcscd --foreground --disable-polkit --config "$config" < /dev/null > /run/sandbox/pcscd-again.log 2>&1 &
    await 15 test -S /run/pcscd/pcscd.comm
}

picture()
{
    import -window root -crop "$4x$5+$2+$3" +repage "$1"
}

case $1 in
    stop-daemon) stop_daemon TERM ;;
    kill-daemon) stop_daemon KILL ;;
    start-daemon) start_daemon "${2:-}" ;;
    picture) picture "$2" "$3" "$4" "$5" "$6" ;;
    unplug) unplug ;;
    plug-in) plug_in ;;
    *) false ;;
esac && result=ok || result=failed
echo $result > "$done.new" && mv "$done.new" "$done"
