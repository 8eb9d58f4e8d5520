/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A PIN goes through every way that the interfaces offer, and afterwards stands nowhere in the memory of the process.
 * The program itself keeps it covered and wipes its own copies. tests/secrets.sh looks at what is traced meanwhile.
 */

#define COBJMACROS
#include "card_common.h"
#include "late_call.h"
#include "object_rules.h"

#define PIN_SIZE 12
#define COVER 0x5a

/* Covered, so that the search does not find itself. tests/secrets.sh looks for the same. */
static const BYTE covered_pin[PIN_SIZE] =
{
    'W' ^ COVER, '7' ^ COVER, '#' ^ COVER, 'q' ^ COVER, 'J' ^ COVER, 'k' ^ COVER,
    '!' ^ COVER, '9' ^ COVER, 'v' ^ COVER, 'X' ^ COVER, '%' ^ COVER, 'c' ^ COVER
};

static void wipe(void *data, SIZE_T size)
{
    volatile BYTE *p = data;

    while (size--) *p++ = 0;
}

static void uncover(BYTE *pin)
{
    unsigned int i;

    for (i = 0; i < PIN_SIZE; i++) pin[i] = covered_pin[i] ^ COVER;
}

/* A buffer that holds the PIN behind so many other bytes. */
static IByteBuffer *create_pin_buffer(const void *before, LONG size)
{
    IByteBuffer *buffer;
    BYTE bytes[64];

    memcpy(bytes, before, size);
    uncover(bytes + size);
    buffer = create_buffer(bytes, size + PIN_SIZE);
    wipe(bytes, sizeof(bytes));
    return buffer;
}

/* How often the PIN stands between two addresses. */
static unsigned int count_pin(const BYTE *from, const BYTE *end)
{
    unsigned int found = 0, i;

    for (; from + PIN_SIZE <= end; from++)
    {
        for (i = 0; i < PIN_SIZE && (from[i] ^ COVER) == covered_pin[i]; i++) ;
        if (i == PIN_SIZE) found++;
    }
    return found;
}

/*
 * The registers that a long copy goes through hold some of it until the next one, and Wine saves them at every system
 * call, where the search would find them. They are nobody's memory: a copy of zeros takes their place.
 */
static void flush_registers(void)
{
    void *(*volatile copy)(void *, const void *, size_t) = memmove;
    static BYTE from[5000], to[5000];

    copy(to, from, 4096 + 63);
    copy(to, from, 400);
}

/* In all memory of the process that is written to: heaps with what was freed, stacks, data of modules. */
static unsigned int scan_memory(BOOL tell)
{
    MEMORY_BASIC_INFORMATION region;
    unsigned int found = 0, here;
    BYTE *address = NULL;

    flush_registers();
    while (VirtualQuery(address, &region, sizeof(region)))
    {
        BYTE *end = (BYTE *)region.BaseAddress + region.RegionSize;

        if (region.State == MEM_COMMIT && !(region.Protect & PAGE_GUARD)
            && (region.Protect & (PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE)))
        {
            here = count_pin(region.BaseAddress, end);
            if (here && tell)
                trace("%u times in %p-%p, type %#lx.\n", here, region.BaseAddress, (void *)end, region.Type);
            found += here;
        }
        if (end <= address) break;
        address = end;
    }
    return found;
}

/* The search finds what is there, and what a buffer held is gone with its last holder. [ours] */
static void test_search(void)
{
    IByteBuffer *buffer = create_pin_buffer("", 0);
    unsigned int found = scan_memory(FALSE);

    ok(found, "The PIN of a live buffer is not found.\n");
    IByteBuffer_Release(buffer);
    found = scan_memory(TRUE);
    ok(!found, "The released buffer left the PIN %u times.\n", found);
}

