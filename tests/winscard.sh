#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The known faults of Wine's winscard, a program for each (docs/developers/upstream.md), in the widths that the Wine has. In the
# sandbox, whose daemon it is:
#     tools/sandbox [--wine KIND] --card t1 -- tests/winscard.sh
# A fault that is there is not counted, but named; one that is gone is a failure, which says what can go with it. Ends
# with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

kind=${SCARDSSP_WINE_KIND:-wine}
logs=$build/tests/logs
skipped=0

# Whether programs of that width have a 32-bit unix side, so that few get to their point.
has_32bit_unix_side()
{
    [ "$1" -eq 32 ] && { [ "$kind" = old-wow64 ] || [ "$kind" = win32 ]; }
}

# run NAME PROGRAM...: the programs in each width, with logs of that name
run()
{
    local name=$1 width p f s
    shift
    for width in $widths; do
        has_32bit_unix_side "$width" && export SCARDSSP_TEST_MAY_SKIP=yes || export SCARDSSP_TEST_MAY_SKIP=no
        SCARDSSP_TEST_WIDTHS=$width SCARDSSP_TEST_MODE=$name "$top/tests/conformance.sh" t1 "${@/#/winscard/}" \
            > "$work/out" 2>&1
        grep -v -x -e '[0-9]* passed, [0-9]* failed' -e '[0-9]* skipped' "$work/out"
        read -r p f s < <(awk '
            /^[0-9]+ skipped$/ { s = $1 }
            /^[0-9]+ passed, [0-9]+ failed$/ { p = $1; f = $3; n = 1 }
            END { print p + 0, n ? f + 0 : 1, s + 0 }' "$work/out")
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
        for program; do cp "$logs/$kind-$name-winscard-$program$width.log" "$work/$width-$name-$program.log"; done
    done
}

has_card()
{
    opensc-tool -l 2> /dev/null | grep -q '^0 *Yes'
}

await_card()
{
    local i
    for i in $(seq 300); do
        has_card && return
        sleep 0.1
    done
    return 1
}

# The daemon anew, with a reader of that name and the card in it.
rename_reader()
{
    "$top/tests/host.sh" "$work/stopped" stop-daemon && "$top/tests/host.sh" "$work/started" start-daemon "$1" &&
        grep -q ok "$work/stopped" && grep -q ok "$work/started" && await_card
}

# lines KIND: what the programs said of that kind, "marked todo" or "skipped", by report; each once, with its widths
lines()
{
    awk -v kind="$1" -v programs="${programs[*]}" '
        BEGIN { count = split(programs, program) }
        { sub(/\r$/, "") }
        match($0, /^[a-z_]+\.[ch]:[0-9]+: Tests? [a-z ]+: /) && index(substr($0, 1, RLENGTH), kind) {
            width = name = FILENAME
            sub(/.*\//, "", width); sub(/-.*/, "", width)
            sub(/.*-/, "", name); sub(/\..*/, "", name)
            text = name ": " substr($0, RLENGTH + 1)
            if (!(text in widths)) order[name, ++of[name]] = text
            if (!index(widths[text], width)) widths[text] = widths[text] (widths[text] ? ", " : "") width
        }
        END {
            for (i = 1; i <= count; i++)
                for (j = 1; j <= of[program[i]]; j++) {
                    text = order[program[i], j]
                    print "    " i " " text " (" widths[text] " bits)"
                }
        }' "$work"/*.log
}

programs=(integers waits states raw names handles database) # in the order of the reports
run winscard "${programs[@]}"
# Names with one byte and with two bytes more in UTF-8 than they have characters.
for name in one:Lesegerät 'two:Lesegerät für Karten'; do
    echo "The reader is called '${name#*:}':"
    check 'the reader cannot be given that name' rename_reader "${name#*:}"
    run "winscard-${name%%:*}-more" names
done

echo 'known faults:'
lines 'marked todo'
if [ $skipped -gt 0 ]; then
    echo 'skipped:'
    lines skipped
    echo "$skipped skipped"
fi
finish
