#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Faults, each made to happen in both widths, as a table: what the program gets, how it goes on, whether another client
# noticed, and whether something is left over. In the sandbox, whose daemon and card it is:
#     tools/sandbox --card t1 -- tests/faults.sh [full]
# "full" adds the long run of tests/card_model.c.
# Ends with "N passed, N failed": a check is a row of a width.

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

# The rows of a program's output, as "FAULT|WHAT THE PROGRAM GETS|HOW IT GOES ON|OTHER CLIENTS|LEFT OVER".
rows()
{
    tr -d '\r' < "$1" | sed -n 's/^row|//p'
}

# What a program writes in capitals is a failure: NOTHING, AFFECTED, SOME.
good()
{
    [[ $1 != *'|NOTHING'* && $1 != *'|AFFECTED'* && $1 != *'|SOME'* ]]
}

# A table of two outputs, of the same rows in 32 and 64 bits, or of one twice. Where they differ, both are shown.
table()
{
    echo '| fault | what the program gets | how it goes on | other clients | left over |'
    echo '|---|---|---|---|---|'
    paste -d '\n' <(rows "$1") <(rows "$2") | awk -F'|' '
        NR % 2 { split($0, first); next }
        {
            printf "|"
            for (i = 1; i <= 5; i++) printf " %s |", first[i] == $i ? $i : first[i] " (32), " $i " (64)"
            printf "\n"
        }'
}

# run NAME ROWS: both programs of that name must pass and print so many rows each
run()
{
    local width log row status
    for width in $widths; do
        log=$work/$1$width
        [ ! -t 2 ] || printf '\r%s, %s bits ... ' "$1" "$width" >&2
        timeout -k10 300 wine "$build/tests/faults/$1$width.exe" > "$log" 2>&1 < /dev/null
        status=$?
        check "$1$width.exe: status $status: $(grep -a 'failed:\|crash\|exception' "$log" | head -n 5)" [ $status -eq 0 ]
        check "$1$width.exe: $(rows "$log" | wc -l) rows" [ "$(rows "$log" | wc -l)" -eq "$2" ]
        while read -r row; do
            check "$1$width.exe: $row" good "$row"
        done < <(rows "$log")
    done
    [ ! -t 2 ] || printf '\r\033[K' >&2
    table "$work/$1${widths%% *}" "$work/$1${widths##* }"
}

export SCARDSSP_TEST_HOST=$top/tests/host.sh SCARDSSP_TEST_HOST_DONE=$work/done

# part TITLE NAME ROWS
part()
{
    echo "$1:"
    echo
    run "$2" "$3"
    echo
}

# The model of ISCard beside others, in full; takes minutes, and says on a terminal how far it is.
model()
{
    local width log status
    for width in $widths; do
        log=$work/model$width
        : > "$log"
        SCARDSSP_TEST_CARD=t1 timeout -k10 3000 wine "$build/tests/card_model$width.exe" full < /dev/null 2>&1 |
            if [ -t 2 ]; then tee "$log" >&2; else cat > "$log"; fi
        status=${PIPESTATUS[0]}
        check "card_model$width.exe full: status $status: $(grep -a 'failed:\|exception' "$log" | head -n 5)" \
            [ "$status" -eq 0 ]
        echo "$width bits:"
        tr -d '\r' < "$log" | sed -n 's/^card_model.c:[0-9]*: \(.* ms\.\)$/    \1/p'
    done
}

part 'The card' card 25
part 'Other programs' clients 8
part 'The daemon and its readers' daemon 4
part 'Calls at the wrong time, or for what is not there' calls 12
part "From pcsc-lite's own list of tests" pcsclite 16
part 'Codes and replies that no card can cause, by a winscard that is not real' codes 31
if [ "${1:-}" = full ]; then
    echo 'ISCard beside other connections, against its model:'
    model
fi
finish
