# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Sourced by the tools, of the user and of the source tree: what they have to know about this machine, its Wine and a
# prefix. It is installed beside the files of this project, and all of them are found from it.

version='@PACKAGE_VERSION@'
shared_files=$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")

# file_of NAME: the path of a file of this project, in the build directory where this is the source tree.
file_of()
{
    local top place
    if [ "${version#@}" = "$version" ]; then
        case $1 in
        */scardssp.dll) echo "$(dirname -- "$shared_files")/wine/$1" ;;
        *) echo "$shared_files/$1" ;;
        esac
        return
    fi
    top=${SCARDSSP_BUILD:-$(realpath -m -- "$shared_files/../../build")}
    for place in dlls/pcsc32 tools/doctor tools/cards tools/cardinfo dlls/scardssp; do
        [ ! -e "$top/$place/$1" ] || break
    done
    echo "$top/$place/$1"
}

# What to do where one of them is missing.
how_to_get_files()
{
    [ "${version#@}" = "$version" ] && echo 'install wine-scardssp again' || echo 'run make first'
}

print_version()
{
    [ "${version#@}" = "$version" ] || version='of the source tree'
    echo "$1 $version"
}

# ---- 32-bit code ----

code32=''       # yes or no, once it was tried

# Whether this machine runs 32-bit programs, found by running one. Where no directory lets programs run, nothing was
# tried, and it is for Wine to say.
runs_32bit_code()
{
    [ -n "$code32" ] || code32=$(try_32bit_code)
    [ "$code32" != no ]
}

# Prints yes or no, or nothing where no directory lets programs run (mounted noexec): a script of two lines shows that.
try_32bit_code()
{
    local place directory answer=
    for place in "${TMPDIR:-}" /tmp /var/tmp /dev/shm "${XDG_RUNTIME_DIR:-}" "${HOME:-}" "$PWD"; do
        [ -d "$place" ] && directory=$(mktemp -d "$place/scardssp.XXXXXX" 2> /dev/null) || continue
        if printf '#!/bin/sh\nexit 7\n' > "$directory/script" && write_32bit_program "$directory/program" &&
                chmod +x "$directory/script" "$directory/program" && exits_with_7 "$directory/script"; then
            exits_with_7 "$directory/program" && answer=yes || answer=no
        fi
        rm -rf -- "$directory"
        [ -z "$answer" ] || break
    done 2> /dev/null
    echo "$answer"
}

# A static i386 ELF program: header, one program header, and "mov $1,%eax; mov $7,%ebx; int $0x80; ud2".
write_32bit_program()
{
    {
        printf '\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\3\0\1\0\0\0\124\200\4\10\64\0\0\0'
        printf '\0\0\0\0\0\0\0\0\64\0\40\0\1\0\0\0\0\0\0\0'
        printf '\1\0\0\0\0\0\0\0\0\200\4\10\0\200\4\10\142\0\0\0\142\0\0\0\5\0\0\0\0\20\0\0'
        printf '\270\1\0\0\0\273\7\0\0\0\315\200\17\13'
    } > "$1"
}

# The shell that waits for it says what killed it, and is not heard.
exits_with_7()
{
    (ulimit -c 0; "$1" < /dev/null > /dev/null; exit $?) 2> /dev/null
    [ $? -eq 7 ]
}

# ---- which Wine, and where its parts are ----

loaders=() homes=()     # of the halves of Wine: the programs, and the directories that have those of the machines

