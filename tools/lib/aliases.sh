# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Sourced by scardssp-setup, whose words it uses: changes of the registry, and aliases of readers, which are values of a
# key below own_key: the name is the alias, the data what it stands for.

own_key='HKEY_CURRENT_USER\Software\Wine\Scardssp'
max_name=255            # characters of an alias, and of what it stands for

# ---- the registry, through .reg files: $imported and $exported ----

# The name that Windows programs have for a file of the host, whichever drives there are.
windows_path()
{
    printf '%s' '\\?\unix'"${1//\//\\}"
}

wine_failed()
{
    say "Wine's reg failed with status $wine_status" >&2
    explain_wine $wine_status
}

# change_registry LINE...: those of a .reg file, which no code page has a say in
change_registry()
{
    {
        printf '\377\376'
        printf '%s\r\n' 'Windows Registry Editor Version 5.00' '' "$@" | iconv -f UTF-8 -t UTF-16LE
    } > "$imported"
    run_wine "${widths[-1]}" reg import "$(windows_path "$imported")"
    wine_status=$?
    [ $wine_status -eq 0 ] || { wine_failed; return 1; }
}

# change_and_await FILE KEY LINE...: and, last, a value of this moment in the key: where that is in Wine's file, which
# has all of its part of the registry, so is everything that was changed before.
change_and_await()
{
    local file=$1 key=$2 stamp
    stamp="\"Changed\"=\"$(date +%s.%N)\""
    shift 2
    change_registry "$@" "[$key]" "$stamp" || return 1
    await grep -qF -- "$stamp" "$prefix/$file" || { not_written "$file"; return 1; }
}

# ---- aliases ----

# change_aliases LINE...: of values
change_aliases()
{
    change_and_await user.reg "$own_key" "[$own_key\\Readers]" "$@"
}

# From UTF-16, in which Wine has also halves of surrogate pairs: they become three bytes that are no UTF-8.
decode()
{
    od -An -v -t u2 -w2 --endian=little -- "$1" | LC_ALL=C awk '
        function put(lead, character, more)
        {
            printf "%c", lead + int(character / 64 ^ more)
            while (more--)
                printf "%c", 128 + int(character / 64 ^ more) % 64
        }
        NR == 1 && $1 == 65279 { next }
        high && $1 >= 56320 && $1 < 57344 { put(240, 65536 + (high - 55296) * 1024 + $1 - 56320, 3); high = 0; next }
        high { put(224, high, 2); high = 0 }
        $1 >= 55296 && $1 < 56320 { high = $1; next }
        $1 < 128 { printf "%c", $1; next }
        { $1 < 2048 ? put(192, $1, 1) : put(224, $1, 2) }'
    [[ ${PIPESTATUS[*]} = '0 0' ]]
}

# Sets aliases to the lines of the values as a .reg file has them; fails where there is no key of ours.
read_aliases()
{
    aliases=
    registry_has "${widths[-1]}" "$own_key"
    case $? in
    0) run_wine "${widths[-1]}" reg export "$own_key" "$(windows_path "$exported")" /y
        wine_status=$? ;;
    1) return 1 ;;
    esac
    [ $wine_status -eq 0 ] || { wine_failed; exit 1; }
    aliases=$(set -o pipefail
        decode "$exported" | tr -d '\r' | LC_ALL=C awk '/^\[/ { on = tolower($0) ~ /\\readers\]$/ } on && /^"/') ||
        fail "cannot read what Wine's reg has written, $exported"
}

# A string of a .reg file.
quoted()
{
    local text=${1//\\/\\\\}
    text=${text//\"/\\\"}
    text=${text//$'\n'/\\n}
    printf '"%s"' "${text//$'\r'/\\r}"
}

# unquoted TEXT: sets plain to what is in it, up to a NUL, where it fails.
unquoted()
{
    local rest=$1
    plain=
    while [[ $rest = *\\* ]]; do
        plain+=${rest%%\\*} rest=${rest#*\\}
        case $rest in
        n*) plain+=$'\n' ;;
        r*) plain+=$'\r' ;;
        0*) return 1 ;;
        *) plain+=${rest:0:1} ;;
        esac
        rest=${rest:1}
    done
    plain+=$rest
}

