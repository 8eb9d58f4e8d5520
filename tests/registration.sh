#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# DllRegisterServer and DllUnregisterServer of both widths: what they add is what they remove, each width leaves the
# other's alone, twice is harmless. In the sandbox, in a prefix without our DLLs:
#     tools/sandbox --no-dlls --card none -- tests/registration.sh
# Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

cd "$work" || exit 1

windows=$WINEPREFIX/drive_c/windows
declare -A folder=([32]=syswow64 [64]=system32) machine=([32]=i386 [64]=x86_64)

# regsvr32 WIDTH OPTION...
regsvr32()
{
    local width=$1
    shift
    timeout -k10 60 wine "C:\\windows\\${folder[$width]}\\regsvr32.exe" /s "$@" \
        "C:\\windows\\${folder[$width]}\\scardssp.dll" > regsvr32.log 2>&1 < /dev/null
}

# The classes of both views, as wineserver keeps them, without the times of the changes.
registry()
{
    timeout -k10 60 wineserver -k
    timeout -k10 60 wineserver -w || return 1
    awk '/^\[/ { keep = index($0, "[Software\\\\Classes") == 1; sub(/ [0-9]+$/, "") }
         keep && !/^#time=/' "$WINEPREFIX/system.reg" > "$1"
}

same()
{
    cmp -s "$1" "$2" || { diff -u "$1" "$2" | head -n 30; false; }
}

# Whether a program of this width makes an object; typelib counts what it reads from the type library.
works()
{
    timeout -k10 60 wine "$build/tests/cmd$1.exe" > works.log 2>&1 < /dev/null
}

fails()
{
    ! works "$1"
}

# The classes of one view: the 32-bit one is Wow6432Node.
classes_of()
{
    local view=CLSID
    [ "$1" = 64 ] || view='Wow6432Node\\CLSID'
    grep -F "[Software\\\\Classes\\\\$view\\\\" "$2" | grep -c 'InprocServer32]$'
}

for width in 32 64; do
    cp "$build/dlls/scardssp/${machine[$width]}-windows/scardssp.dll" "$windows/${folder[$width]}/" || exit 1
done
registry before || { echo 'wineserver does not end'; echo '0 passed, 1 failed'; exit 1; }

check 'a class works before it is registered' fails 32

for order in '32 64' '64 32'; do
    read -r first second <<< "$order"
    echo "first the $first-bit DLL, then the $second-bit one"

    check "the $first-bit DLL does not register" regsvr32 "$first"
    registry one
    check "registering the $first-bit DLL added no seven classes" \
        [ $(($(classes_of "$first" one) - $(classes_of "$first" before))) -eq 7 ]
    check "registering the $first-bit DLL changed classes of the $second-bit view" \
        [ "$(classes_of "$second" one)" -eq "$(classes_of "$second" before)" ]
    check "no $first-bit program works" works "$first"
    check "the $first-bit DLL does not register again" regsvr32 "$first"
    registry one-again
    check 'registering twice is not as once' same one one-again

    check "the $second-bit DLL does not register" regsvr32 "$second"
    registry both
    check "no $second-bit program works" works "$second"
    check "the $first-bit program works no more" works "$first"

    check "the $second-bit DLL does not unregister" regsvr32 "$second" /u
    registry one-left
    check "unregistering the $second-bit DLL does not leave what was before it" same one one-left
    check "the $first-bit program does not survive it" works "$first"
    check "the unregistered $second-bit class still works" fails "$second"

    check "the $second-bit DLL does not register once more" regsvr32 "$second"
    registry both-again
    check 'registering after unregistering is not as the first time' same both both-again
    check "the $first-bit DLL does not unregister" regsvr32 "$first" /u
    check "the $second-bit program does not survive it" works "$second"
    check "the $second-bit DLL does not unregister last" regsvr32 "$second" /u
    registry after
    check 'something is left, or something else is gone' same before after
    check 'unregistering what is not registered fails' regsvr32 "$first" /u
    registry after-again
    check 'unregistering twice is not as once' same after after-again
done

finish