# find_wine [NAME]: sets wine to the path of the Wine that is named, by WINE if not here, or first on the PATH.
find_wine()
{
    wine=$(type -P -- "${1:-${WINE:-wine}}") || return 1
    [[ $wine = /* ]] || wine=$PWD/$wine
}

# Asks the Wine in $wine where its parts are, without a prefix. Sets loader and ntdll, the loaders and homes of both
# halves of a Wine of two loaders, and wine_version; fails where it does not start. Where no 32-bit program runs and
# "wine" is one, its 64-bit half is asked.
find_parts()
{
    local file directory first
    directory=$(dirname -- "$(realpath -- "$wine")") first=
    for file in "$wine" "${wine}64" "$directory"/wine64 "$directory"/../lib/wine/wine64 \
            "$directory"/../lib{,64}/{,x86_64-linux-gnu/}wine/{wine64,x86_64-unix/wine}; do
        [ ! -x "$file" ] || ! asks_linker "$file" || { first=$file; break; }
    done
    [ -n "$first" ] || return 1
    loaders=("$loader") homes=("${ntdll%/*/ntdll.so}")
    while read -r file; do
        [ -x "$file" ] && ask_other_half "$file" && break
    done < <(other_halves "$loader" "$(realpath -- "$first")" "$first")
    [ -z "${WINEDLLPATH:-}" ] || mapfile -t -O "${#homes[@]}" homes < <(tr : '\n' <<< "$WINEDLLPATH")
}

# Wine of two loaders puts 64 behind the name of the one for the other; Fedora has 32 behind the other's.
other_halves()
{
    local name
    for name; do
        case $name in
        *64) printf '%s\n' "${name%64}" "${name%64}32" ;;
        *32) echo "${name%32}64" ;;
        *) echo "${name}64" ;;
        esac
    done
}

