# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Sourced by the scripts that need windows: a display of their own for Wine, in the sandbox.

# Starts an X server on a display that nobody else sees, and makes Wine use it: the sandbox's prefix has none. Wine
# draws the frames of windows itself, for there is no window manager. With a USB reader, where we are an ordinary user,
# the machine's /tmp is its own.
start_display()
{
    local number
    if [ "$(id -u)" -eq 0 ]; then
        mkdir -p /tmp/.X11-unix && mount -t tmpfs -o mode=1777 sandbox /tmp/.X11-unix || return 1
    fi
    exec {number}< <(exec Xvfb -displayfd 1 -screen 0 1280x1024x24 -dpi "${1:-96}" -nolisten tcp 2> /dev/null)
    display_pid=$!
    read -r -t 20 -u "$number" DISPLAY || return 1
    export DISPLAY=:$DISPLAY
    wine reg delete 'HKCU\Software\Wine\Drivers' /v Graphics /f > /dev/null 2>&1 < /dev/null
    wine reg add 'HKCU\Software\Wine\X11 Driver' /v Managed /d N /f > /dev/null 2>&1 < /dev/null
    wineserver -k
    wineserver -w
}

stop_display()
{
    [ -z "${display_pid:-}" ] || kill "$display_pid"
    unset DISPLAY display_pid
}
