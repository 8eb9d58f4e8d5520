#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Tests scardssp-cards, the programs of both widths and the command, against what ISCardDatabase says in both widths.
# Run in the sandbox:
#     tools/sandbox --card PROFILE -- tests/cards.sh PROFILE
# with the profile t1 (default) or none.

set -u

profile=${1:-t1}
top=$(realpath -- "$(dirname -- "$0")/..")
build=${SCARDSSP_BUILD:-$top/build}
cards='HKLM\Software\Microsoft\Cryptography\Calais\SmartCards'
long=$(printf '0%.0s' {1..256})
card_atr=3B8A018073F6415B54564354 # the card of the profile t1 without its end
list=/usr/share/pcsc/smartcard_list.txt
passed=0 failed=0 arguments=
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export WINEDLLOVERRIDES=winedbg.exe=d

pass()
{
    passed=$((passed + 1))
}

fail()
{
    failed=$((failed + 1))
    printf 'FAILED (%s bits): %s\n  in: scardssp-cards %s\n' "$width" "$1" "$arguments"
    tail -q -n 10 "$work/out" "$work/err" | sed 's/^/    /'
}

# Runs the program, which must exit with status $1.
run()
{
    local wanted=$1 status
    shift
    arguments=$*
    wine "$build/tools/cards/scardssp-cards$width.exe" "$@" > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    if [ $status -eq "$wanted" ]; then pass; else fail "exit status $status instead of $wanted"; fi
}

# The same with the command.
command_runs()
{
    local wanted=$1 status
    shift
    arguments=$*
    "$build/tools/cards/scardssp-cards" "$@" > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    if [ $status -eq "$wanted" ]; then pass; else fail "the command's exit status is $status instead of $wanted"; fi
}

shows()
{
    if grep -q -e "$1" "$work/out"; then pass; else fail "no \"$1\" in the output"; fi
}

says()
{
    if grep -q -e "$1" "$work/err"; then pass; else fail "no \"$1\" in the messages"; fi
}

hides()
{
    if grep -q -e "$1" "$work/out" "$work/err"; then fail "\"$1\" is in the output"; else pass; fi
}

# database COUNT NAME: ISCardDatabase of both widths lists the card as often as COUNT (0 or 1) says
database()
{
    local folder found
    for folder in syswow64 system32; do
        wine "C:\\windows\\$folder\\cscript.exe" //nologo "$(winepath -w "$top/tests/scripts/cards.vbs")" \
            > "$work/names" 2> /dev/null < /dev/null
        found=$(tr -d '\r' < "$work/names" | grep -c -x -F -e "$2")
        if [ "$(tail -n 1 "$work/names" | tr -d '\r')" = end ] && [ "$found" -eq "$1" ]; then
            pass
        else
            fail "ISCardDatabase in $folder lists \"$2\" $found times instead of $1"
        fi
    done
}

test_usage()
{
    run 0 --help
    shows 'introduce NAME --atr HEX'
    run 2
    says 'no command'
    run 2 nonsense
    says 'no such command: nonsense'
    run 2 $'li\u00adst' # a soft hyphen, which a comparison by locale ignores
    says 'no such command'
    run 2 list more
    says 'one argument too many'
    run 2 show
    says 'no name behind: show'
    run 2 list --atr 3B00
    says 'no option: --atr'
    run 2 introduce A
    says 'no --atr HEX'
    run 2 introduce A --atr
    says 'a value is missing'
    run 2 introduce 'A\B' --atr 3B00
    says 'no backslash'
    run 2 introduce "$(printf '%0256d' 0)" --atr 3B00
    says '1 to 255 characters'
    run 2 introduce A --atr 3B0
    says 'odd number of digits'
    run 2 introduce A --atr 3BXX
    says 'neither hexadecimal digits'
    run 2 introduce A --atr '3[01]'
    says 'several ATRs'
    run 2 introduce A --atr 3B80800102
    says 'TCK'
    run 2 introduce A --atr 3B80800101 --mask FFFF
    says 'not as long as the ATR'
    run 2 introduce A --mask FFFF --atr 3B80800101
    says 'not as long as the ATR'
    run 2 introduce A --atr 3B01
    says 'shorter than its own bytes'
    run 2 introduce A --atr 3B0000
    says 'longer than its own bytes'
    run 2 introduce A --atr 3C00
    says 'neither 3B nor 3F'
    run 2 introduce A --atr "$(printf '%070d' 0)"
    says '33 bytes'
    run 2 introduce A --atr 3B00 --provider 12
    says 'no GUID: 12'
    run 0 list
    hides '^A$'
}

