/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCardDatabase: ListCards with its filters, ListReaders, ListReaderGroups, and threads. database.c has what
 * is known of one card. "database_list nodaemon" is for a machine where no resource manager runs.
 */

#define COBJMACROS
#include "common.h"
#include "card_common.h"
#include "foreign_buffer.h"
#include "known_cards.h"
#include "late_call.h"
#include "object_rules.h"

#define MANY_CARDS 300

static const GUID interfaces[] =
{
    { 0x0a0b0c0d, 0xa0b0, 0xc0d0, { 0xab, 1, 2, 3, 4, 5, 6, 0xef } },
    { 0x7a1b0002, 0x0a0b, 0x4c0d, { 1, 2, 3, 4, 5, 6, 7, 8 } },
    { 0x7a1b0003, 0x0a0b, 0x4c0d, { 1, 2, 3, 4, 5, 6, 7, 8 } },
};

/* [iso] 7816-3:2006 8.2.1: the longest that there is, with its check byte. */
static const BYTE long_atr[33] =
{
    0x3b, 0xff, 0x11, 0x00, 0x00, 0xf1, 0x11, 0x00, 0x00, 0xf1, 0x11, 0x00, 0x00, 0x71, 0x11, 0x00, 0x00,
    'f', 'i', 'f', 't', 'e', 'e', 'n', ' ', 'l', 'e', 't', 't', 'e', 'r', 's', 0xb0,
};
/* Longer than its own bytes say, as some real ones are. */
static const BYTE odd_atr[] = { 0x3b, 0x03, 0x14, 0x51, 0x52, 0x99 };
static const BYTE ones[] = { 0xff, 0xff, 0xff, 0xff, 0xff };

/* The cards that are searched. Bit n in the tables below stands for the n-th. */
static const struct card_entry entries[] =
{
    { L"exact", BINARY("\x3b\x80\x80\x01\x01", 5), BINARY(ones, 5), NOTHING, BINARY(interfaces, 16) },
    { L"masked", BINARY("\x3b\x80\x80\x01\x01", 5), BINARY("\xff\xff\xff\xff\xf0", 5), NOTHING,
      BINARY(interfaces, 32) },
    /* [ours] found; by [sdk98] it would never be: there the stored ATR is compared as it is, not under its mask. */
    { L"set outside the mask", BINARY("\x3b\x80\x80\x01\xff", 5), BINARY("\xff\xff\xff\xff\x00", 5), NOTHING,
      BINARY(interfaces, 48) },
    { L"without a mask", BINARY("\x3b\x02\x14\x50", 4), NOTHING, NOTHING, NOTHING },
    { L"any of four bytes", BINARY("\x00\x00\x00\x00", 4), BINARY("\x00\x00\x00\x00", 4), NOTHING,
      BINARY(interfaces + 2, 16) },
    { L"long", BINARY(long_atr, 33), NOTHING, NOTHING, BINARY(interfaces + 1, 16) },
    { L"one byte", BINARY("\x3b", 1), NOTHING, NOTHING, NOTHING },
    { L"odd", BINARY(odd_atr, 6), NOTHING, NOTHING, NOTHING },
};
#define ALL 0xff

static ISCardDatabase *create_database(void)
{
    return create_object(&CLSID_CSCardDatabase, &IID_ISCardDatabase);
}

/* Which of the cards above are in an array; another card of ours, or one twice, is a failure. */
static unsigned int which_cards(SAFEARRAY *names)
{
    unsigned int found = 0, count = 0, i;

    for (i = 0; i < ARRAY_SIZE(entries); i++)
    {
        if (!count_card(names, entries[i].name)) continue;
        found |= 1u << i;
        count++;
    }
    if (count != count_cards(names)) ok(0, "%u cards, but %u names.\n", count, count_cards(names));
    return found;
}

static void check_cards(int line, HRESULT hr, SAFEARRAY *names, unsigned int expected)
{
    ok_(__FILE__, line)(hr == S_OK && array_count(names, VT_BSTR) >= 0 && which_cards(names) == expected,
                        "%s, cards %#x, expected %#x.\n", dbgstr_hr(hr), hr == S_OK ? which_cards(names) : 0,
                        expected);
    if (hr == S_OK) SafeArrayDestroy(names);
}
#define check_cards(hr, names, expected) check_cards(__LINE__, hr, names, expected)

