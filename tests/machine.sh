#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Tests of the emulated machine: what `tools/sandbox --machine emulated` promises to the command, and to the host. On
# any machine; each start of an emulated one takes half a minute.

set -u
top=$(realpath -- "$(dirname -- "$0")/..")
. "$top/tests/checks.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A machine that runs with nothing in it but what a test needs.
machine()
{
    SCARDSSP_BUILD=$scratch/none "$top/tools/sandbox" --machine emulated --wine none --card none "$@"
}

# The machine's processes on this host, those of this test alone: they have its scratch directory in their environment.
leftovers()
{
    grep -l -a -s -F "SCARDSSP_BUILD=$scratch/none" /proc/[0-9]*/environ | cut -d / -f 3 |
        while read -r pid; do
            # shellcheck disable=SC2009
            [ "$pid" = $$ ] || cat "/proc/$pid/comm" 2> /dev/null
        done | grep -c 'qemu\|boot'
}

test_command()
{
    local bytes status mounts
    mounts=$(wc -l < /proc/self/mounts)
    head -c 300000 /dev/urandom > "$scratch/bytes"
    cat > "$scratch/command" <<'EOF'
printf 'an error' >&2
cat
{
    uname -r; pwd; printf '%s|' "$@" "$UMLAUT"; echo
    [ -e /dev/vda ] || [ -d /sys/bus/virtio ] && echo machine
    "$PROGRAM"; echo "i386 $?"
} > out
exit 41
EOF
    mkdir "$scratch/a directory"
    # What a 32-bit program is, at its smallest: the probe of the tools.
    (. "$top/tools/lib/wine.sh"; write_32bit_program "$scratch/program"; chmod +x "$scratch/program")
    (cd "$scratch/a directory" && UMLAUT=$'\xc3\xa4\n!' PROGRAM=$scratch/program \
        machine bash "$scratch/command" 'a  b' '' '*' < "$scratch/bytes" > "$scratch/got" 2> "$scratch/errors")
    status=$?
    check "the exit status is the command's" [ $status -eq 41 ]
    check "standard input and output carry bytes" cmp -s "$scratch/bytes" "$scratch/got"
    check "standard error is apart" [ "$(grep -v '^sandbox: ' "$scratch/errors")" = 'an error' ]
    check "the command ran in another kernel" [ "$(sed -n 1p "$scratch/a directory/out")" != "$(uname -r)" ]
    check "the working directory is the caller's" [ "$(sed -n 2p "$scratch/a directory/out")" = "$scratch/a directory" ]
    check "arguments and environment arrive as they are" \
        [ "$(sed -n 3,4p "$scratch/a directory/out")" = $'a  b||*|\xc3\xa4\n!|' ]
    check "32-bit programs run" grep -qx 'i386 7' "$scratch/a directory/out"
    check "nothing is mounted on the host" [ "$(wc -l < /proc/self/mounts)" -eq "$mounts" ]
    check "no process is left" [ "$(leftovers)" -eq 0 ]
}

# A Ctrl-C goes to the command, which decides what it ends.
test_interrupt()
{
    local i
    cat > "$scratch/interrupted" <<EOF
trap 'echo caught > "$scratch/caught"; exit 3' INT
: > "$scratch/ready"
while :; do sleep 0.2; done
EOF
    rm -f "$scratch/ready"
    cat > "$scratch/caller" <<EOF
trap : INT
SCARDSSP_BUILD='$scratch/none' '$top/tools/sandbox' --machine emulated --wine none --card none -- \\
    bash '$scratch/interrupted' > /dev/null
echo \$? > '$scratch/status'
EOF
    script -q -c "bash '$scratch/caller'" /dev/null < <(
        for i in {1..3000}; do [ ! -e "$scratch/ready" ] || break; sleep 0.1; done; sleep 1; printf '\003'
        for i in {1..300}; do [ ! -e "$scratch/status" ] || break; sleep 0.1; done) > /dev/null 2>&1
    check "Ctrl-C reaches the command, whose status counts" [ "$(cat "$scratch/status")" = 3 ]
    check "the command's own handler ran" [ "$(cat "$scratch/caught" 2> /dev/null)" = caught ]
}

test_kill()
{
    local pid i
    rm -f "$scratch/ready"
    SCARDSSP_BUILD=$scratch/none "$top/tools/sandbox" --machine emulated --wine none --card none -- \
        bash -c ": > '$scratch/ready'; sleep 1000" > /dev/null 2>&1 &
    pid=$!
    for i in {1..3000}; do [ ! -e "$scratch/ready" ] || break; sleep 0.1; done
    check "a machine is there before it is killed" [ "$(leftovers)" -gt 0 ]
    kill -KILL $pid
    wait $pid 2> /dev/null
    for i in {1..50}; do [ "$(leftovers)" -gt 0 ] || break; sleep 0.1; done
    check "nothing is left after the sandbox was killed" [ "$(leftovers)" -eq 0 ]
}

