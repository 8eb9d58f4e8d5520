#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Runs a command as on a kernel without 32-bit code: a seccomp filter kills whoever makes a system call that is not one
# of x86-64.
#     tests/no_32bit.py COMMAND [ARGUMENT]...

import ctypes
import os
import signal
import struct
import sys

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
SECCOMP_RET_ALLOW = 0x7FFF0000
SECCOMP_RET_KILL_PROCESS = 0x80000000
AUDIT_ARCH_X86_64 = 0xC000003E

# struct sock_filter: code, jump if true, jump if false, k
program = b''.join(struct.pack('HBBI', *instruction) for instruction in (
    (0x20, 0, 0, 4),                            # load seccomp_data.arch
    (0x15, 0, 1, AUDIT_ARCH_X86_64),            # equal?
    (0x06, 0, 0, SECCOMP_RET_ALLOW),
    (0x06, 0, 0, SECCOMP_RET_KILL_PROCESS)))
buffer = ctypes.create_string_buffer(program)
sock_fprog = struct.pack('HxxxxxxP', len(program) // 8, ctypes.addressof(buffer))
libc = ctypes.CDLL(None, use_errno=True)
if os.getuid() != 0:
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(sock_fprog), 0, 0) != 0:
    sys.exit('no_32bit.py: ' + os.strerror(ctypes.get_errno()))
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
try:
    os.execvp(sys.argv[1], sys.argv[1:])
except OSError as error:
    sys.exit('no_32bit.py: {}: {}'.format(sys.argv[1], error.strerror))
