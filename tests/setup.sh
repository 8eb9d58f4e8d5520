#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# scardssp-setup in a prefix of each kind: what it puts there works, and what it takes away leaves the prefix as it was.
#     tools/sandbox --wine KIND --no-dlls --card none -- tests/setup.sh
# Ends with the line "N passed, N failed".

set -u

top=$(realpath -- "$(dirname -- "$(realpath -- "$0")")/..")
build=${SCARDSSP_BUILD:-$top/build}
setup=$top/tools/setup/scardssp-setup
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
windows=$WINEPREFIX/drive_c/windows

# check TEXT COMMAND...: a check passes where the command does
check()
{
    local text=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: $text"
        [ ! -s out ] || sed 's/^/    /' out
    fi
}

# runs STATUS TEXT ARGUMENT...: scardssp-setup ends with this status and says this
runs()
{
    local wanted=$1 text=$2 status
    shift 2
    timeout 200 "$setup" "$@" > out 2>&1 < /dev/null
    status=$?
    [ $status -eq "$wanted" ] && grep -qF -- "$text" out && return
    echo "wanted $wanted and '$text', got $status" >> out
    return 1
}

# What is in the prefix: the registry without times, and the system directories.
snapshot()
{
    timeout 60 wineserver -k
    timeout 60 wineserver -w
    mkdir -p "$1"
    awk '/^\[/ { keep = index($0, "[Software\\\\Classes") == 1 || /DllOverrides/; sub(/ [0-9]+$/, "") }
         keep && !/^#time=/' "$WINEPREFIX/system.reg" "$WINEPREFIX/user.reg" > "$1/registry"
    (cd "$WINEPREFIX" && find . -name '*.reg' -prune -o \( -type f -printf '%P %s\n' -o -printf '%P\n' \) | sort) > "$1/files"
}

same()
{
    diff -ru "$1" "$2" > out
}

# A program of this width makes an object of ours.
works()
{
    local loader=wine
    [ "$1" = 32 ] || loader=wine64
    timeout 60 $loader "$build/tests/cmd$1.exe" > out 2>&1 < /dev/null
}

case $SCARDSSP_WINE_KIND in
win32) widths=32 first=system32 first_machine=i386 ;;
win64) widths=64 first=system32 first_machine=x86_64 ;;
*) widths='32 64' first=syswow64 first_machine=i386 ;;
esac

# ---- what is refused ----

mkdir foreign && echo text > foreign/file
check 'no action' runs 2 'say what to do'
check 'an unknown argument' runs 2 "unknown argument 'frobnicate'" frobnicate
check 'two actions' runs 2 'at once' install status
check 'an option without its value' runs 2 'needs a value' install --prefix
check 'the help' runs 0 'Usage: scardssp-setup' --help
check 'no prefix' runs 1 'there is no prefix' install --prefix "$work/none"
check 'no prefix was made' [ ! -e "$work/none" ]
check 'a foreign directory' runs 1 'is not a Wine prefix' install --prefix "$work/foreign"
check 'the foreign directory is untouched' [ "$(ls foreign)" = file ]
check 'no such Wine' runs 1 "there is no program 'no-such-wine'" install --wine no-such-wine
check 'the prefix of another user' sh -c 'chown 65534 "$1" && "$2" install > out 2>&1; s=$?; chown 0 "$1"
    [ $s -eq 1 ] && grep -q "belongs to" out' - "$WINEPREFIX" "$setup"
printf '#!/bin/sh\necho "wine client error:0: version mismatch 856/840." >&2\nexit 1\n' > other-wine
chmod +x other-wine && ln -s other-wine other-wine64
check 'a wineserver of another version' runs 1 'another version of Wine is running' install --wine "$work/other-wine"
check 'nothing is left of that' [ ! -e "$windows/$first/scardssp.dll" ]

# ---- options, environment, a Wine that hangs or aborts ----

check '-h' runs 0 'Usage: scardssp-setup' -h
check 'a value behind =' runs 1 'there is no prefix' install --prefix="$work/none"
check 'an empty value' runs 2 'needs a value' install --prefix=
check 'the help without HOME' env -u HOME -u WINEPREFIX "$setup" --help
check 'no prefix named, no HOME' env -u HOME -u WINEPREFIX bash -c "$(declare -f runs); setup=$setup
    runs 1 'there is no prefix' status"
check 'a relative prefix' runs 1 'not installed' status --prefix "$(realpath --relative-to=. "$WINEPREFIX")"
check 'TMPDIR' env TMPDIR="$work" bash -c "$(declare -f runs); setup=$setup; runs 1 'not installed' status"
printf '#!/bin/sh\necho $$ > %s/hanging\nsleep 300\n' "$work" > hanging-wine
printf '#!/bin/sh\nkill -ABRT $$\n' > aborting-wine
chmod +x hanging-wine aborting-wine
check 'a Wine that aborts' runs 1 'failed with status' install --wine "$work/aborting-wine"
check 'the shell says nothing of its own' sh -c '! grep -q "line [0-9]*:" out'
check 'nothing is left of that either' [ ! -e "$windows/$first/scardssp.dll" ]

# interrupt: a signal while Wine hangs ends it at once
interrupt()
{
    local pid start=$SECONDS
    rm -f hanging
    env --default-signal=INT "$setup" --wine "$work/hanging-wine" install > out 2>&1 &
    pid=$!
    until [ -s hanging ]; do sleep 0.1; [ $((SECONDS - start)) -lt 20 ] || return 1; done
    kill -INT $pid
    wait $pid
    [ $? -eq 130 ] && [ ! -e "$windows/$first/scardssp.dll" ] && [ $((SECONDS - start)) -lt 60 ] &&
        ! kill -0 "$(cat hanging)" 2> /dev/null
}
check 'Ctrl-C while Wine hangs' interrupt