/* What programs do with a command that holds a PIN; a card that is NULL gets nothing. */
static void use_and_release(ISCard *card, ISCardCmd *cmd)
{
    IByteBuffer *copy;
    WORD status = 0;

    if (card)
    {
        HRESULT hr = ISCard_Transaction(card, &cmd);

        if (hr != S_OK) ok(0, "Transaction: %s.\n", dbgstr_hr(hr));
        ISCardCmd_get_ReplyStatus(cmd, &status);
        if (!status || status == 0x9000) ok(0, "The card says %04x.\n", status);
    }
    copy = NULL;
    if (ISCardCmd_get_Apdu(cmd, &copy) == S_OK && copy) IByteBuffer_Release(copy);
    copy = NULL;
    if (ISCardCmd_get_Data(cmd, &copy) == S_OK && copy) IByteBuffer_Release(copy);
    ISCardCmd_Release(cmd);
}

/* ---- the ways of a PIN into a command; each returns it ---- */

static ISCardCmd *by_verify(void)
{
    ISCardISO7816 *iso = create_iso();
    IByteBuffer *pin = create_pin_buffer("", 0);
    ISCardCmd *cmd = NULL;

    ISCardISO7816_Verify(iso, 0x1f, pin, &cmd);
    IByteBuffer_Release(pin);
    ISCardISO7816_Release(iso);
    return cmd;
}

static ISCardCmd *by_authenticate(void)
{
    ISCardISO7816 *iso = create_iso();
    IByteBuffer *pin = create_pin_buffer("", 0);
    ISCardCmd *cmd = NULL;

    ISCardISO7816_ExternalAuthenticate(iso, 0, 0x1f, pin, &cmd);
    IByteBuffer_Release(pin);
    ISCardISO7816_Release(iso);
    return cmd;
}

static ISCardCmd *by_build(void)
{
    IByteBuffer *pin = create_pin_buffer("", 0);
    ISCardCmd *cmd = create_cmd();

    ISCardCmd_BuildCmd(cmd, 0x00, 0x24, 0x01, 0x1f, pin, NULL);
    IByteBuffer_Release(pin);
    return cmd;
}

static ISCardCmd *by_data(void)
{
    IByteBuffer *pin = create_pin_buffer("", 0);
    ISCardCmd *cmd = create_cmd();

    ISCardCmd_BuildCmd(cmd, 0x00, 0x20, 0x00, 0x1f, NULL, NULL);
    ISCardCmd_put_Data(cmd, pin);
    ISCardCmd_put_P2(cmd, 0x1f); /* encodes anew */
    IByteBuffer_Release(pin);
    return cmd;
}

static ISCardCmd *by_apdu(void)
{
    static const BYTE header[] = { 0x00, 0x20, 0x00, 0x1f, PIN_SIZE };
    IByteBuffer *apdu = create_pin_buffer(header, sizeof(header));
    ISCardCmd *cmd = create_cmd();

    ISCardCmd_put_Apdu(cmd, apdu);
    IByteBuffer_Release(apdu);
    return cmd;
}

static ISCardCmd *by_extended_apdu(void)
{
    static const BYTE header[] = { 0x00, 0x20, 0x00, 0x1f, 0x00, 0x00, PIN_SIZE };
    IByteBuffer *apdu = create_pin_buffer(header, sizeof(header));
    ISCardCmd *cmd = create_cmd();

    ISCardCmd_put_Apdu(cmd, apdu);
    IByteBuffer_Release(apdu);
    return cmd;
}

static ISCardCmd *by_envelope(void)
{
    static const BYTE header[] = { 0x00, 0x20, 0x00, 0x1f, PIN_SIZE };
    IByteBuffer *apdu = create_pin_buffer(header, sizeof(header));
    ISCardCmd *cmd = create_cmd();

    ISCardCmd_Encapsulate(cmd, apdu, ISO_CASE_1);
    IByteBuffer_Release(apdu);
    return cmd;
}

