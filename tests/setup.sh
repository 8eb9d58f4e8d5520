#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# scardssp-setup in a prefix of each kind: what it puts there works, and what it takes away leaves the prefix as it was.
#     tools/sandbox --wine KIND --no-dlls --card none -- tests/setup.sh
# Ends with the line "N passed, N failed".

set -u

top=$(realpath -- "$(dirname -- "$(realpath -- "$0")")/..")
build=${SCARDSSP_BUILD:-$top/build}
setup=$top/tools/setup/scardssp-setup
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
windows=$WINEPREFIX/drive_c/windows

# check TEXT COMMAND...: a check passes where the command does
check()
{
    local text=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: $text"
        [ ! -s out ] || sed 's/^/    /' out
    fi
}

# runs STATUS TEXT ARGUMENT...: scardssp-setup ends with this status and says this
runs()
{
    local wanted=$1 text=$2 status
    shift 2
    timeout -k10 200 "$setup" "$@" > out 2>&1 < /dev/null
    status=$?
    [ $status -eq "$wanted" ] && grep -qF -- "$text" out && return
    echo "wanted $wanted and '$text', got $status" >> out
    return 1
}

# What is in the prefix: the registry without times, and the system directories.
snapshot()
{
    timeout -k10 60 wineserver -k
    timeout -k10 60 wineserver -w
    mkdir -p "$1"
    awk '/^\[/ { keep = index($0, "[Software\\\\Classes") == 1 || /DllOverrides|Scardssp/; sub(/ [0-9]+$/, "") }
         keep && !/^#time=/' "$WINEPREFIX/system.reg" "$WINEPREFIX/user.reg" > "$1/registry"
    (cd "$WINEPREFIX" && find . -name '*.reg' -prune -o \( -type f -printf '%P %s\n' -o -printf '%P\n' \) | sort) > "$1/files"
}

same()
{
    diff -ru "$1" "$2" > out
}

# A program of this width makes an object of ours.
works()
{
    local loader=wine
    [ "$1" = 32 ] || loader=wine64
    timeout -k10 60 $loader "$build/tests/cmd$1.exe" > out 2>&1 < /dev/null
}

case $SCARDSSP_WINE_KIND in
win32) widths=32 first=system32 first_machine=i386 ;;
win64) widths=64 first=system32 first_machine=x86_64 ;;
*) widths='32 64' first=syswow64 first_machine=i386 ;;
esac

# ---- what is refused ----

mkdir foreign && echo text > foreign/file
check 'no action' runs 2 'say what to do'
check 'an unknown argument' runs 2 "unknown argument 'frobnicate'" frobnicate
check 'two actions' runs 2 'at once' install status
check 'an option without its value' runs 2 'needs a value' install --prefix
check 'the help' runs 0 'Usage: scardssp-setup' --help
check 'no prefix' runs 1 'there is no prefix' install --prefix "$work/none"
check 'no prefix was made' [ ! -e "$work/none" ]
check 'a foreign directory' runs 1 'is not a Wine prefix' install --prefix "$work/foreign"
check 'the foreign directory is untouched' [ "$(ls foreign)" = file ]
check 'no such Wine' runs 1 "there is no program 'no-such-wine'" install --wine no-such-wine
check 'the prefix of another user' sh -c 'chown 65534 "$1" && "$2" install > out 2>&1; s=$?; chown 0 "$1"
    [ $s -eq 1 ] && grep -q "belongs to" out' - "$WINEPREFIX" "$setup"
printf '#!/bin/sh\necho "wine client error:0: version mismatch 856/840." >&2\nexit 1\n' > other-wine
chmod +x other-wine && ln -s other-wine other-wine64
check 'a wineserver of another version' runs 1 'another version of Wine is running' install --wine "$work/other-wine"
check 'nothing is left of that' [ ! -e "$windows/$first/scardssp.dll" ]

# ---- options, environment, a Wine that hangs or aborts ----

check '-h' runs 0 'Usage: scardssp-setup' -h
check 'a value behind =' runs 1 'there is no prefix' install --prefix="$work/none"
check 'an empty value' runs 2 'needs a value' install --prefix=
check 'the help without HOME' env -u HOME -u WINEPREFIX "$setup" --help
check 'no prefix named, no HOME' env -u HOME -u WINEPREFIX bash -c "$(declare -f runs); setup=$setup
    runs 1 'there is no prefix' status"
