/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Brings the dialog of ISCardLocate::FindCard into the states that the documents show, and has pictures taken of them:
 *     pictures64.exe normal|high
 * "high" is the picture for a display of high resolution. tools/screenshots/screenshots runs it.
 */

#define COBJMACROS
#include "../../tests/dialog_driver.h"

static BSTR reader;

struct picture
{
    const WCHAR *file;
    const WCHAR *title;
    LANGID language;
    LONG flags;
    unsigned int name_count;
    const WCHAR *names[4];
    void (*prepare)(void);      /* before FindCard; NULL: nothing */
    void (*change)(void);       /* while the dialog is open */
    const WCHAR *status;        /* a part of what the dialog says then */
    void (*restore)(void);
};

static struct connection other_program;

static void pull_card(void)
{
    pull(reader);
}

static void insert_card(void)
{
    insert(reader);
}

static void use_card(void)
{
    connection_open(&other_program, reader, SCARD_SHARE_EXCLUSIVE);
}

static void leave_card(void)
{
    connection_close(&other_program, SCARD_LEAVE_CARD);
}

static void stop_daemon(void)
{
    ok(host_command(L"stop-daemon"), "The resource manager cannot be ended.\n");
}

static void start_daemon(void)
{
    ok(host_command(L"start-daemon") && await_card(reader, TRUE), "The resource manager does not come back.\n");
}

#define LANGUAGE(name) MAKELANGID(LANG_##name, SUBLANG_DEFAULT)

static const struct picture normal[] =
{
    { L"waiting-en", L"Sign In", LANGUAGE(ENGLISH), SC_DLG_MINIMAL, 1, { L"Health Card" }, pull_card, NULL, L"Waiting",
      insert_card },
    { L"found-en", L"Sign In", LANGUAGE(ENGLISH), SC_DLG_ALWAYS, 2, { L"Health Card", L"Health Professional Card" },
      NULL, NULL, L"found", NULL },
    { L"other-card-de", L"Anmelden", LANGUAGE(GERMAN), SC_DLG_MINIMAL, 1, { L"Signaturkarte" }, NULL, NULL,
      L"nicht die", NULL },
    { L"no-service-fr", L"Ouvrir une session", LANGUAGE(FRENCH), SC_DLG_ALWAYS, 1, { L"Health Card" }, NULL, stop_daemon,
      L"service", start_daemon },
    { L"in-use-es", L"Iniciar sesi\xf3n", LANGUAGE(SPANISH), SC_DLG_MINIMAL, 1, { L"Health Card" }, use_card, NULL,
      L"Otro programa", leave_card },
};

static const struct picture high[] =
{
    { L"high-resolution-en", L"Sign In", LANGUAGE(ENGLISH), SC_DLG_ALWAYS, 3,
      { L"Health Card", L"\x41a\x430\x440\x442\x430 \x437\x434\x43e\x440\x43e\x432\x44c\x44f",
        L"A card with a name that is much too long to be shown in the list of readers" },
      NULL, NULL, L"found", NULL },
};

static void take_picture(const struct picture *picture)
{
    struct find_call call = { .title = picture->title, .flags = picture->flags, .language = picture->language };
    WCHAR directory[300], command[600];
    HWND dialog;
    RECT rect;

    if (picture->prepare) picture->prepare();
    call.names = create_names(picture->name_count, picture->names);
    start_find(&call);
    dialog = await_dialog(&call);
    await(row_count(dialog), FOLLOW);
    if (picture->change) picture->change();
    ok(await(has_text(dialog, IDC_STATUS, picture->status), PATIENCE), "%s: status %s.\n", wine_dbgstr_w(picture->file),
       wine_dbgstr_w(control_text(dialog, IDC_STATUS)));
    ShowWindow(call.owner, SW_HIDE);
    RedrawWindow(dialog, NULL, NULL, RDW_INVALIDATE | RDW_ERASE | RDW_ALLCHILDREN | RDW_UPDATENOW);
    Sleep(500); /* until the X server has drawn it */
    GetWindowRect(dialog, &rect);
    GetEnvironmentVariableW(L"SCARDSSP_PICTURES", directory, ARRAY_SIZE(directory));
    wsprintfW(command, L"picture \"%s/dialog-%s.png\" %d %d %d %d", directory, picture->file, (int)rect.left,
              (int)rect.top, (int)(rect.right - rect.left), (int)(rect.bottom - rect.top));
    ok(host_command(command), "%s: no picture.\n", wine_dbgstr_w(picture->file));
    click(dialog, IDCANCEL);
    ok(!WaitForSingleObject(call.thread, PATIENCE), "The dialog does not close.\n");
    if (picture->restore) picture->restore();
}

/* Cards without the prefix that the tests' cards have: names as users see them. They are forgotten in the end. */
static void introduce(const WCHAR *name, const BYTE *atr, DWORD size)
{
    HKEY cards = open_cards(&user_cards), key;

    RegDeleteKeyW(cards, name);
    if (atr && !RegCreateKeyExW(cards, name, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL))
    {
        RegSetValueExW(key, L"ATR", 0, REG_BINARY, atr, size);
        RegCloseKey(key);
    }
    RegCloseKey(cards);
}

START_TEST(pictures)
{
    const struct picture *pictures = normal;
    unsigned int i, count = ARRAY_SIZE(normal);
    const WCHAR *name = L"Health Card";
    BOOL (WINAPI *set_aware)(void) = (void *)GetProcAddress(GetModuleHandleW(L"user32"), "SetProcessDPIAware");
    BYTE atr[36];
    DWORD size;

    if (set_aware) set_aware();
    CoInitialize(NULL);
    if (__argc > 1 && !strcmp(__argv[1], "high"))
    {
        pictures = high;
        count = ARRAY_SIZE(high);
        name = high[0].names[2];
    }
    if ((reader = find_card_reader(PATIENCE)))
    {
        size = introduce_cards(reader, atr);
        forget_cards(&user_cards);
        introduce(name, atr, size);
        for (i = 0; i < count; i++) take_picture(&pictures[i]);
        introduce(name, NULL, 0);
    }
    SysFreeString(reader);
    CoUninitialize();
}
