#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What is said and done on a machine that runs no 32-bit code: the probe, the sandbox, the runner, and the user's tools
# in each kind of Wine. The machine is made by a filter that kills whoever makes a 32-bit system call
# (tests/no_32bit.py).
#     tests/no_32bit.sh
# Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

filter=$top/tests/no_32bit.py
sandbox=$top/tools/sandbox
no_code='32-bit programs cannot run on this kernel'

# says STATUS TEXT COMMAND...: the command ends with the status, and its output, which is kept, has the text
says()
{
    local wanted=$1 text=$2 status
    shift 2
    timeout -k10 300 "$@" > "$work/said" 2>&1 < /dev/null
    status=$?
    [ $status -eq "$wanted" ] && grep -q -e "$text" "$work/said" && return
    echo "wanted $wanted and '$text', got $status:"
    cat "$work/said"
    return 1
}

hides()
{
    ! grep -e "$1" "$work/said"
}

# What the probe finds.
probe=(bash -c '. "$0"; runs_32bit_code && echo runs || echo "does not run"; echo "answer: $code32"'
    "$top/tools/lib/wine.sh")

# ---- in a sandbox of each kind ----

test_old_wow64()
{
    local setup=$top/tools/setup/scardssp-setup doctor=$top/tools/doctor/scardssp-doctor
    local launcher=$top/tools/wine-scard
    local program=$build/tests/pcsc32/plain system32=$WINEPREFIX/drive_c/windows/system32 wine64
    wine64=$(sed -n 's/^exec \([^ ]*\) .*/\1/p' "$(type -P wine64)")

    check 'setup with the 32-bit loader' says 1 "$no_code" "$filter" "$setup" install
    check 'it names the other loader' grep -q -e "--wine $wine64" "$work/said"
    check 'it speaks of no registration' hides 'regsvr32\|undoing'
    check 'it installs nothing' [ ! -e "$system32/scardssp.dll" ]
    printf '#!/bin/sh\nkill -ABRT $$\n' > "$work/aborting-wine" && chmod +x "$work/aborting-wine"
    check 'a Wine that aborts' says 1 'failed with status' "$filter" "$setup" --wine "$work/aborting-wine" install
    check 'the kernel is not blamed for it' hides "$no_code"
    check 'the doctor of it' says 1 '^wrong    Wine' "$filter" "$doctor" --wine "$work/aborting-wine"
    check 'nor does the doctor blame the kernel' hides "$no_code"
    check 'setup with the 64-bit loader' says 1 "$no_code: only 64-bit ones" "$filter" "$setup" --wine "$wine64" install
    check 'the 64-bit DLL is installed' grep -q 'installed the 64-bit' "$work/said"
    check 'the cause comes first' sh -c 'head -n 1 "$1" | grep -q "$2"' sh "$work/said" "$no_code"
    check 'its status' says 1 '64-bit: installed' "$filter" "$setup" --wine "$wine64" status
    check 'doctor with the 32-bit loader' says 1 "^wrong    kernel: $no_code" "$filter" "$doctor"
    check 'the doctor says nothing else that is wrong' [ "$(grep -c ^wrong "$work/said")" = 1 ]
    check 'doctor with the 64-bit loader' says 1 "^wrong    kernel: $no_code" "$filter" "$doctor" --wine "$wine64"
    check 'it goes on with the 64-bit programs' grep -q '^ok       64-bit exchange' "$work/said"
    check 'and not with the 32-bit ones' hides '32-bit classes'
    check 'wine-scard: the adapter' says 1 "$no_code" "$filter" "$launcher" --way=preload "${program}32.exe"
    check 'wine-scard: Wine as it is' says 1 "$no_code" "$filter" "$launcher" --way=plain "${program}32.exe"
    check 'wine-scard: 64 bits' says 0 'SCardTransmit: 0, ' "$filter" "$launcher" "${program}64.exe"
    check 'wine-scard: 32 bits' says 1 "$no_code, and .*plain32.exe is one" "$filter" "$launcher" "${program}32.exe"
}

test_win32()
{
    check 'setup' says 1 "$no_code" "$filter" "$top/tools/setup/scardssp-setup" install
    check 'it speaks of no registration' hides 'regsvr32\|undoing'
    check 'doctor' says 1 "^wrong    kernel: $no_code" "$filter" "$top/tools/doctor/scardssp-doctor"
    check 'the doctor says nothing else that is wrong' [ "$(grep -c ^wrong "$work/said")" = 1 ]
    check 'wine-scard' says 1 "$no_code" "$filter" "$top/tools/wine-scard" "$build/tests/pcsc32/plain32.exe"
}

