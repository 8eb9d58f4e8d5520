#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Tests of tools/sandbox: what it promises to the command it runs and to the machine
# it runs on. They run on a host and in a sandbox alike.

set -u
top=$(realpath -- "$(dirname -- "$0")/..")
sandbox=$top/tools/sandbox
vcard=$(realpath -m -- "${SCARDSSP_BUILD:-$top/build}")/tools/vcard/vcard
cache=${SCARDSSP_CACHE:-$HOME/.cache/wine-scardssp}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0 skipped=0

pass()
{
    echo "ok: $1"
    passed=$((passed + 1))
}

fail()
{
    echo "FAILED: $1: $2"
    failed=$((failed + 1))
}

skip()
{
    echo "skipped: $1"
    skipped=$((skipped + 1))
}

# equal WHAT WANTED GOT
equal()
{
    if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "wanted '$2', got '$3'"; fi
}

# contains WHAT PATTERN GOT
contains()
{
    if grep -q -- "$2" <<< "$3"; then pass "$1"; else fail "$1" "no '$2' in '$3'"; fi
}

# A sandbox with nothing in it but what a test needs.
plain()
{
    SCARDSSP_BUILD=$scratch/none "$sandbox" --card none "$@"
}

# Waits until a file is there; false after ten seconds.
await()
{
    local i
    for i in {1..200}; do
        [ ! -e "$1" ] || return 0
        sleep 0.05
    done
    return 1
}

test_usage()
{
    local output
    for arguments in '' '--' '--nonsense true' '--card' '--card nonsense true' '--card= true' '--card script:/nonexistent true' \
            '--wine' '--wine nonsense true'; do
        # shellcheck disable=SC2086
        output=$("$sandbox" $arguments 2> "$scratch/err")
        equal "usage '$arguments': status" 2 $?
        equal "usage '$arguments': nothing on stdout" '' "$output"
        contains "usage '$arguments': help is named" '--help' "$(cat "$scratch/err")"
    done
    output=$("$sandbox" --help 2>&1)
    equal "--help: status" 0 $?
    contains "--help: the profiles" 't1 (default), t0, gsm, ext' "$output"
    output=$(SCARDSSP_BUILD=$scratch/none "$sandbox" --card t0 true 2>&1)
    equal "a card asked for but not built: status" 1 $?
    contains "a card asked for but not built: what to do" "run 'make'" "$output"
}

