#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What tools/export-wine puts into a source tree of Wine:
#     tests/wine_tree.sh files      exports into an empty shell of one, and compares the files with what is expected
#     tests/wine_tree.sh build      in the sandbox: exports into Wine's source, builds the DLL and its test module there
#                                   in both widths, and runs the module with a card, without one and without pcscd:
#                                       tools/sandbox --no-dlls --card t1 -- tests/wine_tree.sh build
# The source is that of tools/wine-source, which has to have been run where there is a network. What is built stays in
# the build directory, in tests/wine-tree, and is used again. Ends with "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

dll=dlls/scardssp

# The SOURCES of a Makefile.in.
sources()
{
    sed -n '/^SOURCES = /,$p' "$1" | sed -n 's/^\t\([^ ]*\).*/\1/p'
}

# A variable of a Makefile.am, one word a line.
variable()
{
    sed -n "/^$1 = /,/[^\\\\]\$/p" "$2" | tr -d '\\\t ' | sed 1d
}

same()
{
    diff "$1" "$2"
}

none()
{
    ! "$@"
}

# ---- files ----

# As much of Wine's tree as tools/export-wine looks at.
make_shell()
{
    mkdir -p "$1/dlls/scarddlg" "$1/include" "$1/po"
    printf 'WINE_CONFIG_MAKEFILE(dlls/%s)\n' scarddlg scardsvr sccbase > "$1/configure.ac"
    printf 'WINE_CONFIG_MAKEFILE(programs/arp)\n' >> "$1/configure.ac"
    printf '\t%s \\\n' commctrl.h commctrl.rh commdlg.h scarderr.h schannel.h > "$1/include/Makefile.in"
    printf '\tzmouse.h\n' >> "$1/include/Makefile.in"
    for language in de es fr; do
        printf '%s\n' 'msgid ""' 'msgstr "Content-Type: text/plain; charset=UTF-8\n"' '' 'msgid "Cancel"' \
            "msgstr \"Wine says $language\"" > "$1/po/$language.po"
    done
}

# All that is expected in the shell afterwards.
expected_files()
{
    printf '%s\n' configure.ac include/Makefile.in include/scardssp.idl po/de.po po/es.po po/fr.po
    (cd "$top" && find $dll -name '*.[ch]' ! -path '*/standalone/*' ! -name atrcheck.c &&
        printf "$dll/%s\n" Makefile.in scardssp.spec scardssp_tlb.idl version.rc dialog/dialog.rc &&
        cd tests/conformance && find . -type f | sed "s|^\.|$dll/tests|")
}

# What tools/make_makefiles of Wine would list.
files_of()
{
    (cd "$1" && find . -name tests -prune -o \( -name '*.c' -o -name '*.rc' -o -name '*.idl' \) -print) |
        sed 's|^\./||' | LC_ALL=C sort
}

has_notice()
{
    find "$tree" -name '*.[ch]' -o -name '*.idl' -o -name '*.rc' | while read -r file; do
        sed -n 2p "$file" | grep -q '^ \* Copyright [0-9]* A Person$' || echo "$file"
    done | none grep .
}

# Words of this project that a file in Wine's tree has no reason for.
has_foreign_words()
{
    grep -rnE 'SPDX|SCARDSSP_STANDALONE|standalone|stand-alone|docs/|tools/|pcsc32' "$tree/$dll" \
        "$tree/include/scardssp.idl"
}

# Every text of the dialog, and of no other, has a translation.
is_translated()
{
    sed -n 's/^ *IDS_[A-Z_]* *\("..*"\)$/msgid \1/p' "$tree/$dll/dialog/dialog.rc" | sort > "$work/texts"
    [ -s "$work/texts" ] || return 1
    for language in de es fr; do
        msgattrib --translated --no-wrap "$tree/po/$language.po" | grep '^msgid "[^"]' | sort > "$work/translated"
        same "$work/texts" "$work/translated" || return 1
        grep -A 1 -x 'msgid "Cancel"' "$tree/po/$language.po" | grep -qx "msgstr \"Wine says $language\"" || return 1
    done
}

lines_are_in_place()
{
    grep -A 2 -x 'WINE_CONFIG_MAKEFILE(dlls/scarddlg)' "$tree/configure.ac" | tail -n 2 > "$work/lines"
    printf 'WINE_CONFIG_MAKEFILE(dlls/%s)\n' scardssp scardssp/tests | same - "$work/lines" &&
        [ "$(grep -c scardssp "$tree/configure.ac")" -eq 2 ] &&
        [ "$(grep -A 1 scarderr.h "$tree/include/Makefile.in" | tail -n 1)" = $'\tscardssp.idl \\' ] &&
        [ "$(grep -c scardssp "$tree/include/Makefile.in")" -eq 1 ]
}

