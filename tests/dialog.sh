#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The dialog of ISCardLocate::FindCard, in both widths, on a display of its own; and that there is none where there is
# no display. In the sandbox, whose daemon and registry are changed:
#     tools/sandbox --card t1 -- tests/dialog.sh [PROGRAM...]
# Ends with the line "N passed, N failed".

set -u

top=$(realpath -- "$(dirname -- "$(realpath -- "$0")")/..")
. "$top/tests/display.sh"
[ $# -gt 0 ] || set -- locate_dialog locate_dialog_faults locate_aliases
scratch=$(mktemp -d)
trap 'stop_display; rm -rf "$scratch"' EXIT
total_passed=0 total_failed=0

# run MODE PROGRAM...: conformance.sh, whose counts are taken
run()
{
    local mode=$1 p f
    shift
    echo "== $mode"
    "$top/tests/conformance.sh" t1 "$@" > "$scratch/out" 2>&1
    sed '$d' "$scratch/out"
    read -r p f < <(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$scratch/out")
    total_passed=$((total_passed + ${p:-0})) total_failed=$((total_failed + ${f:-1}))
}

if start_display; then
    SCARDSSP_TEST_HOST=$top/tests/host.sh SCARDSSP_TEST_HOST_DONE=$scratch/done run 'with a display' "$@"
    # The sandbox's own setting that there is no display is gone by now: it is Wine that finds none.
    stop_display
    wineserver -k
    wineserver -w
    run 'without a display' locate_dialog
else
    echo "FAILED: Xvfb does not start"
    total_failed=1
fi

echo "$total_passed passed, $total_failed failed"
[ $total_failed -eq 0 ] && [ $total_passed -gt 0 ]
