/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the dialog of ISCardLocate::FindCard costs. Run by tests/bench/dialog.sh, on a display:
 *     dialog32.exe SECONDS READER CHANGES
 *     dialog32.exe SECONDS
 * With a reader, whose card then is one that is not looked for, the dialog is opened and the card goes and comes so
 * often. Prints lines "what value": ms from the call of FindCard until the dialog is painted and answers, and until it
 * shows the card's name; "idle begins", and SECONDS later the processor time of the program in ms and its calls of
 * winscard; ms from the moment that pcsc-lite sees the card until its row does.
 */

#define COBJMACROS
#include "dialog_driver.h"
#include "import_table.h"
#include "clock.h"

static LONG calls;

static LONG WINAPI counted_get_status_change(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATEW *states,
                                             DWORD count)
{
    InterlockedIncrement(&calls);
    return SCardGetStatusChangeW(context, timeout, states, count);
}

static LONG WINAPI counted_list_readers(SCARDCONTEXT context, const WCHAR *groups, WCHAR *readers, DWORD *size)
{
    InterlockedIncrement(&calls);
    return SCardListReadersW(context, groups, readers, size);
}

static double processor_ms(void)
{
    FILETIME created, ended, kernel, user;

    GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user);
    return (((ULONGLONG)kernel.dwHighDateTime << 32 | kernel.dwLowDateTime)
            + ((ULONGLONG)user.dwHighDateTime << 32 | user.dwLowDateTime)) / 1e4;
}

/* Waits without the sleep of await(), which is longer than some of what is measured. */
#define wait_until(condition) \
    do \
    { \
        double start_ = milliseconds(); \
        while (!(condition)) \
        { \
            if (milliseconds() - start_ > 60000) die(#condition); \
            Sleep(1); \
        } \
    } \
    while (0)

struct search
{
    const WCHAR *title;
    volatile double called;     /* when FindCard was */
};

static DWORD WINAPI find(void *arg)
{
    struct search *search = arg;
    SAFEARRAY *names = create_name(other_card);
    BSTR title = SysAllocString(search->title);
    ISCardLocate *locate;
    SCARDINFO *info;

    CoInitialize(NULL);
    SetThreadLocale(MAKELCID(MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), SORT_DEFAULT));
    locate = create_object(&CLSID_CSCardLocate, &IID_ISCardLocate);
    ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, title, SC_DLG_ALWAYS);
    search->called = milliseconds();
    if (ISCardLocate_FindCard(locate, SHARED, T0 | T1, 0, &info) != (HRESULT)SCARD_W_CANCELLED_BY_USER)
        die("FindCard was not cancelled");
    ISCardLocate_Release(locate);
    SysFreeString(title);
    SafeArrayDestroy(names);
    CoUninitialize();
    return 0;
}

static BOOL is_painted(HWND dialog)
{
    static const int controls[] = { IDC_PROMPT, IDC_READERS, IDC_STATUS };
    DWORD_PTR result;
    unsigned int i;

    if (!SendMessageTimeoutW(dialog, WM_NULL, 0, 0, SMTO_NORMAL, 10000, &result)) return FALSE;
    for (i = 0; i < ARRAY_SIZE(controls); i++)
        if (GetUpdateRect(GetDlgItem(dialog, controls[i]), NULL, FALSE)) return FALSE;
    return !GetUpdateRect(dialog, NULL, FALSE);
}

static void measure_idle(unsigned int duration)
{
    double time;

    Sleep(1000);
    printf("idle begins\n");
    fflush(stdout);
    time = processor_ms();
    InterlockedExchange(&calls, 0);
    Sleep(duration * 1000);
    printf("processor %.1f\n", processor_ms() - time);
    printf("calls %ld\n", calls);
    fflush(stdout);
}

/* From the moment that pcsc-lite tells it, which has its own pace. */
static void measure_changes(HWND dialog, const WCHAR *name, unsigned int changes)
{
    int row = find_row(dialog, name);
    double start;

    while (changes--)
    {
        pull(name);
        wait_until(!wcscmp(cell(dialog, row, COLUMN_STATE), L"Empty"));
        insert(name);
        start = milliseconds();
        wait_until(!wcscmp(cell(dialog, row, COLUMN_CARD), this_card));
        printf("row %.1f\n", milliseconds() - start);
    }
}

int main(int argc, char **argv)
{
    static const struct replacement counted[] =
    {
        { "SCardListReadersW", counted_list_readers },
        { "SCardGetStatusChangeW", counted_get_status_change },
    };
    struct search search = { .title = L"The benchmark of the dialog" };
    HANDLE thread;
    WCHAR name[256];
    HWND dialog;
    BYTE atr[36];
    int row;

    if (argc != 2 && argc != 4)
    {
        fprintf(stderr, "usage: dialog32.exe SECONDS [READER CHANGES]\n");
        return 2;
    }
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    wake_winscard();
    if (replace_imports("scardssp.dll", counted, ARRAY_SIZE(counted)) != ARRAY_SIZE(counted)) die("nothing is counted");
    if (argc == 4)
    {
        MultiByteToWideChar(CP_UTF8, 0, argv[2], -1, name, ARRAY_SIZE(name));
        introduce_cards(name, atr);
    }
    thread = CreateThread(NULL, 0, find, &search, 0, NULL);
    wait_until((dialog = FindWindowW(L"#32770", search.title)) && IsWindowVisible(dialog) && is_painted(dialog));
    printf("painted %.1f\n", milliseconds() - search.called);
    if (argc == 4)
    {
        wait_until((row = find_row(dialog, name)) >= 0 && !wcscmp(cell(dialog, row, COLUMN_CARD), this_card));
        printf("named %.1f\n", milliseconds() - search.called);
    }
    measure_idle(atoi(argv[1]));
    if (argc == 4)
    {
        measure_changes(dialog, name, atoi(argv[3]));
        forget_cards(&user_cards);
    }
    click(dialog, IDCANCEL);
    WaitForSingleObject(thread, 10000);
    CoUninitialize();
    return 0;
}
