#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What programs see where no smart card resource manager runs: creating ISCard gives
# SCARD_E_NO_SERVICE, the classes that need no card work. For both widths, with
# pcsc-lite's client looking for its daemon where there is none. Run in the sandbox:
#     tools/sandbox --card none -- tests/nodaemon.sh
# Ends with the line "N passed, N failed".

export PCSCLITE_CSOCK_NAME=/nonexistent/pcscd.comm
export SCARDSSP_TEST_MODE=nodaemon
exec "$(dirname "$0")/conformance.sh" none card database_list locate_calls
