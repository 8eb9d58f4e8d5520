/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The control port of the virtual card. Include it before any other header. */

#ifndef SCARDSSP_TESTS_VCARD_CONTROL_H
#define SCARDSSP_TESTS_VCARD_CONTROL_H

#include <winsock2.h>
#include "common.h"

/* QEMU's USB reader (tools/sandbox --reader ccid) does not tell its card of resets. */
static inline BOOL reader_passes_resets(void)
{
    return !getenv("QEMU_QMP");
}

/* A command for the virtual card (pull, insert, status, reset-data), sent to its control port, the TCP port
 * VCARD_CONTROL of this machine. FALSE when there is none or the card did not answer "ok". */
static inline BOOL vcard_control(const char *command)
{
    const char *port = getenv("VCARD_CONTROL");
    struct sockaddr_in address = { 0 };
    char line[256];
    int size = 0, count = 0;
    WSADATA data;
    SOCKET s;

    if (!port || WSAStartup(MAKEWORD(2, 0), &data)) return FALSE;
    address.sin_family = AF_INET;
    address.sin_port = htons((u_short)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s != INVALID_SOCKET && !connect(s, (struct sockaddr *)&address, sizeof(address)))
    {
        _snprintf(line, sizeof(line) - 1, "%s\n", command);
        send(s, line, (int)strlen(line), 0);
        while (size < (int)sizeof(line) - 1
               && (count = recv(s, line + size, (int)sizeof(line) - 1 - size, 0)) > 0)
        {
            size += count;
            if (memchr(line, '\n', size)) break;
        }
    }
    line[size] = 0;
    line[strcspn(line, "\r\n")] = 0;
    if (s != INVALID_SOCKET) closesocket(s);
    WSACleanup();
    if (strncmp(line, "ok", 2)) trace("Virtual card: %s: %s\n", command, size ? line : "no answer");
    return !strncmp(line, "ok", 2);
}

#endif
