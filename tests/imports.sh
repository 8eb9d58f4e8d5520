#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Checks what the built DLLs and programs import and export:
#     tests/imports.sh [--xp]
# None may need ucrtbase or an api-ms DLL. With --xp, for a build with --enable-xp, every imported function must stand
# in tests/xp-imports.txt, the list of functions used here that Windows XP has. Ends with "N passed, N failed".

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

check_file()
{
    local file=$1 name=${1#"$build"/} list
    list=$(imports "$file")
    check "$name imports nothing" "$([ -n "$list" ] || echo 'no import table was found')"
    check "$name needs a C runtime that Windows XP does not have" \
        "$(grep -E '^(ucrtbase|vcruntime|api-ms)' <<< "$list")"
    [ $xp = yes ] || return
    check "$name imports what tests/xp-imports.txt does not list" \
        "$(comm -23 <(sort -u <<< "$list") <(grep -v '^#' "$top/tests/xp-imports.txt" | sort -u))"
}

entry_points='DllCanUnloadNow
DllGetClassObject
DllRegisterServer
DllUnregisterServer'

for file in "$build"/dlls/scardssp/*/scardssp.dll "$build"/tools/cardinfo/*.exe "$build"/tests/*.exe; do
    if [ ! -f "$file" ]; then
        check "$file" 'it is not built: run make'
        continue
    fi
    check_file "$file"
    case $file in
        */scardssp.dll)
            check "${file#"$build"/} exports other than the four entry points" \
                "$(diff <(exports "$file") <(echo "$entry_points"))"
            check "${file#"$build"/} shows a path of the machine it was built on" \
                "$(grep -a -c -F "$top" "$file" | grep -v '^0$')"
            ;;
    esac
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
