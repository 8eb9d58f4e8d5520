#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Checks what the built DLLs and programs import and export:
#     tests/imports.sh [--xp]
# None may need ucrtbase or an api-ms DLL, and each must be built. What a program imports must stand in
# tests/xp-imports.txt, the list of functions used here that Windows XP has, for the width of the file; with --xp, for a
# build with --enable-xp, so must what the DLLs import. Ends with "N passed, N failed".

set -u

top=$(realpath -- "$(dirname -- "$(realpath -- "$0")")/..")
build=${SCARDSSP_BUILD:-$top/build}
xp=no
[ "${1:-}" != --xp ] || xp=yes
objdump=$(command -v x86_64-w64-mingw32-objdump || command -v objdump)
passed=0 failed=0

# check DESCRIPTION OFFENDERS: passes when there are none
check()
{
    if [ -z "$2" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s\n' "$1"
        printf '%s\n' "$2" | sed 's/^/    /'
    fi
}

# Prints "dll function" for each import of a PE file.
imports()
{
    "$objdump" -p "$1" | awk '
        /^The Export Tables/ { exit }
        /DLL Name:/ { dll = tolower($3); seen = 0; next }
        dll && /vma:.*Hint/ { seen = 1; next }
        dll && seen && NF == 0 { dll = ""; next }
        dll && seen { print dll, $NF }'
}

exports()
{
    "$objdump" -p "$1" | awk '/Ordinal\/Name Pointer/ { on = 1; next } on && NF == 0 { exit } on && /\[/ { print $NF }' | sort
}

# Prints what tests/xp-imports.txt allows in a file of this width: 32 or 64.
allowed()
{
    awk -v width="$1" '!/^#/ && (NF == 2 || $3 == width) { print $1, $2 }' "$top/tests/xp-imports.txt" | sort -u
}

check_file()
{
    local file=$1 width=$2 name=${1#"$build"/} list
    list=$(imports "$file")
    check "$name imports nothing" "$([ -n "$list" ] || echo 'no import table was found')"
    check "$name needs a C runtime that Windows XP does not have" \
        "$(grep -E '^(ucrtbase|vcruntime|api-ms)' <<< "$list")"
    [ $xp = yes ] || [ "${file%.exe}" != "$file" ] || return
    check "$name imports what tests/xp-imports.txt does not list" \
        "$(comm -23 <(sort -u <<< "$list") <(allowed "$width"))"
}

entry_points='DllCanUnloadNow
DllGetClassObject
DllRegisterServer
DllUnregisterServer'

check_dll()
{
    local file=$1 name=${1#"$build"/}
    check "$name exports other than the four entry points" "$(diff <(exports "$file") <(echo "$entry_points"))"
    check "$name shows a path of the machine it was built on" \
        "$(grep -a -o -F -e "$top" -e "$build" "$file" | sort -u)"
}

declare -A directory=([32]=i386-windows [64]=x86_64-windows)
for width in 32 64; do
    dll=$build/dlls/scardssp/${directory[$width]}/scardssp.dll
    files=("$dll" "$build/tools/cardinfo/cardinfo$width.exe" "$build/tools/cards/scardssp-cards$width.exe")
    for source in "$top"/tests/conformance/*.c "$top"/tests/*.c; do
        files+=("$build/tests/$(basename "$source" .c)$width.exe")
    done
    [ $xp = yes ] || files+=("$build/crosstest/scardssp_test$width.exe")
    for file in "${files[@]}"; do
        if [ ! -f "$file" ]; then
            check "${file#"$build"/}" 'it is not built: run make'
            continue
        fi
        check_file "$file" "$width"
        [ "$file" != "$dll" ] || check_dll "$file"
    done
done

# The adapter: in the list of what is preloaded stand pcsc-lite's names and nothing else.
preloaded=$build/dlls/pcsc32/libscardssp-pcsc32.so
check 'libscardssp-pcsc32.so does not export the functions of winscard.so' \
    "$(diff <(nm -D --defined-only "$preloaded" | awk '{ print $3 }' | sort) \
        <(sed -n 's/^    stand_in //p' "$top/dlls/pcsc32/preload.S" | sort) 2>&1)"
for file in "$preloaded" "$build/dlls/pcsc32/scardssp-pcsc32.dll.so"; do
    check "${file#"$build"/} shows a path of the machine it was built on" \
        "$([ -f "$file" ] || echo 'it is not built: run make'; grep -a -o -F -e "$top" -e "$build" "$file" | sort -u)"
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