check 'a prefix with an apostrophe' runs 1 "WINEPREFIX=$(printf %q "$work/it's none")" install --prefix "$work/it's none"
printf '#!/bin/sh\necho "${TMPDIR-none} $WINEPREFIX" > %s/recorded\nexit 1\n' "$work" > recording-wine
chmod +x recording-wine
check 'a relative prefix, and TMPDIR' env TMPDIR="$work" bash -c "$(declare -f runs); setup=$setup
    runs 1 failed install --wine ./recording-wine --prefix '$(realpath --relative-to=. "$WINEPREFIX")'"
check 'Wine has the whole path and no TMPDIR' [ "$(cat recorded)" = "none $WINEPREFIX" ]
printf '#!/bin/sh\necho $$ > %s/hanging\nsleep 300\n' "$work" > hanging-wine
printf '#!/bin/sh\nkill -ABRT $$\n' > aborting-wine
chmod +x hanging-wine aborting-wine
check 'a Wine that aborts' runs 1 'failed with status' install --wine "$work/aborting-wine"
check 'the shell says nothing of its own' sh -c '! grep -q "line [0-9]*:" out'
check 'nothing is left of that either' [ ! -e "$windows/$first/scardssp.dll" ]

# interrupt: a signal while Wine hangs ends it at once
interrupt()
{
    local pid start=$SECONDS
    rm -f hanging
    env --default-signal=INT "$setup" --wine "$work/hanging-wine" install > out 2>&1 &
    pid=$!
    until [ -s hanging ]; do sleep 0.1; [ $((SECONDS - start)) -lt 20 ] || return 1; done
    kill -INT $pid
    wait $pid
    [ $? -eq 130 ] && [ ! -e "$windows/$first/scardssp.dll" ] && [ $((SECONDS - start)) -lt 60 ] &&
        ! kill -0 "$(cat hanging)" 2> /dev/null
}
check 'Ctrl-C while Wine hangs' interrupt

# A second one waits for the first.
locked()
{
    local pid status
    exec 8< "$WINEPREFIX"
    flock 8
    "$setup" uninstall > out 2>&1 8<&- &
    pid=$!
    sleep 2
    kill -0 $pid && grep -q 'waiting for another' out
    status=$?
    exec 8<&-
    wait $pid && [ $status -eq 0 ]
}
check 'two at once' locked

# The Wine that is named runs both widths.
printf '#!/bin/sh\necho "$@" >> %s/called\nexec %s "$@"\n' "$work" "$(type -P wine)" > named-wine
chmod +x named-wine
mkdir -p wineless/bin
printf '#!/bin/sh\ntouch %s/other-called\nexit 1\n' "$work" > wineless/bin/wine64
chmod +x wineless/bin/wine64
named()
{
    PATH=$work/wineless/bin:$PATH runs 0 'installed' install --wine "$work/named-wine" &&
        runs 0 'uninstalled' uninstall --wine "$work/named-wine" && [ -s called ] && [ ! -e other-called ]
}
check 'the Wine that is named' named

# ---- in, twice, out, twice ----

check 'status of an empty prefix' runs 1 'not installed' status
snapshot before
check 'install' runs 0 installed install
written()
{
    [ "$(grep -ciF 'CLSID\\{1461AAC7-6810-11D0-918F-00AA00C18068}\\InprocServer32]' "$WINEPREFIX/system.reg")" -eq \
        "$(wc -w <<< "$widths")" ]
}
check 'what is said to be installed is on the disk' written
for width in $widths; do
    check "a $width-bit program" works "$width"
    check "status, $width-bit" runs 0 "$width-bit: installed" status
done
check 'a WINEARCH that Wine refuses' env WINEARCH=none bash -c "$(declare -f runs); setup=$setup
    runs 1 \"WINEARCH set to invalid value 'none'\" status"
snapshot installed
check 'install again' runs 0 installed install
snapshot again
check 'twice is as once' same installed again
[ $widths = 64 ] 2> /dev/null || check 'the adapter' [ -e "$windows/$first/scardssp-pcsc32.dll.so" ]