# Wine's 64-bit side makes 32-bit system calls for 32-bit programs.
test_new_wow64()
{
    check 'setup' says 1 "$no_code: only 64-bit ones" "$filter" "$top/tools/setup/scardssp-setup" install
    check 'it speaks of no registration' hides 'regsvr32\|undoing'
    check 'the 64-bit DLL is installed' grep -q 'installed the 64-bit' "$work/said"
    check 'doctor' says 1 "^wrong    kernel: $no_code" "$filter" "$top/tools/doctor/scardssp-doctor"
    check 'the doctor says nothing else that is wrong' [ "$(grep -c ^wrong "$work/said")" = 1 ]
    check 'wine-scard' says 1 "$no_code, and .*plain32.exe is one" \
        "$filter" "$top/tools/wine-scard" "$build/tests/pcsc32/plain32.exe"
}

test_win64()
{
    check 'setup' says 0 'installed the 64-bit' "$filter" "$top/tools/setup/scardssp-setup" install
    check 'doctor' says 0 '^ok       kernel: .* has only 64-bit ones' "$filter" "$top/tools/doctor/scardssp-doctor"
    check 'setup, a WINEARCH that Wine refuses' says 1 "WINEARCH set to invalid value 'none'" \
        "$filter" env WINEARCH=none "$top/tools/setup/scardssp-setup" status
    check 'it does not blame the kernel' hides "$no_code"
    check 'doctor, a WINEARCH that Wine refuses' says 1 "do not start: WINEARCH set to invalid value 'none'" \
        "$filter" env WINEARCH=none "$top/tools/doctor/scardssp-doctor"
    check 'nor does the doctor' hides 'wrong    kernel'
}

# Directories that let no program run: the next one is tried, and without any nothing is claimed.
test_noexec()
{
    local place
    mount -t tmpfs -o noexec none /mnt || exit 1
    check 'a TMPDIR without programs' says 0 '^runs$' env TMPDIR=/mnt "${probe[@]}"
    check 'the probe has an answer' grep -q 'answer: yes' "$work/said"
    check 'a TMPDIR without programs, no code' says 0 '^does not run$' env TMPDIR=/mnt "$filter" "${probe[@]}"
    check 'a TMPDIR that is not there' says 0 '^runs$' env TMPDIR=/none "${probe[@]}"
    # Everything that the check itself needs lies where nothing is mounted.
    cp "$top/tools/lib/wine.sh" "$filter" /run/
    probe[3]=/run/wine.sh work=/run/work
    mkdir -p $work
    for place in /tmp /var/tmp /dev/shm /run/sandbox/home /run/sandbox/runtime; do
        mkdir -p "$place" && mount -t tmpfs -o noexec none "$place"
    done
    cd /mnt && check 'nowhere a program' says 0 '^runs$' /run/no_32bit.py "${probe[@]}"
    check 'the probe has no answer' grep -q 'answer: $' "$work/said"
}

# A prefix that Wine leaves without its 32-bit part, with status 0.
test_template()
{
    run=/run/sandbox wine_kind=old-wow64 dlls=no cache=$work
    . "$top/tools/sandbox.d/common"
    . "$top/tools/lib/wine.sh"
    . "$top/tools/sandbox.d/prefix"
    fail_with_log()
    {
        die "$1"
    }
    make_wine
    printf '#!/bin/sh\n/usr/bin/wineboot "$@" && rm "$WINEPREFIX/drive_c/windows/syswow64/kernel32.dll"\n' \
        > $run/bin/wineboot
    chmod +x $run/bin/wineboot
    ( make_prefix ) > "$work/said" 2>&1
    check 'an incomplete prefix is an error' [ $? -eq 1 ]
    check 'it says what is missing' \
        grep -q 'incomplete prefix: no syswow64/kernel32.dll for 32-bit programs' "$work/said"
    check 'it says what to do' grep -q 'win64' "$work/said"
    check 'it is not kept' [ -z "$(find "$work" -name 'prefix-*' -type d)" ]
    printf '#!/bin/sh\n/usr/bin/wineboot "$@" && : > "$WINEPREFIX/drive_c/windows/syswow64/cmd.exe"\n' > $run/bin/wineboot
    ( make_prefix ) > "$work/said" 2>&1
    check 'a prefix without 32-bit programs is an error' [ $? -eq 1 ]
    check 'it says so' grep -q 'no 32-bit program runs in the prefix' "$work/said"
    check 'it is not kept either' [ -z "$(find "$work" -name 'prefix-*' -type d)" ]
}

