/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A handle that winscard has never given out is a wrong handle, whatever number it is. */

#include "winscard_test.h"

static LONG is_valid_context(void *handle) { return SCardIsValidContext((SCARDCONTEXT)handle); }
static LONG release_context(void *handle) { return SCardReleaseContext((SCARDCONTEXT)handle); }
static LONG cancel(void *handle) { return SCardCancel((SCARDCONTEXT)handle); }
static LONG begin_transaction(void *handle) { return SCardBeginTransaction((SCARDHANDLE)handle); }
static LONG disconnect(void *handle) { return SCardDisconnect((SCARDHANDLE)handle, SCARD_LEAVE_CARD); }

static LONG list_names(void *handle)
{
    DWORD size = 0;

    return SCardListReadersW((SCARDCONTEXT)handle, NULL, NULL, &size);
}

static LONG status(void *handle)
{
    DWORD state;

    return SCardStatusW((SCARDHANDLE)handle, NULL, NULL, &state, NULL, NULL, NULL);
}

static const struct
{
    const char *name;
    LONG (*call)(void *handle);
}
functions[] =
{
    { "SCardIsValidContext", is_valid_context },
    { "SCardReleaseContext", release_context },
    { "SCardCancel", cancel },
    { "SCardListReadersW", list_names },
    { "SCardStatusW", status },
    { "SCardBeginTransaction", begin_transaction },
    { "SCardDisconnect", disconnect },
};

static BOOL is_wrong_handle(LONG error)
{
    return error == ERROR_INVALID_HANDLE || error == (LONG)SCARD_E_INVALID_HANDLE;
}

START_REPORT(handles, "6", "handle guard")
{
    unsigned int i;
    LONG error;

    for (i = 0; i < ARRAY_SIZE(functions); i++)
    {
        error = call_guarded(functions[i].call, NULL);
        ok(is_wrong_handle(error), "%s of no handle: %s.\n", functions[i].name, result_text(error));
        error = call_guarded(functions[i].call, (void *)(ULONG_PTR)0xdeadbeef);
        todo_wine ok(is_wrong_handle(error), "%s of the handle 0xdeadbeef: %s.\n", functions[i].name,
                     result_text(error));
    }
}
