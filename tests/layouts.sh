#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The tools with Wine where other distributions and bundles have it: Debian's files are laid out as theirs are, and are
# nowhere else meanwhile. In the sandbox, over whose /usr and /opt others are laid:
#     tools/sandbox --wine old-wow64 --no-dlls --card t1 -- tests/layouts.sh [LAYOUT...]
# Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"
. "$top/tools/sandbox.d/common"

changes=/run/layouts        # memory: an overlay cannot write to just any file system
stock=$changes/stock
setup=$top/tools/setup/scardssp-setup
doctor=$top/tools/doctor/scardssp-doctor
cards=$build/tools/cards/scardssp-cards
launcher=$top/tools/wine-scard
cardinfo=$build/tools/cardinfo/cardinfo32.exe
plain=$build/tests/pcsc32/plain32.exe
atr=3B8A018073F6415B5456435431B0
export XDG_CACHE_HOME=$changes/cache

# ---- laying out ----

# Debian's files under $stock, and nowhere else.
take_stock()
{
    local width
    mkdir -p $stock/{bin,i386,x86_64,share,include}
    mount --bind /usr/lib/wine $stock/bin && mount --bind /usr/share/wine $stock/share &&
        mount --bind /usr/include/wine/wine $stock/include || return 1
    for width in i386 x86_64; do
        mount --bind /usr/lib/$width-linux-gnu/wine $stock/$width || return 1
    done
    overlay /usr /usr $changes/usr && overlay /etc/alternatives /etc/alternatives $changes/alternatives &&
        mount -t tmpfs -o mode=755 none /opt || return 1
    rm -rf /usr/lib/wine /usr/lib/{i386,x86_64}-linux-gnu/wine /usr/share/wine /usr/include/wine /usr/bin/wine*
    export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
}

mounted=() laid=()

# lay DIRECTORY...: makes directories that go with the layout
lay()
{
    mkdir -p -- "$@" && laid+=("$@")
}

# show FROM TO: makes the file or directory visible there
show()
{
    if [ -d "$1" ]; then mkdir -p -- "$2"; else mkdir -p -- "${2%/*}" && : >> "$2"; fi
    mount --bind -- "$1" "$2" && mounted+=("$2")
}

# relocate FILE OLD NEW [OLD NEW]...: a copy on standard output, with the directories replaced that were compiled in
relocate()
{
    python3 - "$@" <<'END'
import sys
data = open(sys.argv[1], 'rb').read()
for old, new in zip(sys.argv[2::2], sys.argv[3::2]):
    old, new = b'\0' + old.encode() + b'\0', b'\0' + new.encode() + b'\0'
    assert len(new) <= len(old) and old in data, (sys.argv[1], old)
    data = data.replace(old, new.ljust(len(old), b'\0'))
sys.stdout.buffer.write(data)
END
}

# The directories of programs, libraries and data that a half of this width has compiled in, and what they become.
places()
{
    printf '%s\n' /usr/lib/wine "$2" "/usr/lib/$1-linux-gnu/wine" "$3"
}

# lay_program FROM TO WIDTH BIN LIBRARIES: a program of Wine, with its libraries elsewhere
lay_program()
{
    local strings
    mkdir -p -- "${2%/*}"
    mapfile -t strings < <(places "$3" "$4" "$5")
    relocate "$stock/bin/$1" "${strings[@]}" > "$2" && chmod 755 -- "$2"
}

# lay_server FROM TO [BIN DATA]: Wine's server, which reads data
lay_server()
{
    mkdir -p -- "${2%/*}"
    relocate "$stock/bin/$1" /usr/lib/wine "${3:-/u/bin}" /usr/share/wine/wine/nls "${4:-/u/share/wine}/nls" > "$2" &&
        chmod 755 -- "$2"
}

# lay_unix WIDTH DIRECTORY BIN LIBRARIES [DATA]: the unix side; only the place of the one to the other matters
lay_unix()
{
    local file=$2/$1-unix strings
    mapfile -t strings < <(places "$1" "$3" "$4")
    mkdir -p -- "$file" && overlay "$stock/$1/$1-unix" "$file" "$changes/unix${#mounted[@]}-$layout" &&
        mounted+=("$file") && relocate "$stock/$1/$1-unix/ntdll.so" "${strings[@]}" \
            /usr/share/wine "${5:-/u/share/wine}" > "$file/ntdll.so"
}

# lay_windows WIDTH DIRECTORY: the PE files
lay_windows()
{
    show "$stock/$1/$1-windows" "$2/$1-windows"
}

