# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Sourced by test scripts: widths are the bits of the programs that the kind of Wine runs, or those of them that
# SCARDSSP_TEST_WIDTHS names.

case ${SCARDSSP_WINE_KIND:-} in
win32) widths='32' ;;
win64) widths='64' ;;
*) widths='32 64' ;;
esac
widths=${SCARDSSP_TEST_WIDTHS:-$widths}