# A second one waits for the first.
locked()
{
    local pid status
    exec 8< "$WINEPREFIX"
    flock 8
    "$setup" uninstall > out 2>&1 8<&- &
    pid=$!
    sleep 2
    kill -0 $pid && grep -q 'waiting for another' out
    status=$?
    exec 8<&-
    wait $pid && [ $status -eq 0 ]
}
check 'two at once' locked

# The Wine that is named runs both widths.
printf '#!/bin/sh\necho "$@" >> %s/called\nexec %s "$@"\n' "$work" "$(type -P wine)" > named-wine
chmod +x named-wine
mkdir -p wineless/bin
printf '#!/bin/sh\ntouch %s/other-called\nexit 1\n' "$work" > wineless/bin/wine64
chmod +x wineless/bin/wine64
named()
{
    PATH=$work/wineless/bin:$PATH runs 0 'installed' install --wine "$work/named-wine" &&
        runs 0 'uninstalled' uninstall --wine "$work/named-wine" && [ -s called ] && [ ! -e other-called ]
}
check 'the Wine that is named' named

# ---- in, twice, out, twice ----

check 'status of an empty prefix' runs 1 'not installed' status
snapshot before
check 'install' runs 0 installed install
written()
{
    [ "$(grep -ciF 'CLSID\\{1461AAC7-6810-11D0-918F-00AA00C18068}\\InprocServer32]' "$WINEPREFIX/system.reg")" -eq \
        "$(wc -w <<< "$widths")" ]
}
check 'what is said to be installed is on the disk' written
for width in $widths; do
    check "a $width-bit program" works "$width"
    check "status, $width-bit" runs 0 "$width-bit: installed" status
done
snapshot installed
check 'install again' runs 0 installed install
snapshot again
check 'twice is as once' same installed again
[ $widths = 64 ] 2> /dev/null || check 'the adapter' [ -e "$windows/$first/scardssp-pcsc32.dll.so" ]
check 'uninstall' runs 0 uninstalled uninstall
snapshot after
check 'the prefix is as it was' same before after
check 'uninstall again' runs 0 'is not installed' uninstall
snapshot after-again
check 'uninstalling twice is as once' same after after-again

# ---- a DLL that was there ----

echo 'a native DLL' > "$windows/$first/scardssp.dll"
snapshot native
check 'install over a native DLL' runs 0 'kept the' install
check 'the native DLL is kept' grep -q native "$windows/$first/scardssp.dll.before-setup"
check 'install again over it' runs 0 installed install
check 'the native DLL is still kept' grep -q native "$windows/$first/scardssp.dll.before-setup"
check 'uninstall restores it' runs 0 restored uninstall
snapshot native-after
check 'the native DLL is as it was' same native native-after
check 'status of a native DLL' runs 1 'another scardssp.dll is there' status
rm "$windows/$first/scardssp.dll"

# One that works and is registered: ours, with another name in its version resource.
cp "$build/dlls/scardssp/$first_machine-windows/scardssp.dll" native.dll
LC_ALL=C sed -i -e 's/wine-scardssp/WINE-SCARDSSP/g' \
    -e 's/w\x00i\x00n\x00e\x00-\x00s\x00c\x00a/W\x00I\x00N\x00E\x00-\x00s\x00c\x00a/g' native.dll
cp native.dll "$windows/$first/scardssp.dll"
case $first_machine in i386) loader=wine ;; *) loader=wine64 ;; esac
timeout 60 $loader "C:\\windows\\$first\\regsvr32.exe" /s "C:\\windows\\$first\\scardssp.dll" > out 2>&1 < /dev/null
check 'the native DLL works' works "${widths%% *}"
snapshot working
check 'install over a working native DLL' runs 0 'kept the' install
check 'uninstall brings it back' runs 0 restored uninstall
check 'the working native DLL is there' cmp native.dll "$windows/$first/scardssp.dll"
check 'it works again' works "${widths%% *}"
snapshot working-after
check 'it is registered as it was' same working working-after
timeout 60 $loader "C:\\windows\\$first\\regsvr32.exe" /s /u "C:\\windows\\$first\\scardssp.dll" > out 2>&1 < /dev/null
rm "$windows/$first/scardssp.dll"

# ---- a DLL override, and a disk that is full ----

timeout 60 wine reg add 'HKCU\Software\Wine\DllOverrides' /v scardssp /d '' /f > /dev/null 2>&1 < /dev/null
check 'a DLL override' runs 1 'a DLL override keeps Wine from it: scardssp=' install
timeout 60 wine reg delete 'HKCU\Software\Wine\DllOverrides' /v scardssp /f > /dev/null 2>&1 < /dev/null

# ---- a failure in the middle ----

mkdir -p broken/dlls/scardssp broken/dlls/pcsc32
cp -r "$build"/dlls/scardssp/*-windows broken/dlls/scardssp/
for dll in broken/dlls/scardssp/*/scardssp.dll; do
    [ "$widths" = '32 64' ] && [[ $dll == *x86_64* ]] || echo 'wine-scardssp' > "$dll"
done
snapshot unbroken
check 'a DLL that does not register' env SCARDSSP_BUILD="$work/broken" bash -c "$(declare -f runs); setup=$setup
    runs 1 'undoing what was done' install"
snapshot rolled-back
check 'what was done is undone' same unbroken rolled-back

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