/* ListCards by the ATR in a buffer, which is released. */
static void check_found(int line, IByteBuffer *buffer, unsigned int expected)
{
    ISCardDatabase *database = create_database();
    SAFEARRAY *names = (SAFEARRAY *)0xdeadbeef;
    HRESULT hr;

    hr = ISCardDatabase_ListCards(database, buffer, NULL, 0, &names);
    (check_cards)(line, hr, names, expected);
    IByteBuffer_Release(buffer);
    ISCardDatabase_Release(database);
}
#define check_found(buffer, expected) check_found(__LINE__, buffer, expected)

/* ListCards that fails, and gives no array. */
static void check_refused(int line, ISCardDatabase *database, IByteBuffer *buffer, SAFEARRAY *guids,
                          HRESULT expected, const char *what)
{
    SAFEARRAY *names = (SAFEARRAY *)0xdeadbeef;
    HRESULT hr;

    hr = ISCardDatabase_ListCards(database, buffer, guids, 0, &names);
    ok_(__FILE__, line)(hr == expected && !names, "%s: %s, %p.\n", what, dbgstr_hr(hr), (void *)names);
}
#define check_refused(...) check_refused(__LINE__, __VA_ARGS__)

/* @member ISCardDatabase::ListCards [doc][sdk98][ours] the cards of an ATR and of interfaces; or an empty array. */
static void test_by_atr(void)
{
    static const struct { const char *digits; unsigned int found; } cases[] =
    {
        { "", ALL }, /* [ours] an empty filter is none */
        { "3b80800101", 0x07 },
        { "3b80800102", 0x06 },
        { "3b80800110", 0x04 },
        { "3b80800211", 0x00 },
        { "3f80800101", 0x00 },
        { "3b021450", 0x18 },
        { "3b021451", 0x10 },
        { "ffffffff", 0x10 },
        { "3b", 0x40 },
        { "3f", 0x00 },
        { "3b80", 0x00 },
        { "3b8080", 0x00 },
        { "3b8080010101", 0x07 }, /* [sdk98] the length is what the ATR says: more bytes do not count */
        { "3b80800101ff00ff00ff", 0x07 },
        { "3b02145000", 0x18 },
        { "3b02145199", 0x10 },
        { "3b0200009900", 0x10 },
        { "000000009900", 0x00 }, /* no ATR */
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) /* [doc] that match the ATR, at equal length: [ours] */
    {
        winetest_push_context("ATR %s", cases[i].digits);
        check_found(create_hex_buffer(cases[i].digits), cases[i].found);
        winetest_pop_context();
    }
    check_found(create_buffer(long_atr, 33), 0x20); /* [iso] the longest ATR */
    check_found(create_buffer(odd_atr, sizeof(odd_atr)), 0x80); /* [ours] as ISCard::Atr would hand it out */
}

/* [sdk98] As SCardStatus and SCARD_READERSTATE have it, in an array of 32 or 36 bytes; and in any other. */
static void test_by_atr_in_array(void)
{
    BYTE bytes[64];
    unsigned int i;

    for (i = 5; i <= sizeof(bytes); i++)
    {
        winetest_push_context("In %u bytes", i);
        memset(bytes, i % 2 ? 0 : 0xcc, sizeof(bytes));
        memcpy(bytes, "\x3b\x80\x80\x01\x01", 5);
        check_found(create_buffer(bytes, i), 0x07);
        winetest_pop_context();
    }
    memset(bytes, 0, sizeof(bytes));
    memcpy(bytes, long_atr, sizeof(long_atr));
    check_found(create_buffer(bytes, sizeof(bytes)), 0x20);
    memset(bytes, 0, sizeof(bytes)); /* of a reader without a card */
    check_found(create_buffer(bytes, 36), 0x00);
}