test_files()
{
    tree=$work/tree
    make_shell "$tree"
    check 'no export' "$top/tools/export-wine" "$tree" 'A Person'
    (cd "$tree" && find . -type f | sed 's|^\./||' | sort) > "$work/files"
    expected_files | sort > "$work/expected"
    check 'other files than expected' same "$work/expected" "$work/files"

    sources "$tree/$dll/Makefile.in" > "$work/sources"
    files_of "$tree/$dll" > "$work/expected"
    check 'SOURCES of the DLL are other files' same "$work/expected" "$work/sources"
    sources "$tree/$dll/tests/Makefile.in" > "$work/sources"
    files_of "$tree/$dll/tests" > "$work/expected"
    check 'SOURCES of the tests are other files' same "$work/expected" "$work/sources"
    variable WINE_TESTS "$top/Makefile.am" | sed 's/$/.c/' > "$work/expected"
    check 'the tests are other programs than those of Makefile.am' same "$work/expected" "$work/sources"
    check 'not one test defines the identifiers, and only one' \
        [ "$(grep -l 'initguid\.h\|define INITGUID' "$tree/$dll/tests/"*.[ch] | wc -l)" -eq 1 ]

    check 'a file has no notice' has_notice
    check 'a Makefile.in has a line that is not of Wine' none grep -h -v -E \
        $'^((MODULE|TESTDLL) +=.*|IMPORTS +=.*|EXTRADLLFLAGS =.*|SOURCES = \\\\|\t[a-z].*|)$' "$tree/$dll/Makefile.in" \
        "$tree/$dll/tests/Makefile.in"
    check 'something of this project alone' none has_foreign_words
    check 'a text is not translated, or is not Wine'\''s where Wine has one' is_translated
    check 'the lines of configure.ac and include/Makefile.in' lines_are_in_place

    cp -r "$tree" "$work/once"
    check 'no second export' "$top/tools/export-wine" "$tree" 'A Person'
    check 'the second export is another' diff -r "$work/once" "$tree"
    check 'a directory that is no tree is taken for one' none "$top/tools/export-wine" "$work"
    "$top/tools/export-wine" > /dev/null 2>&1
    check 'without a tree the status is not 2' [ $? -eq 2 ]
}

# ---- build ----

# Debian's package lacks what is generated or has no source. Of that only include/wine/server_protocol.h is needed here;
# the others are there for the dependencies alone.
complete_source()
{
    local makefile directory parent file
    cp -s /usr/share/misc/config.guess /usr/share/misc/config.sub tools/ && tools/make_requests || return 1
    cp "$(dirname "$(find /usr/share/wine -name locale.nls | head -n 1)")"/*.nls nls/ || return 1
    find dlls fonts include libs loader nls po programs server tools -name Makefile.in | while read -r makefile; do
        directory=$(dirname "$makefile")
        parent=$(sed -n 's/^PARENTSRC *= *//p' "$makefile")
        sources "$makefile" | while read -r file; do
            [ -e "$directory/$file" ] || [ -e "$directory/$parent/$file" ] || : > "$directory/$file"
        done
    done
    # Debian's makedep does not look beside a file for what it includes, as Wine's own does.
    sed -i -e '/no reason to check that files exist here/,/return file;/d' \
        -e 's/^    if (make->extlib) return NULL;.*/    return NULL;/' tools/makedep.c || return 1
    autoheader
}

unpack()
{
    [ ! -f "$tree/complete" ] || [ "$(cat "$tree/complete")" != "$version" ] || return 0
    rm -rf "$tree" "$out"
    mkdir -p "$(dirname "$tree")" "$out" && cp -r "$source" "$tree" && cd "$tree" && complete_source &&
        echo "$version" > complete
}

configure()
{
    cd "$out" || return 1
    if [ -x config.status ]; then
        ./config.status
    else
        (cd "$tree" && autoconf) &&
            "$tree/configure" --enable-archs=i386,x86_64 --with-mingw --without-x --without-freetype
    fi
}

