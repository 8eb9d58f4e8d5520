/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * IDispatch::Invoke with every type of argument that Visual Basic, VBScript, JScript, Free Pascal and Delphi pass, what
 * comes back in the caller's variables, and the error information of calls that fail. dispatch.c has the members. What
 * is expected is [ours].
 */

#define COBJMACROS
#include <limits.h>
#include "dispatch_common.h"

/* ---- bytes ---- */

/* Memory of these bytes, behind which a page begins that nobody may touch. The caller frees it with free_edge(). */
static BYTE *create_edge(const void *bytes, ULONG size)
{
    BYTE *page = VirtualAlloc(NULL, 0x2000, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    DWORD old;

    VirtualProtect(page + 0x1000, 0x1000, PAGE_NOACCESS, &old);
    return memcpy(page + 0x1000 - size, bytes, size);
}

static void free_edge(BYTE *bytes)
{
    VirtualFree((void *)((ULONG_PTR)bytes & ~(ULONG_PTR)0xfff), 0, MEM_RELEASE);
}

/* A byte by reference is the address of the first: "buf.Write b(0), 4, n" with "buf As Object". */
static void test_bytes_by_address(void)
{
    ISCardTypeConv *conv = create_object(&CLSID_CSCardTypeConv, &IID_ISCardTypeConv);
    BYTE *bytes = create_edge("\x01\x02\x03\x04", 4);
    IByteBuffer *buffer = create_raw_buffer();
    VARIANT address = v_by_ref(VT_UI1, bytes), variable, result;
    LONG number = -1;

    expect(method(buffer, L"Write", NULL, ARGS(address, v_i4(4), v_by_ref(VT_I4, &number))), S_OK);
    ok(number == 4, "%ld written.\n", number);
    check_content(buffer, "\x01\x02\x03\x04", 4);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(3), address)), S_OK);
    check_content(buffer, "\x01\x02\x03", 3);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_missing(), address)), S_OK); /* lSize = 1 [tlb] */
    check_content(buffer, "\x01", 1);
    check_result(method(conv, L"ConvertByteArrayToByteBuffer", &result, ARGS(address, v_i4(4))), &result,
                 "01 02 03 04");
    check_result(method(conv, L"ConvertByteArrayToByteBuffer", &result, ARGS(address, v_i4(0))), &result, "");
    /* a variant that holds it, as a function of Visual Basic passes its parameter on */
    variable = address;
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(4), v_by_ref(VT_VARIANT, &variable))), S_OK);
    check_content(buffer, "\x01\x02\x03\x04", 4);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(4), v_i4(0x41), v_i4(0))), DISP_E_BADPARAMCOUNT);

    free_edge(bytes);
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
    ok(!ISCardTypeConv_Release(conv), "A reference is left.\n");
}

static void test_read_to_address(void)
{
    BYTE *bytes = create_edge("\x01\x02\x03\x04", 4);
    IByteBuffer *buffer = create_buffer("abc", 3);
    LONG number = -1;

    expect(method(buffer, L"Read", NULL, ARGS(v_by_ref(VT_UI1, bytes + 1), v_i4(3), v_by_ref(VT_I4, &number))), S_OK);
    ok(number == 3 && !memcmp(bytes, "\x01""abc", 4), "%ld read, %s.\n", number, dbgstr_hex(bytes, 4));
    buffer_seek(buffer, 2);
    memcpy(bytes, "wxyz", 4);
    expect(method(buffer, L"Read", NULL, ARGS(v_by_ref(VT_UI1, bytes), v_i4(4))), S_OK);
    ok(!memcmp(bytes, "cxyz", 4), "Read %s.\n", dbgstr_hex(bytes, 4)); /* one was left */
    free_edge(bytes);
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

/* Counts and addresses that are none: the method says so. */
static void test_bad_addresses(void)
{
    ISCardTypeConv *conv = create_object(&CLSID_CSCardTypeConv, &IID_ISCardTypeConv);
    BYTE *bytes = create_edge("wxyz", 4);
    IByteBuffer *buffer = create_buffer("abc", 3);
    VARIANT address = v_by_ref(VT_UI1, bytes), none = v_by_ref(VT_UI1, NULL), result;

    expect_exception(method(buffer, L"Write", NULL, ARGS(address, v_i4(-1), v_i4(0))), E_INVALIDARG);
    expect_exception(method(buffer, L"Read", NULL, ARGS(address, v_i4(-1))), E_INVALIDARG);
    expect_exception(method(buffer, L"Initialize", NULL, ARGS(v_i4(-1), address)), E_INVALIDARG);
    expect_exception(method(conv, L"ConvertByteArrayToByteBuffer", &result, ARGS(address, v_i4(-1))), E_OUTOFMEMORY);
    expect_exception(method(buffer, L"Write", NULL, ARGS(none, v_i4(4), v_i4(0))), E_POINTER);
    expect_exception(method(buffer, L"Read", NULL, ARGS(none, v_i4(4))), E_POINTER);
    expect_exception(method(conv, L"ConvertByteArrayToByteBuffer", &result, ARGS(none, v_i4(4))), E_POINTER);
    check_content(buffer, "abc", 3);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(2), none)), S_OK); /* as an omitted one */
    check_content(buffer, "\0", 2);
    free_edge(bytes);
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
    ok(!ISCardTypeConv_Release(conv), "A reference is left.\n");
}