# The known cards: the list is looked at before anything is done.
cards=$build/tools/cards/scardssp-cards
printf '3B 8A 01 80 73 F6 41 5B 54 56 43 54 31 B0\n\tCard of a test\n' > "$work/cards of a test.txt"
check '--cards with another action' runs 2 'belongs to install' status --cards
check '--cards without a file' runs 2 "unknown argument '--cards='" install --cards=
check 'a list that is not there' runs 1 'there is no list of cards' install --cards="$work/none"
check 'install --cards' runs 0 '1 cards introduced' install --cards="$work/cards of a test.txt"
check 'the card is on the disk' grep -qF 'Card of a test' "$WINEPREFIX/system.reg"
check 'the card is known' sh -c "timeout -k10 60 '$cards' list 2> /dev/null | grep -q 'Card of a test'"
check 'install --cards again' runs 0 '1 known already' install --cards="$work/cards of a test.txt"
printf 'no list\n' > "$work/no-list"
check 'a list of nothing' runs 0 '1 entries skipped' install --cards="$work/no-list"
truncate -s 100M "$work/no-list"
check 'a list that cannot be read' runs 1 'not all cards' install --cards="$work/no-list"
check 'the card is forgotten' timeout -k10 60 "$cards" forget 'Card of a test'
check 'uninstall' runs 0 uninstalled uninstall
snapshot after
check 'the prefix is as it was' same before after
check 'uninstall again' runs 0 'is not installed' uninstall
snapshot after-again
check 'uninstalling twice is as once' same after after-again

# ---- names for readers ----

name='Gemplus USB Smart Card Reader 0'
check 'no alias' runs 2 'alias NAME=READER' alias
check 'an alias of nothing' runs 2 'alias NAME=READER' alias "$name"
check 'an alias without a name' runs 2 'the name is empty' alias ' =Gemalto*'
check 'an alias without a reader' runs 2 'the reader is empty' alias "$name= "
check 'an alias that is too long' runs 2 'the name is longer than 255 characters' alias "$(printf 'x%.0s' {1..256})=a"
check 'a reader that is too long' runs 2 'the reader is longer than 255 characters' alias "a=$(printf 'x%.0s' {1..256})"
check 'an alias that is no text' runs 2 'the name is not UTF-8' alias $'a\xff=b'
check 'a control character' runs 2 'the reader has a control character in it' alias $'a=b\tc'
check 'two aliases at once' runs 2 "unknown argument 'c=d'" alias a=b c=d
check 'an unknown option for a name' runs 2 "unknown argument '--frobnicate'" unalias --frobnicate
check 'no name to end' runs 2 'unalias NAME' unalias
check 'a list of something' runs 2 "unknown argument 'a'" aliases a
check 'an alias without a prefix' runs 1 'there is no prefix' alias a=b --prefix "$work/none"
check 'aliases, Wine aborts' runs 1 'failed with status' aliases --wine "$work/aborting-wine"
check 'aliases, another wineserver' runs 1 'another version of Wine is running' aliases --wine "$work/other-wine"
check 'an alias, another wineserver' runs 1 'another version of Wine is running' alias a=b --wine "$work/other-wine"

# lists LINE...: "aliases" prints these lines, and no others, on standard output
lists()
{
    "$setup" aliases 2> err < /dev/null > out && printf '%s\n' "$@" | diff - out
}

# kept LINE: it is in the file that the next start of Wine reads
kept()
{
    grep -qxF -- "$1" "$WINEPREFIX/user.reg"
}

