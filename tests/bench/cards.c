/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How long ISCardDatabase takes to find cards by ATR, with few and with many known cards. Run by tests/bench/cards.sh:
 *     cards32.exe known        the cards that the registry has
 *     cards32.exe COUNT        with so many made-up cards of the user's, which are removed again
 * Prints one line of figures, in milliseconds: cards, a plain walk over the registry (every value that the database
 * reads, as plain calls), FindCard by a name without the dialog before any ListCards, the first ListCards, the first
 * after a change, a call without a change by an ATR and by all.
 */

#define COBJMACROS
#define INITGUID
#include "scardmgr.h"
#include "clock.h"

#define CARDS_PATH L"Software\\Microsoft\\Cryptography\\Calais\\SmartCards"
#define PREFIX L"wine-scardssp bench: "
#define MAX_CARDS 200000
#define WARM_CALLS 200
#define NAMED_CALLS 5

static void die_of(const char *what, LONG code)
{
    fprintf(stderr, "%#lx: ", (unsigned long)code);
    die(what);
}

static HKEY open_key(HKEY root, REGSAM access)
{
    HKEY key;

    return RegOpenKeyExW(root, CARDS_PATH, 0, access, &key) ? NULL : key;
}

/* ---- made-up cards ---- */

/* Of 14 bytes, with one of four masks. */
static void make_atr(unsigned int number, BYTE atr[14], BYTE mask[14])
{
    static const BYTE head[] = { 0x3b, 0x8a, 0x01, 0x80 };
    unsigned int i;

    memset(mask, 0xff, 14);
    memcpy(atr, head, sizeof(head));
    for (i = 0; i < 10; i++) atr[4 + i] = (number >> (8 * (i % 4))) & 0xff;
    mask[12] = number % 4 ? 0xff : 0x0f;
    mask[13] = number % 2 ? 0xff : 0x00;
}

static void make_card(HKEY cards, unsigned int number)
{
    static const GUID interface_guid = { 0x0a0b0c0d, 1, 2, { 3, 4, 5, 6, 7, 8, 9, 10 } };
    BYTE atr[14], mask[14];
    WCHAR name[64];
    LONG error;
    HKEY key;

    make_atr(number, atr, mask);
    wsprintfW(name, PREFIX L"card number %u", number);
    error = RegCreateKeyExW(cards, name, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL);
    if (!error) error = RegSetValueExW(key, L"ATR", 0, REG_BINARY, atr, sizeof(atr));
    if (!error) error = RegSetValueExW(key, L"ATRMask", 0, REG_BINARY, mask, sizeof(mask));
    if (!error) error = RegSetValueExW(key, L"Supported Interfaces", 0, REG_BINARY, (const BYTE *)&interface_guid, 16);
    if (error) die_of("writing a card", error);
    RegCloseKey(key);
}

static void make_cards(unsigned int from, unsigned int to)
{
    unsigned int i;
    LONG error;
    HKEY cards;

    error = RegCreateKeyExW(HKEY_CURRENT_USER, CARDS_PATH, 0, NULL, 0, KEY_READ | KEY_WRITE, NULL, &cards, NULL);
    if (error) die_of("opening the user's cards", error);
    for (i = from; i < to; i++) make_card(cards, i);
    RegCloseKey(cards);
}

static void remove_cards(void)
{
    HKEY cards = open_key(HKEY_CURRENT_USER, KEY_READ | KEY_WRITE);
    WCHAR name[256];
    DWORD i = 0;

    while (cards && !RegEnumKeyW(cards, i, name, ARRAYSIZE(name)))
    {
        if (wcsncmp(name, PREFIX, lstrlenW(PREFIX)) || RegDeleteKeyW(cards, name)) i++;
    }
    if (cards) RegCloseKey(cards);
}

/* ---- what is measured ---- */

static unsigned int walk_place(HKEY root, REGSAM view)
{
    static const WCHAR *const values[] = { L"ATR", L"ATRMask", L"Primary Provider", L"Supported Interfaces" };
    HKEY cards = open_key(root, KEY_READ | view), key;
    WCHAR name[256];
    BYTE data[4096];
    DWORD i, k, length, size;

    if (!cards) return 0;
    for (i = 0; length = ARRAYSIZE(name), !RegEnumKeyExW(cards, i, name, &length, NULL, NULL, NULL, NULL); i++)
    {
        if (RegOpenKeyExW(cards, name, 0, KEY_READ, &key)) continue;
        for (k = 0; k < ARRAYSIZE(values); k++)
        {
            size = sizeof(data);
            RegQueryValueExW(key, values[k], NULL, NULL, data, &size);
        }
        RegCloseKey(key);
    }
    RegCloseKey(cards);
    return i;
}

