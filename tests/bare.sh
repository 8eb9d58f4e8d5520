#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# On a user's machine, Debian with Wine and pcscd and nothing to compile with, an ordinary user goes from the archive of
# the release to a 32-bit program that reads the card, with the lines of the README; the way back; winetricks; and the
# package of Debian, where it was built:
#     tools/sandbox [--suite sid] --packages tests/bare-packages --wine none --card t1 -- tests/bare.sh
# Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

version=$(sed -n 's/^PACKAGE_VERSION = //p' "$build/Makefile")
archive=$build/release/wine-scardssp-$version.tar.gz
deb=$build/debian/wine-scardssp_${version}_amd64.deb
home=/home/somebody
prefix=$home/.wine
atr='ATR: *3B 8A 01'
# Debian unstable has a "wine" of 64 bits, with new WoW64, and a "wine32" for 32-bit prefixes; no "wineserver".
wine32=$(type -P wine32 || type -P wine)
server=$(type -P wineserver || echo /usr/lib/x86_64-linux-gnu/wine/wineserver)

useradd --uid 4711 --create-home --home-dir $home --shell /bin/bash somebody || { echo '0 passed, 1 failed'; exit 1; }
chmod 755 "$work"

# as_user COMMAND...: as the user, in his home, without what the sandbox sets
as_user()
{
    env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/games HOME=$home USER=somebody LANG=C.UTF-8 WINEDEBUG=-all \
        setpriv --reuid 4711 --regid 4711 --clear-groups -- sh -c 'cd && exec timeout -k10 300 "$@"' sh "$@"
}

says()
{
    local text=$1
    shift
    "$@" > "$work/said" 2>&1 < /dev/null || { cat "$work/said"; return 1; }
    grep -q -- "$text" "$work/said" || { cat "$work/said"; return 1; }
}

# new_prefix ARCH [WINE]
new_prefix()
{
    as_user rm -rf .wine
    as_user env WINEDLLOVERRIDES='mscoree,mshtml=' WINEPREFIX=$prefix WINEARCH="$1" "${2:-wine}" wineboot -i \
        > "$work/wineboot.log" 2>&1 < /dev/null
    as_user "$server" -w
    [ -f $prefix/system.reg ]
}

