#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Runs scardssp-cards in a Wine prefix, with Linux names of files:
#     scardssp-cards [--prefix DIRECTORY] COMMAND ...
# The prefix is that of --prefix, of WINEPREFIX, or ~/.wine; it must be there already. Which program of the two widths
# runs makes no difference to the cards: it is that of the prefix.

shared=../lib       # where the shared file is, from here: the Makefile puts its own place
. "$(dirname -- "$(realpath -- "$0")")/$shared/wine.sh"

fail()
{
    echo "scardssp-cards: $1" >&2
    exit 2
}

prefix=${WINEPREFIX:-$HOME/.wine}
while :; do
    case ${1:-} in
    --prefix)
        [ $# -gt 1 ] || fail "--prefix wants a directory"
        prefix=$2
        shift 2 ;;
    --prefix=*)
        prefix=${1#--prefix=}
        shift ;;
    *) break ;;
    esac
done

if [ ! -f "$prefix/system.reg" ] || [ ! -d "$prefix/drive_c" ]; then
    fail "$prefix is no Wine prefix; name one with --prefix, or make one with: WINEPREFIX='$prefix' wineboot"
fi
WINEPREFIX=$(realpath -- "$prefix")
export WINEPREFIX WINEDEBUG="${WINEDEBUG--all}"

find_wine "${WINE:-wine}" || fail "no Wine was found: install it, or put it into PATH"
width=64
if grep -q '^#arch=win32' "$WINEPREFIX/system.reg"; then
    width=32
fi
program=$(dirname -- "$(realpath -- "$0")")/scardssp-cards$width.exe
[ -f "$program" ] || program=$(file_of scardssp-cards$width.exe)
[ -f "$program" ] || fail "$program is missing; install wine-scardssp again"

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
[ -t 1 ] && [ -t 2 ] || env -u TMPDIR "$wine" 'C:\windows\system32\cmd.exe' /c exit < /dev/null > /dev/null 2>&1
exec env -u TMPDIR "$wine" "$program" "$@"
