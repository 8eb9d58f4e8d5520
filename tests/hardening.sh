#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# How the DLLs and programs are hardened: anywhere in memory (ASLR), no code in data (DEP), no section that is written and
# run, and a stack protector that bites. In the sandbox:
#     tools/sandbox --card none -- tests/hardening.sh
# Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

characteristics()
{
    x86_64-w64-mingw32-objdump -p "$1" | sed -n '/^DllCharacteristics/,/^SizeOfStack/p'
}

# Sections that may be written and run, by the characteristics in the section table.
writable_code()
{
    x86_64-w64-mingw32-objdump -h -w "$1" | awk '/ CODE/ && !/READONLY/ { print $2 }'
}

# overrun WIDTH ARGUMENT: the exit status as Windows has it
overrun()
{
    (
        cd "$build/tests/hardening" &&
            timeout -k10 60 wine cmd /c "overrun$1.exe $2 & call echo %^ERRORLEVEL%" < /dev/null 2> /dev/null
    ) > "$work/out"
    tr -d '\r\n ' < "$work/out"
}

declare -A machine=([32]=i386 [64]=x86_64) compiler=([32]=i686 [64]=x86_64)
for width in 32 64; do
    dll=$build/dlls/scardssp/${machine[$width]}-windows/scardssp.dll
    for file in "$dll" "$build"/tools/*/*"$width".exe; do
        name=${file#"$build"/}
        characteristics "$file" > "$work/flags"
        check "$name has one place in memory (no ASLR)" grep -q DYNAMIC_BASE "$work/flags"
        check "$name may run data (no DEP)" grep -q NX_COMPAT "$work/flags"
        [ $width = 32 ] || check "$name stays below 4 GB" grep -q HIGH_ENTROPY_VA "$work/flags"
        check "$name has no relocations, so it cannot move" \
            [ -n "$(x86_64-w64-mingw32-objdump -h "$file" | grep -w '\.reloc')" ]
        check "$name has sections that are written and run: $(writable_code "$file")" [ -z "$(writable_code "$file")" ]
    done
    guarded=0
    while read -r object; do
        ! "${compiler[$width]}-w64-mingw32-nm" "$object" | grep -q 'U _*stack_chk_fail' || guarded=$((guarded + 1))
    done < <(find "$build/dlls/scardssp/${machine[$width]}-windows" -name '*.o')
    check "the stack protector is in $guarded files of the $width-bit DLL only" [ $guarded -ge 5 ]
    check "a buffer that is not overrun ends the $width-bit program: $(overrun $width none)" \
        [ "$(overrun $width none)" = 0 ]
    check "an overrun of the stack goes on in $width bits: $(overrun $width some)" \
        [ "$(overrun $width some)" = $((0xc0000409 - (1 << 32))) ]
done

finish