/* What a buffer may be like in which the ATR is. */
static void test_by_atr_in_buffer(void)
{
    ISCardDatabase *database = create_database();
    IByteBuffer *buffer;

    check_found(create_raw_buffer(), ALL); /* a buffer that was not initialised is empty */

    buffer = create_raw_buffer(); /* [client] written, then passed with the pointer at the end */
    IByteBuffer_Write(buffer, (BYTE *)"\x3b\x02\x14\x50", 4, NULL);
    IByteBuffer_AddRef(buffer);
    check_found(buffer, 0x18);
    ok(buffer_position(buffer) == 4, "The pointer is at %ld.\n", buffer_position(buffer));
    IByteBuffer_Release(buffer);

    buffer = create_buffer(NULL, 65536); /* [ours] there is an end to it */
    IByteBuffer_Write(buffer, (BYTE *)"\x3b\x02\x14\x50", 4, NULL);
    check_found(buffer, 0x18);
    buffer = create_buffer(NULL, 65537);
    IByteBuffer_Write(buffer, (BYTE *)"\x3b\x02\x14\x50", 4, NULL);
    check_refused(database, buffer, NULL, E_INVALIDARG, "65537 bytes");
    IByteBuffer_Release(buffer);
    ISCardDatabase_Release(database);
}

/* [doc] An interface, whoever implements it. */
static void test_by_foreign_buffer(void)
{
    ISCardDatabase *database = create_database();
    struct foreign_buffer foreign;
    IByteBuffer *buffer;

    buffer = foreign_buffer_init(&foreign, "\x3b\x02\x14\x50", 4);
    foreign.position = 2;
    IByteBuffer_AddRef(buffer);
    check_found(buffer, 0x18);
    ok(foreign.position == 2 && foreign.ref == 1, "Pointer at %ld, %ld references.\n", foreign.position,
       foreign.ref);
    foreign.behaviour.endless = TRUE;
    check_refused(database, buffer, NULL, E_INVALIDARG, "A buffer without end"); /* [ours] */
    foreign.behaviour.read_result = STG_E_READFAULT;
    check_refused(database, buffer, NULL, STG_E_READFAULT, "A buffer that fails"); /* [ours] */
    ISCardDatabase_Release(database);
}

#define TEXT_0 L"{0A0B0C0D-A0B0-C0D0-AB01-0203040506EF}"
#define TEXT_1 L"{7A1B0002-0A0B-4C0D-0102-030405060708}"
#define TEXT_2 L"{7A1B0003-0A0B-4C0D-0102-030405060708}"

static void test_by_interface(void)
{
    static const struct { const WCHAR *guids[3]; ULONG count; unsigned int found; } cases[] =
    {
        { { NULL }, 0, ALL },
        { { TEXT_0 }, 1, 0x07 },
        { { TEXT_1 }, 1, 0x26 },
        { { TEXT_2 }, 1, 0x14 },
        { { TEXT_0, TEXT_1 }, 2, 0x06 }, /* [doc] every one of them */
        { { TEXT_1, TEXT_0 }, 2, 0x06 },
        { { TEXT_2, TEXT_1, TEXT_0 }, 3, 0x04 },
        { { TEXT_0, TEXT_0, TEXT_0 }, 3, 0x07 },
        { { L"{7A1B0004-0A0B-4C0D-0102-030405060708}" }, 1, 0x00 },
        { { TEXT_0, L"{7A1B0004-0A0B-4C0D-0102-030405060708}" }, 2, 0x00 },
        { { L"{0a0b0c0d-a0b0-c0d0-ab01-0203040506ef}" }, 1, 0x07 }, /* [ours] from here on */
        { { L"0A0B0C0D-A0B0-C0D0-AB01-0203040506EF" }, 1, 0x07 },
        { { L"0a0b0c0d-a0b0-c0d0-ab01-0203040506ef", TEXT_1 }, 2, 0x06 },
    };
    static const WCHAR *const good[] = { TEXT_0 };
    ISCardDatabase *database = create_database();
    IByteBuffer *buffer = create_hex_buffer("3b80800102");
    SAFEARRAY *array, *names;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(cases); i++)
    {
        winetest_push_context("Interfaces %u", i);
        array = create_string_array(0, cases[i].guids, cases[i].count);
        hr = ISCardDatabase_ListCards(database, NULL, array, 0, &names);
        check_cards(hr, names, cases[i].found);
        hr = ISCardDatabase_ListCards(database, buffer, array, 0, &names); /* [doc] both filters */
        check_cards(hr, names, cases[i].found & 0x06);
        hr = SafeArrayDestroy(array);
        /* it is still the caller's, and not locked */
        ok(hr == S_OK, "SafeArrayDestroy: %s.\n", dbgstr_hr(hr));
        winetest_pop_context();
    }
    array = create_string_array(-3, good, 1);
    hr = ISCardDatabase_ListCards(database, NULL, array, 0, &names); /* [ours] any lower bound */
    check_cards(hr, names, 0x07);
    SafeArrayDestroy(array);
    IByteBuffer_Release(buffer);
    ISCardDatabase_Release(database);
}

