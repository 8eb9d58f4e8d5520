#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The archive of "make crosstest" as somebody with a real Windows uses it: unpacked into an empty directory and run, in
# both widths, and its results read. In the sandbox:
#     tools/sandbox --card t1 -- tests/crosstest.sh
# Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

cd "$work" || exit 1

# The programs that the results say are ok, one a line.
programs_ok()
{
    tr -d '\r' < "$1" | sed -n 's/^== \([a-z0-9_]*\): ok (status 0)$/\1/p'
}

conformance_programs()
{
    sed -n '/^\(WINE\|OWN\)_TESTS = /,/[^\\]$/p' "$top/Makefile.am" | tr -d '\\\t ' | sed -n '/^[a-z0-9_]\+$/p'
}

# checks_of FILE: how many checks were executed in all
checks_of()
{
    tr -d '\r' < "$1" | sed -n 's/^[a-z0-9_]*: \([0-9]*\) tests executed.*/\1/p' | awk '{ n += $1 } END { print n + 0 }'
}

check 'the archive does not unpack' unzip -q "$build/crosstest/scardssp-crosstest.zip"
check 'the archive holds something else' \
    [ "$(printf '%s ' *)" = 'README.txt scardssp_test32.exe scardssp_test64.exe ' ]
conformance_programs > expected
check 'the list of conformance programs was not found' [ -s expected ]

for width in 32 64; do
    results=scardssp-results$width.txt
    WINETEST_DEBUG=0 SCARDSSP_TEST_CARD=t1 timeout -k10 900 wine "scardssp_test$width.exe" \
        > "out$width" 2>&1 < /dev/null
    status=$?
    check "the $width-bit tests end with status $status: $(tail -n 1 "out$width")" [ $status -eq 0 ]
    check "no results of the $width-bit tests" [ -s "$results" ]
    programs_ok "$results" > got
    check "not all $width-bit programs are ok" cmp expected got
    check "only $(checks_of "$results") checks of $width bits" [ "$(checks_of "$results")" -ge 1500 ]
    check "the machine is not described" grep -q 'scardssp.dll: .*, version ' "$results"
    "$top/tools/crosstest-report" "$results" > "report$width"
    check "the report of the $width-bit results: $(tail -n 1 "report$width")" grep -qx 'No failures.' "report$width"
done

# A failure is reported with the tags that stand beside its line.
line=$(grep -n 'ok(.*\[ours\]' "$top/tests/conformance/card.c" | head -n 1 | cut -d : -f 1)
printf 'scardssp conformance tests\r\ncard.c:%s: Test failed: something.\r\n' "$line" > other.txt
"$top/tools/crosstest-report" other.txt > report
check 'a contradicted [ours] is not reported as one' grep -q "^\[ours\].*card.c:$line: Test failed: something" report
line=$(grep -n '"3b8080010101".*\[sdk98\]' "$top/tests/conformance/database_list.c" | head -n 1 | cut -d : -f 1)
printf 'scardssp conformance tests\r\ndatabase_list.c:%s: Test failed: something.\r\n' "$line" > other.txt
"$top/tools/crosstest-report" other.txt > report
check 'a contradicted [sdk98] is not reported as one' grep -q "\[sdk98\].*database_list.c:$line: Test failed: s" report
"$top/tools/crosstest-report" > /dev/null 2>&1
check 'the report without a file does not end with status 2' [ $? -eq 2 ]
timeout -k10 60 wine scardssp_test32.exe nosuchprogram > out 2>&1 < /dev/null
check 'an unknown program does not end with status 2' [ $? -eq 2 ]

finish