/* A byte that a script has is one byte; other numbers are no address. */
static void test_one_byte(void)
{
    IByteBuffer *buffer = create_raw_buffer();
    VARIANT variable = v_type(VT_UI1);
    SHORT word = 0x41;
    BYTE one = 0x55;

    V_UI1(&variable) = 0x42;
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(1), v_by_ref(VT_VARIANT, &variable))), S_OK);
    check_content(buffer, "B", 1);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(2), v_by_ref(VT_VARIANT, &variable))), DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(2), variable)), DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(1), v_by_ref(VT_I2, &word))), S_OK);
    check_content(buffer, "A", 1);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(2), v_by_ref(VT_I2, &word))), DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"Read", NULL, ARGS(v_by_ref(VT_I2, &word), v_i4(2))), DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"Read", NULL, ARGS(v_by_ref(VT_I1, &one), v_i4(2))), DISP_E_TYPEMISMATCH);
    ok(word == 0x41 && one == 0x55, "%#x, %#x.\n", word, one);
    expect(method(buffer, L"Write", NULL, ARGS(v_type(VT_EMPTY), v_i4(1), v_i4(0))), DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"Write", NULL, ARGS(v_type(VT_NULL), v_i4(0), v_i4(0))), DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"Write", NULL, ARGS(v_object(NULL), v_i4(1), v_i4(0))), DISP_E_TYPEMISMATCH);
    check_content(buffer, "A", 1);
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

static SAFEARRAY *create_array(VARTYPE vt, LONG lower, ULONG count)
{
    SAFEARRAYBOUND bound = { count, lower };

    return SafeArrayCreate(vt, 1, &bound);
}

/* Of other lower bounds, and locked by the caller. */
static void test_arrays(void)
{
    static const LONG lowers[] = { 0, 1, -2, 5, LONG_MIN, LONG_MAX - 2 };
    ISCardTypeConv *conv = create_object(&CLSID_CSCardTypeConv, &IID_ISCardTypeConv);
    IByteBuffer *buffer = create_raw_buffer();
    SAFEARRAY *array;
    VARTYPE vt;
    VARIANT result;
    unsigned int i, j;

    for (i = 0; i < 2 * ARRAY_SIZE(lowers); i++)
    {
        winetest_push_context("%s from %ld", i % 2 ? "VARIANT" : "UI1", lowers[i / 2]);
        vt = i % 2 ? VT_VARIANT : VT_UI1;
        array = create_array(vt, lowers[i / 2], 3);
        for (j = 0; j < 3; j++)
        {
            if (i % 2) ((VARIANT *)array->pvData)[j] = v_i2(j + 1);
            else ((BYTE *)array->pvData)[j] = j + 1;
        }
        SafeArrayLock(array);
        expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(3), v_array(vt, array))), S_OK);
        check_content(buffer, "\1\2\3", 3);
        check_result(method(conv, L"ConvertSafeArrayToByteBuffer", &result, ARGS(v_by_ref(VT_ARRAY | vt, &array))),
                     &result, "01 02 03");
        expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(4), v_array(vt, array))), DISP_E_TYPEMISMATCH);

        /* Read changes as many as come */
        IByteBuffer_Initialize(buffer, 2, (BYTE *)"ab");
        expect(method(buffer, L"Read", NULL, ARGS(v_by_ref(VT_ARRAY | vt, &array), v_i4(3))), S_OK);
        if (i % 2)
        {
            VARIANT *elements = array->pvData;

            ok(V_VT(&elements[0]) == VT_UI1 && V_UI1(&elements[0]) == 'a', "Type %u.\n", V_VT(&elements[0]));
            ok(V_VT(&elements[1]) == VT_UI1 && V_UI1(&elements[1]) == 'b', "Type %u.\n", V_VT(&elements[1]));
            ok(V_VT(&elements[2]) == VT_I2 && V_I2(&elements[2]) == 3, "Type %u.\n", V_VT(&elements[2]));
        }
        else ok(!memcmp(array->pvData, "ab\3", 3), "Read %s.\n", dbgstr_hex(array->pvData, 3));
        ok(array->cLocks == 1, "%lu locks.\n", array->cLocks);
        SafeArrayUnlock(array);
        SafeArrayDestroy(array);
        winetest_pop_context();
    }
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
    ok(!ISCardTypeConv_Release(conv), "A reference is left.\n");
}