/* [doc] Strings that are no GUID, and arrays that are none of strings. */
static void test_wrong_interfaces(void)
{
    static const WCHAR *const bad[] =
    {
        L"", L"{", L"{}", L"IUnknown",
        L"{0A0B0C0D-A0B0-C0D0-AB01-0203040506EF", L"0A0B0C0D-A0B0-C0D0-AB01-0203040506EF}",
        L"{0A0B0C0D-A0B0-C0D0-AB01-0203040506E}", L"{0A0B0C0D-A0B0-C0D0-AB01-0203040506EF}}",
        L"{0A0B0C0D-A0B0-C0D0-AB01-0203040506EG}", L"{0A0B0C0DA0B0C0D0AB010203040506EF}",
        L" {0A0B0C0D-A0B0-C0D0-AB01-0203040506EF}", L"0A0B0C0D+A0B0-C0D0-AB01-0203040506EF", NULL
    };
    const WCHAR *pair[2] = { TEXT_0 };
    SAFEARRAYBOUND bounds[2] = { { 1, 0 }, { 1, 0 } };
    ISCardDatabase *database = create_database();
    SAFEARRAY *array;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(bad); i++)
    {
        pair[1] = bad[i];
        array = create_string_array(0, pair, 2);
        check_refused(database, NULL, array, E_INVALIDARG, wine_dbgstr_w(bad[i]));
        SafeArrayDestroy(array);
    }
    array = SafeArrayCreateVector(VT_I4, 0, 1);
    check_refused(database, NULL, array, E_INVALIDARG, "Numbers");
    SafeArrayDestroy(array);
    array = create_variant_string_array(pair, 1);
    check_refused(database, NULL, array, E_INVALIDARG, "VARIANTs");
    SafeArrayDestroy(array);
    array = SafeArrayCreate(VT_BSTR, 2, bounds);
    check_refused(database, NULL, array, E_INVALIDARG, "A matrix");
    SafeArrayDestroy(array);
    ISCardDatabase_Release(database);
}

static void test_all(void)
{
    static const LONG locales[] = { 0, LOCALE_USER_DEFAULT, 0x409, 0x407, 0x12345678, -1 };
    ISCardDatabase *database = create_database();
    IByteBuffer *buffer = create_hex_buffer("0102030405060708090a0b0c0d0e0f");
    SAFEARRAY *names;
    unsigned int i;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(locales); i++) /* [ours] names have no language */
    {
        winetest_push_context("Locale %#lx", locales[i]);
        hr = ISCardDatabase_ListCards(database, NULL, NULL, locales[i], &names);
        check_cards(hr, names, ALL);
        winetest_pop_context();
    }
    hr = ISCardDatabase_ListCards(database, buffer, NULL, 0, &names); /* [ours] no match is no error */
    ok(hr == S_OK && array_count(names, VT_BSTR) == 0, "No match: %s, %ld names.\n", dbgstr_hr(hr),
       hr == S_OK ? array_count(names, VT_BSTR) : 0);
    if (hr == S_OK) SafeArrayDestroy(names);
    hr = ISCardDatabase_ListCards(database, NULL, NULL, 0, NULL); /* [doc] */
    ok(hr == E_POINTER, "Without a place for the result: %s.\n", dbgstr_hr(hr));
    IByteBuffer_Release(buffer);
    ISCardDatabase_Release(database);
}