static double walk(unsigned int *count)
{
    double start = milliseconds();

    *count = walk_place(HKEY_CURRENT_USER, 0);
    *count += walk_place(HKEY_LOCAL_MACHINE, sizeof(void *) == 8 ? KEY_WOW64_64KEY : KEY_WOW64_32KEY);
    return milliseconds() - start;
}

static double list(ISCardDatabase *database, IByteBuffer *atr, unsigned int calls, LONG *count)
{
    double start = milliseconds();
    SAFEARRAY *names;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < calls; i++)
    {
        if (FAILED(hr = ISCardDatabase_ListCards(database, atr, NULL, 0, &names))) die_of("ListCards", hr);
        SafeArrayGetUBound(names, 1, count);
        ++*count;
        SafeArrayDestroy(names);
    }
    return (milliseconds() - start) / calls;
}

/* A card that is in no reader; there may be none. */
static double find_by_name(unsigned int number)
{
    SAFEARRAY *names = SafeArrayCreateVector(VT_BSTR, 0, 1);
    ISCardLocate *locate;
    SCARDINFO *info;
    WCHAR name[64];
    unsigned int i;
    double start;
    HRESULT hr;

    if (FAILED(hr = CoCreateInstance(&CLSID_CSCardLocate, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardLocate,
                                     (void **)&locate))) die_of("creating the search", hr);
    wsprintfW(name, PREFIX L"card number %u", number);
    *(BSTR *)names->pvData = SysAllocString(name);
    if (FAILED(hr = ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, NULL, 2))) die_of("the search", hr);
    start = milliseconds();
    for (i = 0; i < NAMED_CALLS; i++)
        if (ISCardLocate_FindCard(locate, SHARED, T0 | T1, 0, &info) == S_OK) die_of("not finding the card", S_OK);
    start = (milliseconds() - start) / NAMED_CALLS;
    ISCardLocate_Release(locate);
    SafeArrayDestroy(names);
    return start;
}

int main(int argc, char **argv)
{
    BYTE atr[14], mask[14];
    unsigned int count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0, walked, number;
    double walk_time, named, cold, changed, warm, all;
    ISCardDatabase *database;
    LONG found, expected, listed;
    IByteBuffer *buffer;
    HRESULT hr;

    if (argc != 2 || count > MAX_CARDS || (!count && strcmp(argv[1], "known")))
    {
        fprintf(stderr, "usage: cards32.exe known|COUNT   (COUNT: 1 to %u)\n", MAX_CARDS);
        return 2;
    }
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (FAILED(hr = CoCreateInstance(&CLSID_CSCardDatabase, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardDatabase,
                                     (void **)&database))) die_of("creating the database", hr);
    if (FAILED(hr = CoCreateInstance(&CLSID_CByteBuffer, NULL, CLSCTX_INPROC_SERVER, &IID_IByteBuffer,
                                     (void **)&buffer))) die_of("creating a byte buffer", hr);
    make_cards(0, count);
    number = count / 2;
    make_atr(number, atr, mask);
    IByteBuffer_Initialize(buffer, sizeof(atr), atr);

    walk_time = walk(&walked);
    named = find_by_name(number);
    cold = list(database, buffer, 1, &expected);
    make_cards(MAX_CARDS, MAX_CARDS + 1);
    changed = list(database, buffer, 1, &found);
    if (found != expected) die_of("finding the cards again", found);
    warm = list(database, buffer, WARM_CALLS, &found);
    if (found != expected || (count && !found)) die_of("finding the card", found);
    all = list(database, NULL, 3, &listed);
    remove_cards();
    list(database, buffer, 1, &found);
    if (count && found) die_of("noticing that the cards are gone", found);

    printf("%s %ld %.1f %.2f %.1f %.1f %.4f %.2f\n", sizeof(void *) == 8 ? "64" : "32", listed, walk_time, named, cold,
           changed, warm, all);
    IByteBuffer_Release(buffer);
    ISCardDatabase_Release(database);
    CoUninitialize();
    return 0;
}