test_introduce()
{
    local guid=0A0B0C0D-A0B0-C0D0-AB01-0203040506EF

    run 0 introduce 'Card one' --atr '3b 80 80 01 01' --provider "{$guid}" --interface $guid \
        --interface '{00000000-0000-0000-c000-000000000046}' --csp 'Some CSP'
    database 1 'Card one'
    run 0 show 'card ONE'
    shows '^Known to: *32-bit programs'
    shows '^Known to: *64-bit programs'
    shows '^ATR: *3B 80 80 01 01$'
    shows "^Provider: *{$guid}"
    shows "^Interface: *{$guid}"
    shows '^Interface: *{00000000-0000-0000-C000-000000000046}'
    shows '^CSP: *Some CSP$'
    run 1 introduce 'CARD one' --atr 3B00
    says 'a card of this name is known'
    run 0 list
    if [ "$(grep -c '^Card one$' "$work/out")" -eq 1 ]; then pass; else fail "not listed once"; fi
    run 1 forget 'Card one' --user
    says 'no card of this name'
    run 0 forget 'card One'
    run 1 forget 'Card one'
    run 1 show 'Card one'
    database 0 'Card one'

    run 0 introduce 'Card two' --atr 3B8080.1.. --user
    database 1 'Card two'
    run 0 show 'Card two' --user
    shows '^Known to: *the user'
    hides 'HKEY_LOCAL_MACHINE'
    shows '^ATR: *3B 80 80 .1 ..$'
    run 1 forget 'Card two'
    run 0 forget 'Card two' --user
    database 0 'Card two'

    run 0 introduce 'Karte für alle €' --atr 3B80800102 --mask FFFFFFFF0C --lax
    run 0 show 'Karte für alle €'
    shows '^ATR: *3B 80 80 01 00$'
    shows '^Mask: *FF FF FF FF 0C$'
    run 0 forget 'Karte für alle €'

    # An entry of one width alone, a damaged one, and in front of them a key whose name is too long for a card.
    wine reg add "$cards\\$long" /v ATR /t REG_BINARY /d 3B00 /reg:64 /f > /dev/null 2>&1
    wine reg add "$cards\\One width" /v ATR /t REG_BINARY /d 3B00 /reg:32 /f > /dev/null 2>&1
    wine reg add "$cards\\Damaged" /v ATR /t REG_SZ /d 3B00 /reg:64 /f > /dev/null 2>&1
    run 0 list
    shows '^One width$'
    says 'damaged.*Damaged'
    run 1 introduce 'One width' --atr 3B00
    run 1 show Damaged
    says 'the entry is damaged'
    run 0 forget 'One width'
    run 0 forget Damaged
    wine reg query "$cards\\$long" /reg:64 > "$work/out" 2>&1
    shows "$long"
    wine reg delete "$cards\\$long" /reg:64 /f > /dev/null 2>&1
    database 0 'One width'
}

test_identify()
{
    if [ "$profile" = none ]; then
        run 1 identify
        shows '(no card)'
        return
    fi
    run 1 identify
    shows '^Virtual PCD 00 00'
    shows '(no card of this ATR is known)'
    run 0 introduce 'Known by its name' --atr "${card_atr}31.."
    run 0 introduce 'Known as well' --atr "$card_atr...." --user
    run 0 introduce 'Another' --atr "${card_atr}30.."
    run 0 identify
    shows '^    Known by its name$'
    shows '^    Known as well$'
    hides 'Another'
    shows '(no card)'
    run 0 identify --user
    hides 'Known by'
    run 0 forget 'Known by its name'
    run 0 forget 'Known as well' --user
    run 0 forget 'Another'
}