/* The empty one, and those that are none of bytes. */
static void test_odd_arrays(void)
{
    ISCardTypeConv *conv = create_object(&CLSID_CSCardTypeConv, &IID_ISCardTypeConv);
    SAFEARRAYBOUND bounds[2] = { { 2, 0 }, { 2, 0 } };
    SAFEARRAY *array, *none = NULL;
    IByteBuffer *buffer = create_raw_buffer();
    VARIANT result;

    array = create_array(VT_UI1, 7, 0);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(0), v_array(VT_UI1, array))), S_OK);
    check_content(buffer, "", 0);
    check_result(method(conv, L"ConvertSafeArrayToByteBuffer", &result, ARGS(v_array(VT_UI1, array))), &result, "");
    SafeArrayDestroy(array);

    array = SafeArrayCreate(VT_UI1, 2, bounds);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(2), v_array(VT_UI1, array))), DISP_E_TYPEMISMATCH);
    expect(method(conv, L"ConvertSafeArrayToByteBuffer", &result, ARGS(v_array(VT_UI1, array))), DISP_E_TYPEMISMATCH);
    SafeArrayDestroy(array);
    array = create_array(VT_I2, 0, 2);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(2), v_array(VT_I2, array))), DISP_E_TYPEMISMATCH);
    SafeArrayDestroy(array);
    /* the variant says something else than the array */
    array = create_array(VT_I1, 0, 2);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(2), v_array(VT_UI1, array))), DISP_E_TYPEMISMATCH);
    SafeArrayDestroy(array);
    /* never given a size, and no array at all */
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(1), v_by_ref(VT_ARRAY | VT_UI1, &none))),
           DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(1), v_by_ref(VT_ARRAY | VT_UI1, NULL))),
           DISP_E_TYPEMISMATCH);
    expect_exception(method(conv, L"ConvertSafeArrayToByteBuffer", &result, ARGS(v_by_ref(VT_ARRAY | VT_UI1, &none))),
                     E_POINTER);
    expect(method(conv, L"ConvertSafeArrayToByteBuffer", &result, ARGS(v_by_ref(VT_ARRAY | VT_UI1, NULL))),
           DISP_E_TYPEMISMATCH);

    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
    ok(!ISCardTypeConv_Release(conv), "A reference is left.\n");
}

/* ---- numbers ---- */

static const VARTYPE number_types[] =
{
    VT_I1, VT_UI1, VT_I2, VT_UI2, VT_I4, VT_UI4, VT_I8, VT_UI8, VT_INT, VT_UINT, VT_R4, VT_R8, VT_CY, VT_DATE,
    VT_DECIMAL
};

/* A reference to the value in a variant, which has the type. */
static VARIANT v_by_ref_to(VARIANT *variant)
{
    /* a DECIMAL fills the whole variant */
    return v_by_ref(V_VT(variant), V_VT(variant) == VT_DECIMAL ? (void *)variant : (void *)&V_NONE(variant));
}

static void test_word(void)
{
    static const struct { VARTYPE vt; double value; HRESULT hr; LONG word; } values[] =
    {
        { VT_I2, -28672, S_OK, 0x9000 }, /* VBScript's &H9000 */
        { VT_I2, -1, S_OK, 0xffff },
        { VT_I2, -32768, S_OK, 0x8000 },
        { VT_I4, -28672, S_OK, 0x9000 },
        { VT_I4, 0x9000, S_OK, 0x9000 },
        { VT_I4, 0xffff, S_OK, 0xffff },
        { VT_I4, 0x10000, DISP_E_OVERFLOW, 0 },
        { VT_I4, -32769, DISP_E_OVERFLOW, 0 },
        { VT_UI2, 0x9000, S_OK, 0x9000 },
        { VT_R8, 0x6982, S_OK, 0x6982 },
        { VT_R8, -28672, S_OK, 0x9000 },
        { VT_R8, 1e10, DISP_E_OVERFLOW, 0 },
    };
    ISCardCmd *cmd = create_cmd();
    VARIANT variable, text;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(values); i++)
    {
        winetest_push_context("%u", i);
        variable = v_r8(values[i].value);
        VariantChangeType(&variable, &variable, 0, values[i].vt);
        ISCardCmd_put_ReplyStatus(cmd, 0);
        expect(put(cmd, L"ReplyStatus", variable), values[i].hr);
        check_number(cmd, L"ReplyStatus", VT_I4, values[i].word);
        ISCardCmd_put_ReplyStatus(cmd, 0);
        expect(put(cmd, L"ReplyStatus", v_by_ref_to(&variable)), values[i].hr);
        check_number(cmd, L"ReplyStatus", VT_I4, values[i].word);
        ISCardCmd_put_ReplyStatus(cmd, 0);
        expect(put(cmd, L"ReplyStatus", v_by_ref(VT_VARIANT, &variable)), values[i].hr);
        check_number(cmd, L"ReplyStatus", VT_I4, values[i].word);
        winetest_pop_context();
    }
    text = v_string(L"36864");
    expect(put(cmd, L"ReplyStatus", text), S_OK);
    check_number(cmd, L"ReplyStatus", VT_I4, 0x9000);
    VariantClear(&text);
    text = v_string(L"9000h");
    expect(put(cmd, L"ReplyStatus", text), DISP_E_TYPEMISMATCH);
    VariantClear(&text);
    variable = v_type(VT_ERROR);
    V_ERROR(&variable) = E_FAIL;
    expect(put(cmd, L"ReplyStatus", variable), DISP_E_TYPEMISMATCH);
    expect(put(cmd, L"ReplyStatus", v_type(VT_NULL)), DISP_E_TYPEMISMATCH);
    expect(put(cmd, L"ReplyStatus", v_object(NULL)), DISP_E_TYPEMISMATCH);
    expect(put(cmd, L"ReplyStatus", v_missing()), DISP_E_PARAMNOTOPTIONAL);
    V_ERROR(&variable) = DISP_E_PARAMNOTFOUND;
    expect(put(cmd, L"ReplyStatus", v_by_ref(VT_ERROR, &V_ERROR(&variable))), DISP_E_PARAMNOTOPTIONAL);
    check_number(cmd, L"ReplyStatus", VT_I4, 0x9000);
    ok(!ISCardCmd_Release(cmd), "A reference is left.\n");
}

