#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Debian's packages, built of the source archive: lintian finds no error, and the package's own test, which reads a
# virtual card, passes. The packages are left in the build directory, in debian/, for tests/bare.sh.
# Ends with the line "N passed, N failed".

. "$(dirname -- "$(realpath -- "$0")")/checks.sh"

version=$(sed -n 's/^PACKAGE_VERSION = //p' "$build/Makefile")
place=$build/debian
rm -rf "$place" && mkdir "$place" && cd "$place" || exit 1

build_package()
(
    cd "$place/wine-scardssp-$version" && dpkg-buildpackage -us -uc
)

# What the test of the package needs is installed, the package is installed by it, into a layer over this system that
# ends with it.
test_package()
{
    mkdir "$work/layer" && unshare --mount bash -c '
        . "$1/tools/sandbox.d/common"
        mount -t tmpfs layer "$2" || exit 1
        for directory in etc usr var; do
            overlay "/$directory" "/$directory" "$2/$directory" || die "no layer over /$directory"
        done
        exec autopkgtest --ignore-restrictions=isolation-container "${@:3}" -- null
        ' bash "$top" "$work/layer" "wine-scardssp_${version}_amd64.deb" "wine-scardssp_$version.dsc"
}

check 'make dist' make -C "$build" dist
check 'the source archive' tar -xf "$build/wine-scardssp-$version.tar.gz"
check 'dpkg-buildpackage' build_package
for file in "wine-scardssp_${version}_amd64.deb" "wine-scardssp_$version.dsc"; do
    check "$file" [ -f "$file" ]
done
check 'lintian' lintian --allow-root --fail-on error "wine-scardssp_${version}_amd64.changes"
lintian --allow-root "wine-scardssp_${version}_amd64.changes"
deb=wine-scardssp_${version}_amd64.deb
for file in bin/scardssp-setup bin/scardssp-doctor bin/scardssp-cards bin/scardssp-redact-log bin/wine-scard \
        lib/wine/i386-windows/scardssp.dll lib/wine/x86_64-windows/scardssp.dll \
        lib/wine-scardssp/scardssp-pcsc32.dll.so share/man/man1/scardssp-setup.1.gz include/scardssp.h share/doc/wine-scardssp/README.md; do
    check "the package has $file" sh -c "dpkg-deb -c '$deb' | grep -q ' [.]/usr/$file\$'"
done
# refers FIELD PACKAGE
refers()
{
    dpkg-deb -f "$deb" "$1" | tr ',' '\n' | grep -q "^ *$2\( \|\$\)"
}
for package in pcscd libpcsclite1 libc6 wine; do
    check "the package depends on $package" refers Depends $package
done
# A machine without the architecture i386 can install it.
for package in libpcsclite1:i386 wine32:i386; do
    check "the package recommends $package" refers Recommends $package
done
check 'nothing of i386 has to be there' sh -c "! dpkg-deb -f '$deb' Depends | grep i386"
dpkg-deb -x "$deb" unpacked && cp -r /usr/share/common-licenses unpacked/usr/share/
check 'no link of its documents leads nowhere' python3 "$top/tests/links.py" unpacked/usr/share/doc/wine-scardssp
check 'no file shows where it was built' sh -c \
    "dpkg-deb --fsys-tarfile '$deb' | tar -xOf - | { ! grep -a -o -F -e '$build' -e '$top'; }"
check 'autopkgtest' test_package
check 'it leaves nothing installed' sh -c '! dpkg-query -W wine-scardssp && [ ! -e /usr/bin/scardssp-setup ]'

finish
