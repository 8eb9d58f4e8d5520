#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Names for readers as a user gives them: by scardssp-setup and by the variable, seen by a program of each width. The
# whole of the rules is in tests/aliases.c and tests/locate_aliases.c. In the sandbox:
#     tools/sandbox --card t1 -- tests/aliases.sh
# Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

setup=$top/tools/setup/scardssp-setup
reader='Virtual PCD 00 00'
name='Gemplus USB Smart Card Reader 0'
odd='Lesegerät "中文" 😀'

# cardinfo STATUS PATTERN ARGUMENT...: it ends with this status, and prints what matches
cardinfo()
{
    local wanted=$1 pattern=$2 status
    shift 2
    timeout -k10 60 wine "$build/tools/cardinfo/cardinfo$width.exe" "$@" > "$work/out" 2>&1
    status=$?
    tr -d '\r' < "$work/out"
    [ $status -eq "$wanted" ] && tr -d '\r' < "$work/out" | grep -q -- "$pattern"
}

lacks()
{
    ! grep -qF -- "$1" "$work/out"
}

for width in $widths; do
    check "$width: without" cardinfo 3 UNKNOWN_READER --reader "$name"
    check "$width: alias" "$setup" alias "$name=Virtual*"
    check "$width: by the alias" cardinfo 0 "^ATR" --reader "$name"
    check "$width: by its own name" cardinfo 0 "^ATR" --reader "$reader"
    check "$width: the list" cardinfo 0 "$name" --list
    check "$width: the list has it once" lacks "$reader"
    check "$width: the second reader" cardinfo 0 'Virtual PCD 00 01' --list
    check "$width: replaced" "$setup" alias "$name=Virtual PCD 00 01"
    check "$width: a reader without a card" cardinfo 3 NO_SMARTCARD --reader "$name"
    check "$width: characters of all kinds" "$setup" alias "$odd=$reader"
    check "$width: they are told" cardinfo 0 "$odd" --list
    check "$width: they are accepted" cardinfo 0 "^ATR" --reader "$odd"

    export SCARDSSP_READERS="$name=$reader;bad; Other = *00 00 "
    check "$width: the variable comes first" cardinfo 0 "^ATR" --reader "$name"
    check "$width: what is behind a bad one" cardinfo 0 "^ATR" --reader Other
    check "$width: those of the registry stay" cardinfo 0 "^ATR" --reader "$odd"
    check "$width: the first is told" cardinfo 0 "$name" --list
    check "$width: no other one is" lacks "$odd"
    check "$width: nor the reader's own name" lacks "$reader"
    check "$width: the second reader stays" cardinfo 0 'Virtual PCD 00 01' --list
    SCARDSSP_READERS="$odd=Virtual*"
    check "$width: characters of all kinds in the variable" cardinfo 0 "^ATR" --reader "$odd"
    SCARDSSP_READERS=bad
    check "$width: a warning" env WINEDEBUG=warn+scardssp bash -c "$(declare -f cardinfo); build=$build work=$work
        width=$width; cardinfo 0 'bad.* in SCARDSSP_READERS is not NAME=READER' --list"
    unset SCARDSSP_READERS

    check "$width: unalias" "$setup" unalias "$odd"
    check "$width: it is unknown again" cardinfo 3 UNKNOWN_READER --reader "$odd"
    check "$width: the other is not" cardinfo 3 NO_SMARTCARD --reader "$name"
    check "$width: unalias the other" "$setup" unalias "$name"
    check "$width: the reader's own name again" cardinfo 0 "$reader" --list
done
finish