/* A number of every type, by value and by reference; and none at all. */
static void test_numbers(void)
{
    ISCardTypeConv *conv = create_object(&CLSID_CSCardTypeConv, &IID_ISCardTypeConv);
    double zero = 0, not_a_number = zero / zero;
    ISCardCmd *cmd = create_cmd();
    VARIANT number, result, loop;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(number_types); i++)
    {
        winetest_push_context("type %u", number_types[i]);
        number = v_i4(0x12);
        VariantChangeType(&number, &number, 0, number_types[i]);
        ok(V_VT(&number) == number_types[i], "Type %u.\n", V_VT(&number));
        ISCardCmd_put_P1(cmd, 0);
        expect(put(cmd, L"P1", number), S_OK);
        check_number(cmd, L"P1", VT_UI1, 0x12);
        ISCardCmd_put_P1(cmd, 0);
        expect(put(cmd, L"P1", v_by_ref_to(&number)), S_OK);
        check_number(cmd, L"P1", VT_UI1, 0x12);
        expect(put(cmd, L"P1", v_by_ref(number_types[i], NULL)), DISP_E_TYPEMISMATCH);
        winetest_pop_context();
    }
    expect(put(cmd, L"P1", v_r8(not_a_number)), DISP_E_OVERFLOW);
    expect(put(cmd, L"P1", v_by_ref(VT_VARIANT, NULL)), DISP_E_TYPEMISMATCH);
    expect(put(cmd, L"P1", v_by_ref(VT_BSTR, NULL)), DISP_E_TYPEMISMATCH);
    expect(put(cmd, L"P1", v_by_ref(VT_EMPTY, &number)), DISP_E_TYPEMISMATCH);
    expect(put(cmd, L"P1", v_type(VT_NULL)), DISP_E_TYPEMISMATCH);
    loop = v_by_ref(VT_VARIANT, &loop);
    expect(put(cmd, L"P1", v_by_ref(VT_VARIANT, &loop)), DISP_E_TYPEMISMATCH);
    check_number(cmd, L"P1", VT_UI1, 0x12);
    expect(put(cmd, L"P1", v_type(VT_EMPTY)), S_OK); /* a variable of Visual Basic that has no value yet */
    check_number(cmd, L"P1", VT_UI1, 0);

    /* unsigned sizes: all of them are too large for the method, none for Invoke */
    expect_exception(method(conv, L"CreateByteBuffer", &result, ARGS(v_i4(-1))), E_OUTOFMEMORY);
    expect_exception(method(conv, L"CreateByteBuffer", &result, ARGS(v_r8(4294967295.0))), E_OUTOFMEMORY);
    expect(method(conv, L"CreateByteBuffer", &result, ARGS(v_r8(4294967296.0))), DISP_E_OVERFLOW);
    number = v_type(VT_UI4);
    V_UI4(&number) = 0x80000000;
    expect_exception(method(conv, L"CreateByteBuffer", &result, ARGS(number)), E_OUTOFMEMORY);
    expect_exception(method(conv, L"CreateSafeArray", &result, ARGS(number)), E_OUTOFMEMORY);

    ok(!ISCardCmd_Release(cmd), "A reference is left.\n");
    ok(!ISCardTypeConv_Release(conv), "A reference is left.\n");
}

/* A number that the method only writes: of every type, whatever was in the variable. */
static void test_counts(void)
{
    IByteBuffer *buffer = create_buffer("0123456789", 10);
    VARIANT number, variable, text = v_string(L"no number");
    LONG count = -1;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(number_types); i++)
    {
        winetest_push_context("type %u", number_types[i]);
        number = v_i4(9);
        VariantChangeType(&number, &number, 0, number_types[i]);
        expect(method(buffer, L"Seek", NULL, ARGS(v_i4(3), v_i4(0), v_by_ref_to(&number))), S_OK);
        VariantChangeType(&number, &number, 0, VT_I4);
        ok(V_I4(&number) == 3, "At %ld.\n", V_I4(&number));
        /* a typed caller's NULL, as MFC passes it, asks for none */
        expect(method(buffer, L"Seek", NULL, ARGS(v_i4(4), v_i4(0), v_by_ref(number_types[i], NULL))), S_OK);
        ok(buffer_position(buffer) == 4, "At %ld.\n", buffer_position(buffer));
        winetest_pop_context();
    }
    count = 0xcccccccc;
    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(5), v_i4(0), v_by_ref(VT_UI4, &count))), S_OK);
    ok(count == 5, "At %ld.\n", count);
    variable = v_type(VT_NULL);
    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(6), v_i4(0), v_by_ref(VT_VARIANT, &variable))), S_OK);
    ok(V_VT(&variable) == VT_I4 && V_I4(&variable) == 6, "Type %u.\n", V_VT(&variable));
    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(7), v_i4(0), v_by_ref(VT_VARIANT, &text))), S_OK);
    ok(V_VT(&text) == VT_I4 && V_I4(&text) == 7, "Type %u.\n", V_VT(&text));
    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(8), v_i4(0), v_type(VT_NULL))), S_OK);

    /* a byte at the end of the buffer: there is none */
    buffer_seek(buffer, 10);
    variable = v_i4(77);
    expect(method(buffer, L"Read", NULL, ARGS(v_by_ref(VT_VARIANT, &variable), v_i4(1))), S_OK);
    ok(V_VT(&variable) == VT_I4 && V_I4(&variable) == 77, "Type %u.\n", V_VT(&variable));
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

