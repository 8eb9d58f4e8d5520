#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The commands of the README do what it says. Every line of it that is a command has to be known here, with the way it
# is tried: here, or by the suite that is named.
#     tools/sandbox --card t1 -- tests/readme.sh
# Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

version=$(sed -n 's/^PACKAGE_VERSION = //p' "$build/Makefile")

# says TEXT COMMAND...
says()
{
    local text=$1
    shift
    timeout -k10 200 "$@" > "$work/said" 2>&1 < "$work/pin"
    cat "$work/said"
    grep -q -- "$text" "$work/said"
}

# The indented lines of README.md that are commands: the picture of the chain and the list of codes are none.
commands()
{
    sed -n 's/^    \([a-z].*\)/\1/p' "$top/README.md" |
        grep -v '^\(program.exe\|scardssp.dll\|winscard.dll\|pcsc-lite\|reader and card\)'
}

cd "$build/tools/cardinfo" || exit 1
printf '1234\n' > "$work/pin"
count=0
while read -r line <&3; do
    count=$((count + 1))
    case $line in
    "tar xf wine-scardssp-$version.tar.gz" | "wine-scardssp-$version/bin/scardssp-"*)
        check "$line: tests/bare.sh runs it" grep -q 'readme_lines Install' "$top/tests/bare.sh" ;;
    'wine cardinfo32.exe --aid F057494E4501 '*)
        check "$line" says 'status: 9000' $line ;;
    'wine cardinfo32.exe --reader NAME '*)
        read -r -a words <<< "$line"
        check "$line" says 'READ RECORD 1' "${words[@]/NAME/Virtual PCD 00 00}" ;;
    tools/demo)
        check "$line" says 'ATR: *3B' "$top/tools/demo" ;;
    tools/check)
        check "$line: what is running this" [ -x "$top/tools/check" ] ;;
    tools/release)
        check "$line: tests/release.sh looks at what it makes" grep -q 'make release' "$top/tests/release.sh" ;;
    'autoreconf -fi && '*)
        check "$line: configure and make have been here" [ -x "$top/configure" ] ;;
    'tools/sandbox bash')
        check "$line" says '^here$' "$top/tools/sandbox" bash -c 'echo here' ;;
    'tools/sandbox --card t0 -- wine build/tools/cardinfo/cardinfo32.exe')
        check "$line" says 'ATR: *3B' "$top/tools/sandbox" --card t0 -- wine "$build/tools/cardinfo/cardinfo32.exe" ;;
    *)
        check "the README has a command that is not tried: $line" false ;;
    esac
done 3< <(commands)
check 'the README has commands' [ $count -ge 10 ]

finish