check 'no aliases' runs 0 'there are no aliases' aliases
check 'nothing to end' runs 1 "there is no alias '$name': scardssp-setup aliases" unalias "$name"
check 'an alias' runs 0 "programs that ask for '$name' get the reader 'Gemalto*'" alias "$name=Gemalto*"
check 'it is on the disk' kept "\"$name\"=\"Gemalto*\""
check 'the list' lists "$name=Gemalto*"
check 'it is replaced' runs 0 "get the reader 'OMNIKEY*'" alias "  $name =  OMNIKEY*"
check 'the same once more' runs 0 "get the reader 'OMNIKEY*'" alias "$name=OMNIKEY*"
check 'the new one' lists "$name=OMNIKEY*"
check 'in another case' runs 0 "it takes the place of \"$name\"" alias "${name^^}=OMNIKEY*"
check 'in the same case' runs 0 'get the reader' alias "${name^^}=OMNIKEY*"
check 'takes no place' sh -c '! grep -q "takes the place" out'
check 'is another name' lists "${name^^}=OMNIKEY*"
check 'the name in the first case' runs 1 'there is no alias' unalias "$name"
check 'a reader with =' runs 0 "get the reader 'b=c'" alias a=b=c
check 'it is divided at the first' kept '"a"="b=c"'
odd='The "best\of\\" 中文 ＠ 😀a é0 %n'
check 'characters of all kinds' env LC_ALL=C "$setup" alias "$odd=V $odd*"
longest=$(printf '中%.0s' {1..255})
check 'the longest name' env LC_ALL=C "$setup" alias "$longest=$longest"
check 'they are listed' lists a=b=c "${name^^}=OMNIKEY*" "$odd=V $odd*" "$longest=$longest"
check 'options behind it' runs 0 'ended the alias' unalias "$odd" --prefix "$WINEPREFIX" --wine wine
check 'the longest goes' runs 0 'ended the alias' unalias "$longest"
timeout -k10 60 wine reg add 'HKCU\Software\Wine\Scardssp\Readers' /v number /t REG_DWORD /d 1 /f \
    > /dev/null 2>&1 < /dev/null
check 'the list beside what is no text' lists a=b=c "${name^^}=OMNIKEY*"
check 'what is no text' grep -qF 'this is no name of a reader, and ignored by programs: "number"=dword:00000001' err
check 'what is no text can be ended' runs 0 'ended the alias' unalias number

# What only other programs write: Wine's reg, of a file with what no text on this side can be.
printf '\377\376' > odd.reg
{
    printf '%s\r\n' 'Windows Registry Editor Version 5.00' '' '[HKEY_CURRENT_USER\Software\Wine\Scardssp\Readers]' \
        '"a\nb"="c"' $'"esc\e[1m"="d"' '"e=f"="g"' '" h"="i"' '"empty"=""' \
        "\"$longest\"=\"j\"" "\"${longest}x\"=\"k\"" \
        "\"$(printf '😀%.0s' {1..128})\"=\"l\"" "\"m\"=\"$(printf 'x%.0s' {1..256})\"" | iconv -f UTF-8 -t UTF-16LE
    printf '"\0h\0a\0l\0f\0 \0\075\330"\0=\0"\0n\0"\0\r\0\n\0'
    printf '%s\r\n' '"last 😀"="中"' | iconv -f UTF-8 -t UTF-16LE
} >> odd.reg
timeout -k10 60 wine reg import odd.reg > out 2>&1 < /dev/null
check 'a list of what programs take, and alias makes' lists a=b=c "${name^^}=OMNIKEY*" 'last 😀=中' "$longest=j"
warned()
{
    sed -n "s/^scardssp-setup: this $1: \(.\{1,9\}\).*/\1/p" err | sort | diff - <(printf '%s\n' "${@:2}" | sort)
}
check 'what programs ignore' warned 'is no name of a reader, and ignored by programs' \
    '"empty"="' '"m"="xxxx' '"中中中中中中中中' '"😀😀😀😀😀😀😀😀'
check 'what alias does not make' warned 'cannot be made with alias' "\$'a\\nb'='" "\$'esc\\E[1" \
    "'e=f'='g'" "' h'='i'" "\$'half \\3"
check 'all of it is text' iconv -f UTF-8 -t UTF-16 -o /dev/null err
check 'a line break can be ended' runs 0 'ended the alias' unalias $'a\nb'
check 'a control character can be ended' runs 0 'ended the alias' unalias $'esc\e[1m'
check '= can be ended' runs 0 'ended the alias' unalias 'e=f'
check 'a name that is too long can be ended' runs 0 'ended the alias' unalias "${longest}x"
check 'half a character cannot' runs 2 'the name is not UTF-8' unalias $'half \355\240\275'
"$setup" unalias 'last 😀' > /dev/null 2>&1 && "$setup" unalias "$longest" > /dev/null 2>&1
check 'they are gone' lists a=b=c "${name^^}=OMNIKEY*"
check 'no more than they' sh -c '! grep -q "esc\|e=f\|nb" err && grep -q half err'
check 'those of the variable' env SCARDSSP_READERS='x=y' bash -c "$(declare -f runs); setup=$setup
    runs 0 'before them come those of SCARDSSP_READERS: x=y' aliases"