/* Where no number can be stored, the method is not called. */
static void test_no_place_for_a_count(void)
{
    IByteBuffer *buffer = create_buffer("0123456789", 10);
    VARIANT variable = v_object(buffer);
    BSTR string = SysAllocString(L"8");

    buffer_seek(buffer, 8);
    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(1), v_i4(0), v_by_ref(VT_BSTR, &string))), DISP_E_TYPEMISMATCH);
    ok(!lstrcmpW(string, L"8"), "%s.\n", wine_dbgstr_w(string));
    SysFreeString(string);
    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(1), v_i4(0), v_by_ref(VT_VARIANT, &variable))),
           DISP_E_TYPEMISMATCH);
    ok(V_VT(&variable) == VT_DISPATCH, "Type %u.\n", V_VT(&variable));
    ok(buffer_position(buffer) == 8, "At %ld.\n", buffer_position(buffer));
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

/* One that does not fit costs the others nothing. */
static void test_count_that_does_not_fit(void)
{
    IByteBuffer *buffer = create_buffer(NULL, 300);
    VARIANT variable = v_type(VT_EMPTY);
    LONG count = -1;
    BYTE byte = 7;

    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(300), v_i4(0), v_by_ref(VT_UI1, &byte))), DISP_E_OVERFLOW);
    ok(byte == 7 && arg_error == 0, "%u, argument %u.\n", byte, arg_error);
    buffer_seek(buffer, 0);
    expect(method(buffer, L"CopyTo", NULL, ARGS(v_by_ref(VT_VARIANT, &variable), v_i4(300), v_by_ref(VT_UI1, &byte),
                                                v_by_ref(VT_I4, &count))), DISP_E_OVERFLOW);
    ok(byte == 7 && count == 300, "%u read, %ld written.\n", byte, count);
    ok(V_VT(&variable) == VT_DISPATCH && V_DISPATCH(&variable), "Type %u.\n", V_VT(&variable));
    if (V_VT(&variable) == VT_DISPATCH) check_count(V_DISPATCH(&variable), 1);
    VariantClear(&variable);
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

/* ---- objects ---- */

/* JScript's null, and whatever else has no room for the object that comes back: nothing is done and then lost. */
static void test_lost_objects(void)
{
    IByteBuffer *buffer = create_buffer("abc", 3);
    ISCardISO7816 *iso = create_iso();
    VARIANT constants[4], variable, byte = v_type(VT_UI1);
    ISCardCmd *cmd = create_cmd();
    unsigned int i;

    constants[0] = v_type(VT_NULL);
    constants[1] = v_type(VT_EMPTY);
    constants[2] = v_object(NULL);
    constants[3] = v_type(VT_UNKNOWN);
    for (i = 0; i < ARRAY_SIZE(constants); i++)
    {
        winetest_push_context("%u", i);
        expect(method(iso, L"ReadBinary", NULL, ARGS(v_i4(0), v_i4(0), v_i4(8), constants[i])), DISP_E_TYPEMISMATCH);
        ok(arg_error == 0, "Argument %u.\n", arg_error);
        expect(method(buffer, L"CopyTo", NULL, ARGS(constants[i], v_i4(2))), DISP_E_TYPEMISMATCH);
        expect(method(buffer, L"Clone", NULL, ARGS(constants[i])), DISP_E_TYPEMISMATCH);
        winetest_pop_context();
    }
    expect(method(buffer, L"Clone", NULL, ARGS(v_object(buffer))), DISP_E_TYPEMISMATCH);
    variable = v_object(&foreign);
    expect(method(buffer, L"Clone", NULL, ARGS(v_by_ref(VT_VARIANT, &variable))), DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"Read", NULL, ARGS(byte, v_i4(1))), DISP_E_TYPEMISMATCH);
    ok(buffer_position(buffer) == 0, "At %ld.\n", buffer_position(buffer));
    /* an address of no variable is a NULL pointer to the method, a variant of no address nothing */
    expect_exception(method(iso, L"ReadBinary", NULL, ARGS(v_i4(0), v_i4(0), v_i4(8), v_by_ref(VT_DISPATCH, NULL))),
                     E_POINTER);
    expect_exception(method(buffer, L"Clone", NULL, ARGS(v_by_ref(VT_UNKNOWN, NULL))), E_POINTER);
    expect(method(buffer, L"Clone", NULL, ARGS(v_by_ref(VT_VARIANT, NULL))), DISP_E_TYPEMISMATCH);
    expect(put(cmd, L"Data", v_by_ref(VT_DISPATCH, NULL)), DISP_E_TYPEMISMATCH);
    expect(method(iso, L"ReadBinary", NULL, ARGS(v_i4(0), v_i4(0), v_i4(8), v_by_ref(VT_DISPATCH, &cmd))), S_OK);
    check_apdu(cmd, "\x00\xb0\x00\x00\x08", 5, "ReadBinary");
    check_count(cmd, 1);

    /* null where a pointer that may be NULL is wanted, as JScript says it in the middle of arguments */
    expect(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(0), v_i4(0xb0), v_i4(0), v_i4(0), v_type(VT_NULL), v_i4(5))), S_OK);
    check_apdu(cmd, "\x00\xb0\x00\x00\x05", 5, "no data");
    expect(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(0), v_i4(0xb0), v_i4(0), v_i4(0), v_type(VT_NULL),
                                               v_type(VT_NULL))), S_OK);
    check_apdu(cmd, "\x00\xb0\x00\x00", 4, "neither");
    expect(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(0), v_i4(0xb0), v_i4(0), v_i4(0), v_object(NULL),
                                               v_by_ref(VT_I4, NULL))), S_OK);
    check_apdu(cmd, "\x00\xb0\x00\x00", 4, "neither, typed");

    ok(!ISCardCmd_Release(cmd), "A reference is left.\n");
    ok(!ISCardISO7816_Release(iso), "A reference is left.\n");
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

