#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Holds the rooms of dlls/scardssp apart (docs/developers/architecture.md): what a file includes lies in its own room or on a lower
# floor, of another room it is a face, and nothing includes itself by a detour. The files of the virtual card share
# their headers: there it is what the built files call that may close no circle. Ends with "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

# From the top floor down; "." is the files of dlls/scardssp itself.
floors=(standalone . dialog com system bytes module core)
# What other rooms include; of core every header but its private one.
faces='dialog/dialog.h dialog/dialog.rc com/com.h system/system.h system/carddb.h bytes/bytes.h module/module.h
    core/*.h'

cd "$top/dlls/scardssp" || exit 1

# "file target" for each #include of a file in dlls/scardssp.
includes()
{
    local file name place
    while IFS=: read -r file name; do
        for place in "$(dirname "$file")/$name" "$name"; do
            [ ! -f "$place" ] || { echo "${file#./} $(realpath --relative-to=. "$place")"; break; }
        done
    done < <(grep -r -o --include='*.[ch]' --include='*.rc' '^ *# *include *["<][^">]*' . |
        sed 's/ *# *include *["<]//')
}

room()
{
    case $1 in
    */*) echo "${1%%/*}" ;;
    *) echo . ;;
    esac
}

# The number of the floor of a room; nothing for a room that has none.
floor()
{
    local i
    for i in "${!floors[@]}"; do
        [ "${floors[$i]}" != "$1" ] || echo "$i"
    done
}

is_face()
{
    local face
    for face in $faces; do
        [[ $1 != "$face" || $1 = *_private.h ]] || return 0
    done
    return 1
}

all_rooms_have_floors()
{
    local file
    for file in */*.[ch]; do
        [ -n "$(floor "$(room "$file")")" ] || { echo "$file"; return 1; }
    done
}

no_circle()
{
    tsort "$1" > /dev/null
}

# "file definer" for each name that an object file of the virtual card takes from another.
calls()
{
    nm -A -P "$build"/tools/vcard/vcard-*.o | awk '
        { file = $1; sub(/:$/, "", file); sub(/.*vcard-/, "", file) }
        $3 == "U" { wanted[file " " $2] }
        $3 ~ /^[BDRT]$/ { definer[$2] = file }
        END { for (want in wanted) { split(want, part); if (part[2] in definer) print part[1], definer[part[2]] } }'
}

includes | sort -u > "$work/includes"
while read -r file target; do
    from=$(room "$file") to=$(room "$target")
    [ "$from" != "$to" ] || continue
    check "$file includes $target, which lies higher" [ "0$(floor "$from")" -lt "0$(floor "$to")" ]
    # A file of standalone may be in the place of another room's.
    [ "$from" = standalone ] ||
        check "$file includes $target, which is not the face of its room" is_face "$target"
    echo "$from $to" >> "$work/rooms"
done < "$work/includes"
check 'there is a room without a floor' all_rooms_have_floors
check 'files include each other' no_circle "$work/includes"
check 'rooms include each other' no_circle "$work/rooms"

if [ -f "$build/tools/vcard/vcard-main.o" ] && command -v nm > /dev/null; then
    calls | sort -u > "$work/calls"
    check 'there are no calls' [ -s "$work/calls" ]
    check 'files of the virtual card call each other' no_circle "$work/calls"
fi

finish
