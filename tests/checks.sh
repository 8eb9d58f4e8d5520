# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Sourced by test scripts. Sets top (the checkout), build, work (an empty directory that goes at the end) and
# widths, and counts.

set -u

top=$(realpath -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/..")
build=${SCARDSSP_BUILD:-$top/build}
. "$top/tests/widths.sh"
passed=0 failed=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# check TEXT COMMAND...: a check passes where the command does; what it says is shown where it does not
check()
{
    local text=$1
    shift
    if "$@" > "$work/.said" 2>&1 < /dev/null; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: $text"
        tail -n 30 "$work/.said" | sed 's/^/    /'
    fi
}

# The end of a script, with its status.
finish()
{
    echo "$passed passed, $failed failed"
    [ $failed -eq 0 ] && [ $passed -gt 0 ]
}