/* null where strings and their arrays are optional. */
static void test_no_strings(void)
{
    ISCardDatabase *database = create_object(&CLSID_CSCardDatabase, &IID_ISCardDatabase);
    ISCardLocate *locate = create_object(&CLSID_CSCardLocate, &IID_ISCardLocate);
    SAFEARRAY *names = create_array(VT_BSTR, 3, 1), *objects = create_array(VT_UNKNOWN, 0, 1), *none = NULL;
    VARIANT result;

    ((BSTR *)names->pvData)[0] = SysAllocString(L"no card of this name");
    expect(method(locate, L"ConfigureCardNameSearch", NULL, ARGS(v_array(VT_BSTR, names), v_type(VT_NULL),
                                                                 v_type(VT_NULL), v_i4(2))), S_OK);
    expect(method(locate, L"ConfigureCardNameSearch", NULL, ARGS(v_by_ref(VT_ARRAY | VT_BSTR, &names), v_type(VT_EMPTY),
                                                                 v_type(VT_EMPTY), v_i4(2))), S_OK);
    expect(method(locate, L"ConfigureCardNameSearch", NULL, ARGS(v_array(VT_BSTR, names),
                                                                 v_by_ref(VT_ARRAY | VT_BSTR, &none))), S_OK);
    expect_exception(method(locate, L"ConfigureCardNameSearch", NULL, ARGS(v_by_ref(VT_ARRAY | VT_BSTR, &none))),
                     E_POINTER);
    /* pointers of objects are no strings, whatever the variant says */
    expect(method(locate, L"ConfigureCardNameSearch", NULL, ARGS(v_array(VT_BSTR, objects))), DISP_E_TYPEMISMATCH);
    expect(method(database, L"ListCards", &result, ARGS(v_object(NULL), v_type(VT_NULL))), S_OK);
    VariantClear(&result);
    expect(method(database, L"ListCards", &result, ARGS(v_object(NULL), v_object(NULL))), DISP_E_TYPEMISMATCH);

    SafeArrayDestroy(names);
    SafeArrayDestroy(objects);
    ok(!ISCardDatabase_Release(database), "A reference is left.\n");
    ok(!ISCardLocate_Release(locate), "A reference is left.\n");
}

/* ---- what a last Release sees ---- */

/* An object of the program whose end looks at the program's variables. It passes for a byte buffer. */
struct witness
{
    IDispatch IDispatch_iface;
    LONG ref;
    void (*look)(void *context);
    void *context;
    LONG looks;
};

static HRESULT WINAPI witness_QueryInterface(IDispatch *iface, REFIID iid, void **out)
{
    *out = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IDispatch) || IsEqualIID(iid, &IID_IByteBuffer)
            ? iface : NULL;
    if (!*out) return E_NOINTERFACE;
    IDispatch_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI witness_AddRef(IDispatch *iface)
{
    return InterlockedIncrement(&CONTAINING_RECORD(iface, struct witness, IDispatch_iface)->ref);
}

static ULONG WINAPI witness_Release(IDispatch *iface)
{
    struct witness *witness = CONTAINING_RECORD(iface, struct witness, IDispatch_iface);
    LONG ref = InterlockedDecrement(&witness->ref);

    if (!ref)
    {
        witness->looks++;
        witness->look(witness->context);
    }
    return ref;
}

static IDispatchVtbl witness_vtbl =
{
    witness_QueryInterface, witness_AddRef, witness_Release, foreign_GetTypeInfoCount, foreign_GetTypeInfo,
    foreign_GetIDsOfNames, foreign_Invoke
};