check 'an alias is ended' runs 0 "ended the alias 'a'" unalias a
check 'that is on the disk' sh -c '! grep -qF "b=c" "$WINEPREFIX/user.reg"'
check 'the other stays' lists "${name^^}=OMNIKEY*"

# What Wine writes for us lies where nobody else can put a name, and what it does not say is no answer.
cat > watching-wine << END
#!/bin/sh
for argument; do
    file=\$(printf %s "\${argument##*unix}" | tr '\\\\' /)
    case \$argument in *unix*) stat -c %a "\$(dirname "\$file")" > $work/mode ;; esac
done
exec $(type -P wine) "\$@"
END
printf '#!/bin/sh\ncase "$*" in *" export "*) echo "no room" >&2; exit 1 ;; esac\nexec %s "$@"\n' \
    "$(type -P wine)" > failing-wine
printf '#!/bin/sh\necho "wine: could not load kernel32.dll" >&2\nexit 1\n' > broken-wine
printf '#!/bin/sh\ncase "$*" in *" query "*) echo "wine: out of memory" >&2; exit 1 ;; esac\nexec %s "$@"\n' \
    "$(type -P wine)" > silent-wine
printf '#!/bin/sh\necho "wine: configuration in %s has been updated." >&2\nexec %s "$@"\n' \
    "$WINEPREFIX" "$(type -P wine)" > talking-wine
chmod +x watching-wine failing-wine broken-wine silent-wine talking-wine
exported_apart()
{
    "$setup" aliases --wine "$work/watching-wine" > out 2>&1 && [ "$(cat mode)" = 700 ]
}
check 'a directory that nobody else can write to' exported_apart
check 'aliases, an export that fails' runs 1 'no room' aliases --wine "$work/failing-wine"
check 'unalias, an export that fails' runs 1 'no room' unalias "${name^^}" --wine "$work/failing-wine"
check 'uninstall, an export that fails' runs 1 'no room' uninstall --wine "$work/failing-wine"
check 'aliases, a Wine that does not start' runs 1 'could not load' aliases --wine "$work/broken-wine"
check 'it is still there' lists "${name^^}=OMNIKEY*"
timeout -k10 60 wine reg add 'HKCU\Software\Wine\ScardsspOther' /v x /d y /f > /dev/null 2>&1 < /dev/null
check 'uninstall removes them' runs 0 'removed the aliases' uninstall
check 'none is left' runs 0 'there are no aliases' aliases
check 'a key that is called alike stays' timeout -k10 60 wine reg delete 'HKCU\Software\Wine\ScardsspOther' /f \
    > /dev/null 2>&1 < /dev/null
snapshot unaliased
check 'nothing of ours is left' same after unaliased
check 'an alias that is ended' sh -c '"$1" alias a=b && "$1" unalias a && "$1" uninstall' - "$setup"
snapshot unaliased-again
check 'nothing of ours is left of that' same after unaliased-again

# What Wine says of other things is no failure.
check 'aliases, a Wine that talks' runs 0 'there are no aliases' aliases --wine "$work/talking-wine"
check 'uninstall, a Wine that talks' runs 0 'is not installed' uninstall --wine "$work/talking-wine"
cp "$build/dlls/scardssp/$first_machine-windows/scardssp.dll" "$windows/$first/"
check 'status, a Wine that talks' runs 1 'there, but not registered' status --wine "$work/talking-wine"
check 'status, a Wine that does not start' runs 1 'Wine does not tell' status --wine "$work/broken-wine"
check 'why it does not' runs 1 'could not load' status --wine "$work/broken-wine"
rm "$windows/$first/scardssp.dll"

# ---- a DLL that was there ----

echo 'a native DLL' > "$windows/$first/scardssp.dll"
snapshot native
# Where there are two widths the other one is installed by then, and is taken out again.
check 'a Wine that does not say whether it is registered' runs 1 "Wine's reg failed" install --wine "$work/silent-wine"
snapshot native-untold
check 'it stays where it is, and is all there is' same native native-untold
check 'install over a native DLL' runs 0 'kept the' install
check 'the native DLL is kept' grep -q native "$windows/$first/scardssp.dll.before-setup"
check 'install again over it' runs 0 installed install
check 'the native DLL is still kept' grep -q native "$windows/$first/scardssp.dll.before-setup"
check 'uninstall restores it' runs 0 restored uninstall
snapshot native-after
check 'the native DLL is as it was' same native native-after
check 'status of a native DLL' runs 1 'another scardssp.dll is there' status
rm "$windows/$first/scardssp.dll"