# wrapper FILE LINE...: a script
wrapper()
{
    local file=$1
    shift
    mkdir -p -- "${file%/*}"
    { printf '#!/bin/sh\n'; printf '%s\n' "$@"; } > "$file" && chmod 755 -- "$file"
}

# Ends Wine, and takes everything away again.
clear_away()
{
    local i
    timeout -k10 30 "$stock/bin/wineserver64" -k
    timeout -k10 30 "$stock/bin/wineserver64" -w
    for ((i = ${#mounted[@]} - 1; i >= 0; i--)); do
        umount -l -- "${mounted[i]}"
    done
    rm -rf --one-file-system -- "${laid[@]}"
    mounted=() laid=()
    hash -r
}

# ---- what is looked at ----

# says TEXT COMMAND...: it ends with 0 and prints a line that has the text
says()
{
    local text=$1 status
    shift
    timeout -k10 120 "$@" > "$work/said" 2>&1
    status=$?
    cat "$work/said"
    echo "status $status"
    [ $status -eq 0 ] && grep -q -e "$text" "$work/said"
}

# user_way WAY [OPTION...]: what a user does, with these options of all tools
user_way()
{
    local way=$1
    shift
    check "$layout: wine-scard takes the way $way" says "^$way\$" "$launcher" --show "$@"
    check "$layout: setup install" says 'installed the 32-bit' "$setup" install "$@"
    check "$layout: setup status" says '64-bit: installed' "$setup" status "$@"
    check "$layout: doctor" says 'Programs of this prefix can talk to the card.' "$doctor" "$@"
    check "$layout: cards introduce" "$cards" "$@" introduce "Card of $layout" --atr $atr
    check "$layout: cards list" says "Card of $layout" "$cards" "$@" list
    check "$layout: cards identify" says "Card of $layout" "$cards" "$@" identify
    check "$layout: cards forget" "$cards" "$@" forget "Card of $layout"
    check "$layout: a program of winscard alone" says 'SCardTransmit: 0, ' "$launcher" "$@" "$plain"
    check "$layout: cardinfo" says 'ATR: *3B 8A 01' "$launcher" "$@" "$cardinfo"
    check "$layout: setup uninstall" says 'uninstalled the 32-bit' "$setup" uninstall "$@"
    check "$layout: setup status, after that" sh -c '! "$@"' - "$setup" status "$@"
}

# short_way WAY [OPTION...]: the same Wine, called otherwise, or one that is much like another
short_way()
{
    local way=$1
    shift
    check "$layout: wine-scard takes the way $way${*:+, $*}" says "^$way\$" "$launcher" --show "$@"
    check "$layout: setup status${*:+, $*}" sh -c '"$@" | grep "64-bit: not installed"' - "$setup" status "$@"
    check "$layout: a program of winscard alone${*:+, $*}" says 'SCardTransmit: 0, ' "$launcher" "$@" "$plain"
}

# ---- the layouts ----

# lay_two_loaders DIRECTORY LIB32 LIB64: two loaders and a server, with the libraries of each half below DIRECTORY, and
# data in DIRECTORY/share.
lay_two_loaders()
{
    lay_program wine "$1/bin/wine" i386 /u/bin "/u/$2" && lay_program wine64 "$1/bin/wine64" x86_64 /u/bin "/u/$3" &&
        lay_server wineserver64 "$1/bin/wineserver" && show "$stock/share" "$1/share/wine" &&
        lay_unix i386 "$1/$2" /u/bin "/u/$2" && lay_unix x86_64 "$1/$3" /u/bin "/u/$3" &&
        lay_windows i386 "$1/$2" && lay_windows x86_64 "$1/$3"
}

# lay_one_loader DIRECTORY LIB: the same of a Wine that was built for the new WoW64 mode
lay_one_loader()
{
    lay_program wine64 "$1/bin/wine" x86_64 /u/bin "/u/$2" && lay_server wineserver64 "$1/bin/wineserver" &&
        show "$stock/share" "$1/share/wine" && lay_unix x86_64 "$1/$2" /u/bin "/u/$2" &&
        lay_windows i386 "$1/$2" && lay_windows x86_64 "$1/$2"
}

# WineHQ up to 10: lib and lib64, links in the PATH.
layout_winehq()
{
    lay /opt/wine-stable
    lay_two_loaders /opt/wine-stable lib/wine lib64/wine
    ln -s /opt/wine-stable/bin/wine /opt/wine-stable/bin/wineserver /usr/local/bin/
    laid+=(/usr/local/bin/wine /usr/local/bin/wineserver)
    user_way wow64
    short_way wow64 --wine /opt/wine-stable/bin/wine64
}

# WineHQ from 10.2 on: one "wine", loaders beside the unix libraries of their width. Debian's loader looks for its
# server beside itself, then where the variable says.
layout_winehq_devel()
{
    local directory=/opt/wine-devel tree
    lay $directory
    lay_unix i386 $directory/lib/wine /u/l/w/x /u/l/w
    lay_unix x86_64 $directory/lib/wine /u/l/w/x /u/l/w
    lay_program wine64 $directory/lib/wine/x86_64-unix/wine x86_64 /u/l/w/x /u/l/w
    lay_windows i386 $directory/lib/wine
    lay_windows x86_64 $directory/lib/wine
    show $stock/share $directory/share/wine
    lay_server wineserver64 $directory/bin/wineserver
    wrapper $directory/bin/wine "export WINESERVER=$directory/bin/wineserver" \
        "exec $directory/lib/wine/x86_64-unix/wine \"\$@\""
    rm -rf "$XDG_CACHE_HOME"
    user_way wow64 --wine $directory/bin/wine
    # ntdll.so looks for the loader of the other width beside its own directory, all links resolved.
    tree=$(echo "$XDG_CACHE_HOME"/wine-scardssp/tree-*)
    check "$layout: no 32-bit unix side is beside that of the loader tree" no_i386_unix_side "$tree"
}

no_i386_unix_side()
{
    local file
    file=$(LD_DEBUG=libs "$(realpath -- "$1/loader")" --version 2>&1 | sed -n 's/.*calling init: \(.*ntdll\.so\)$/\1/p')
    file=$(realpath -- "$file") && echo "$file" && [ -f "$file" ] && [ ! -e "${file%/*/*}/i386-unix" ]
}

# Debian unstable: each loader and its server among the libraries of its width, the PE files of both beside the 64-bit
# one, which "wine" is; no "wineserver".
layout_debian_unstable()
{
    local lib=/usr/lib/x86_64-linux-gnu/wine lib32=/usr/lib/i386-linux-gnu/wine place=/u/l/x/w
    lay $lib $lib32
    lay_program wine64 $lib/wine x86_64 $place $place
    lay_program wine $lib32/wine i386 $place $place
    lay_server wineserver64 $lib/wineserver $place
    lay_server wineserver32 $lib32/wineserver $place
    show $stock/share /usr/share/wine
    lay_unix x86_64 $lib $place $place
    lay_unix i386 $lib32 $place $place
    lay_windows x86_64 $lib
    lay_windows i386 $lib
    lay_windows i386 $lib32
    wrapper /usr/bin/wine64 "exec $lib/wine \"\$@\""
    wrapper /usr/bin/wine32 "exec $lib32/wine \"\$@\""
    wrapper /usr/bin/wine 'export WINELOADER=/usr/bin/wine64' 'exec /usr/bin/wine64 "$@"'
    laid+=(/usr/bin/wine{,32,64} /usr/share/wine)
    rm -rf "$XDG_CACHE_HOME"
    user_way plain
    check "$layout: a loader tree, for whom it asks" says 'SCardTransmit: 0, ' "$launcher" --way=wow64 "$plain"
}

# Fedora: both loaders under names of their own behind alternatives, as is the server, lib and lib64.
layout_fedora()
{
    lay_two_loaders /usr lib/wine lib64/wine
    laid+=(/usr/bin/wine{,32,64,server{,32,64}} /usr/{lib,lib64,share}/wine /etc/alternatives/wine{,server})
    mv /usr/bin/wine /usr/bin/wine32
    mv /usr/bin/wineserver /usr/bin/wineserver64
    lay_server wineserver32 /usr/bin/wineserver32
    ln -sfn /usr/bin/wine32 /etc/alternatives/wine
    ln -sfn /usr/bin/wineserver64 /etc/alternatives/wineserver
    ln -s /etc/alternatives/wine /etc/alternatives/wineserver /usr/bin/
    user_way wow64
    short_way wow64 --wine wine64
}

# Arch since 2025, and Fedora since 43 with lib64 for lib.
layout_arch()
{
    lay_one_loader /usr lib/wine
    laid+=(/usr/bin/wine{,server} /usr/{lib,share}/wine)
    user_way plain
    short_way plain --wine /usr/bin/wine
}

# Arch before: lib32 and lib.
layout_arch_multilib()
{
    lay_two_loaders /usr lib32/wine lib/wine
    laid+=(/usr/bin/wine{,64,server} /usr/{lib,lib32,share}/wine)
    short_way wow64
}

# Gentoo: everything in a directory of the version, but data and links.
layout_gentoo()
{
    local directory=/usr/lib/wine-vanilla-10.0 bin=/u/l/w/bin lib=/u/l/w/wine data=/u/share/w/wine
    lay $directory /usr/share/w
    lay_program wine $directory/bin/wine i386 $bin $lib
    lay_program wine64 $directory/bin/wine64 x86_64 $bin $lib
    lay_server wineserver64 $directory/bin/wineserver $bin $data
    show $stock/share /usr/share/w/wine
    lay_unix i386 $directory/wine $bin $lib $data
    lay_unix x86_64 $directory/wine $bin $lib $data
    lay_windows i386 $directory/wine
    lay_windows x86_64 $directory/wine
    ln -s $directory/bin/wine /usr/bin/wine-vanilla-10.0
    ln -s wine-vanilla-10.0 /usr/bin/wine
    laid+=(/usr/bin/wine{,-vanilla-10.0})
    short_way wow64
}

# nix_wrap DIRECTORY PROGRAM...: a script in the place of each, which gives the program its own name
nix_wrap()
{
    local directory=$1 name
    shift
    for name; do
        mv "$directory/$name" "$directory/.$name-wrapped"
        wrapper "$directory/$name" "exec bash -c 'exec -a \"\$0\" $directory/.$name-wrapped \"\$@\"' \"\$0\" \"\$@\""
    done
}

# NixOS: scripts in a directory of the store, which set variables and go on as what they hide.
layout_nixos()
{
    local directory=$nix/store/8h5q9dhz8x0z1i2vw6i6y0l2cb4rxqdn-wine-wow-10.0
    lay $directory
    lay_two_loaders $directory lib/wine lib/wine
    nix_wrap $directory/bin wine wine64 wineserver
    PATH=$directory/bin:$PATH user_way wow64
}

layout_nixos_wow64()
{
    local directory=$nix/store/0zk3x1vj7p5mdw9hqjz5aqq2mmxjvcyr-wine-wow64-10.0
    lay $directory
    lay_one_loader $directory lib/wine
    nix_wrap $directory/bin wine wineserver
    PATH=$directory/bin:$PATH short_way plain
}

# Proton: files/bin and files/lib, a prefix for each program; up to 9 with lib64.
layout_proton()
{
    local steam='/opt/home/.local/share/Steam/steamapps' files prefix
    files="$steam/common/Proton - Experimental/files" prefix=$steam/compatdata/480/pfx
    lay /opt/home
    lay_two_loaders "$files" lib/wine lib/wine
    show "$WINEPREFIX" "$prefix"
    user_way wow64 --wine "$files/bin/wine" --prefix "$prefix"
    short_way wow64 --wine "$files/bin/wine64" --prefix "$prefix"
}

layout_proton_9()
{
    local files="/opt/home/Proton 9.0 (Beta)/files"
    lay /opt/home
    lay_two_loaders "$files" lib/wine lib64/wine
    short_way wow64 --wine "$files/bin/wine"
    WINE=$files/bin/wine short_way wow64
}

# A runner of Lutris or Bottles: a directory of its own, not in the PATH, with one loader or two.
layout_runner()
{
    local directory='/opt/home/Läufer für Wine/wine-ge-8-26'
    lay /opt/home
    lay_two_loaders "$directory" lib/wine lib64/wine
    user_way wow64 --wine "$directory/bin/wine"
    WINE=$directory/bin/wine short_way wow64
    # What a manager of runners has in the PATH.
    wrapper /usr/local/bin/wine "cd '$directory/bin' && exec ./wine \"\$@\"" && laid+=(/usr/local/bin/wine)
    short_way wow64
}

layout_runner_wow64()
{
    local directory='/opt/home/.local/share/bottles/runners/kron4ek 10.0-staging "wow64"'
    lay /opt/home
    lay_one_loader "$directory" lib/wine
    export WINE=$directory/bin/wine
    user_way plain
    unset WINE
}

# A Wine that knows WINEARCH=wow64, as 11 does: with it the new WoW64 mode, without it two loaders.
layout_winearch()
{
    local directory=/opt/wine-11 called=$work/called tool arch
    lay $directory
    lay_two_loaders $directory/old lib/wine lib/wine
    lay_one_loader $directory/new lib/wine
    wrapper $directory/bin/wine "echo \"\${WINEARCH-none} \$*\" >> $called" \
        'if [ "$*" = --version ]; then' \
        "    $directory/old/bin/wine --version > $work/version 2>&1" \
        "    env -u LD_DEBUG -u LD_SHOW_AUXV sed 's/^wine-10.0.*/wine-11.0/' $work/version" \
        'elif [ "${WINEARCH:-}" = wow64 ]; then' \
        "    exec env -u WINEARCH $directory/new/bin/wine \"\$@\"" \
        'else' "    exec $directory/old/bin/wine \"\$@\"" fi
    export WINE=$directory/bin/wine
    rm -rf "$XDG_CACHE_HOME"
    user_way wow64
    check "$layout: no loader tree was made" [ ! -e "$XDG_CACHE_HOME/wine-scardssp" ]
    check "$layout: wine-scard asked for the new WoW64 mode" grep -q '^wow64 .*plain32\.exe' "$called"
    check "$layout: the tools of the prefix did not" \
        sh -c '! grep "^wow64 .*\(regsvr32\|probe\|scardssp-cards\)" "$1"' - "$called"
    for tool in "$setup install" "$doctor" "$cards list" "$launcher --way=plain $plain"; do
        for arch in wow64 win64; do
            : > "$called"
            WINEARCH=$arch timeout -k10 120 $tool > /dev/null 2>&1
            check "$layout: WINEARCH=$arch reaches the Wine of ${tool##*/}" only_winearch $arch "$called"
        done
    done
    check "$layout: doctor with WINEARCH=wow64" env WINEARCH=wow64 bash -c "$(declare -f says); work=$work
        says 'ok .*32-bit winscard: reaches pcscd' '$doctor'"
    check "$layout: doctor without" says "ok .*32-bit winscard: has Wine's integer bug" "$doctor"
    check "$layout: setup uninstall" "$setup" uninstall
    check "$layout: WINEARCH=win32, no prefix" env WINEARCH=win32 bash -c "$(declare -f says); work=$work
        says '^preload$' '$launcher' --show --prefix /nowhere"
    check "$layout: WINEARCH=win64, no prefix" env WINEARCH=win64 bash -c "$(declare -f says); work=$work
        says '^wow64$' '$launcher' --show --prefix /nowhere"
    check "$layout: WINEARCH=wow64, no prefix" env WINEARCH=wow64 bash -c "$(declare -f says); work=$work
        says '^plain$' '$launcher' --show --prefix /nowhere"
    check "$layout: WINEARCH=wow64 reads the card" env WINEARCH=wow64 bash -c "$(declare -f says); work=$work
        says 'SCardTransmit: 0, ' '$launcher' '$plain'"
    unset WINE
}

# What it takes to build, as WineHQ's packages have it, in a directory that nobody knows: configure finds everything
# beside the tools.
layout_configure()
{
    local directory=/opt/wine-10.0 name place
    lay $directory $changes/configure
    for name in winegcc winebuild widl wrc; do
        mkdir -p $directory/bin
        cp $stock/bin/$name $directory/bin/
    done
    for name in winegcc widl; do
        relocate $stock/bin/$name /usr/lib/wine /u/bin /usr/lib/x86_64-linux-gnu/wine /u/lib \
            /usr/include/wine /u/include > $directory/bin/$name
    done
    for place in unix windows; do
        show $stock/i386/i386-$place $directory/lib/wine/i386-$place
        show $stock/x86_64/x86_64-$place $directory/lib/wine/x86_64-$place
    done
    show $stock/include $directory/include/wine
    show $stock/share $directory/share/wine
    ln -s $directory/bin/* /usr/local/bin/ && laid+=(/usr/local/bin/{winegcc,winebuild,widl,wrc})
    cd $changes/configure
    check "$layout: configure" "$top/configure" --prefix=/usr/local
    while read -r name place; do
        check "$layout: $name is $place" grep -qx "$name = $directory/$place" Makefile
    done <<'END'
WINE_INCLUDEDIR include/wine/windows
WINE_NLSDIR share/wine/nls
WINE_I386_LIBDIR lib/wine
WINE_X86_64_LIBDIR lib/wine
END
    cd "$work"
}

# Every line that the Wine wrote has this WINEARCH.
only_winearch()
{
    cat "$2"
    [ -s "$2" ] && ! grep -v "^$1 " "$2"
}

nix=/nix
[ "$(findmnt -n -o FSTYPE /)" = overlay ] || nix=/opt/nix
take_stock || { echo 'Wine cannot be taken from its place'; echo '0 passed, 1 failed'; exit 1; }
[ $# -gt 0 ] || set -- $(declare -F | sed -n 's/^declare -f layout_//p')
for layout; do
    start=$SECONDS
    "layout_$layout"
    clear_away > /dev/null 2>&1
    echo "$layout: $((SECONDS - start)) s"
done
finish