static void look_at_variant(void *context)
{
    VARIANT *variable = context;

    ok(V_VT(variable) == VT_DISPATCH && V_DISPATCH(variable), "Type %u.\n", V_VT(variable));
    if (V_VT(variable) == VT_DISPATCH && V_DISPATCH(variable) && V_DISPATCH(variable)->lpVtbl != &witness_vtbl)
        check_content((IByteBuffer *)V_DISPATCH(variable), "abc", 3);
    else
        ok(0, "The variable holds what is released.\n");
}

static void look_at_pointer(void *context)
{
    IDispatch *object = *(IDispatch **)context;

    ok(object && object->lpVtbl != &witness_vtbl, "The variable holds what is released.\n");
    if (object && object->lpVtbl != &witness_vtbl) check_content((IByteBuffer *)object, "abc", 3);
}

struct array_and_count
{
    SAFEARRAY *array;
    LONG count;
};

static void look_at_array(void *context)
{
    struct array_and_count *seen = context;
    VARIANT *elements = seen->array->pvData;
    unsigned int i;

    for (i = 0; i < 3; i++) ok(V_VT(&elements[i]) == VT_UI1, "Element %u: type %u.\n", i, V_VT(&elements[i]));
    ok(seen->count == 3, "%ld read.\n", seen->count);
    ok(!seen->array->cLocks, "%lu locks.\n", seen->array->cLocks);
}