/* The resetting code of an OpenPGP card, say. */
static ISCardCmd *by_put_data(void)
{
    IByteBuffer *pin = create_pin_buffer("", 0);
    ISCardCmd *cmd = create_cmd();

    ISCardCmd_BuildCmd(cmd, 0x00, 0xda, 0x00, 0xd3, pin, NULL);
    IByteBuffer_Release(pin);
    return cmd;
}

/* A key of a GlobalPlatform card. */
static ISCardCmd *by_put_key(void)
{
    static const BYTE header[] = { 0x80, 0xd8, 0x00, 0x81, PIN_SIZE };
    IByteBuffer *apdu = create_pin_buffer(header, sizeof(header));
    ISCardCmd *cmd = create_cmd();

    ISCardCmd_put_Apdu(cmd, apdu);
    IByteBuffer_Release(apdu);
    return cmd;
}

static ISCardCmd *by_two_commands(void)
{
    ISCardCmd *cmd = by_build();
    LONG le = 8;

    ISCardCmd_BuildCmd(cmd, 0x00, 0xca, 0x7f, 0x7f, NULL, &le); /* what was built before is gone */
    return cmd;
}

static ISCardCmd *by_clear(void)
{
    ISCardCmd *cmd = by_apdu();

    ISCardCmd_Clear(cmd);
    ISCardCmd_BuildCmd(cmd, 0x00, 0xca, 0x7f, 0x7f, NULL, NULL);
    return cmd;
}

/* A buffer that grew byte by byte: what it left behind at each step. */
static ISCardCmd *by_growing_buffer(void)
{
    IByteBuffer *pin = create_raw_buffer();
    ISCardCmd *cmd = create_cmd();
    BYTE bytes[PIN_SIZE], zeros[300];
    LONG i;

    uncover(bytes);
    memset(zeros, 0, sizeof(zeros));
    for (i = 0; i < PIN_SIZE; i++) IByteBuffer_Write(pin, &bytes[i], 1, NULL);
    wipe(bytes, sizeof(bytes));
    IByteBuffer_Write(pin, zeros, sizeof(zeros), NULL);
    IByteBuffer_SetSize(pin, PIN_SIZE);
    ISCardCmd_BuildCmd(cmd, 0x00, 0x20, 0x00, 0x1f, pin, NULL);
    IByteBuffer_Release(pin);
    return cmd;
}

/* As scripts do: an array of bytes becomes a buffer, which becomes the data of a command. */
static ISCardCmd *by_script(void)
{
    ISCardTypeConv *conv = create_object(&CLSID_CSCardTypeConv, &IID_ISCardTypeConv);
    ISCardISO7816 *iso = create_iso();
    ISCardCmd *cmd = create_cmd();
    VARIANT args[3], buffer, command;
    SAFEARRAY *array;
    BYTE bytes[PIN_SIZE];
    HRESULT hr;

    uncover(bytes);
    array = create_byte_array(0, bytes, PIN_SIZE);
    wipe(bytes, sizeof(bytes));
    args[0] = variant_of_array(VT_UI1, array);
    hr = late_call(conv, 3, args, 1, &buffer, NULL); /* ConvertSafeArrayToByteBuffer */
    if (hr != S_OK) ok(0, "ConvertSafeArrayToByteBuffer: %s.\n", dbgstr_hr(hr));
    wipe(array->pvData, PIN_SIZE);
    SafeArrayDestroy(array);
    command = variant_of_object(cmd);
    args[0] = variant_of_long(0x1f);
    args[1] = buffer;
    args[2] = command;
    hr = late_call(iso, 15, args, 3, NULL, NULL); /* Verify */
    if (hr != S_OK) ok(0, "Verify: %s.\n", dbgstr_hr(hr));
    VariantClear(&buffer);
    ISCardISO7816_Release(iso);
    ISCardTypeConv_Release(conv);
    return cmd;
}