/* How scripts call it: the locale is not theirs to give. [ours] */
static void test_late_bound(void)
{
    static const WCHAR *const guids[] = { TEXT_0, TEXT_1 };
    ISCardDatabase *database = create_database();
    IByteBuffer *buffer = create_hex_buffer("3b80800102");
    SAFEARRAY *strings = create_string_array(0, guids, 2), *variants = create_variant_string_array(guids, 2);
    VARIANT args[3], result;
    LONG all = 0;
    BSTR text;
    HRESULT hr;

    hr = late_call(database, 2, NULL, 0, &result, NULL);
    ok(hr == S_OK && V_VT(&result) == (VT_ARRAY | VT_VARIANT), "All: %s, type %#x.\n", dbgstr_hr(hr),
       V_VT(&result));
    if (hr == S_OK) all = array_count(V_ARRAY(&result), VT_VARIANT);
    ok(all >= (LONG)ARRAY_SIZE(entries), "%ld names.\n", all);
    if (all > 0) ok(V_VT((VARIANT *)V_ARRAY(&result)->pvData) == VT_BSTR, "Not strings.\n");
    VariantClear(&result);

    args[0] = variant_omitted();
    args[1] = variant_omitted();
    hr = late_call(database, 2, args, 2, &result, NULL);
    ok(hr == S_OK && array_count(V_ARRAY(&result), VT_VARIANT) == all, "Both omitted: %s.\n", dbgstr_hr(hr));
    VariantClear(&result);
    args[1] = variant_of_array(VT_VARIANT, variants);
    hr = late_call(database, 2, args, 2, &result, NULL);
    ok(hr == S_OK && array_count(V_ARRAY(&result), VT_VARIANT) == 2, "Array(a, b): %s.\n", dbgstr_hr(hr));
    VariantClear(&result);
    args[0] = variant_of_object(buffer);
    args[1] = variant_of_array(VT_BSTR, strings);
    hr = late_call(database, 2, args, 2, &result, NULL);
    ok(hr == S_OK && array_count(V_ARRAY(&result), VT_VARIANT) == 2, "Both: %s.\n", dbgstr_hr(hr));
    VariantClear(&result);
    args[1] = variant_of_object(NULL);
    hr = late_call(database, 2, args, 2, &result, NULL);
    ok(hr == DISP_E_TYPEMISMATCH, "Nothing in place of an array: %s.\n", dbgstr_hr(hr));
    args[0] = variant_of_object(database);
    hr = late_call(database, 2, args, 1, &result, NULL);
    ok(hr == DISP_E_TYPEMISMATCH, "Another object in place of a buffer: %s.\n", dbgstr_hr(hr));
    args[0] = args[1] = args[2] = variant_omitted();
    hr = late_call(database, 2, args, 3, &result, NULL);
    ok(hr == DISP_E_BADPARAMCOUNT, "Three arguments: %s.\n", dbgstr_hr(hr));
    SysFreeString(((BSTR *)strings->pvData)[1]);
    ((BSTR *)strings->pvData)[1] = SysAllocString(L"no GUID");
    args[1] = variant_of_array(VT_BSTR, strings);
    hr = late_call(database, 2, args, 2, &result, &text);
    ok(hr == E_INVALIDARG && text && wcsstr(text, L"ListCards") && wcsstr(text, L"GUID"), "%s, %s.\n",
       dbgstr_hr(hr), wine_dbgstr_w(text));
    SysFreeString(text);

    SafeArrayDestroy(variants);
    SafeArrayDestroy(strings);
    IByteBuffer_Release(buffer);
    ISCardDatabase_Release(database);
}

static void test_many(void)
{
    struct card_entry entry = { NULL, BINARY(NULL, 4), BINARY("\xff\xff\xff\xff", 4), NOTHING, NOTHING };
    ISCardDatabase *database = create_database();
    IByteBuffer *buffer;
    SAFEARRAY *names;
    WCHAR name[16];
    unsigned int i;
    BYTE atr[4];
    HRESULT hr;

    entry.name = name;
    entry.atr.data = atr;
    for (i = 0; i < MANY_CARDS; i++)
    {
        wsprintfW(name, L"many %u", i);
        atr[0] = 0x3b;
        atr[1] = 0x02;
        atr[2] = (BYTE)i;
        atr[3] = (BYTE)(i >> 8);
        introduce_entry(&user_cards, &entry);
    }
    hr = ISCardDatabase_ListCards(database, NULL, NULL, 0, &names);
    ok(hr == S_OK && count_cards(names) == MANY_CARDS, "%s, %u cards.\n", dbgstr_hr(hr),
       hr == S_OK ? count_cards(names) : 0);
    if (hr == S_OK) SafeArrayDestroy(names);
    buffer = create_buffer(atr, 4);
    hr = ISCardDatabase_ListCards(database, buffer, NULL, 0, &names);
    ok(hr == S_OK && count_cards(names) == 1 && count_card(names, name) == 1, "By the last's ATR: %s.\n",
       dbgstr_hr(hr));
    if (hr == S_OK) SafeArrayDestroy(names);
    forget_cards(&user_cards);
    IByteBuffer_Release(buffer);
    ISCardDatabase_Release(database);
}