# broken PROGRAM TEXT [VARIABLE=VALUE]: with a QEMU that is this shell program, the sandbox ends with 1 and says the
# text.
broken()
{
    local program=$1 text=$2
    shift 2
    printf '#!/bin/bash\n%s\n' "$program" > "$scratch/fake/qemu-system-x86_64"
    env "$@" PATH="$scratch/fake:$PATH" SCARDSSP_BUILD="$scratch/none" \
        "$top/tools/sandbox" --machine emulated --wine none --card none -- sleep 60 > "$scratch/said" 2>&1
    [ $? -eq 1 ] && [ "$(leftovers)" -eq 0 ] && grep -q -e "$text" "$scratch/said" && return
    cat "$scratch/said"
    return 1
}

# With a cache of 1 MB that has the Debian roots of the real one, but no disk made of them.
no_room()
{
    mkdir "$scratch/small"
    # shellcheck disable=SC2016
    SCARDSSP_BUILD=$scratch/none unshare --mount bash -c '
        small=$1 sandbox=$3
        mount -t tmpfs -o size=1m small "$small" || exit
        for root in "$2"/root-*/; do
            mkdir "$small/$(basename "$root")" && mount --bind "$root" "$small/$(basename "$root")" || exit
        done
        SCARDSSP_CACHE=$small "$sandbox" --machine emulated --wine none --card none -- true
        ' bash "$scratch/small" "${SCARDSSP_CACHE:-$HOME/.cache/wine-scardssp}" "$top/tools/sandbox" \
        > "$scratch/said" 2>&1
    [ $? -eq 1 ] && grep -q -e 'GB free: make room, or set SCARDSSP_CACHE' "$scratch/said" && return
    cat "$scratch/said"
    return 1
}

test_failures()
{
    check "no room for the machine's disk is an error" no_room
    mkdir "$scratch/fake"
    printf '#!/bin/sh\n' > "$scratch/fake/qemu-system-x86_64"
    chmod +x "$scratch/fake/qemu-system-x86_64"
    check "a QEMU that ends is an error" broken 'echo "no such option" >&2; exit 1' 'did not start'
    check "what it said is shown" grep -qx 'no such option' "$scratch/said"
    check "it says what to do" grep -q -e '--machine host --wine win64' "$scratch/said"
    check "a machine that does not start ends in time" \
        broken 'exec sleep 1000' 'did not start in 4 s' SCARDSSP_BOOT_PATIENCE=4
    check "a machine that ends in the middle of the command is an error" \
        broken "/usr/bin/qemu-system-x86_64 \"\$@\" & until [ -e /machine/pid ]; do sleep 0.1; done; kill -KILL \$!" \
        'ended in the middle of the command'
}

# The template of a prefix in one file, by the sandbox's own functions, in the machine, with a cache on the host.
test_template_file()
{
    mkdir "$scratch/cache"
    # shellcheck disable=SC2016
    cat > "$scratch/template" <<'EOF'
top=$1 cache=$2 run=/run/template-test wine_kind=new-wow64
. "$top/tools/sandbox.d/common"
. "$top/tools/sandbox.d/prefix"
image=$cache/prefix-x.img template=$run/template/prefix windows=$run/template/prefix/drive_c/windows
mkdir -p $run/template

# passes TEXT COMMAND...
passes()
{
    local text=$1
    shift
    "$@" > /dev/null && echo "passed: $text"
}

not()
{
    ! "$@"
}

passes 'the cache is the host'"'"'s' [ "$(findmnt -n -o FSTYPE -T "$cache")" = 9p ]
passes 'none is there' not has_template
echo garbage > "$image"
passes 'one that is damaged' not has_template
make_image "$image" && mkdir -p "$windows"/{system32,syswow64} && : > "$windows/system32/kernel32.dll" &&
    umount $run/template
passes 'one that is incomplete' not has_template
passes 'it is removed' [ ! -e "$image" ]
make_image "$image" && mkdir -p "$windows"/{system32,syswow64} &&
    touch "$windows"/{system32,syswow64}/kernel32.dll && umount $run/template
passes 'one that is complete' has_template
passes 'nobody writes to it' not touch "$template/file"

touch "$cache/prefix-mine.$unfinished" "$cache/prefix-theirs.0.tmp" "$cache/dlls-mine.$unfinished"
touch -d '2 hours ago' "$cache/prefix-old.0.tmp"
remove_unfinished prefix
passes 'what is unfinished goes, where nobody is at work on it' \
    [ "$(cd "$cache" && echo *.tmp)" = "dlls-mine.$unfinished prefix-theirs.0.tmp" ]
mount -t tmpfs -o size=1m small /mnt
passes 'no room' not eval '( cache=/mnt; need_room $prefix_size )'
EOF
    machine bash "$scratch/template" "$top" "$scratch/cache" > "$scratch/got" 2> "$scratch/said"
    for text in "the cache is the host's" 'none is there' 'one that is damaged' 'one that is incomplete' \
            'it is removed' 'one that is complete' 'nobody writes to it' \
            'what is unfinished goes, where nobody is at work on it' 'no room'; do
        check "a template in a file: $text" grep -qxF "passed: $text" "$scratch/got"
    done
    check "it says that one is damaged" grep -q 'prefix in the cache is damaged' "$scratch/said"
    check "it says that one is incomplete" grep -q 'incomplete (no syswow64/kernel32.dll)' "$scratch/said"
    check "it says that there is no room" grep -q '/mnt has less than 3 GB free' "$scratch/said"
}

test_command
test_template_file
test_interrupt
test_kill
test_failures
finish