# Adds to loaders and homes those of FILE, where it is the half of the other width of the same Wine.
ask_other_half()
{
    local first=$loader version=$wine_version other
    mapfile -t other < <(asks_linker "$1" && [ "$wine_version" = "$version" ] &&
        [ "$(elf_class "$loader")" != "$(elf_class "$first")" ] && printf '%s\n' "$loader" "${ntdll%/*/ntdll.so}")
    [ ${#other[@]} -eq 2 ] || return 1
    loaders+=("${other[0]}") homes+=("${other[1]}")
}

# patient SECONDS COMMAND...: ends what takes longer, with status 124. In the background, where a signal is heard while it
# hangs: the group that timeout makes for it hears no Ctrl-C.
patient()
(
    trap 'kill $!' INT TERM HUP
    timeout -k10 "$@" < /dev/null &
    wait $! 2> /dev/null
)

# The loader and the unix library are what the kernel and the dynamic linker say that they load for --version, behind
# whatever scripts, and whatever name those give the loader.
asks_linker()
{
    local log
    log=$(LD_SHOW_AUXV=1 LD_DEBUG=libs WINEDEBUG=-all patient 30 env -u TMPDIR "$1" --version 2>&1)
    loader=$(sed -n '/ntdll\.so/q; s/^AT_EXECFN: *//p' <<< "$log" | tail -n 1)
    ntdll=$(sed -n 's/.*calling init: \(.*\/ntdll\.so\)$/\1/p' <<< "$log" | head -n 1)
    # A script may go to the loader's directory first; the loader finds ntdll.so from there.
    [[ $loader = /* ]] || loader=${ntdll%%/../*}/${loader##*/}
    [ -f "$loader" ] && [ -f "$ntdll" ] || return 1
    loader=$(realpath -- "$loader") ntdll=$(realpath -- "$ntdll")
    wine_version=$(sed -n 's/^wine-\([0-9].*\)/\1/p' <<< "$log" | head -n 1)
}

# part DIRECTORY/FILE: the path of this file of Wine, such as i386-windows/winscard.dll. The directories of all machines
# are beside the ntdll.so of one of its halves, or on its DLL path. PE files may be there without their half: then they
# are where a distribution keeps the libraries of the other width.
part()
{
    local home=${ntdll%/*/ntdll.so} place places=("${homes[@]}")
    [[ $1 != *-windows/* ]] || places+=("${home/i386-linux-gnu/x86_64-linux-gnu}"
        "${home/x86_64-linux-gnu/i386-linux-gnu}" "${home/%\/lib64\/wine//lib/wine}" "${home/%\/lib\/wine//lib64/wine}"
        "${home/%\/lib\/wine//lib32/wine}" "${home/%\/lib32\/wine//lib/wine}")
    for place in "${places[@]}"; do
        if [ -f "$place/$1" ]; then
            realpath -- "$place/$1"
            return
        fi
    done
    return 1
}

# The loader of 64-bit programs: that of one of the halves, or one that lies beside its unix library.
loader64()
{
    local file
    for file in "${loaders[@]}" "$(dirname -- "$(part x86_64-unix/ntdll.so)")/wine"; do
        if [ -x "$file" ] && is_64_bit_elf "$file"; then
            realpath -- "$file"
            return
        fi
    done
    return 1
}

# Where Wine's server may be: beside the program that is called or the loader, or where Wine has its programs.
server_places()
{
    printf '%s/wineserver\n' "$(dirname -- "$(realpath -- "$wine")")" "$(dirname -- "$wine")" \
        "${loaders[@]%/*}" "${homes[@]/%//../../bin}"
}

# The program for both widths that one of them is, or that a script of this name starts; Debian has two, and such a
# script.
server64()
{
    local file
    while read -r file; do
        [ -x "$file" ] && [ -f "$file" ] || continue
        file=$(LD_SHOW_AUXV=1 patient 30 env -u TMPDIR "$file" --version 2> /dev/null |
            sed -n 's/^AT_EXECFN: *//p' | tail -n 1)
        if is_64_bit_elf "$file"; then
            realpath -- "$file"
            return
        fi
    done < <(server_places; type -P wineserver)
    return 1
}

# Byte 4 of an ELF file is its class: 1 for 32 bits, 2 for 64.
elf_class()
{
    head -c 5 -- "$1" | od -An -tx1 | sed -n 's/^ 7f 45 4c 46 0//p'
} 2> /dev/null

is_64_bit_elf()
{
    [ "$(elf_class "$1")" = 2 ]
}

# The machine field of a PE file: 014c for i386, 8664 for x86-64.
pe_machine()
{
    local header
    header=$(od -An -tu4 -j60 -N4 -- "$1") && od -An -tx2 -j$((header + 4)) -N2 -- "$1" | tr -d ' '
} 2> /dev/null

# make_loader_tree TREE: a tree whose loader has no 32-bit half beside it, in which case Wine takes its new WoW64 mode,
# and in TREE/dlls a list of DLL directories, for WINEDLLPATH, that pairs 32-bit PE files with the 64-bit unix side.
# Wine finds its libraries and data by their place relative to the loader and to ntdll.so: these two are copied to the
# same path below TREE/root, and what lies around that path is linked.
make_loader_tree()
{
    local tree=$1 file dlls i386 name
    file=$(loader64) && dlls=$(part x86_64-unix/ntdll.so) || return 1
    dlls=${dlls%/*/*}
    mkdir -p -- "$tree/dlls" "$tree/root${file%/*}" "$tree/root$dlls/x86_64-unix" &&
        link_around "$tree/root" "$file" "$dlls" &&
        ln -sf -- "$dlls"/x86_64-unix/*.so "$tree/root$dlls/x86_64-unix/" &&
        ln -sfn -- "$dlls/x86_64-windows" "$tree/root$dlls/" &&
        ln -sf -- "$(server64)" "$tree/root${file%/*}/wineserver" && ln -s "root$file" "$tree/loader" || return 1
    for name in "$file" "${file%/*}"/wine{,64}-preloader "$dlls"/x86_64-unix/{ntdll.so,wine,wine-preloader}; do
        [ ! -f "$name" ] || cp --remove-destination -- "$name" "$tree/root$name" || return 1
    done
    ! i386=$(part i386-windows/ntdll.dll) || ln -s "${i386%/*}" "$tree/dlls/i386-windows" &&
        ln -s "$dlls/x86_64-unix" "$tree/dlls/x86_64-unix"
}

# link_around ROOT FILE DIRECTORY: links of ROOT to what is in each directory that leads to both, but not to a 32-bit
# unix side, nor what leads to one of the two, or is the unix side that is copied.
link_around()
{
    local place='' top=${2%/*} entry links
    until [[ $3/ = "$top"/* ]]; do top=${top%/*}; done
    while :; do
        links=()
        for entry in "$place"/*; do
            [[ $2 = "$entry"/* || $3/x86_64-unix/ = "$entry"/* || $entry = */i386-unix ]] || links+=("$entry")
        done
        [ ${#links[@]} -eq 0 ] || ln -s -- "${links[@]}" "$1$place/" || return 1
        [ "$place" != "$top" ] || return 0
        entry=${top#"$place"/}
        place+=/${entry%%/*}
    done
}

# ---- what all tools of the user have ----

prefix=${WINEPREFIX:-} wine_name=${WINE:-wine}
asked=''                # the options that advice has to repeat

fail()
{
    printf "$tool: %s\n" "$@" >&2
    exit 1
}

usage_error()
{
    printf "$tool: %s\n" "$1" "try '$tool --help'" >&2
    exit 2
}

# take_option ARGUMENT...: takes the first argument where it is an option that all tools have; sets taken to how many
# arguments that were, 0 where it is none of them.
take_option()
{
    taken=1
    case $1 in
    --help|-h) usage; exit 0 ;;
    --version) print_version "$tool"; exit 0 ;;
    --prefix=?*|--wine=?*) set -- "${1%%=*}" "${1#*=}" ;;
    --prefix|--wine|--prefix=|--wine=)
        [ $# -ge 2 ] && [ "${1%=}" = "$1" ] && [ -n "$2" ] || usage_error "${1%=} needs a value"
        taken=2 ;;
    *) taken=0; return ;;
    esac
    [ "$1" = --prefix ] && prefix=$2 || wine_name=$2
    asked+=" $1 $(printf %q "$2")"
}

# Makes the name of the prefix a whole one, as Wine wants it; without any it is where Wine has it.
place_prefix()
{
    local home=${HOME:-}
    [ -n "$home" ] || home=$(getent passwd "$(id -u)" | cut -d : -f 6)
    prefix=$(realpath -m -- "${prefix:-$home/.wine}")
}

# How the prefix is made, as a command.
make_prefix_command()
{
    printf 'WINEPREFIX=%q %q wineboot' "$prefix" "${wine:-$wine_name}"
}

# Ours has this text in its version resource, in UTF-16.
is_ours()
{
    [ -f "$1" ] && [ "$(tr -d '\0' < "$1" | grep -ac 'wine-scardssp')" -gt 0 ]
}

# ---- a prefix and its programs ----

declare -A folder=()    # the system directory of each width of the prefix
widths=() sysnative='' server=''
patience=120            # seconds for one program of Wine

# read_prefix: the widths of the prefix in $prefix, and the system directory of each as the host sees it. Sets arch,
# which stays empty where this is no prefix.
read_prefix()
{
    windows=$prefix/drive_c/windows widths=() folder=()
    arch=$(sed -n '1,10s/^#arch=\(win32\|win64\)$/\1/p' "$prefix/system.reg" 2> /dev/null)
    [ -n "$arch" ] && [ -d "$windows/system32" ] || { arch=; return 1; }
    if [ "$arch" = win32 ]; then
        widths=(i386) folder[i386]=system32
        return
    fi
    widths=(x86_64) folder[x86_64]=system32
    [ ! -e "$windows/syswow64/kernel32.dll" ] || widths+=(i386) folder[i386]=syswow64
}

# Prints the path of Wine's server program.
server_program()
{
    local file
    while read -r file; do
        if [ -x "$file" ] && [ -f "$file" ]; then
            echo "$file"
            return
        fi
    done < <(echo "${WINESERVER:-}"; server_places; find_parts && server_places; type -P wineserver)
    return 1
}

# Whether Wine's server runs in the prefix, or cannot be asked.
server_runs()
{
    [ -n "$server" ] || server=$(server_program) || return 0
    WINEPREFIX=$prefix timeout -k10 1 env -u TMPDIR "$server" -w > /dev/null 2>&1 9>&-
    [ $? -eq 124 ]
}

# The server writes the registry when it ends, or twice a minute: await COMMAND... waits for the command to succeed as
# long as the server has something to write.
await()
{
    local end=$((SECONDS + 60))
    until "$@"; do
        server_runs && [ $SECONDS -lt $end ] || { "$@"; return; }
        sleep 0.2
    done
}

# read_prefix for one that may have just been made.
await_prefix()
{
    read_prefix && return
    [ -d "$prefix/dosdevices" ] && server_runs || return 1
    echo "$tool: waiting for Wine to write the registry of $prefix" >&2
    await read_prefix
}

bits()
{
    [ "$1" = i386 ] && echo 32-bit || echo 64-bit
}

wine_pid=''

# Runs the Wine in $wine in the prefix. Debian's Wine 10.0 ends with "free(): invalid pointer" where TMPDIR is set. It
# runs in the background, so that a signal is heard while it hangs; the shell would say what ended it.
call_wine()
{
    local status
    env -u TMPDIR WINEPREFIX="$prefix" WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml=;${WINEDLLOVERRIDES:-}" \
        timeout -k 5 $patience "$wine" "$@" 9>&- &
    wine_pid=$!
    wait $wine_pid 2> /dev/null
    status=$?
    wine_pid=
    return $status
} < /dev/null

# Ends the Wine that call_wine is waiting for.
end_wine()
{
    [ -z "$wine_pid" ] || { kill "$wine_pid"; wait "$wine_pid"; }
} 2> /dev/null

# The DLL overrides for scardssp.dll and where they are, nothing where there are none.
dll_overrides()
{
    local key environment=,${WINEDLLOVERRIDES:-}
    [[ ${environment,,} =~ [,\;]\*?scardssp(\.dll)?[,=] ]] && echo "WINEDLLOVERRIDES=$WINEDLLOVERRIDES"
    for key in 'HKCU\Software\Wine\DllOverrides' 'HKCU\Software\Wine\AppDefaults\regsvr32.exe\DllOverrides'; do
        WINEDLLOVERRIDES= call_wine reg query "$key" 2> /dev/null | tr -d '\r' |
            sed -n "s/^ *\(\*\{0,1\}scardssp[^ ]*\) *REG_SZ *\(.*\)/\1=\2 in ${key//\\/\\\\}/Ip"
    done
}

# system_program WIDTH PROGRAM ARGUMENT...: a program of the system directory of that width. A Wine of two loaders
# starts with the 32-bit one, which sees system32 as "sysnative", and only when it has started.
system_program()
{
    local width=$1 program=$2
    shift 2
    if [ "$width" = x86_64 ] && [ -z "$sysnative" ]; then
        call_wine cmd /c 'if exist C:\windows\sysnative\kernel32.dll (exit 32) else exit 64' > /dev/null 2>&1
        [ $? -eq 32 ] && sysnative=yes || sysnative=no
    fi
    if [ "$width" = x86_64 ] && [ $sysnative = yes ]; then
        call_wine cmd /c "C:\\windows\\sysnative\\$program.exe" "$@"
    else
        call_wine "C:\\windows\\${folder[$width]}\\$program.exe" "$@"
    fi
}

# Whether programs of this width run in the prefix. Only a machine that runs no 32-bit code makes this a question:
# there not even 64-bit ones do where "wine" is the 32-bit loader.
programs_run()
{
    ! runs_32bit_code || return 0
    system_program "$1" cmd /c exit 7 > /dev/null 2>&1
    [ $? -eq 7 ]
}

# Whether 32-bit programs run, on this machine or in this prefix all the same. Sets runnable to the widths whose
# programs do, where they do not. A Wine that runs nothing, and is no 32-bit program itself, has another fault, which it
# tells when it is used.
runs_32bit_prefix()
{
    local width
    runnable=()
    ! runs_32bit_code || return 0
    for width in "${widths[@]}"; do
        ! programs_run "$width" || runnable+=("$width")
    done
    [[ " ${runnable[*]} " = *' i386 '* ]] ||
        { [ ${#runnable[@]} -eq 0 ] && [ "$arch" = win64 ] && ! advise_64_bit_wine > /dev/null; }
}

# What to do where no program of a 64-bit prefix runs on such a machine, since not even the Wine that was called starts.
advise_64_bit_wine()
{
    ! asks_linker "$wine" && find_parts &&
        echo "$wine is a 32-bit program: name the 64-bit one with --wine $(loader64)"
}
