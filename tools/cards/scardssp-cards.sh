#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Runs scardssp-cards in a Wine prefix, with Linux names of files:
#     scardssp-cards [--prefix DIRECTORY] COMMAND ...
# The prefix is that of --prefix, of WINEPREFIX, or ~/.wine; it must be there already. Which program of the two widths
# runs makes no difference to the cards: it is that of the prefix.

shared=../lib       # where the shared file is, from here: the Makefile puts its own place
. "$(dirname -- "$(realpath -- "$0")")/$shared/wine.sh"

tool=scardssp-cards

usage()
{
    cat <<'END'
Usage: scardssp-cards [OPTION]... COMMAND [ARGUMENT]...

The cards that ISCardDatabase and ISCardLocate know in a Wine prefix.

  --prefix DIR    the Wine prefix (default: $WINEPREFIX, or ~/.wine)
  --wine PROGRAM  the Wine to use (default: $WINE, or wine)
  -h, --help      show this text
  --version       show the version

The commands, as the program itself lists them:
END
}

# A 32-bit program that calls winscard, which "identify" does, is started as any is.
launch_32bit()
{
    local launcher
    runs_32bit_code || fail "32-bit programs cannot run on this kernel, and those of $prefix are"
    launcher=$(dirname -- "$(realpath -- "$0")")/wine-scard
    [ -x "$launcher" ] || launcher=$shared_files/../wine-scard
    WINE=$wine exec "$launcher" -- "$program" "$@"
}

help=no
while [ $# -gt 0 ]; do
    case $1 in
    -h|--help) help=yes; break ;;
    esac
    take_option "$@"
    [ $taken -ne 0 ] || break
    shift $taken
done
place_prefix
WINEPREFIX=$prefix
export WINEPREFIX WINEDEBUG="${WINEDEBUG--all}"
if [ $help = yes ]; then
    usage
    find_wine "$wine_name" && read_prefix || exit 0
    set -- --help
fi
find_wine "$wine_name" || fail "there is no program '$wine_name': install Wine, or name it with --wine"
await_prefix && [ -d "$prefix/drive_c" ] ||
    fail "$prefix is no Wine prefix; name one with --prefix, or make one with: $(make_prefix_command)"
[ "$arch" = win32 ] && width=32 || width=64
program=$(dirname -- "$(realpath -- "$0")")/scardssp-cards$width.exe
[ -f "$program" ] || program=$(file_of scardssp-cards$width.exe)
[ -f "$program" ] || fail "$program is missing: $(how_to_get_files)"

# Of import and export, what is no option is a file, in the form by which Wine takes any Linux name.
case ${1:-} in
import|export)
    command=$1
    shift
    for argument; do
        shift
        case $argument in
        -*) ;;
        *) argument="\\\\?\\unix$(realpath -m -- "$argument")" ;;
        esac
        set -- "$@" "$argument"
    done
    set -- "$command" "$@" ;;
esac

# Wine's services would keep a pipe open for seconds after the program has ended: they start before it.
[ -t 1 ] && [ -t 2 ] || call_wine 'C:\windows\system32\cmd.exe' /c exit > /dev/null 2>&1
[ $width = 64 ] || launch_32bit "$@"
exec env -u TMPDIR "$wine" "$program" "$@"
