#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The archive of a release: what is in it, that it is the same again, that what is missing breaks it, and its ./install.
# tests/bare.sh uses it as a user does. Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

version=$(sed -n 's/^PACKAGE_VERSION = //p' "$build/Makefile")
archive=$build/release/wine-scardssp-$version.tar.gz
cd "$work" || exit 1

# says STATUS TEXT COMMAND...: the command ends with the status and says the text
says()
{
    local wanted=$1 text=$2 status
    shift 2
    "$@" > said 2>&1 < /dev/null
    status=$?
    cat said
    [ $status -eq "$wanted" ] && grep -qF -- "$text" said
}

same_files()
{
    diff <(cd "$1" && find . -type f | sort) <(cd "$2" && find . -type f | sort)
}

check 'make release' make -C "$build" release
check "$archive" [ -f "$archive" ]
[ -f "$archive" ] || { finish; exit; }
cp "$archive" first.tar.gz
check 'make release again' make -C "$build" release
check 'the archive is the same' cmp "$archive" first.tar.gz

check 'all in one directory of its name' [ "$(tar -tf "$archive" | cut -d / -f 1 | sort -u)" = "wine-scardssp-$version" ]
check 'root owns it' [ -z "$(tar --numeric-owner -tvf "$archive" | awk '$2 != "0/0"')" ]
check 'all may read it, and nobody else write' \
    [ -z "$(tar -tvf "$archive" | cut -c 1-10 | grep -v '^[d-]rw[x-]r-[x-]r-[x-]$')" ]
check 'no file shows where it was built' [ -z "$(tar -xOf "$archive" | grep -a -o -F -e "$build" -e "$top")" ]
tar -xf "$archive"
tree=$work/wine-scardssp-$version
check 'the checksums' sh -c "cd '$tree' && sha256sum -c SHA256SUMS"
check 'every file has one' \
    [ "$(wc -l < "$tree/SHA256SUMS")" -eq "$(find "$tree" -type f ! -name SHA256SUMS | wc -l)" ]
for program in "$tree"/bin/*; do
    name=${program##*/}
    check "$name --version" says 0 "$name $version" "$program" --version
    check "$name --help" says 0 'sage: ' "$program" --help
done
check 'install --version' says 0 " $version" "$tree/install" --version

# A version is one in all places.
check 'CHANGELOG.md begins with the version' \
    [ "$(sed -n '/^## /{s/^## \([^ ]*\).*/\1/p;q}' "$top/CHANGELOG.md")" = "$version" ]
check 'debian/changelog begins with the version' \
    [ "$(sed -n '1s/^wine-scardssp (\(.*\)) .*/\1/p' "$top/debian/changelog")" = "$version" ]
day=$(sed -n "s/^## $version (\(.*\))$/\1/p" "$top/CHANGELOG.md")
check 'and has the date of CHANGELOG.md' \
    [ "$(date -u -d "$(sed -n '/^ -- /{s/.*>  //p;q}' "$top/debian/changelog")" +%F)" = "$day" ]

named=$(grep -o 'wine-scardssp[-_][0-9][0-9.]*[0-9]' "$top/README.md" | sed 's/.*[-_]//' | sort -u)
check "the README names the version alone: $named" [ "$named" = "$version" ]
check 'no link of a document leads nowhere' python3 "$top/tests/links.py" "$top"
check 'nor of one that is installed' python3 "$top/tests/links.py" "$tree/share/doc/wine-scardssp"

# The source archive has all of the source, what autoreconf makes, and nothing that was built.
check 'make dist' make -C "$build" dist
tar -tf "$build/wine-scardssp-$version.tar.gz" | sed -n 's|^[^/]*/\(.*[^/]\)$|\1|p' | sort > archived
(cd "$top" && ls -d -- *.md COPYING.LIB .clang-format configure.ac Makefile.am &&
    find .github debian dlls docs include po tests tools -type f ! -name '*~') | sort > source
check "the source archive lacks $(comm -13 archived source | head -n 5 | paste -s -d ' ')" \
    [ -z "$(comm -13 archived source)" ]
check "the source archive has too much: $(comm -23 archived source | head -n 20 | paste -s -d ' ')" \
    [ -z "$(comm -23 archived source | grep -v '^configure$\|^aclocal.m4$\|^Makefile.in$\|^build-aux/')" ]

# ---- what is missing breaks it ----