#define THREADS 8
#define ROUNDS 10

static DWORD WINAPI list_thread(void *arg)
{
    ISCardDatabase *database = arg;
    SAFEARRAY *names;
    DWORD errors = 0;
    unsigned int i;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (i = 0; i < ROUNDS; i++)
    {
        if (FAILED(ISCardDatabase_ListCards(database, NULL, NULL, 0, &names))) errors++;
        else
        {
            if (count_cards(names) != ARRAY_SIZE(entries)) errors++;
            SafeArrayDestroy(names);
        }
    }
    CoUninitialize();
    return errors;
}

static void test_threads(void)
{
    ISCardDatabase *database = create_database();
    HANDLE threads[THREADS];
    unsigned int i;
    DWORD rc;

    for (i = 0; i < THREADS; i++) threads[i] = CreateThread(NULL, 0, list_thread, database, 0, NULL);
    rc = WaitForMultipleObjects(THREADS, threads, TRUE, 60000);
    ok(rc == WAIT_OBJECT_0, "The threads hang: %#lx.\n", rc);
    for (i = 0; i < THREADS; i++)
    {
        GetExitCodeThread(threads[i], &rc);
        ok(!rc, "Thread %u: %lu errors.\n", i, rc);
        CloseHandle(threads[i]);
    }
    ISCardDatabase_Release(database);
}

/* @member ISCardDatabase::ListReaders [doc] the readers; SCARD_E_NO_READERS_AVAILABLE without any. */
/* Those of winscard, as its list of strings. */
static void test_ListReaders(const WCHAR *expected)
{
    static const LONG locales[] = { 0, 0x409, -1 };
    ISCardDatabase *database = create_database();
    const WCHAR *name;
    SAFEARRAY *readers;
    unsigned int i;
    VARIANT result;
    LONG count;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(locales); i++)
    {
        winetest_push_context("Locale %#lx", locales[i]);
        readers = NULL;
        hr = ISCardDatabase_ListReaders(database, locales[i], &readers); /* [doc] */
        count = array_count(readers, VT_BSTR);
        ok(hr == S_OK && count > 0, "ListReaders: %s, %ld readers.\n", dbgstr_hr(hr), count);
        /* [doc] those of winscard */
        for (name = expected; *name && count > 0; name += lstrlenW(name) + 1, count--)
            ok(!wcscmp(name, ((BSTR *)readers->pvData)[array_count(readers, VT_BSTR) - count]),
               "%s is missing.\n",
               wine_dbgstr_w(name));
        ok(!count && !*name, "%ld readers more.\n", count);
        if (readers) SafeArrayDestroy(readers);
        winetest_pop_context();
    }
    hr = late_call(database, 4, NULL, 0, &result, NULL); /* [ours] */
    ok(hr == S_OK && V_VT(&result) == (VT_ARRAY | VT_VARIANT)
       && !wcscmp(V_BSTR((VARIANT *)V_ARRAY(&result)->pvData), expected), "Late: %s.\n", dbgstr_hr(hr));
    VariantClear(&result);
    ISCardDatabase_Release(database);
}