# One that works and is registered: ours, with another name in its version resource.
cp "$build/dlls/scardssp/$first_machine-windows/scardssp.dll" native.dll
LC_ALL=C sed -i -e 's/wine-scardssp/WINE-SCARDSSP/g' \
    -e 's/w\x00i\x00n\x00e\x00-\x00s\x00c\x00a/W\x00I\x00N\x00E\x00-\x00s\x00c\x00a/g' native.dll
cp native.dll "$windows/$first/scardssp.dll"
case $first_machine in i386) loader=wine ;; *) loader=wine64 ;; esac
timeout -k10 60 $loader "C:\\windows\\$first\\regsvr32.exe" /s "C:\\windows\\$first\\scardssp.dll" \
    > out 2>&1 < /dev/null
check 'the native DLL works' works "${widths%% *}"
snapshot working
check 'install over a working native DLL' runs 0 'kept the' install
check 'uninstall brings it back' runs 0 restored uninstall
check 'the working native DLL is there' cmp native.dll "$windows/$first/scardssp.dll"
check 'it works again' works "${widths%% *}"
snapshot working-after
check 'it is registered as it was' same working working-after
timeout -k10 60 $loader "C:\\windows\\$first\\regsvr32.exe" /s /u "C:\\windows\\$first\\scardssp.dll" \
    > out 2>&1 < /dev/null
rm "$windows/$first/scardssp.dll"

# ---- a Wine that says yes and writes nothing, as where the disk is full ----

# without_registry ACTION: that Wine does it, and its server has ended
without_registry()
{
    env WINESERVER=/bin/true bash -c "$(declare -f runs); setup=$setup
        runs 1 'Wine did not write its registry' $1 --wine '$work/silent-wine'"
}
printf '#!/bin/sh\nexit 0\n' > silent-wine && chmod +x silent-wine
snapshot unwritten
check 'installed is not said' without_registry install
check 'what was done is undone' grep -qF 'undoing what was done' out
cp "$build/dlls/scardssp/$first_machine-windows/scardssp.dll" "$windows/$first/"
cp native.dll "$windows/$first/scardssp.dll.before-setup"
touch "$windows/$first/scardssp.dll.before-setup.registered"
check 'that the old one is registered again is not claimed' without_registry uninstall
check 'it is there' cmp native.dll "$windows/$first/scardssp.dll"
rm "$windows/$first/scardssp.dll"
snapshot unwritten-after
check 'nothing is left of it' same unwritten unwritten-after

# ---- a DLL override ----

timeout -k10 60 wine reg add 'HKCU\Software\Wine\DllOverrides' /v ScardSSP /d '' /f > /dev/null 2>&1 < /dev/null
check 'a DLL override' runs 1 'a DLL override keeps Wine from it: ScardSSP=' install
timeout -k10 60 wine reg delete 'HKCU\Software\Wine\DllOverrides' /v scardssp /f > /dev/null 2>&1 < /dev/null
check 'without it' runs 0 'installed the' install
check 'one that comes later' env WINEDLLOVERRIDES='x=b;ScardSSP=' bash -c "$(declare -f runs); setup=$setup
    runs 1 'a DLL override keeps Wine from it: WINEDLLOVERRIDES=x=b;ScardSSP=' uninstall"
check 'what is installed stays' works "${widths%% *}"
check 'without that' runs 0 'uninstalled the' uninstall

# ---- a failure in the middle ----

mkdir -p broken/dlls/scardssp broken/dlls/pcsc32
cp -r "$build"/dlls/scardssp/*-windows broken/dlls/scardssp/
for dll in broken/dlls/scardssp/*/scardssp.dll; do
    [ "$widths" = '32 64' ] && [[ $dll == *x86_64* ]] || echo 'wine-scardssp' > "$dll"
done
snapshot unbroken
check 'a DLL that does not register' env SCARDSSP_BUILD="$work/broken" bash -c "$(declare -f runs); setup=$setup
    runs 1 'undoing what was done' install"
snapshot rolled-back
check 'what was done is undone' same unbroken rolled-back

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