/* And one byte buffer that is filled by Write from an array. */
static ISCardCmd *by_late_write(void)
{
    IByteBuffer *pin = create_raw_buffer();
    ISCardCmd *cmd = create_cmd();
    VARIANT args[3];
    SAFEARRAY *array;
    BYTE bytes[PIN_SIZE];
    HRESULT hr;

    uncover(bytes);
    array = create_variant_byte_array(bytes, PIN_SIZE);
    wipe(bytes, sizeof(bytes));
    args[0] = variant_of_array(VT_VARIANT, array);
    args[1] = args[2] = variant_of_long(PIN_SIZE);
    hr = late_call(pin, 12, args, 3, NULL, NULL);
    if (hr != S_OK) ok(0, "Write: %s.\n", dbgstr_hr(hr));
    wipe(array->pvData, PIN_SIZE * sizeof(VARIANT));
    SafeArrayDestroy(array);
    ISCardCmd_BuildCmd(cmd, 0x00, 0x2c, 0x02, 0x1f, pin, NULL);
    IByteBuffer_Release(pin);
    return cmd;
}

/* The conversions of ISCardTypeConv; what it hands out, the program wipes. */
static ISCardCmd *by_type_conv(void)
{
    ISCardTypeConv *conv = create_object(&CLSID_CSCardTypeConv, &IID_ISCardTypeConv);
    IByteBuffer *pin = create_pin_buffer("", 0), *again = NULL;
    ISCardCmd *cmd = create_cmd();
    BYTEARRAY *memory = NULL;
    SAFEARRAY *array = NULL;

    ISCardTypeConv_ConvertByteBufferToSafeArray(conv, pin, &array);
    ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, array, &again);
    wipe(array->pvData, PIN_SIZE);
    SafeArrayDestroy(array);
    ISCardTypeConv_ConvertByteBufferToByteArray(conv, pin, &memory);
    wipe(memory->pbyData, PIN_SIZE);
    GlobalUnlock(memory->hMem);
    GlobalFree(memory->hMem);
    CoTaskMemFree(memory);
    ISCardCmd_BuildCmd(cmd, 0x00, 0x20, 0x00, 0x1f, again, NULL);
    IByteBuffer_Release(pin);
    IByteBuffer_Release(again);
    ISCardTypeConv_Release(conv);
    return cmd;
}

#define LONG_SIZE 400

/* A command that is too long for the memory which every run of bytes has of its own, with the PIN at its end. */
static IByteBuffer *create_long_apdu(void)
{
    static const BYTE header[] = { 0x00, 0x20, 0x00, 0x1f, 0x00, (LONG_SIZE - 7) >> 8, (LONG_SIZE - 7) & 0xff };
    BYTE bytes[LONG_SIZE] = { 0 };
    IByteBuffer *apdu;

    memcpy(bytes, header, sizeof(header));
    uncover(bytes + LONG_SIZE - PIN_SIZE);
    apdu = create_buffer(bytes, sizeof(bytes));
    wipe(bytes, sizeof(bytes));
    return apdu;
}

/* Two commands and three buffers that have it, of which some change it. The order in which they go is the caller's. */
static ISCardCmd *share_long_apdu(BOOL commands_first)
{
    IByteBuffer *given = create_long_apdu(), *apdu = NULL, *reply = NULL;
    ISCardCmd *cmd = create_cmd(), *other = create_cmd();
    unsigned int i;

    ISCardCmd_put_Apdu(cmd, given);
    ISCardCmd_put_ApduReply(cmd, given);
    ISCardCmd_get_Apdu(cmd, &apdu);
    ISCardCmd_get_ApduReply(cmd, &reply);
    ISCardCmd_put_Apdu(other, apdu);
    ISCardCmd_put_ApduReply(other, reply);
    ISCardCmd_put_P2(cmd, 0x1e);            /* one that has a copy then */
    IByteBuffer_SetSize(apdu, LONG_SIZE + 1);
    ISCardCmd_put_ApduReplyLength(other, LONG_SIZE - PIN_SIZE - 2);
    for (i = 0; i < 2; i++)
    {
        if (commands_first == !i)
        {
            ISCardCmd_Clear(cmd);
            ISCardCmd_put_ApduReplyLength(other, 0);
            ISCardCmd_Release(other);
        }
        else
        {
            IByteBuffer_Initialize(apdu, 1, NULL);
            IByteBuffer_Release(apdu);
            IByteBuffer_Release(reply);
            IByteBuffer_Release(given);
        }
    }
    ISCardCmd_BuildCmd(cmd, 0x00, 0xca, 0x7f, 0x7f, NULL, NULL);
    return cmd;
}

