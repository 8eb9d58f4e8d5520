#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a user does on Debian's own Wine: make install, scardssp-setup install, and a 32-bit program started by plain
# "wine" reads the card; and the way back. In the sandbox, over whose /usr/local an empty one is laid:
#     tools/sandbox --wine old-wow64 --no-dlls --card t1 -- tests/install.sh
# Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

cd "$work" || exit 1

says()
{
    local text=$1
    shift
    timeout -k10 120 "$@" > said 2>&1 < /dev/null
    grep -q -- "$text" said || { cat said; return 1; }
}

if [ "$(findmnt -n -o FSTYPE /)" = overlay ]; then
    check 'make install into the layer of a sandbox says that it ends with it' says 'This is a sandbox' make -C "$build" install
    check 'and fails' sh -c "! make -C '$build' install"
fi
mount -t tmpfs -o mode=755 none /usr/local || exit 1
export PATH=/usr/local/bin:$PATH
grep -q '^prefix = /usr/local$' "$build/Makefile" || { echo 'the build has another prefix'; echo '0 passed, 1 failed'; exit 1; }
lib=/usr/local/lib/wine-scardssp

check 'make install' make -C "$build" install
for program in scardssp-setup scardssp-doctor scardssp-cards scardssp-redact-log wine-scard; do
    check "$program is installed" [ -x "/usr/local/bin/$program" ]
    check "$program --help" says 'Usage: \|usage: ' "$program" --help
done
check 'no file shows where it was built' [ -z "$(grep -rl -F -e "$build" -e "$top" /usr/local 2> /dev/null)" ]
for page in scardssp-setup scardssp-doctor scardssp-cards scardssp-redact-log wine-scard; do
    check "$page.1 is installed, and well-formed" mandoc -Tlint -Wwarning "/usr/local/share/man/man1/$page.1"
done

check 'cardinfo before' sh -c '! wine '"$lib"'/cardinfo32.exe'
check 'scardssp-setup install' scardssp-setup install
check 'a 32-bit program under plain wine reads the card' says 'ATR: *3B 8A 01' wine "$lib/cardinfo32.exe"
check 'a 64-bit one too' says 'ATR: *3B 8A 01' wine64 "$lib/cardinfo64.exe"
check 'scardssp-doctor finds nothing wrong' timeout -k10 200 scardssp-doctor
check 'scardssp-setup status' scardssp-setup status
check 'scardssp-cards introduces a card' scardssp-cards introduce 'Installed test card' --atr 3B8A018073F6415B5456435431B0
check 'scardssp-cards identifies it' says 'Installed test card' scardssp-cards identify
check 'scardssp-cards forgets it' scardssp-cards forget 'Installed test card'
check 'scardssp-setup uninstall' scardssp-setup uninstall
check 'cardinfo afterwards' sh -c '! wine '"$lib"'/cardinfo32.exe'
check 'make uninstall' make -C "$build" uninstall
check "make uninstall leaves something: $(find /usr/local -type f)" [ -z "$(find /usr/local -type f)" ]

finish