/* @member ISCardDatabase::ListReaderGroups [doc] the groups that winscard knows. */
/* By [sdk98] SCard$DefaultReaders is one of them only while it has a reader: pcsc-lite always lists it. */
static void test_ListReaderGroups(void)
{
    ISCardDatabase *database = create_database();
    SAFEARRAY *groups = NULL;
    VARIANT result;
    HRESULT hr;

    hr = ISCardDatabase_ListReaderGroups(database, 0, &groups); /* [doc] */
    ok(hr == S_OK && array_count(groups, VT_BSTR) > 0, "ListReaderGroups: %s.\n", dbgstr_hr(hr));
    if (groups && array_count(groups, VT_BSTR) > 0) /* [hdr] winscard.h: the group that every reader is in */
        ok(!wcscmp(((BSTR *)groups->pvData)[0], L"SCard$DefaultReaders"), "%s.\n",
           wine_dbgstr_w(((BSTR *)groups->pvData)[0]));
    if (groups) SafeArrayDestroy(groups);
    hr = late_call(database, 3, NULL, 0, &result, NULL);
    ok(hr == S_OK && V_VT(&result) == (VT_ARRAY | VT_VARIANT), "Late: %s.\n", dbgstr_hr(hr));
    VariantClear(&result);
    ISCardDatabase_Release(database);
}

static void test_readers(BOOL expected)
{
    ISCardDatabase *database = create_database();
    SCARDCONTEXT context = 0;
    WCHAR names[1024];
    DWORD size = ARRAY_SIZE(names);
    HRESULT hr;
    LONG rc;

    hr = ISCardDatabase_ListReaders(database, 0, NULL); /* [doc] */
    ok(hr == E_POINTER, "ListReaders without a place for the result: %s.\n", dbgstr_hr(hr));
    hr = ISCardDatabase_ListReaderGroups(database, 0, NULL); /* [doc] */
    ok(hr == E_POINTER, "ListReaderGroups without a place for the result: %s.\n", dbgstr_hr(hr));
    ISCardDatabase_Release(database);

    wake_winscard();
    rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (!rc) rc = SCardListReadersW(context, NULL, names, &size);
    if (context) SCardReleaseContext(context);
    if (rc)
    {
        ok(!expected, "There is no reader: %#lx.\n", rc);
        skip("There is no reader: %#lx.\n", rc);
        return;
    }
    test_ListReaders(names);
    test_ListReaderGroups();
}

/* The card lists do not need the resource manager, the object neither. [ours] */
static void test_no_daemon(void)
{
    ISCardDatabase *database = create_database();
    SAFEARRAY *array = (SAFEARRAY *)0xdeadbeef;
    VARIANT result;
    BSTR text;
    HRESULT hr;

    hr = ISCardDatabase_ListReaders(database, 0, &array);
    ok(hr == (HRESULT)SCARD_E_NO_SERVICE && !array, "ListReaders: %s, %p.\n", dbgstr_hr(hr), (void *)array);
    array = (SAFEARRAY *)0xdeadbeef;
    hr = ISCardDatabase_ListReaderGroups(database, 0, &array);
    ok(hr == (HRESULT)SCARD_E_NO_SERVICE && !array, "ListReaderGroups: %s, %p.\n", dbgstr_hr(hr),
       (void *)array);
    hr = late_call(database, 4, NULL, 0, &result, &text);
    ok(hr == (HRESULT)SCARD_E_NO_SERVICE && text && wcsstr(text, L"SCARD_E_NO_SERVICE"), "%s, %s.\n",
       dbgstr_hr(hr), wine_dbgstr_w(text));
    SysFreeString(text);
    ISCardDatabase_Release(database);
}

static void test_cards(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(entries); i++) introduce_entry(&user_cards, &entries[i]);
    test_all();
    test_by_atr();
    test_by_atr_in_array();
    test_by_atr_in_buffer();
    test_by_foreign_buffer();
    test_by_interface();
    test_wrong_interfaces();
    test_late_bound();
    test_threads();
    forget_cards(&user_cards);
}

START_TEST(database_list)
{
    HMODULE module;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardDatabase);
    if (has_argument("nodaemon")) test_no_daemon();
    else test_readers(card_expected());

    open_place(&user_cards);
    ok(user_cards.writable, "The user's part of the registry cannot be written.\n");
    if (user_cards.writable)
    {
        clean_place(&user_cards);
        test_cards();
        test_many();
        fill_place(&user_cards);
        winetest_push_context("Among many");
        test_cards();
        winetest_pop_context();
        empty_place(&user_cards);
    }
    close_place(&user_cards);
    check_nothing_left(module);
    CoUninitialize();
}