# breaks TEXT COMMAND...: with the tree changed by the command the archive is not made, for this reason
breaks()
{
    local text=$1 copy=$work/broken/wine-scardssp-$version
    shift
    rm -rf broken && mkdir broken && cp -a "$tree" broken/ && rm "$copy/SHA256SUMS" && (cd "$copy" && "$@") &&
        says 1 "$text" "$top/tools/release.d/finish" "$top" "$version" "$copy" && [ ! -e "$copy.tar.gz" ]
}

check 'an unchanged tree makes the archive' sh -c "mkdir whole && cp -a '$tree' whole/ &&
    rm whole/wine-scardssp-$version/SHA256SUMS && '$top/tools/release.d/finish' '$top' $version whole/wine-scardssp-$version &&
    cmp whole/wine-scardssp-$version.tar.gz '$archive'"
check 'a file is missing' breaks '< lib/wine-scardssp/cardinfo32.exe' rm lib/wine-scardssp/cardinfo32.exe
check 'a manual page is missing' breaks '< share/man/man1/wine-scard.1' rm share/man/man1/wine-scard.1
check 'a manual page is empty' breaks 'wine-scard has no manual page' sh -c ': > share/man/man1/wine-scard.1'
check 'a file is too many' breaks '> lib/core' touch lib/core
# without_typelib DLL: its resources are nothing but zeros
without_typelib()
{
    local size offset
    read -r _ _ size _ _ offset _ < <(objdump -h "$1" | grep ' \.rsrc ')
    dd if=/dev/zero of="$1" bs=1 seek=$((16#$offset)) count=$((16#$size)) conv=notrunc
}
for file in lib/wine/i386-windows/scardssp.dll lib/wine/x86_64-windows/scardssp.dll; do
    check "$file lacks its type library" breaks "$file does not have the member" without_typelib $file
    check "$file lacks a member" breaks "$file does not have the member UnlockSCard" \
        sed -i 's/UnlockSCard/UnlockSCarf/g' $file
done
check 'the header lacks a member of one interface' breaks 'scardssp.h does not have the member ISCardCmd_Clear' \
    sed -i 's/ISCardCmd_Clear/ISCardCmd_Cleer/g' include/scardssp.h
check 'a version that CHANGELOG.md does not know' sh -c "mkdir other && cp -a '$tree' other/wine-scardssp-9.9 &&
    ! '$top/tools/release.d/finish' '$top' 9.9 other/wine-scardssp-9.9 && [ ! -e other/wine-scardssp-9.9.tar.gz ]"

# ---- ./install ----

install()
{
    "$tree/install" "$@"
}

# Nothing is below the directory.
empty()
{
    [ -z "$(find "$1" -mindepth 1)" ]
}

# What is below the directory, in a line.
content()
{
    (cd "$1" && find . -mindepth 1 | sort | xargs)
}

for arguments in --nonsense --prefix '--prefix=' 'somewhere'; do
    check "install $arguments: wrong usage" says 2 "install --help'" install $arguments
done
mkdir -p 'a place/for it/bin' 'a place/for it/share/man' there
check 'install --prefix' says 0 'installed in' install --prefix 'a place/for it'
check 'it says what to type' grep -qF "for it/bin/scardssp-setup install" said
check 'the command works there' says 0 "$version" 'a place/for it/bin/scardssp-setup' --version
for directory in bin include lib share; do
    check "all of $directory is there" diff -r -x installed-files -x uninstall "$tree/$directory" \
        "a place/for it/$directory"
done
check 'install again' says 0 'installed in' install --prefix="a place/for it"
echo mine > 'a place/for it/bin/mine'
check 'install --uninstall' says 0 'removed from' install --uninstall --prefix 'a place/for it'
check 'what it did not bring stays, and nothing else' \
    [ "$(content 'a place/for it')" = './bin ./bin/mine ./share ./share/man' ]
check 'install --uninstall again' says 1 'nothing is installed' install --uninstall --prefix 'a place/for it'
check 'install once more' says 0 'installed in' install --prefix 'a place/for it'
check 'uninstall --version' says 0 "$version" 'a place/for it/lib/wine-scardssp/uninstall' --version
check 'the script that was installed takes it away' says 0 'removed from' 'a place/for it/lib/wine-scardssp/uninstall'
check 'that leaves the same' [ "$(content 'a place/for it')" = './bin ./bin/mine ./share ./share/man' ]

export HOME=$work/home
mkdir home
if [ "$(id -u)" -eq 0 ]; then
    setpriv=(setpriv --reuid 12345 --clear-groups --)
    chmod 711 "$work" && chmod 777 home
    check 'an ordinary user has it in ~/.local' says 0 "installed in $HOME/.local" "${setpriv[@]}" "$tree/install"
    check 'and nothing else' [ "$(ls -A home)" = .local ]
    check 'a PATH with it' says 0 'now type: scardssp-setup install' env PATH="$HOME/.local/bin:$PATH" "${setpriv[@]}" \
        "$tree/install"
    check 'and takes it away' says 0 removed "${setpriv[@]}" "$tree/install" --uninstall
    check 'nothing is left' [ "$(content home)" = ./.local ]
    cp -a "$tree" of-user && chown -R 12345 of-user && chmod -R go= of-user
    check "root installs a user's tree" sh -c 'umask 077 && of-user/install --prefix there'
    check "what is installed is root's" [ -z "$(find there ! -user root)" ]
    check 'others may read it' [ -z "$(find there -mindepth 1 ! -perm -go=r)" ]
    check 'and run it' "${setpriv[@]}" there/bin/scardssp-setup --version
    check 'and it goes' of-user/install --uninstall --prefix there
    check 'a directory that is not writable' says 1 'cannot write to' "${setpriv[@]}" "$tree/install" \
        --prefix "$work/there"
    check 'without HOME' says 1 'HOME is not set' env -u HOME "${setpriv[@]}" "$tree/install"

    mkdir full && mount -t tmpfs -o size=1500k none full
    check 'a full disk' says 1 'what was there is as it was' install --prefix full
    check 'says nothing else' [ "$(wc -l < said)" -eq 1 ]
    check 'nothing of it is there' empty full
    umount full
fi

# Another version replaces it: what that does not have any more goes.
check 'install for another version' install --prefix there
cp -a "$tree" newer
rm newer/share/man/man1/wine-scard.1
(cd newer && find . -type f ! -name SHA256SUMS | sed 's|^\./||' | sort | xargs sha256sum > SHA256SUMS)
check 'another version over it' newer/install --prefix there
check 'what it lacks is gone' [ ! -e there/share/man/man1/wine-scard.1 ]
check 'what it has is there' [ -e there/share/man/man1/scardssp-setup.1 ]
check 'and can be removed' newer/install --uninstall --prefix there
check 'nothing is left of both' empty there

# Interrupted when some of the files are in their places, by an mv that sends the signal.
mkdir interrupting
printf '%s\n' '#!/bin/sh' 'echo >> "$COUNT"' '[ "$(wc -l < "$COUNT")" -ne 20 ] || kill -INT 0' 'exec /bin/mv "$@"' \
    > interrupting/mv
chmod +x interrupting/mv
interrupted()
{
    : > count
    ! COUNT=$work/count PATH=$work/interrupting:$PATH setsid -w env --default-signal=INT "$tree/install" "$@" &&
        [ -n "$(find there -type f)" ] && [ ! -e there/.wine-scardssp.new ]
}
check 'an interrupted installation' interrupted --prefix there
check 'can be taken away' install --uninstall --prefix there
check 'all of it' empty there
check 'another one' interrupted --prefix there
check 'can be gone on with' install --prefix there
check 'and be taken away then' install --uninstall --prefix there
check 'without a trace' empty there

cp -a "$tree" damaged
echo >> damaged/bin/scardssp-doctor
check 'a damaged file' says 1 'bin/scardssp-doctor: FAILED' damaged/install --prefix there
check 'nothing was installed' empty there
mkdir -p there/share/man/man1/wine-scard.1/in-the-way
check 'something is in the way' says 1 'wine-scard.1 is in the way' install --prefix there
check 'nothing else is there' [ -z "$(find there -mindepth 1 ! -path '*share*')" ]
rm -r there && mkdir -p there && touch there/share
check 'a file is where a directory belongs' says 1 'share is in the way' install --prefix there
check 'nothing else is there either' [ "$(content there)" = ./share ]
rm -r there && mkdir -p there/lib/wine-scardssp
touch precious
printf '%s\n' bin/x ../precious > there/lib/wine-scardssp/installed-files
check 'a list that leads out of the directory' says 1 'is damaged' install --uninstall --prefix there
check 'what is outside stays' [ -e precious ]
check 'into the tree itself' says 1 'lies already' install --prefix "$tree"

finish