static ISCardCmd *by_sharing_commands(void)
{
    return share_long_apdu(TRUE);
}

static ISCardCmd *by_sharing_buffers(void)
{
    return share_long_apdu(FALSE);
}

/* A long reply makes room for a longer one, and that for a short one. */
static ISCardCmd *by_replies(void)
{
    IByteBuffer *given = create_long_apdu(), *zeros = create_buffer(NULL, 2 * LONG_SIZE), *few = create_buffer(NULL, 2);
    ISCardCmd *cmd = create_cmd();

    ISCardCmd_put_ApduReply(cmd, given);
    IByteBuffer_Release(given);
    ISCardCmd_put_ApduReply(cmd, zeros);
    IByteBuffer_Release(zeros);
    ISCardCmd_put_ApduReply(cmd, few);
    IByteBuffer_Release(few);
    ISCardCmd_BuildCmd(cmd, 0x00, 0xca, 0x7f, 0x7f, NULL, NULL);
    return cmd;
}

/* [ours] What held a PIN is wiped before its memory goes, on every way; the card's answer does not matter. */
static void test_ways(ISCard *card)
{
    static const struct { const char *name; ISCardCmd *(*way)(void); } ways[] =
    {
        { "Verify", by_verify },
        { "ExternalAuthenticate", by_authenticate },
        { "BuildCmd", by_build },
        { "put_Data", by_data },
        { "put_Apdu", by_apdu },
        { "put_Apdu, extended", by_extended_apdu },
        { "Encapsulate", by_envelope },
        { "PUT DATA", by_put_data },
        { "PUT KEY", by_put_key },
        { "BuildCmd twice", by_two_commands },
        { "Clear", by_clear },
        { "a growing buffer", by_growing_buffer },
        { "a script", by_script },
        { "a script's Write", by_late_write },
        { "ISCardTypeConv", by_type_conv },
        { "a long command that is shared, commands first", by_sharing_commands },
        { "a long command that is shared, buffers first", by_sharing_buffers },
        { "long replies", by_replies },
    };
    unsigned int i, found;
    ISCardCmd *cmd;

    for (i = 0; i < ARRAY_SIZE(ways); i++)
    {
        winetest_push_context("%s, %s", ways[i].name, card ? "sent" : "built");
        cmd = ways[i].way();
        ok(cmd != NULL, "No command.\n");
        if (cmd) use_and_release(card, cmd);
        found = scan_memory(TRUE);
        ok(!found, "The PIN is found %u times.\n", found);
        winetest_pop_context();
    }
}

START_TEST(secrets)
{
    HMODULE module;
    BSTR reader;
    ISCard *card;
    HRESULT hr;

    CoInitialize(NULL);
    module = load_module(&CLSID_CSCardCmd);
    test_search();
    test_ways(NULL);
    if (is_demo_card() && (reader = find_card_reader(10000)))
    {
        card = create_card();
        hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
        ok(hr == S_OK, "AttachByReader: %s.\n", dbgstr_hr(hr));
        if (hr == S_OK) test_ways(card);
        ISCard_Release(card);
        SysFreeString(reader);
    }
    else
    {
        ok(!is_demo_card(), "The card was not found.\n");
        skip("This takes the demonstration card.\n");
    }
    check_nothing_left(module);
    CoUninitialize();
}