# Warnings are errors in what is ours.
run_make()
{
    local objects=() targets=() arch file
    for arch in i386 x86_64; do
        for file in $(sources "$tree/$dll/Makefile.in" | grep '\.c$'); do
            objects+=("$dll/$arch-windows/${file%.c}.o")
        done
        for file in $(sources "$tree/$dll/tests/Makefile.in"); do
            objects+=("$dll/tests/$arch-windows/${file%.c}.o")
        done
        targets+=("$dll/$arch-windows/scardssp.dll" "$dll/tests/$arch-windows/scardssp_test.exe")
    done
    {
        make -C "$out" -j2 i386_CC='i686-w64-mingw32-gcc -Werror' x86_64_CC='x86_64-w64-mingw32-gcc -Werror' \
            "${objects[@]}" && make -C "$out" -j2 "${targets[@]}"
    } > "$log" 2>&1 || { grep -E '(error|warning): |\*\*\*' "$log"; false; }
}

# A DLL of Wine's own is found by WINEDLLPATH; the file in the prefix is what COM loads.
install()
{
    cp "$out/$dll/${machine[$1]}-windows/scardssp.dll" "$windows/${folder[$1]}/" &&
        timeout -k10 60 wine "C:\\windows\\${folder[$1]}\\regsvr32.exe" /s "C:\\windows\\${folder[$1]}\\scardssp.dll"
}

# run_module WIDTH WITH LEAST: each test of the module, at least so many checks in all.
run_module()
{
    local module=$out/$dll/tests/${machine[$1]}-windows/scardssp_test.exe name line sum=0
    for name in $(sources "$top/tests/conformance/Makefile.in"); do
        timeout -k10 300 wine "$module" "${name%.c}" > "$work/out" 2>&1 < /dev/null ||
            { tail -n 20 "$work/out"; return 1; }
        line=$(tr -d '\r' < "$work/out" | sed -n 's/^[0-9a-f]*:\([a-z0-9_]*:.* 0 failures).*\)/\1/p' | tail -n 1)
        [ -n "$line" ] || { echo "$name: no counts"; tail -n 20 "$work/out"; return 1; }
        echo "$1 bits, $2: $line" >> "$counts"
        line=${line#*: }
        sum=$((sum + ${line%% *}))
    done
    passed=$((passed + sum - 1))    # and one more for the check that this is
    [ $sum -ge "$3" ] || { echo "only $sum checks"; return 1; }
}

pull_card()
{
    local answer
    exec 3<> "/dev/tcp/127.0.0.1/$VCARD_CONTROL" && echo pull >&3 && read -r answer <&3 && exec 3>&-
    [[ $answer = ok* ]]
}

test_build()
{
    local source width
    declare -A machine=([32]=i386 [64]=x86_64) folder=([32]=syswow64 [64]=system32)
    version=$(dpkg-query -W -f '${source:Version}' wine)
    source=$SCARDSSP_CACHE/wine-source-$version
    tree=$build/tests/wine-tree/source out=$build/tests/wine-tree/build
    log=$build/tests/logs/wine-tree-make.log counts=$build/tests/logs/wine-tree-counts.log
    windows=$WINEPREFIX/drive_c/windows
    if [ ! -d "$source" ]; then
        echo "The source of Wine $version is not there: run tools/wine-source, where there is a network."
        failed=1
        return
    fi
    rm -f "$counts"
    mkdir -p "$build/tests/logs"
    check 'Wine'\''s source cannot be made complete' unpack
    check 'no export' "$top/tools/export-wine" "$tree"
    check 'Wine does not configure' configure
    check 'it does not build' run_make
    check 'the build warns' none grep -E "$dll.*warning|warning.*$dll" "$log"
    [ $failed -eq 0 ] || return

    export WINEDLLPATH=$out/$dll${WINEDLLPATH:+:$WINEDLLPATH}
    for width in $widths; do check "the $width-bit DLL does not register" install $width; done
    export SCARDSSP_TEST_CARD=t1
    for width in $widths; do check "$width bits, with a card" run_module $width card 12000; done
    check 'the card does not go' pull_card
    export SCARDSSP_TEST_CARD=none
    for width in $widths; do check "$width bits, without a card" run_module $width 'no card' 8000; done
    export PCSCLITE_CSOCK_NAME=/nonexistent/pcscd.comm
    for width in $widths; do check "$width bits, without pcscd" run_module $width 'no pcscd' 8000; done
    check 'the registry cannot be asked' timeout -k10 60 wine reg query 'HKCU\Software'
    check 'the tests leave cards in the registry' \
        none timeout -k10 60 wine reg query 'HKCU\Software\Microsoft\Cryptography\Calais'
}

case ${1:-} in
files) test_files ;;
build) test_build ;;
*) echo "usage: tests/wine_tree.sh files|build" >&2; exit 2 ;;
esac
finish