if [ $# -gt 0 ]; then
    "test_${1//-/_}"
    finish
    exit
fi

# ---- on the host ----

# inside KIND CARD TEST: that test in a sandbox, whose checks count here
inside()
{
    local p f
    timeout -k10 900 "$sandbox" --wine "$1" --no-dlls --card "$2" -- "$top/tests/no_32bit.sh" "$3" \
        > "$work/inside" 2>&1 < /dev/null
    read -r p f < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$work/inside" | tail -n 1)
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1}))
    [ "${f:-1}" -eq 0 ] || { echo "in $1:"; cat "$work/inside"; }
}

check 'the probe' says 0 '^runs$' "${probe[@]}"
check 'the probe without 32-bit code' says 0 '^does not run$' "$filter" "${probe[@]}"
inside none none noexec

for kind in new-wow64 old-wow64 win32; do
    check "--wine $kind" says 1 "this kernel runs no 32-bit programs, which --wine $kind needs; --machine emulated" \
        "$filter" "$sandbox" --machine host --wine $kind --card none -- echo ran
    check "--wine $kind says one line" [ "$(wc -l < "$work/said")" = 1 ]
done
check '--wine win64' says 7 '^ran$' "$filter" "$sandbox" --wine win64 --no-dlls --card none -- \
    sh -c 'echo ran; wine cmd /c exit 7'
check '--wine none' says 3 '^ran$' "$filter" "$sandbox" --wine none --card none -- sh -c 'echo ran; exit 3'
check '--wine none makes no prefix' says 0 '^none$' \
    "$sandbox" --wine none --card none -- sh -c 'echo "${WINEPREFIX-none}"'
check 'TMPDIR does not reach Wine' says 5 '^ran$' env TMPDIR=/tmp "$sandbox" --no-dlls --card none -- \
    sh -c 'echo ran; wine cmd /c exit 5'

check 'the sandbox takes an emulated machine' says 6 'run in an emulated machine' \
    "$filter" "$sandbox" --no-dlls --card none -- sh -c 'wine "C:\\windows\\syswow64\\cmd.exe" /c exit 6'

check 'the runner' says 0 '^emulated: unit-pcsc32 .* passed, 0 failed .*, emulated)' \
    "$filter" "$top/tests/run" ledger unit-pcsc32
check 'both halves count' grep -qx '[1-9][0-9]* passed, 0 failed' "$work/said"
check 'the runner here' says 0 '^[1-9][0-9]* passed, 0 failed$' "$top/tests/run" ledger
check 'a suite of both widths' says 0 ', 64 bits)$' "$filter" "$top/tests/run" --part 64 restart
check 'a time that is too short' says 1 'crosstest .*skipped: .* would not end' \
    "$top/tests/run" --part 32 --until 1 crosstest
check 'only skipped suites are no success' grep -qx '0 passed, 0 failed, 1 skipped' "$work/said"

inside none none template
inside old-wow64 t1 old-wow64
inside win32 t1 win32
inside new-wow64 t1 new-wow64
inside win64 t1 win64

# One that lost its files in the cache.
inside_cache=$work/cache
mkdir "$inside_cache"
ln -s "$(realpath -- "${SCARDSSP_CACHE:-$HOME/.cache/wine-scardssp}")"/root-* "$inside_cache/" 2> /dev/null
cp -a "${SCARDSSP_CACHE:-$HOME/.cache/wine-scardssp}"/prefix-*-win64 "$inside_cache/"
rm "$inside_cache"/prefix-*/drive_c/windows/system32/kernel32.dll
for said in 'is incomplete (no system32/kernel32.dll): it is made anew' '^ran$'; do
    check "a template without its files: $said" says 0 "$said" \
        env SCARDSSP_CACHE="$inside_cache" "$sandbox" --wine win64 --no-dlls --card none -- sh -c 'wine cmd /c exit; echo ran'
done
check 'then it is complete' hides sandbox:
finish