# The files of the prefix, and the keys of its registry.
state()
{
    as_user "$server" -w
    (cd $prefix && find . ! -name '*.reg' ! -path './drive_c/windows/temp/*' ! -path './drive_c/users/*' \
        ! -name winetricks.log | sort && sed -n 's/^\(\[.*\]\).*/\1/p' ./*.reg | grep -v '\\\\SmartCards\|\\\\NetworkCards' | sort)
}

# The block of commands below the heading $1 of README.md.
readme_lines()
{
    awk -v heading="## $1" '$0 == heading { here = 1; next } here && /^## / { exit }
        here && /^    / { print substr($0, 5) }' "$top/README.md"
}

for program in gcc cc make winegcc widl i686-w64-mingw32-gcc; do
    check "a user has no $program" [ -z "$(type -P $program)" ]
done
check 'the archive is there' [ -f "$archive" ]
check 'a prefix' new_prefix win64
state > "$work/before"

# ---- the lines of the README ----

cp "$archive" $home/
mapfile -t lines < <(readme_lines Install)
check 'the README has three lines' [ ${#lines[@]} -eq 3 ]
for line in "${lines[@]}"; do
    check "$line" as_user sh -c "$line"
done
tree=$home/wine-scardssp-$version
check 'a 32-bit program reads the card' says "$atr" as_user wine "$tree/lib/wine-scardssp/cardinfo32.exe"
check 'a 64-bit one too' says "$atr" as_user wine "$tree/lib/wine-scardssp/cardinfo64.exe"
check 'status' as_user "$tree/bin/scardssp-setup" status
for width in 32 64; do
    for program in typeconv bytebuffer; do
        check "the conformance programs for Windows run, $program, $width bits" says ', 0 failures)' as_user sh -c \
            "cd '$tree/conformance' && wine scardssp_test$width.exe $program"
    done
done
check 'introduce a card' as_user "$tree/bin/scardssp-cards" introduce 'A test card' \
    --atr 3B8A018073F6415B5456435431B0
check 'identify it' says 'A test card' as_user "$tree/bin/scardssp-cards" identify
check 'install with the known cards' says 'entries' as_user "$tree/bin/scardssp-setup" install --cards
check 'some thousand cards are known' [ "$(as_user "$tree/bin/scardssp-cards" list | wc -l)" -gt 4000 ]
check 'forget it' as_user "$tree/bin/scardssp-cards" forget 'A test card'
check 'wine-scard' says "$atr" as_user "$tree/bin/wine-scard" "$tree/lib/wine-scardssp/cardinfo32.exe"

for program in cardinfo scardssp-cards; do
    for width in 32 64; do
        check "$program$width.exe --version" says "^$program $version" as_user wine \
            "$tree/lib/wine-scardssp/$program$width.exe" --version
    done
done
check 'scardssp_test32.exe --version' says "$version" as_user wine "$tree/conformance/scardssp_test32.exe" --version

# It can lie anywhere.
mkdir "$home/another place" && chown 4711 "$home/another place" && mv "$tree" "$home/another place/näme"
tree="$home/another place/näme"
check 'moved: the doctor' as_user "$tree/bin/scardssp-doctor"
check 'moved: install again' as_user "$tree/bin/scardssp-setup" install
check 'uninstall' as_user "$tree/bin/scardssp-setup" uninstall
state > "$work/after"
check 'nothing is left in the prefix' diff "$work/before" "$work/after"

# ---- ./install ----

check './install' as_user "$tree/install"
export_path="PATH=$home/.local/bin:/usr/bin:/bin"
check 'scardssp-setup on the PATH' as_user env "$export_path" scardssp-setup install
check 'scardssp-doctor on the PATH' as_user env "$export_path" scardssp-doctor
check 'a 32-bit program' says "$atr" as_user wine $home/.local/lib/wine-scardssp/cardinfo32.exe
check 'scardssp-setup uninstall' as_user env "$export_path" scardssp-setup uninstall
check './install --uninstall' as_user "$tree/install" --uninstall
check 'nothing is left of it' [ -z "$(find $home/.local -path '*scard*')" ]

# ---- a 32-bit prefix, as old programs ask for ----

as_user mv .wine .wine-64
in_32_bits()
{
    as_user env WINEPREFIX=$prefix WINE="$wine32" "$@"
}
check 'a 32-bit prefix' new_prefix win32 "$wine32"
check 'scardssp-setup in a 32-bit prefix' in_32_bits "$tree/bin/scardssp-setup" install
check 'scardssp-doctor in a 32-bit prefix' in_32_bits "$tree/bin/scardssp-doctor"
check 'a 32-bit program in a 32-bit prefix' says "$atr" in_32_bits "$wine32" "$tree/lib/wine-scardssp/cardinfo32.exe"
check 'introduce a card in a 32-bit prefix' in_32_bits "$tree/bin/scardssp-cards" introduce 'A test card' \
    --atr 3B8A018073F6415B5456435431B0
check 'identify it in a 32-bit prefix' says 'A test card' in_32_bits "$tree/bin/scardssp-cards" identify
check 'scardssp-setup uninstall in a 32-bit prefix' in_32_bits "$tree/bin/scardssp-setup" uninstall
as_user "$server" -k
as_user rm -rf .wine
as_user mv .wine-64 .wine

# ---- winetricks ----

mkdir $home/unpacked && tar -C $home/unpacked -xf "$archive" && chown -R 4711 $home/unpacked
line=$(grep -o '`winetricks [^`]*`' "$top/README.md" | tr -d '`')
check "the README's $line" as_user sh -c "cd unpacked && ${line/winetricks/winetricks --unattended}"
check 'a 32-bit program after winetricks' says "$atr" as_user wine "$tree/lib/wine-scardssp/cardinfo32.exe"
check 'uninstall what winetricks installed' as_user "$tree/bin/scardssp-setup" uninstall
mkdir $home/beside && cp "$tree/scardssp.verb" "$archive" $home/beside/ && chown -R 4711 $home/beside
check 'winetricks, from the archive beside the verb' as_user winetricks --unattended beside/scardssp.verb
check 'status after that' as_user "$tree/bin/scardssp-setup" status
check 'uninstall it' as_user "$tree/bin/scardssp-setup" uninstall
mkdir $home/alone && cp "$tree/scardssp.verb" $home/alone/
as_user winetricks --unattended alone/scardssp.verb > "$work/said" 2>&1 < /dev/null
check 'winetricks without the archive says where it belongs' grep -q "Put wine-scardssp-$version.tar.gz beside" "$work/said"
as_user mkdir -p .cache/winetricks/scardssp && as_user mv "wine-scardssp-$version.tar.gz" .cache/winetricks/scardssp/
check 'winetricks, from its cache' as_user winetricks --unattended alone/scardssp.verb
check 'status after it' as_user "$tree/bin/scardssp-setup" status
check 'uninstall that' as_user "$tree/bin/scardssp-setup" uninstall

# ---- the package of Debian ----

check 'the package is built (tests/run debian builds it)' [ -f "$deb" ]
all_files()
{
    find / -xdev -not -path '/proc/*' -not -path '/home/*' -not -path '/var/*' -not -path "$work/*" 2> /dev/null | sort
}
all_files > "$work/files-before"
line=$(grep -o '`apt install [^`]*`' "$top/README.md" | tr -d '`')
check "the README's $line" sh -c "cd '${deb%/*}' && DEBIAN_FRONTEND=noninteractive ${line/install/install -y}"
check 'scardssp-setup of the package' as_user scardssp-setup install
check 'scardssp-doctor of the package' as_user scardssp-doctor
check 'a 32-bit program with the package' says "$atr" as_user wine /usr/lib/wine-scardssp/cardinfo32.exe
check 'its manual page' [ -f /usr/share/man/man1/scardssp-setup.1.gz ]
check 'scardssp-setup uninstall of the package' as_user scardssp-setup uninstall
state > "$work/after"
check 'nothing is left in the prefix of the package' diff "$work/before" "$work/after"
check 'the package is purged' env DEBIAN_FRONTEND=noninteractive apt-get purge -y wine-scardssp
all_files > "$work/files-after"
check 'nothing is left of the package' diff "$work/files-before" "$work/files-after"

finish