test_import()
{
    local file
    cat > "$work/list" <<'LIST'
# A comment
3B 02 14 50
	Twice
	more of it

3B 02 14 51
	https://example.com/
	Twice

3B 02 14 [4,6].
	Back\slash
3B 80 80 01 01
#: provider {0A0B0C0D-A0B0-C0D0-AB01-0203040506EF}
#: interface {0A0B0C0D-A0B0-C0D0-AB01-0203040506EF}
#: csp Some CSP
	Émetteur
3B 80 80 01 02
	Wrong check byte
3B .*
	Any
3B 00
LIST
    file=$(winepath -w "$work/list")
    run 0 import "$file"
    shows '^7 entries: 5 cards introduced, 0 known already, 3 entries skipped'
    shows '^ *1  its check byte'
    shows '^ *1  it stands for ATRs of any length'
    shows '^ *1  it has no description'
    database 1 'Twice'
    database 1 'Twice (2)'
    database 1 'Back/slash'
    database 1 'Back/slash (2)'
    run 0 show Émetteur
    shows '^CSP: *Some CSP$'
    run 0 import "$file" --verbose
    shows '^7 entries: 0 cards introduced, 5 known already'
    shows '^line 1[0-9]: 3B 80 80 01 02: its check byte'
    run 0 import "$file" --lax
    shows '^7 entries: 1 cards introduced, 5 known already, 2 entries skipped'

    run 0 export
    cp "$work/out" "$work/exported"
    says '^6 cards exported'
    for name in Twice 'Twice (2)' Back/slash 'Back/slash (2)' Émetteur 'Wrong check byte'; do run 0 forget "$name"; done
    run 0 import "$(winepath -w "$work/exported")" --lax
    shows '^6 entries: 6 cards introduced'
    run 0 export
    if cmp -s "$work/out" "$work/exported"; then pass; else fail "what was imported is not what was exported"; fi
    for name in Twice 'Twice (2)' Back/slash 'Back/slash (2)' Émetteur 'Wrong check byte'; do run 0 forget "$name"; done
    run 1 import 'C:\no such file'
    says 'cannot be read'
    : > "$work/empty"
    run 1 import "$(winepath -w "$work/empty")"
    says 'no ATR in this file'
}

# All of pcsc-tools' list, once.
test_whole_list()
{
    local entries introduced skipped
    if [ ! -f $list ]; then
        echo "skipped: $list is not there (Debian package pcsc-tools)"
        return
    fi
    entries=$(grep -c '^[0-9A-Fa-f.\[]' $list)
    command_runs 0 import $list --user
    read -r introduced skipped < <(sed -n "s/^$entries entries: \([0-9]*\) cards introduced, 0 known already, \([0-9]*\).*/\1 \2/p" "$work/out")
    if [ "${introduced:-0}" -ge $((entries - ${skipped:-0})) ] && [ "${introduced:-0}" -gt 1000 ]; then pass; else fail "of $entries"; fi
    command_runs 0 list --user
    if [ "$(wc -l < "$work/out")" = "${introduced:-0}" ]; then pass; else fail "not $introduced cards are listed"; fi
    command_runs 0 import $list --user
    shows "^$entries entries: 0 cards introduced, ${introduced:-0} known already"
    wine reg delete 'HKCU\Software\Microsoft\Cryptography\Calais\SmartCards' /f > /dev/null 2>&1
}

# The command: prefixes, widths, names of files, pipes.
test_command()
{
    local start=$SECONDS
    width=native
    printf '3B 02 14 50\n\tFrom a file\n' > "$work/a list"
    ( cd "$work" && "$build/tools/cards/scardssp-cards" import 'a list' > "$work/out" 2> "$work/err" )
    shows '1 cards introduced'
    database 1 'From a file'
    if "$build/tools/cards/scardssp-cards" export > /dev/full 2> "$work/out"; then fail "a list that cannot be written is exported"; else pass; fi
    grep -q 'cannot be written' "$work/out" && pass || fail "it is not said that the list cannot be written"
    command_runs 0 export "$work/a copy"
    grep -q 'From a file' "$work/a copy" && pass || fail "the exported file lacks the card"
    command_runs 0 --prefix "$WINEPREFIX" list
    shows '^From a file'
    "$build/tools/cards/scardssp-cards" list | grep -q 'From a file' && pass || fail "nothing comes through a pipe"
    command_runs 0 forget 'From a file'
    command_runs 1 --prefix "$work/none" list
    says 'is no Wine prefix'
    [ ! -e "$work/none" ] && pass || fail "it has made a prefix"
    command_runs 2 --prefix
    if [ $((SECONDS - start)) -lt 60 ]; then pass; else fail "a pipe was kept open"; fi
}

for width in 32 64; do
    if [ ! -f "$build/tools/cards/scardssp-cards$width.exe" ]; then
        echo "scardssp-cards$width.exe is not in $build/tools/cards: build it first" >&2
        exit 2
    fi
    test_identify
    [ "$profile" != none ] || continue
    test_usage
    test_introduce
    test_import
done
if [ "$profile" != none ]; then
    test_command
    test_whole_list
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
