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

# ---- in, twice, out, twice ----

check 'status of an empty prefix' runs 1 'not installed' status
snapshot before
check 'install' runs 0 installed install
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