# What each kind of Wine runs: whether its prefix has a second width (an empty syswow64 is none), and its own width.
test_kinds()
{
    local kind output
    local -A expected=(
        [new-wow64]='new-wow64 syswow64 64' [old-wow64]='old-wow64 syswow64 64'
        [win32]='win32 no-syswow64 32' [win64]='win64 no-syswow64 64')
    for kind in "${!expected[@]}"; do
        output=$("$sandbox" --wine "$kind" --card none -- bash -c '
            windows=$WINEPREFIX/drive_c/windows
            [ -f "$windows/syswow64/ntdll.dll" ] && has=syswow64 || has=no-syswow64
            grep -q "^#arch=win64" "$WINEPREFIX/system.reg" && width=64 || width=32
            wine cmd /c exit 3 2> /dev/null; [ $? -eq 3 ] || echo "wine does not run"
            echo "$SCARDSSP_WINE_KIND $has $width"' 2>&1)
        contains "--wine $kind: what is there" "^${expected[$kind]}\$" "$output"
    done
}

test_status()
{
    local status signal
    for status in 0 1 3 127 255; do
        plain sh -c "exit $status"
        equal "exit status $status" $status $?
    done
    for signal in KILL TERM INT SEGV; do
        plain sh -c "kill -s $signal \$\$" > "$scratch/out" 2>&1
        status=$?
        equal "killed by $signal" $((128 + $(kill -l $signal))) $status
        equal "killed by $signal: no words of ours" '' "$(cat "$scratch/out")"
    done
    plain nonexistent-command 2> "$scratch/err"
    equal "unknown command: status" 127 $?
    contains "unknown command: message" 'nonexistent-command: command not found' "$(cat "$scratch/err")"
    plain /etc/passwd 2> /dev/null
    equal "not executable: status" 126 $?
}

test_streams()
{
    head -c 300000 /dev/urandom > "$scratch/data"
    plain cat < "$scratch/data" > "$scratch/copy" 2> "$scratch/err"
    equal "stdin to stdout: status" 0 $?
    cmp -s "$scratch/data" "$scratch/copy"
    equal "stdin to stdout: the same bytes" 0 $?
    equal "stdin to stdout: nothing on stderr" '' "$(cat "$scratch/err")"
    plain sh -c "cat >&2" < "$scratch/data" 2> "$scratch/copy"
    cmp -s "$scratch/data" "$scratch/copy"
    equal "stdin to stderr: the same bytes" 0 $?
    plain true <&-
    equal "closed stdin" 0 $?
    equal "arguments" "<a b><><*><-x><'>" "$(plain printf '<%s>' 'a b' '' '*' -x "'")"
    equal "wine: stdout and stderr" "hello" "$(plain wine cmd /c echo hello 2>&1 | tr -d '\r')"
    plain wine cmd /c exit 5
    equal "wine: status" 5 $?
}

test_environment()
{
    local output
    # shellcheck disable=SC2016
    output=$(cd "$top/tools" && SANDBOX_TEST='a  b' DISPLAY=:7 plain sh -c '
        echo "home $(ls -A "$HOME" | wc -l)"; touch "$HOME/left"
        echo "cwd $(pwd -P)"; echo "display ${DISPLAY-none}"; echo "passed $SANDBOX_TEST"
        echo "debug $WINEDEBUG"; echo "port $VPCD_PORT ${VCARD_CONTROL-none}"
        echo "cache $SCARDSSP_CACHE"; echo "net $(ip -o link | wc -l)"
        for tool in winegcc widl wrc gcc i686-w64-mingw32-gcc x86_64-w64-mingw32-gcc autoreconf; do
            command -v $tool > /dev/null || echo "no $tool"
        done')
    contains "HOME is empty" '^home 0$' "$output"
    equal "what a build needs is there" '' "$(grep '^no ' <<< "$output")"
    contains "the working directory is kept" "^cwd $top/tools\$" "$output"
    contains "no display" '^display none$' "$output"
    contains "the caller's variables" '^passed a  b$' "$output"
    contains "WINEDEBUG is quiet" '^debug -all$' "$output"
    contains "--card none: VPCD_PORT, no VCARD_CONTROL" '^port 35963 none$' "$output"
    contains "the cache is the caller's" "^cache $(realpath -- "$cache")\$" "$output"
    contains "a network of its own" '^net 1$' "$output"
    equal "HOME is new each time" 0 "$(plain sh -c 'ls -A "$HOME" | wc -l')"
    equal "WINEDEBUG of the caller" "+scardssp" "$(WINEDEBUG=+scardssp plain printenv WINEDEBUG)"
    echo shared > "$scratch/shared"
    equal "/tmp is shared" "shared" "$(plain cat "$scratch/shared")"
}

test_readers()
{
    local output
    output=$(plain opensc-tool -l)
    contains "--card none: an empty first reader" '^0 *No .*Virtual PCD 00 00' "$output"
    contains "--card none: an empty second reader" '^1 *No .*Virtual PCD 00 01' "$output"
    if [ ! -x "$vcard" ]; then
        skip "the virtual card is not built"
        return
    fi
    for profile in t1 t0 gsm ext; do
        output=$("$sandbox" --no-dlls --card $profile -- \
            sh -c 'opensc-tool -l; echo "ports $VPCD_PORT $VCARD_CONTROL"')
        contains "--card $profile: a card is there" '^0 *Yes .*Virtual PCD 00 00' "$output"
        contains "--card $profile: ports" '^ports 35964 35962$' "$output"
    done
    contains "the default card is t1" '^0 *Yes' "$("$sandbox" --no-dlls opensc-tool -l)"
    equal "the default card is t1: ATR" "$("$sandbox" --no-dlls --card t1 opensc-tool -r 0 -a)" \
        "$("$sandbox" --no-dlls opensc-tool -r 0 -a)"
    test_script
}

# A card that plays a log, which is named by a path from here, with a blank in it.
test_script()
{
    local log="$scratch/a log"
    printf 'scardsspdata: 2026-01-31T12:34:56.789Z 0x1 %s\n' 'attach T=1 3B80010A Reader' '00CA0102 > 11229000' > "$log"
    output=$(cd "$scratch" && "$sandbox" --wine none --card 'script:a log' -- \
        sh -c 'opensc-tool -r 0 -a; opensc-tool -r 0 -s 00CA0102' 2>&1)
    contains "--card script:LOG: the ATR of the log" '^3b:80:01:0a' "$output"
    contains "--card script:LOG: the reply of the log" '^11 22' "$output"
    : > "$log"
    output=$("$sandbox" --wine none --card "script:$log" -- true 2>&1)
    equal "--card script: with an empty log: status" 1 $?
    contains "--card script: with an empty log: why" 'has no exchanges' "$output"
}

# Two sandboxes that are up at the same time, each seeing its own card and prefix only.
test_two_at_once()
{
    local name other cards=(none none) atr
    [ ! -x "$vcard" ] || cards=(t1 t0)
    for name in 0 1; do
        other=$((1 - name))
        "$sandbox" --no-dlls --card ${cards[name]} -- bash -c "
            touch '$scratch/up$name' \$WINEPREFIX/drive_c/mine$name
            for i in {1..200}; do [ -e '$scratch/up$other' ] && break; sleep 0.05; done
            wine cmd /c echo ran
            opensc-tool -r 0 -a 2>&1
            ls \$WINEPREFIX/drive_c | grep -c mine
            touch '$scratch/done$name'
            for i in {1..400}; do [ -e '$scratch/done$other' ] && break; sleep 0.05; done
            pgrep -c pcscd" > "$scratch/out$name" 2>&1 &
    done
    wait
    for name in 0 1; do
        if [ -x "$vcard" ]; then
            atr=$("$sandbox" --no-dlls --card ${cards[name]} opensc-tool -r 0 -a)
        else
            atr=$(plain opensc-tool -r 0 -a 2>&1)
        fi
        equal "two at once: ${cards[name]} $name" "ran $atr 1 1" "$(tr -d '\r' < "$scratch/out$name" | xargs)"
    done
}

# Nothing is left of a sandbox that ends by itself or by a signal. Its processes are
# known by a variable of their environment.
test_end()
{
    local signal pid mark status wanted
    for signal in none INT TERM HUP KILL; do
        mark=sandbox-test-$$-$signal
        rm -f "$scratch/up"
        # A shell's background jobs ignore SIGINT, and what nohup started SIGHUP.
        SCARDSSP_BUILD=$scratch/none MARK=$mark env --default-signal=INT,TERM,HUP "$sandbox" --card none -- sh -c "
            wine cmd /c exit; setsid sleep 600 & touch '$scratch/up'; [ $signal = none ] || sleep 600" \
            > /dev/null 2> "$scratch/err" &
        pid=$!
        await "$scratch/up" || fail "end by $signal" "the sandbox did not start"
        wanted=0
        if [ $signal != none ]; then
            kill -s $signal $pid
            wanted=$((128 + $(kill -l $signal)))
        fi
        wait $pid 2> /dev/null
        status=$?
        equal "end by $signal: status" "$wanted" $status
        # Only SIGKILL leaves the sweeping to the kernel alone.
        [ $signal != KILL ] || sleep 0.5
        equal "end by $signal: nothing is left" '' "$(marked "$mark")"
        equal "end by $signal: nothing is said" '' "$(cat "$scratch/err")"
    done
}

marked()
{
    grep -l -z -x -- "MARK=$1" /proc/[0-9]*/environ 2> /dev/null
}

# DLLs of ours that only write down that they were registered, in the registry and in a file, or refuse.
test_dlls()
{
    local dll=dlls/scardssp output wanted run
    cat > "$scratch/dll.c" <<'EOF'
#include <stdio.h>
#include <windows.h>

HRESULT WINAPI DllRegisterServer(void)
{
    FILE *file;
    HKEY key;

    if (RegCreateKeyA(HKEY_CLASSES_ROOT, "CLSID\\{" TAG "}\\InprocServer32", &key)) return E_FAIL;
    RegCloseKey(key);
    if (!(file = fopen("Z:" WRITTEN, "a"))) return E_FAIL;
    fputs("registered\n", file);
    fclose(file);
    return RESULT;
}
EOF
    mkdir -p "$scratch/good/$dll/"{i386,x86_64}-windows "$scratch/bad/$dll/x86_64-windows"
    # A tag of this run: the cache cannot know these DLLs.
    plain sh -e -c "
        tag='-DTAG=\"sandbox-test-$$-$(date +%s)\" -DWRITTEN=\"$scratch/registered\"'
        i686-w64-mingw32-gcc \$tag -DRESULT=S_OK -shared -Wl,--kill-at \
            -o $scratch/good/$dll/i386-windows/scardssp.dll $scratch/dll.c
        x86_64-w64-mingw32-gcc \$tag -DRESULT=S_OK -shared \
            -o $scratch/good/$dll/x86_64-windows/scardssp.dll $scratch/dll.c
        x86_64-w64-mingw32-gcc \$tag -DRESULT=E_ACCESSDENIED -shared \
            -o $scratch/bad/$dll/x86_64-windows/scardssp.dll $scratch/dll.c"
    equal "DLLs: built" 0 $?

    wanted=$(printf '1\n1\n'
        sha256sum < "$scratch/good/$dll/i386-windows/scardssp.dll"
        sha256sum < "$scratch/good/$dll/x86_64-windows/scardssp.dll")
    for run in first second; do
        output=$(SCARDSSP_BUILD=$scratch/good "$sandbox" -- sh -c "
            for bits in 32 64; do
                wine reg query 'HKCR\\CLSID' /reg:\$bits | grep -c sandbox-test-$$-
            done
            cd \$WINEPREFIX/drive_c/windows
            sha256sum < syswow64/scardssp.dll; sha256sum < system32/scardssp.dll")
        equal "DLLs, $run start: installed and registered in both widths" \
            "$wanted" "$output"
        equal "DLLs, $run start: they register once" 2 "$(grep -c registered "$scratch/registered")"
    done

    output=$(SCARDSSP_BUILD=$scratch/bad "$sandbox" -- echo ran 2> "$scratch/err")
    equal "a DLL that does not register: status" 1 $?
    equal "a DLL that does not register: the command is not run" '' "$output"
    contains "a DLL that does not register: message" \
        'regsvr32 of the x86_64 scardssp.dll failed' "$(cat "$scratch/err")"
    equal "--no-dlls: starts all the same" ran \
        "$(SCARDSSP_BUILD=$scratch/bad "$sandbox" --no-dlls -- echo ran)"
}

test_nested()
{
    equal "nested: status, stdin and stdout" "data 7" "$(echo data | plain sh -c "
        SCARDSSP_BUILD=$scratch/none '$sandbox' --card none -- sh -c 'cat; wine cmd /c exit 7'
        echo \$?" | xargs)"
    contains "nested: the outer one keeps its reader" '^0 *No .*Virtual PCD 00 00' "$(plain sh -c "
        SCARDSSP_BUILD=$scratch/none '$sandbox' --card none -- true; opensc-tool -l")"
}

# What an interrupted set-up left is removed by the next one. mmdebstrap is played by
# a script, so this needs no network.
test_interrupted()
{
    local output list=$scratch/tree/tools/packages
    mkdir -p "$scratch/tree/tools/lib" "$scratch/bin" "$scratch/cache/root-000000000000.tmp/left"
    cp -r "$top/tools/sandbox" "$top/tools/sandbox.d" "$top/tools/lib" "$scratch/tree/tools/"
    echo "sandbox-test-no-such-package" > "$list"
    printf '#!/bin/sh\ntouch "%s"\nsleep 60\n' "$scratch/started" > "$scratch/bin/mmdebstrap"
    # Nothing recent for apt to complete the host with, so a root is made.
    printf '#!/bin/sh\necho "  Candidate: 8.0"\n' > "$scratch/bin/apt-cache"
    chmod +x "$scratch/bin/"*

    PATH=$scratch/bin:$PATH SCARDSSP_CACHE=$scratch/cache SCARDSSP_MIRROR=http://localhost \
        "$scratch/tree/tools/sandbox" --card none -- true > "$scratch/out" 2>&1 &
    output=$!
    await "$scratch/started" || fail "interrupted set-up" "not started: $(cat "$scratch/out")"
    contains "interrupted set-up: leftovers are named" \
        'removing the interrupted set-up' "$(cat "$scratch/out")"
    equal "interrupted set-up: leftovers are removed" '' "$(ls "$scratch/cache" | grep 'root-0*\.tmp')"
    kill -s TERM $output
    wait $output 2> /dev/null
    equal "interrupted set-up: status" 143 $?
    equal "interrupted set-up: no root is taken for complete" \
        '' "$(ls "$scratch/cache" | grep '^root-[0-9a-f]*$')"

    printf '#!/bin/sh\necho "E: no such mirror"\nexit 25\n' > "$scratch/bin/mmdebstrap"
    output=$(PATH=$scratch/bin:$PATH SCARDSSP_CACHE=$scratch/cache SCARDSSP_RETRY_AFTER=0 \
        "$scratch/tree/tools/sandbox" --card none true 2>&1)
    equal "failed set-up: status" 1 $?
    equal "failed set-up: both names of the release are tried, three times" \
        6 "$(grep -c 'E: no such mirror' <<< "$output")"
    contains "failed set-up: mmdebstrap's words" 'E: no such mirror' "$output"
}

for name in usage kinds status streams environment readers two_at_once end dlls nested interrupted; do
    "test_$name"
done
[ $skipped -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