# Characters as Windows counts them, which those of four bytes in UTF-8 are two of.
length_of()
{
    local LC_ALL=C leads pairs
    leads=${1//[$'\x80'-$'\xbf']/}
    pairs=${leads//[^$'\xf0'-$'\xff']/}
    echo $((${#leads} + ${#pairs}))
}

is_name()
{
    [ -n "$1" ] && [ "$(length_of "$1")" -le $max_name ]
}

# take_apart LINE: sets found_name and found_reader as programs take them; fails where they ignore the value.
take_apart()
{
    local LC_ALL=C text='^"(([^"\\]|\\.)*)"="(([^"\\]|\\.)*)"$' second
    [[ $1 =~ $text ]] || return 1
    second=${BASH_REMATCH[3]}
    unquoted "${BASH_REMATCH[1]}" || return 1
    found_name=$plain
    unquoted "$second"
    found_reader=$plain
    is_name "$found_name" && is_name "$found_reader"
}

# check_text WHAT TEXT: what an alias in the registry can be called
check_text()
{
    [ -n "$2" ] || usage_error "$1 is empty"
    printf %s "$2" | iconv -f UTF-8 -t UTF-16LE > /dev/null 2>&1 || usage_error "$1 is not UTF-8"
}

# check_name WHAT TEXT: what "alias" takes
check_name()
{
    check_text "$@"
    [[ $2 != *[[:cntrl:]]* ]] || usage_error "$1 has a control character in it"
    is_name "$2" || usage_error "$1 is longer than $max_name characters"
}

# Whether it is what "alias" makes of NAME=READER.
is_plain()
{
    [[ $found_name != *=* && $found_name = "$(trim "$found_name")" && $found_reader = "$(trim "$found_reader")" ]] &&
        (check_name '' "$found_name"; check_name '' "$found_reader") 2> /dev/null
}

trim()
{
    local text=${1#"${1%%[! ]*}"}
    printf %s "${text%"${text##*[! ]}"}"
}

set_alias()
{
    local before line key='^"([^"\\]|\\.)*"='
    read_aliases
    before=$aliases
    # A value keeps the case of its name until it is deleted.
    change_aliases "$(quoted "$name")=-" "$(quoted "$name")=$(quoted "$reader")" || return 1
    say "programs that ask for '$name' get the reader '$reader'"
    [ -n "$before" ] || return 0
    read_aliases
    while IFS= read -r line; do
        [[ $line =~ $key && $'\n'$aliases != *$'\n'"${BASH_REMATCH[0]}"* ]] || continue
        say "it takes the place of ${BASH_REMATCH[0]%=}: the registry has a name in one case only"
    done <<< "$before"
}

list_aliases()
{
    local line
    read_aliases
    [ -n "$aliases" ] || say 'there are no aliases of readers' >&2
    while IFS= read -r line; do
        if [ -z "$line" ]; then
            continue
        elif ! take_apart "$line"; then
            line=${line:0:300}
            say "this is no name of a reader, and ignored by programs: ${line//[[:cntrl:]]/?}" >&2
        elif is_plain; then
            printf '%s\n' "$found_name=$found_reader"
        else
            say "this cannot be made with alias: ${found_name@Q}=${found_reader@Q}" >&2
        fi
    done <<< "$aliases"
    [ -z "${SCARDSSP_READERS:-}" ] || say "before them come those of SCARDSSP_READERS: $SCARDSSP_READERS" >&2
}

end_alias()
{
    local value line found=no
    value=$(quoted "$name")=
    read_aliases
    while IFS= read -r line; do
        [[ $line != "$value"* ]] || found=yes
    done <<< "$aliases"
    [ $found = yes ] || fail "there is no alias '$name': scardssp-setup$asked aliases lists them"
    change_aliases "$value-" || return 1
    say "ended the alias '$name'"
}

# Whether the key is gone from the file that the next start reads.
is_removed()
{
    ! grep -qiF -e '[Software\\Wine\\Scardssp]' -e '[Software\\Wine\\Scardssp\\' "$prefix/user.reg"
}

# Nothing of ours stays behind.
remove_aliases()
{
    read_aliases || return 0
    change_registry "[-$own_key]" || return 1
    await is_removed || { not_written user.reg; return 1; }
    [ -z "$aliases" ] || say 'removed the aliases of readers'
}