/* The new value is stored before the old one goes: its end may run code of the program. */
static void test_old_values(void)
{
    struct witness witness = { { &witness_vtbl }, 1, NULL, NULL, 0 };
    struct array_and_count read = { create_array(VT_VARIANT, 1, 3), -1 };
    IByteBuffer *buffer = create_buffer("abc", 3);
    IDispatch *pointer;
    VARIANT variable;

    variable = v_object(&witness.IDispatch_iface);
    witness.look = look_at_variant;
    witness.context = &variable;
    expect(method(buffer, L"Clone", NULL, ARGS(v_by_ref(VT_VARIANT, &variable))), S_OK);
    ok(witness.looks == 1 && !witness.ref, "%ld ends, %ld references.\n", witness.looks, witness.ref);
    check_count(V_DISPATCH(&variable), 1);
    VariantClear(&variable);

    witness.ref = 1;
    pointer = &witness.IDispatch_iface;
    witness.look = look_at_pointer;
    witness.context = &pointer;
    expect(method(buffer, L"Clone", NULL, ARGS(v_by_ref(VT_DISPATCH, &pointer))), S_OK);
    ok(witness.looks == 2 && !witness.ref, "%ld ends, %ld references.\n", witness.looks, witness.ref);
    check_count(pointer, 1);
    IDispatch_Release(pointer);

    witness.ref = 1;
    ((VARIANT *)read.array->pvData)[1] = v_object(&witness.IDispatch_iface);
    witness.look = look_at_array;
    witness.context = &read;
    expect(method(buffer, L"Read", NULL, ARGS(v_by_ref(VT_ARRAY | VT_VARIANT, &read.array), v_i4(3),
                                              v_by_ref(VT_I4, &read.count))), S_OK);
    ok(witness.looks == 3 && !witness.ref, "%ld ends, %ld references.\n", witness.looks, witness.ref);
    SafeArrayDestroy(read.array);
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

/* ---- error information ---- */

/* Whatever the case of the letters: a type library has but one spelling of a name, that of its first use. */
static BOOL names_member(BSTR text, const WCHAR *member)
{
    UINT size = lstrlenW(member), i;

    for (i = 0; i + size <= SysStringLen(text); i++) if (!_wcsnicmp(text + i, member, size)) return TRUE;
    return FALSE;
}

static void check_text_at(int line, const WCHAR *member, HRESULT hr)
{
    IErrorInfo *info = NULL;
    BSTR text = NULL;

    ok_(__FILE__, line)(GetErrorInfo(0, &info) == S_OK, "%s: %s without information.\n", wine_dbgstr_w(member),
                        dbgstr_hr(hr));
    if (!info) return;
    IErrorInfo_GetDescription(info, &text);
    ok_(__FILE__, line)(names_member(text, member), "%s: %s.\n", wine_dbgstr_w(member), wine_dbgstr_w(text));
    SysFreeString(text);
    IErrorInfo_Release(info);
}
#define check_text(member, hr) check_text_at(__LINE__, member, hr)

/* Calls a method through the vtable with nothing but zeros. */
static HRESULT call_with_zeros(IDispatch *object, const FUNCDESC *func)
{
    VARIANTARG zero = v_type(VT_UNKNOWN), *zeros[8], returned;
    VARTYPE types[8];
    HRESULT hr;
    SHORT i;

    for (i = 0; i < func->cParams; i++)
    {
        types[i] = VT_UNKNOWN;
        zeros[i] = &zero;
    }
    hr = DispCallFunc(object, func->oVft, CC_STDCALL, VT_ERROR, func->cParams, types, zeros, &returned);
    return FAILED(hr) ? hr : V_ERROR(&returned);
}

static void check_member_errors(IDispatch *object, ITypeInfo *info, const FUNCDESC *func, unsigned int *failures)
{
    VARIANT args[8], result;
    DISPPARAMS params = { args, NULL, ARRAY_SIZE(args), 0 };
    BSTR name = NULL;
    unsigned int i;
    UINT count;
    HRESULT hr;

    for (i = 0; i < ARRAY_SIZE(args); i++) args[i] = v_i4(0);
    ITypeInfo_GetNames(info, func->memid, &name, 1, &count);
    SetErrorInfo(0, NULL);
    hr = call_with_zeros(object, func);
    if (FAILED(hr))
    {
        check_text(name, hr);
        ++*failures;
    }
    SetErrorInfo(0, NULL);
    hr = IDispatch_Invoke(object, func->memid, &IID_NULL, 0, func->invkind, &params, &result, NULL, NULL);
    expect(hr, DISP_E_BADPARAMCOUNT);
    check_text(name, hr);
    SysFreeString(name);
}

/* Every method of every class that fails says why, whichever way it is called. */
static void test_error_information(void)
{
    static const struct { const CLSID *clsid; const IID *iid; } classes[] =
    {
        { &CLSID_CByteBuffer, &IID_IByteBuffer }, { &CLSID_CSCardTypeConv, &IID_ISCardTypeConv },
        { &CLSID_CSCardCmd, &IID_ISCardCmd }, { &CLSID_CSCardISO7816, &IID_ISCardISO7816 },
        { &CLSID_CSCard, &IID_ISCard }, { &CLSID_CSCardDatabase, &IID_ISCardDatabase },
        { &CLSID_CSCardLocate, &IID_ISCardLocate }
    };
    static WCHAR unknown[] = L"NoMemberOfThisName";
    LPOLESTR name = unknown;
    unsigned int failures, i;
    IDispatch *object;
    ITypeInfo *info;
    TYPEATTR *attr;
    FUNCDESC *func;
    DISPID dispid;
    HRESULT hr;
    UINT j;

    for (i = 0; i < ARRAY_SIZE(classes); i++)
    {
        winetest_push_context("%s", wine_dbgstr_guid(classes[i].iid));
        if (CoCreateInstance(classes[i].clsid, NULL, CLSCTX_INPROC_SERVER, classes[i].iid, (void **)&object) != S_OK)
        {
            skip("The object cannot be created.\n");
            winetest_pop_context();
            continue;
        }
        SetErrorInfo(0, NULL);
        hr = IDispatch_GetTypeInfo(object, 1, 0, &info);
        expect(hr, DISP_E_BADINDEX);
        check_text(L"GetTypeInfo", hr);
        hr = IDispatch_GetIDsOfNames(object, &IID_NULL, &name, 1, 0, &dispid);
        expect(hr, DISP_E_UNKNOWNNAME);
        check_text(L"GetIDsOfNames", hr);
        hr = IDispatch_Invoke(object, 999, &IID_NULL, 0, DISPATCH_METHOD, NULL, NULL, NULL, NULL);
        expect(hr, E_POINTER);
        check_text(L"Invoke", hr);
        hr = IDispatch_GetTypeInfo(object, 0, 0, &info);
        expect(hr, S_OK);
        if (hr == S_OK)
        {
            ITypeInfo_GetTypeAttr(info, &attr);
            failures = 0;
            for (j = 0; j < attr->cFuncs; j++)
            {
                if (ITypeInfo_GetFuncDesc(info, j, &func) != S_OK) continue;
                check_member_errors(object, info, func, &failures);
                ITypeInfo_ReleaseFuncDesc(info, func);
            }
            ok(failures, "No method failed.\n");
            ITypeInfo_ReleaseTypeAttr(info, attr);
            ITypeInfo_Release(info);
        }
        IDispatch_Release(object);
        winetest_pop_context();
    }
}

/* A failure that leaves no information does not get that of an earlier one: each names its own method. */
static void test_old_information(void)
{
    IByteBuffer *buffer = create_raw_buffer();

    IByteBuffer_SetSize(buffer, -1);
    expect_exception(method(buffer, L"Seek", NULL, ARGS(v_i4(0), v_i4(9))), E_INVALIDARG);
    ok(excepinfo.bstrDescription && wcsstr(excepinfo.bstrDescription, L"Seek"), "%s.\n",
       wine_dbgstr_w(excepinfo.bstrDescription));
    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(0), v_object(buffer))), DISP_E_TYPEMISMATCH);
    check_text(L"Seek, argument 2", DISP_E_TYPEMISMATCH);
    IByteBuffer_Release(buffer);
}

START_TEST(dispatch_arguments)
{
    CoInitialize(NULL);
    test_bytes_by_address();
    test_read_to_address();
    test_bad_addresses();
    test_one_byte();
    test_arrays();
    test_odd_arrays();
    test_word();
    test_numbers();
    test_counts();
    test_no_place_for_a_count();
    test_count_that_does_not_fit();
    test_lost_objects();
    test_no_strings();
    test_old_values();
    test_error_information();
    test_old_information();
    ok(!foreign_references && !foreign_calls, "The foreign object was used.\n");
    clear_excepinfo();
    CoUninitialize();
}
