# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Sourced by benchmarks, after tests/widths.sh.

# What was measured, and where.
describe_machine()
{
    local version
    version=$(pcscd --version | sed -n '1s/.*version \([0-9.]*[0-9]\).*/\1/p')
    echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, Linux $(uname -r)," \
        "$(wine --version), ${SCARDSSP_WINE_KIND:+$SCARDSSP_WINE_KIND, }pcsc-lite $version;" \
        "programs of ${widths/ / and } bits."
}
