/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Late binding: IDispatch::Invoke with hand-made arguments, as scripts and other late-bound callers pass them. What
 * is expected is [ours] unless said otherwise; the members and their names are [tlb].
 */

#define COBJMACROS
#include "dispatch_common.h"
#include "foreign_stream.h"

static const CLSID *const classes[] =
{
    &CLSID_CByteBuffer, &CLSID_CSCardTypeConv, &CLSID_CSCardCmd, &CLSID_CSCardISO7816, &CLSID_CSCard,
    &CLSID_CSCardDatabase, &CLSID_CSCardLocate
};

/* ---- which members were called ---- */

struct called
{
    GUID iid;
    DISPID dispid;
    WORD flags;
};

static struct called called[1000];
static unsigned int called_count;

static void get_type_guid(IDispatch *object, GUID *iid)
{
    ITypeInfo *info;
    TYPEATTR *attr;

    memset(iid, 0, sizeof(*iid));
    if (IDispatch_GetTypeInfo(object, 0, 0, &info) != S_OK) return;
    if (ITypeInfo_GetTypeAttr(info, &attr) == S_OK)
    {
        *iid = attr->guid;
        ITypeInfo_ReleaseTypeAttr(info, attr);
    }
    ITypeInfo_Release(info);
}

static void remember_call(IDispatch *object, DISPID dispid, WORD flags)
{
    struct called *call = &called[called_count];

    if (called_count == ARRAY_SIZE(called)) abort(); /* make it larger */
    get_type_guid(object, &call->iid);
    call->dispid = dispid;
    call->flags = flags;
    called_count++;
}

static BOOL was_called(const GUID *iid, const FUNCDESC *func)
{
    unsigned int i;

    for (i = 0; i < called_count; i++)
    {
        if (IsEqualGUID(iid, &called[i].iid) && called[i].dispid == func->memid && called[i].flags & func->invkind)
            return TRUE;
    }
    return FALSE;
}

/* ---- the tests ---- */

/* Members that are not there, and those that are called as what they are not. */
static void test_member_of_invoke(void)
{
    IByteBuffer *buffer = create_hex_buffer("01 02 03");
    IDispatch *object = (IDispatch *)buffer;
    DISPPARAMS params = { 0 };
    VARIANT result;
    HRESULT hr;

    hr = IDispatch_Invoke(object, 7, &IID_NULL, 0, DISPATCH_METHOD, NULL, NULL, NULL, NULL);
    expect(hr, E_POINTER);
    hr = IDispatch_Invoke(object, 7, &IID_IUnknown, 0, DISPATCH_METHOD, &params, NULL, NULL, NULL);
    expect(hr, DISP_E_UNKNOWNINTERFACE);
    hr = IDispatch_Invoke(object, 999, &IID_NULL, 0, DISPATCH_METHOD, &params, NULL, NULL, NULL);
    expect(hr, DISP_E_MEMBERNOTFOUND);
    hr = IDispatch_Invoke(object, -4, &IID_NULL, 0, DISPATCH_PROPERTYGET, &params, &result, NULL, NULL);
    expect(hr, DISP_E_MEMBERNOTFOUND);
    /* a method is no property, a property no method */
    hr = IDispatch_Invoke(object, 7, &IID_NULL, 0, DISPATCH_PROPERTYGET, &params, &result, NULL, NULL);
    expect(hr, DISP_E_MEMBERNOTFOUND);
    hr = IDispatch_Invoke(object, 0, &IID_NULL, 0, DISPATCH_METHOD, &params, &result, NULL, NULL);
    expect(hr, DISP_E_MEMBERNOTFOUND);
    /* VBScript asks for either */
    hr = IDispatch_Invoke(object, 0, &IID_NULL, 0, DISPATCH_METHOD | DISPATCH_PROPERTYGET, &params, &result, NULL, NULL);
    ok(hr == S_OK && V_VT(&result) == VT_UNKNOWN, "%s, type %u.\n", dbgstr_hr(hr), V_VT(&result));
    VariantClear(&result);
    /* nobody wants the result: it is released */
    hr = IDispatch_Invoke(object, 0, &IID_NULL, 0, DISPATCH_PROPERTYGET, &params, NULL, NULL, NULL);
    expect(hr, S_OK);
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

/* Seek with arguments as Invoke takes them, the last one first. */
static HRESULT seek_by_names(IByteBuffer *buffer, VARIANT *args, UINT count, DISPID *names, UINT name_count)
{
    DISPPARAMS params = { args, names, count, name_count };

    return IDispatch_Invoke((IDispatch *)buffer, 8, &IID_NULL, 0, DISPATCH_METHOD, &params, NULL, NULL, NULL);
}

static void test_named_arguments(void)
{
    IByteBuffer *buffer = create_hex_buffer("01 02 03");
    DISPID names[2] = { 1, 0 }, unknown_name = 7;
    VARIANT args[2];
    LONG position;

    /* dwOrigin = 0, dLibMove = 2; the third is omitted */
    args[0] = v_i4(STREAM_SEEK_SET);
    args[1] = v_i4(2);
    expect(seek_by_names(buffer, args, 2, names, 2), S_OK);
    position = buffer_position(buffer);
    ok(position == 2, "At %ld.\n", position);
    /* the first by position, the other by name */
    args[1] = v_i4(1);
    expect(seek_by_names(buffer, args, 2, names, 1), S_OK);
    position = buffer_position(buffer);
    ok(position == 1, "At %ld.\n", position);
    /* a name that the method does not have */
    args[1] = v_i4(0);
    expect(seek_by_names(buffer, args, 2, &unknown_name, 1), DISP_E_PARAMNOTFOUND);
    /* the same parameter by position and by name */
    expect(seek_by_names(buffer, args, 2, &names[1], 1), DISP_E_PARAMNOTFOUND);
    /* more names than arguments */
    expect(seek_by_names(buffer, args, 1, names, 2), E_INVALIDARG);
    /* arguments and names that are counted but not there */
    expect(seek_by_names(buffer, args, 1, NULL, 1), E_INVALIDARG);
    expect(seek_by_names(buffer, NULL, 1, NULL, 0), E_INVALIDARG);
    position = buffer_position(buffer);
    ok(position == 1, "At %ld after calls that did not happen.\n", position);
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

/* Too few, too many, and those that are no numbers. */
static void test_arguments_of_invoke(void)
{
    IByteBuffer *buffer = create_hex_buffer("01 02 03");
    VARIANT result;
    LONG position;

    buffer_seek(buffer, 1);
    expect(method(buffer, L"Seek", NULL, NO_ARGS), DISP_E_PARAMNOTOPTIONAL);
    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(0))), DISP_E_PARAMNOTOPTIONAL);
    expect(method(buffer, L"Seek", NULL, ARGS(v_missing(), v_i4(0))), DISP_E_PARAMNOTOPTIONAL);
    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(0), v_i4(0), v_i4(0), v_i4(0))), DISP_E_BADPARAMCOUNT);
    expect(method(buffer, L"Revert", NULL, ARGS(v_i4(0))), DISP_E_BADPARAMCOUNT);
    expect(invoke(buffer, L"Stream", DISPATCH_PROPERTYGET, &result, ARGS(v_i4(0))), DISP_E_BADPARAMCOUNT);
    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(0), v_object(buffer))), DISP_E_TYPEMISMATCH);
    ok(arg_error == 0, "Argument %u.\n", arg_error);
    expect(method(buffer, L"Seek", NULL, ARGS(v_object(buffer), v_i4(0))), DISP_E_TYPEMISMATCH);
    ok(arg_error == 1, "Argument %u.\n", arg_error);
    position = buffer_position(buffer);
    ok(position == 1, "At %ld after calls that did not happen.\n", position);
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

static void test_Initialize(void)
{
    IByteBuffer *buffer = create_raw_buffer();
    SAFEARRAY *bytes = create_bytes("0a 0b 0c"), *variants = create_variants("01 02 ff");

    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(3), v_array(VT_UI1, bytes))), S_OK);
    check_content(buffer, "\x0a\x0b\x0c", 3);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(2), v_by_ref(VT_ARRAY | VT_VARIANT, &variants))), S_OK);
    check_content(buffer, "\x01\x02", 2);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(4), v_array(VT_UI1, bytes))), DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(-1), v_array(VT_UI1, bytes))), DISP_E_TYPEMISMATCH);
    expect_exception(method(buffer, L"Initialize", NULL, ARGS(v_i4(-1))), E_INVALIDARG);
    check_content(buffer, "\x01\x02", 2);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(1), v_i4(0x41))), S_OK);
    check_content(buffer, "A", 1);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(2), v_i4(0x41))), DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(1), v_i4(256))), DISP_E_OVERFLOW);
    expect(method(buffer, L"Initialize", NULL, NO_ARGS), S_OK); /* lSize = 1 [tlb] */
    check_content(buffer, "", 1);
    expect(method(buffer, L"Initialize", NULL, ARGS(v_i4(2), v_missing())), S_OK);
    check_content(buffer, "\0", 2);

    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
    SafeArrayDestroy(bytes);
    SafeArrayDestroy(variants);
}

static void test_Write(void)
{
    IByteBuffer *buffer = create_hex_buffer("00 00");
    SAFEARRAY *variants = create_variants("01 02 ff"), *strings = SafeArrayCreateVector(VT_BSTR, 0, 3);
    VARIANT *elements = variants->pvData;
    LONG number = -1;

    expect(method(buffer, L"Write", NULL, ARGS(v_array(VT_VARIANT, variants), v_i4(3), v_by_ref(VT_I4, &number))), S_OK);
    ok(number == 3, "%ld written.\n", number);
    check_content(buffer, "\x01\x02\xff", 3);
    expect(method(buffer, L"Write", NULL, ARGS(v_array(VT_VARIANT, variants), v_i4(4), v_by_ref(VT_I4, &number))),
           DISP_E_TYPEMISMATCH);
    elements[1] = v_i2(256);
    expect(method(buffer, L"Write", NULL, ARGS(v_array(VT_VARIANT, variants), v_i4(3), v_by_ref(VT_I4, &number))),
           DISP_E_OVERFLOW);
    elements[1] = v_object(&foreign);
    expect(method(buffer, L"Write", NULL, ARGS(v_array(VT_VARIANT, variants), v_i4(3), v_by_ref(VT_I4, &number))),
           DISP_E_TYPEMISMATCH);
    elements[1] = v_i2(2);
    expect(method(buffer, L"Write", NULL, ARGS(v_array(VT_BSTR, strings), v_i4(3), v_by_ref(VT_I4, &number))),
           DISP_E_TYPEMISMATCH);
    check_content(buffer, "\x01\x02\xff", 3);

    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
    SafeArrayDestroy(variants);
    SafeArrayDestroy(strings);
}

/* With variables of different types. */
static void test_Seek(void)
{
    IByteBuffer *buffer = create_hex_buffer("01 02 ff");
    VARIANT variable = v_type(VT_EMPTY);
    LONG number = -1;
    SHORT word = -1;

    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(1), v_i4(0), v_by_ref(VT_VARIANT, &variable))), S_OK);
    ok(V_VT(&variable) == VT_I4 && V_I4(&variable) == 1, "Type %u, %ld.\n", V_VT(&variable), V_I4(&variable));
    expect(method(buffer, L"Seek", NULL, ARGS(v_i2(2), v_i4(0), v_by_ref(VT_I2, &word))), S_OK);
    ok(word == 2, "At %d.\n", word);
    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(0), v_i4(0), v_by_ref(VT_I4, &number))), S_OK);
    ok(number == 0, "At %ld.\n", number);
    expect(method(buffer, L"Seek", NULL, ARGS(v_i4(0), v_i4(0), v_i4(77))), S_OK);
    expect_exception(method(buffer, L"Seek", NULL, ARGS(v_i4(0), v_i4(9))), E_INVALIDARG);
    ok(excepinfo.bstrDescription && wcsstr(excepinfo.bstrDescription, L"Seek"), "Description %s.\n",
       wine_dbgstr_w(excepinfo.bstrDescription));
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

static void test_Read(void)
{
    IByteBuffer *buffer = create_hex_buffer("01 02 ff");
    SAFEARRAY *bytes = create_bytes("0a 0b 0c"), *variants = create_variants("0a 0b 0c");
    VARIANT variable = v_type(VT_EMPTY);
    LONG number = -1;
    BYTE byte = 0;

    expect(method(buffer, L"Read", NULL, ARGS(v_array(VT_UI1, bytes), v_i4(3), v_by_ref(VT_I4, &number))), S_OK);
    ok(number == 3 && !memcmp(bytes->pvData, "\x01\x02\xff", 3), "%ld read, %s.\n", number,
       dbgstr_hex(bytes->pvData, 3));
    buffer_seek(buffer, 2);
    expect(method(buffer, L"Read", NULL, ARGS(v_by_ref(VT_VARIANT, &variable), v_i4(1))), S_OK);
    ok(V_VT(&variable) == VT_UI1 && V_UI1(&variable) == 0xff, "Type %u, %02x.\n", V_VT(&variable), V_UI1(&variable));
    buffer_seek(buffer, 1);
    expect(method(buffer, L"Read", NULL, ARGS(v_by_ref(VT_UI1, &byte), v_i4(1))), S_OK);
    ok(byte == 2, "Read %02x.\n", byte);
    buffer_seek(buffer, 0);
    expect(method(buffer, L"Read", NULL, ARGS(v_by_ref(VT_ARRAY | VT_VARIANT, &variants), v_i4(3))), S_OK);
    ok(V_VT((VARIANT *)variants->pvData) == VT_UI1 && V_UI1((VARIANT *)variants->pvData + 2) == 0xff, "Not read.\n");
    expect(method(buffer, L"Read", NULL, ARGS(v_array(VT_UI1, bytes), v_i4(4))), DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"Read", NULL, ARGS(v_array(VT_UI1, bytes), v_i4(-1))), DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"Read", NULL, ARGS(v_i4(0x1000), v_i4(16))), DISP_E_TYPEMISMATCH);

    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
    SafeArrayDestroy(bytes);
    SafeArrayDestroy(variants);
}

static void test_Clone(void)
{
    IByteBuffer *buffer = create_hex_buffer("01 02 ff"), *declared = NULL;
    VARIANT clone = v_type(VT_EMPTY);

    expect(method(buffer, L"Clone", NULL, ARGS(v_by_ref(VT_VARIANT, &clone))), S_OK);
    ok(V_VT(&clone) == VT_DISPATCH && V_DISPATCH(&clone), "Type %u.\n", V_VT(&clone));
    if (V_VT(&clone) == VT_DISPATCH && V_DISPATCH(&clone))
    {
        check_count(V_DISPATCH(&clone), 1);
        check_content((IByteBuffer *)V_DISPATCH(&clone), "\x01\x02\xff", 3);
    }
    expect(method(buffer, L"Clone", NULL, ARGS(v_by_ref(VT_VARIANT, &clone))), S_OK); /* the old one goes */
    VariantClear(&clone);
    expect(method(buffer, L"Clone", NULL, ARGS(v_by_ref(VT_DISPATCH, &declared))), S_OK);
    ok(declared && reference_count(declared) == 1, "Clone %p.\n", (void *)declared);
    if (declared) IByteBuffer_Release(declared);
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

static void test_CopyTo(void)
{
    IByteBuffer *buffer = create_hex_buffer("01 02 ff"), *declared = create_raw_buffer();
    VARIANT variable = v_type(VT_NULL);
    LONG number = -1;
    SHORT word = -1;

    expect(method(buffer, L"CopyTo", NULL, ARGS(v_by_ref(VT_VARIANT, &variable), v_i4(2))), S_OK);
    ok(V_VT(&variable) == VT_DISPATCH, "Type %u.\n", V_VT(&variable));
    if (V_VT(&variable) == VT_DISPATCH) check_content((IByteBuffer *)V_DISPATCH(&variable), "\x01\x02", 2);
    VariantClear(&variable);
    buffer_seek(buffer, 0);
    expect(method(buffer, L"CopyTo", NULL, ARGS(v_object(declared), v_i4(3), v_by_ref(VT_I4, &number),
                                                v_by_ref(VT_I2, &word))), S_OK);
    ok(number == 3 && word == 3, "%ld read, %d written.\n", number, word);
    check_count(declared, 1);
    check_content(declared, "\x01\x02\xff", 3);
    expect(method(buffer, L"CopyTo", NULL, ARGS(v_object(&foreign), v_i4(1))), DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"CopyTo", NULL, ARGS(v_i4(5), v_i4(1))), DISP_E_TYPEMISMATCH);
    ok(!IByteBuffer_Release(declared), "A reference is left.\n");
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

/* One stream in two buffers. */
static void test_Stream(void)
{
    IByteBuffer *buffer = create_hex_buffer("01 02 ff"), *other = create_raw_buffer();
    VARIANT result;
    HRESULT hr;

    hr = get(buffer, L"Stream", &result);
    ok(hr == S_OK && V_VT(&result) == VT_UNKNOWN && V_UNKNOWN(&result), "%s, type %u.\n", dbgstr_hr(hr), V_VT(&result));
    if (V_VT(&result) == VT_UNKNOWN)
    {
        expect(put(other, L"Stream", result), S_OK);
        expect(put_ref(other, L"Stream", result), S_OK);
    }
    VariantClear(&result);
    check_content(other, "\x01\x02\xff", 3);
    expect(put_ref(other, L"Stream", v_object(&foreign)), DISP_E_TYPEMISMATCH);
    expect_exception(put_ref(other, L"Stream", v_object(NULL)), E_POINTER);
    expect(method(buffer, L"SetSize", NULL, ARGS(v_i4(1))), S_OK);
    check_content(other, "\x01", 1);
    ok(!IByteBuffer_Release(other), "A reference is left.\n");
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

static void test_rest_of_buffer(void)
{
    IByteBuffer *buffer = create_hex_buffer("01");
    VARIANT variable = v_type(VT_EMPTY);

    expect_exception(method(buffer, L"SetSize", NULL, ARGS(v_i4(-1))), E_INVALIDARG);
    expect(method(buffer, L"Commit", NULL, ARGS(v_i4(0))), S_OK);
    expect(method(buffer, L"Revert", NULL, NO_ARGS), S_OK);
    expect_exception(method(buffer, L"LockRegion", NULL, ARGS(v_i4(0), v_i4(1), v_i4(1))), STG_E_INVALIDFUNCTION);
    expect_exception(method(buffer, L"UnlockRegion", NULL, ARGS(v_i4(0), v_i4(1), v_i4(1))), STG_E_INVALIDFUNCTION);
    /* a STATSTRUCT means nothing to a script */
    expect(method(buffer, L"Stat", NULL, ARGS(v_by_ref(VT_VARIANT, &variable), v_i4(1))), DISP_E_TYPEMISMATCH);
    expect(method(buffer, L"Stat", NULL, ARGS(v_i4(0x1000), v_i4(1))), DISP_E_TYPEMISMATCH);
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
}

/* A Clone that fails leaves the caller's variable, and the object in it, as they were. */
static void test_failing_Clone(void)
{
    IByteBuffer *buffer = create_buffer("abc", 3), *given = create_buffer("def", 3);
    VARIANT variable = v_object(given);
    struct foreign_stream stream; /* which cannot be cloned */

    IByteBuffer_put_Stream(buffer, foreign_stream_init(&stream, "abc", 3));
    expect(method(buffer, L"Clone", NULL, ARGS(v_object(given))), DISP_E_TYPEMISMATCH); /* nowhere to put it */
    check_count(given, 1);
    expect_exception(method(buffer, L"Clone", NULL, ARGS(v_by_ref(VT_VARIANT, &variable))), STG_E_INVALIDFUNCTION);
    ok(V_VT(&variable) == VT_DISPATCH && V_DISPATCH(&variable) == (IDispatch *)given, "The variable has changed.\n");
    check_count(given, 1);
    IByteBuffer_Release(given);
    IByteBuffer_Release(buffer);
}

/* What is not there yet. */
static void test_new_cmd(void)
{
    ISCardCmd *cmd = create_cmd();
    VARIANT result;
    HRESULT hr;

    expect_exception(get(cmd, L"AlternateClassId", &result), E_ACCESSDENIED);
    expect_exception(get(cmd, L"ReplyNad", &result), E_ACCESSDENIED); /* [doc] */
    hr = get(cmd, L"ApduReply", &result);
    ok(hr == S_OK && V_VT(&result) == VT_DISPATCH && !V_DISPATCH(&result), "No reply: %s, type %u.\n", dbgstr_hr(hr),
       V_VT(&result));
    ok(!ISCardCmd_Release(cmd), "A reference is left.\n");
}

static void test_BuildCmd(void)
{
    IByteBuffer *data = create_hex_buffer("11 22");
    ISCardCmd *cmd = create_cmd();
    VARIANT result;
    LONG le = 256;
    HRESULT hr;

    expect(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(0x80), v_i2(0x10))), S_OK);
    hr = get(cmd, L"Apdu", &result);
    check_result(hr, &result, "80 10 00 00");
    check_number(cmd, L"ApduLength", VT_I4, 4);
    check_number(cmd, L"Type", VT_I4, 1);
    expect(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(0), v_i4(0xa4), v_i4(4), v_i4(0), v_object(data),
                                               v_by_ref(VT_I4, &le))), S_OK);
    hr = get(cmd, L"Apdu", &result);
    check_result(hr, &result, "00 a4 04 00 02 11 22 00");
    check_count(data, 1);
    check_number(cmd, L"LeField", VT_I4, 256);
    check_number(cmd, L"P3", VT_UI1, 2);
    check_number(cmd, L"Type", VT_I4, 4);
    expect(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(0), v_i4(0xb0), v_missing(), v_i4(5), v_missing(), v_i4(8))), S_OK);
    hr = get(cmd, L"Apdu", &result);
    check_result(hr, &result, "00 b0 00 05 08");
    expect(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(0), v_i4(0xb0), v_i4(0), v_i4(0), v_object(NULL))), S_OK);

    ok(!IByteBuffer_Release(data), "A reference is left.\n");
    ok(!ISCardCmd_Release(cmd), "A reference is left.\n");
}

static void test_failing_BuildCmd(void)
{
    ISCardCmd *cmd = create_cmd();

    expect(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(256), v_i4(0))), DISP_E_OVERFLOW);
    expect(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(-1), v_i4(0))), DISP_E_OVERFLOW);
    expect(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(0))), DISP_E_PARAMNOTOPTIONAL);
    expect(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(0), v_i4(0), v_i4(0), v_i4(0), v_object(&foreign))),
           DISP_E_TYPEMISMATCH);
    expect(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(0), v_i4(0), v_i4(0), v_i4(0), v_object(cmd))),
           DISP_E_TYPEMISMATCH);
    expect(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(0), v_i4(0), v_i4(0), v_i4(0), v_i4(0x1000))),
           DISP_E_TYPEMISMATCH);
    expect_exception(method(cmd, L"BuildCmd", NULL, ARGS(v_i4(0), v_i4(0), v_i4(0), v_i4(0), v_missing(), v_i4(-1))),
                     E_INVALIDARG);
    ok(!ISCardCmd_Release(cmd), "A reference is left.\n");
}

static void test_bytes_of_cmd(void)
{
    static const WCHAR *const names[] = { L"ClassId", L"InstructionId", L"P1", L"P2", L"Nad", L"ReplyNad",
                                          L"AlternateClassId" };
    IByteBuffer *buffer = create_hex_buffer("11 22");
    ISCardCmd *cmd = create_cmd();
    unsigned int i;

    ISCardCmd_BuildCmd(cmd, 0x00, 0xb0, 0x00, 0x00, NULL, NULL);
    for (i = 0; i < ARRAY_SIZE(names); i++)
    {
        winetest_push_context("%s", wine_dbgstr_w(names[i]));
        expect(put(cmd, names[i], v_i2(0xc1)), S_OK);
        check_number(cmd, names[i], VT_UI1, 0xc1);
        expect(put(cmd, names[i], v_i4(256)), DISP_E_OVERFLOW);
        expect(put(cmd, names[i], v_object(cmd)), DISP_E_TYPEMISMATCH);
        expect(put_ref(cmd, names[i], v_i4(1)), DISP_E_MEMBERNOTFOUND);
        check_number(cmd, names[i], VT_UI1, 0xc1);
        winetest_pop_context();
    }
    /* by its property of dispid 0 an object is not taken for a number */
    expect(put(cmd, L"P1", v_object(buffer)), DISP_E_TYPEMISMATCH);
    /* read-only */
    expect(put(cmd, L"ApduLength", v_i4(3)), DISP_E_MEMBERNOTFOUND);
    expect(put(cmd, L"P3", v_i4(3)), DISP_E_MEMBERNOTFOUND);

    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
    ok(!ISCardCmd_Release(cmd), "A reference is left.\n");
}

static void test_Apdu(void)
{
    IByteBuffer *data = create_hex_buffer("11 22"), *apdu = create_hex_buffer("00 a4 04 00 02 3f 00 00");
    ISCardCmd *cmd = create_cmd();
    VARIANT result;
    HRESULT hr;

    expect(put(cmd, L"Apdu", v_object(apdu)), S_OK);
    expect(put_ref(cmd, L"Apdu", v_object(apdu)), S_OK);
    hr = get(cmd, L"Data", &result);
    check_result(hr, &result, "3f 00");
    expect(put(cmd, L"Data", v_object(data)), S_OK);
    expect(put_ref(cmd, L"Data", v_object(data)), S_OK);
    hr = get(cmd, L"Data", &result);
    check_result(hr, &result, "11 22");
    expect_exception(put(cmd, L"Data", v_object(NULL)), E_POINTER);
    expect(put_ref(cmd, L"Data", v_object(&foreign)), DISP_E_TYPEMISMATCH);
    expect(method(cmd, L"Clear", NULL, NO_ARGS), S_OK);
    check_number(cmd, L"ApduLength", VT_I4, 0);

    ok(!IByteBuffer_Release(data), "A reference is left.\n");
    ok(!IByteBuffer_Release(apdu), "A reference is left.\n");
    ok(!ISCardCmd_Release(cmd), "A reference is left.\n");
}

static void test_ApduReply(void)
{
    IByteBuffer *reply = create_hex_buffer("aa bb 61 10");
    ISCardCmd *cmd = create_cmd();
    VARIANT result;
    HRESULT hr;

    expect_exception(put(cmd, L"ApduReplyLength", v_i4(1)), E_INVALIDARG);
    expect(put(cmd, L"ApduReply", v_object(reply)), S_OK);
    expect(put_ref(cmd, L"ApduReply", v_object(reply)), S_OK);
    hr = get(cmd, L"ApduReply", &result);
    check_result(hr, &result, "aa bb 61 10");
    check_number(cmd, L"ReplyStatus", VT_I4, 0x6110);
    check_number(cmd, L"ReplyStatusSW1", VT_UI1, 0x61);
    check_number(cmd, L"ReplyStatusSW2", VT_UI1, 0x10);
    expect(put(cmd, L"ReplyStatus", v_i4(0x9000)), S_OK); /* does not fit a VBScript Integer */
    check_number(cmd, L"ReplyStatus", VT_I4, 0x9000);
    expect(put(cmd, L"ReplyStatus", v_i4(0x10000)), DISP_E_OVERFLOW);
    expect(put(cmd, L"ReplyStatus", v_i4(-32769)), DISP_E_OVERFLOW);
    expect(put_ref(cmd, L"ReplyStatus", v_i4(1)), DISP_E_MEMBERNOTFOUND);
    check_number(cmd, L"ReplyStatus", VT_I4, 0x9000);
    expect(put(cmd, L"ApduReplyLength", v_i4(3)), S_OK);
    check_number(cmd, L"ApduReplyLength", VT_I4, 3);

    ok(!IByteBuffer_Release(reply), "A reference is left.\n");
    ok(!ISCardCmd_Release(cmd), "A reference is left.\n");
}

static void test_Encapsulate(void)
{
    IByteBuffer *apdu = create_hex_buffer("00 a4 04 00 02 3f 00 00");
    ISCardCmd *cmd = create_cmd();
    VARIANT result;
    HRESULT hr;

    expect(method(cmd, L"Encapsulate", NULL, ARGS(v_object(apdu), v_i4(2))), S_OK);
    hr = get(cmd, L"Data", &result);
    check_result(hr, &result, "00 a4 04 00 02 3f 00 00");
    expect_exception(method(cmd, L"Encapsulate", NULL, ARGS(v_object(apdu), v_i4(5))), E_INVALIDARG);
    expect(method(cmd, L"Encapsulate", NULL, ARGS(v_object(&foreign), v_i4(1))), DISP_E_TYPEMISMATCH);

    ok(!IByteBuffer_Release(apdu), "A reference is left.\n");
    ok(!ISCardCmd_Release(cmd), "A reference is left.\n");
}

/* Every builder: arguments before ppCmd, of which "d" is data, "m" omitted, "b" 12 hexadecimal, "n" 8; the command. */
static const struct
{
    const WCHAR *name;
    const char *args;
    const char *apdu;
}
iso_calls[] =
{
    { L"AppendRecord", "bd", "00 e2 00 12 02 11 22" },
    { L"AppendRecord", "md", "00 e2 00 00 02 11 22" },
    { L"EraseBinary", "bbd", "00 0e 12 12 02 11 22" },
    { L"EraseBinary", "bbm", "00 0e 12 12" },
    { L"ExternalAuthenticate", "bbd", "00 82 12 12 02 11 22" },
    { L"ExternalAuthenticate", "mmm", "00 82 00 00" },
    { L"GetChallenge", "n", "00 84 00 00 08" },
    { L"GetChallenge", "m", "00 84 00 00 00" },
    { L"GetData", "bbn", "00 ca 12 12 08" },
    { L"GetData", "bbm", "00 ca 12 12 00" },
    { L"GetResponse", "bbn", "00 c0 12 12 08" },
    { L"GetResponse", "mmm", "00 c0 00 00 00" },
    { L"InternalAuthenticate", "bbdn", "00 88 12 12 02 11 22 08" },
    { L"InternalAuthenticate", "mmdm", "00 88 00 00 02 11 22" },
    { L"ManageChannel", "bb", "00 70 12 12" },
    { L"ManageChannel", "mm", "00 70 80 00" }, /* [sdk98] */
    { L"PutData", "bbd", "00 da 12 12 02 11 22" },
    { L"ReadBinary", "bbn", "00 b0 12 12 08" },
    { L"ReadBinary", "bbm", "00 b0 12 12 00" },
    { L"ReadRecord", "bbn", "00 b2 12 12 08" },
    { L"ReadRecord", "mbm", "00 b2 00 12 00" },
    { L"SelectFile", "bbdn", "00 a4 12 12 02 11 22 08" },
    { L"SelectFile", "bbmm", "00 a4 12 12" },
    { L"UpdateBinary", "bbd", "00 d6 12 12 02 11 22" },
    { L"UpdateRecord", "bbd", "00 dc 12 12 02 11 22" },
    { L"UpdateRecord", "mmd", "00 dc 00 00 02 11 22" },
    { L"Verify", "bd", "00 20 00 12 02 11 22" },
    { L"Verify", "mm", "00 20 00 00" },
    { L"WriteBinary", "bbd", "00 d0 12 12 02 11 22" },
    { L"WriteRecord", "bbd", "00 d2 12 12 02 11 22" },
    { L"WriteRecord", "mmd", "00 d2 00 00 02 11 22" },
};

/* The arguments of an iso_calls[].args; how many. */
static UINT iso_arguments(VARIANT *args, const char *kinds, IByteBuffer *data)
{
    UINT count;

    for (count = 0; kinds[count]; count++)
    {
        switch (kinds[count])
        {
            case 'b': args[count] = v_i2(0x12); break;
            case 'n': args[count] = v_i4(8); break;
            case 'd': args[count] = v_object(data); break;
            default: args[count] = v_missing(); break;
        }
    }
    return count;
}

/* An object by value, in a variable, none, and one of another kind. */
static void test_builder(ISCardISO7816 *iso, unsigned int call, IByteBuffer *data, ISCardCmd *cmd)
{
    const WCHAR *name = iso_calls[call].name;
    VARIANT args[6], variable = v_object(cmd);
    UINT count = iso_arguments(args, iso_calls[call].args, data);
    BYTE bytes[64];
    LONG size = from_hex(bytes, iso_calls[call].apdu);

    args[count] = v_object(cmd);
    expect(method(iso, name, NULL, args, count + 1), S_OK);
    check_apdu(cmd, bytes, size, "by value");
    ISCardCmd_Clear(cmd);
    args[count] = v_by_ref(VT_VARIANT, &variable);
    expect(method(iso, name, NULL, args, count + 1), S_OK);
    ok(V_VT(&variable) == VT_DISPATCH && V_DISPATCH(&variable) == (IDispatch *)cmd, "The variable changed.\n");
    check_apdu(cmd, bytes, size, "in a variable");
    check_count(cmd, 1);
    V_VT(&variable) = VT_EMPTY;
    expect(method(iso, name, NULL, args, count + 1), S_OK);
    ok(V_VT(&variable) == VT_DISPATCH && V_DISPATCH(&variable), "Type %u.\n", V_VT(&variable));
    if (V_VT(&variable) == VT_DISPATCH && V_DISPATCH(&variable))
    {
        check_apdu((ISCardCmd *)V_DISPATCH(&variable), bytes, size, "a new one");
        check_count(V_DISPATCH(&variable), 1);
    }
    VariantClear(&variable);

    args[count] = v_object(&foreign);
    expect(method(iso, name, NULL, args, count + 1), DISP_E_TYPEMISMATCH);
    args[count] = v_object(data);
    expect(method(iso, name, NULL, args, count + 1), DISP_E_TYPEMISMATCH);
    expect(method(iso, name, NULL, args, count), DISP_E_PARAMNOTOPTIONAL);
    check_count(data, 1);
}

/* The variables in which a script may have nothing, or be given a command. */
static void test_empty_variables(ISCardISO7816 *iso)
{
    ISCardCmd *declared = NULL;
    VARIANT nothing;

    nothing = v_type(VT_NULL);
    expect(method(iso, L"ManageChannel", NULL, ARGS(v_i4(0), v_i4(0), v_by_ref(VT_VARIANT, &nothing))), S_OK);
    ok(V_VT(&nothing) == VT_DISPATCH, "From Null: type %u.\n", V_VT(&nothing));
    VariantClear(&nothing);
    nothing = v_object(NULL);
    expect(method(iso, L"ManageChannel", NULL, ARGS(v_i4(0), v_i4(0), v_by_ref(VT_VARIANT, &nothing))), S_OK);
    ok(V_VT(&nothing) == VT_DISPATCH && V_DISPATCH(&nothing), "From Nothing: type %u.\n", V_VT(&nothing));
    VariantClear(&nothing);
    expect(method(iso, L"ManageChannel", NULL, ARGS(v_i4(0), v_i4(0), v_by_ref(VT_DISPATCH, &declared))), S_OK);
    ok(declared && reference_count(declared) == 1, "Declared: %p.\n", (void *)declared);
    if (declared) ISCardCmd_Release(declared);
}

/* A failure leaves the variable. */
static void test_failing_builders(ISCardISO7816 *iso, ISCardCmd *cmd)
{
    VARIANT variable = v_type(VT_EMPTY);

    expect_exception(method(iso, L"ReadBinary", NULL, ARGS(v_i4(0), v_i4(0), v_i4(-1), v_by_ref(VT_VARIANT, &variable))),
                     E_INVALIDARG);
    ok(V_VT(&variable) == VT_EMPTY, "Type %u.\n", V_VT(&variable));
    expect_exception(method(iso, L"PutData", NULL, ARGS(v_i4(0), v_i4(0), v_object(NULL), v_object(cmd))), E_POINTER);
}

static void test_SetDefaultClassId(ISCardISO7816 *iso, IByteBuffer *data, ISCardCmd *cmd)
{
    expect(method(iso, L"SetDefaultClassId", NULL, ARGS(v_i4(0xa0))), S_OK);
    expect(method(iso, L"SetDefaultClassId", NULL, ARGS(v_i4(256))), DISP_E_OVERFLOW);
    expect(method(iso, L"Verify", NULL, ARGS(v_i4(1), v_object(data), v_object(cmd))), S_OK);
    check_apdu(cmd, "\xa0\x20\x00\x01\x02\x11\x22", 7, "class");
}

static void test_iso(void)
{
    IByteBuffer *data = create_hex_buffer("11 22");
    ISCardISO7816 *iso = create_iso();
    ISCardCmd *cmd = create_cmd();
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(iso_calls); i++)
    {
        winetest_push_context("%s(%s)", wine_dbgstr_w(iso_calls[i].name), iso_calls[i].args);
        test_builder(iso, i, data, cmd);
        winetest_pop_context();
    }
    test_empty_variables(iso);
    test_failing_builders(iso, cmd);
    test_SetDefaultClassId(iso, data, cmd);
    ok(!ISCardCmd_Release(cmd), "A reference is left.\n");
    ok(!IByteBuffer_Release(data), "A reference is left.\n");
    ok(!ISCardISO7816_Release(iso), "A reference is left.\n");
}

/* VBScript has no unsigned number: VT_I4 where it fits, VT_R8 else. */
static void check_handle_at(int line, HRESULT hr, const VARIANT *result, ULONG_PTR handle)
{
    if (handle <= LONG_MAX)
        ok_(__FILE__, line)(hr == S_OK && V_VT(result) == VT_I4 && V_I4(result) == (LONG)handle, "%s, type %u.\n",
                            dbgstr_hr(hr), V_VT(result));
    else
        ok_(__FILE__, line)(hr == S_OK && V_VT(result) == VT_R8 && V_R8(result) == (double)handle, "%s, type %u.\n",
                            dbgstr_hr(hr), V_VT(result));
}
#define check_handle(hr, result, handle) check_handle_at(__LINE__, hr, result, handle)

static void test_AttachByReader(ISCard *card, BSTR reader)
{
    ISCardCmd *cmd = create_cmd();
    VARIANT result, name;

    name = v_type(VT_BSTR);
    V_BSTR(&name) = reader;
    check_number(card, L"CardHandle", VT_I4, 0);
    expect_exception(get(card, L"Status", &result), SCARD_E_INVALID_HANDLE);
    expect_exception(get(card, L"Atr", &result), SCARD_E_INVALID_HANDLE);
    expect_exception(method(card, L"AttachByReader", NULL, ARGS(name, v_i4(9))), E_INVALIDARG);
    expect(method(card, L"AttachByReader", NULL, ARGS(v_object(cmd))), DISP_E_TYPEMISMATCH);
    expect(method(card, L"AttachByReader", NULL, ARGS(name, v_i4(SHARED), v_i4(T0 | T1))), S_OK);
    ok(!ISCardCmd_Release(cmd), "A reference is left.\n");
}

static void test_properties_of_card(ISCard *card)
{
    HSCARDCONTEXT context = 0;
    SCARD_STATES state = 0;
    VARIANT result;
    HRESULT hr;

    hr = get(card, L"Context", &result);
    ISCard_get_Context(card, &context);
    check_handle(hr, &result, context);
    hr = get(card, L"Protocol", &result);
    ok(hr == S_OK && V_VT(&result) == VT_I4 && is_card_protocol(V_I4(&result)), "%s, type %u, %ld.\n", dbgstr_hr(hr),
       V_VT(&result), V_I4(&result));
    hr = get(card, L"Status", &result);
    ISCard_get_Status(card, &state);
    ok(hr == S_OK && V_VT(&result) == VT_I4 && V_I4(&result) == (LONG)state, "%s, type %u, %ld.\n", dbgstr_hr(hr),
       V_VT(&result), V_I4(&result));
    hr = get(card, L"Atr", &result);
    ok(hr == S_OK && V_VT(&result) == VT_DISPATCH && V_DISPATCH(&result), "%s, type %u.\n", dbgstr_hr(hr),
       V_VT(&result));
    VariantClear(&result);
}

static void test_Transaction(ISCard *card)
{
    VARIANT result, variable = v_type(VT_EMPTY), cmd_variable;
    ISCardCmd *cmd = create_cmd();
    HRESULT hr;

    expect_exception(method(card, L"Transaction", NULL, ARGS(v_object(cmd))), E_INVALIDARG);
    expect_exception(method(card, L"Transaction", NULL, ARGS(v_by_ref(VT_VARIANT, &variable))), E_POINTER);
    expect(method(card, L"Transaction", NULL, ARGS(v_object(&foreign))), DISP_E_TYPEMISMATCH);
    expect(method(card, L"Transaction", NULL, NO_ARGS), DISP_E_PARAMNOTOPTIONAL);
    ISCardCmd_BuildCmd(cmd, 0x00, 0xa4, 0x00, 0x0c, NULL, NULL);
    cmd_variable = v_object(cmd);
    expect(method(card, L"LockSCard", NULL, NO_ARGS), S_OK);
    expect(method(card, L"Transaction", NULL, ARGS(v_by_ref(VT_VARIANT, &cmd_variable))), S_OK);
    ok(V_DISPATCH(&cmd_variable) == (IDispatch *)cmd, "The variable changed.\n");
    hr = get(cmd, L"ReplyStatus", &result);
    ok(hr == S_OK && V_VT(&result) == VT_I4 && V_I4(&result) >= 0x6000, "%s, type %u, %#lx.\n", dbgstr_hr(hr),
       V_VT(&result), V_I4(&result));
    check_count(cmd, 1);
    expect(method(card, L"UnlockSCard", NULL, NO_ARGS), S_OK);
    expect_exception(method(card, L"UnlockSCard", NULL, ARGS(v_i4(0))), SCARD_E_NOT_TRANSACTED);
    ok(!ISCardCmd_Release(cmd), "A reference is left.\n");
}

/* The handle of one object as another one's argument. */
static void test_AttachByHandle(ISCard *card)
{
    ISCard *other = create_card();
    VARIANT handle, result;
    HSCARD card_handle = 0;
    HRESULT hr;

    hr = get(card, L"CardHandle", &handle);
    ISCard_get_CardHandle(card, &card_handle);
    check_handle(hr, &handle, card_handle);
    expect(method(other, L"AttachByHandle", NULL, ARGS(handle)), S_OK);
    hr = get(other, L"Protocol", &result);
    ok(hr == S_OK, "%s.\n", dbgstr_hr(hr));
    expect(method(other, L"Detach", NULL, NO_ARGS), S_OK);
    expect_exception(method(other, L"AttachByHandle", NULL, ARGS(v_i4(0))), E_INVALIDARG);
    expect(method(other, L"AttachByHandle", NULL, ARGS(v_object(card))), DISP_E_TYPEMISMATCH);
    ok(!ISCard_Release(other), "A reference is left.\n");
}

static void test_card(void)
{
    BSTR reader = find_card_reader(5000);
    ISCard *card;

    if (!reader)
    {
        skip("ISCard: there is no card.\n");
        return;
    }
    card = create_card();
    test_AttachByReader(card, reader);
    test_properties_of_card(card);
    test_Transaction(card);
    test_AttachByHandle(card);
    expect(method(card, L"ReAttach", NULL, ARGS(v_i4(SHARED))), S_OK);
    expect(method(card, L"Detach", NULL, ARGS(v_i4(LEAVE))), S_OK);
    expect_exception(method(card, L"Detach", NULL, NO_ARGS), SCARD_E_INVALID_HANDLE);
    ok(!ISCard_Release(card), "A reference is left.\n");
    SysFreeString(reader);
}

static void test_type_conv(void)
{
    ISCardTypeConv *conv = create_object(&CLSID_CSCardTypeConv, &IID_ISCardTypeConv);
    IByteBuffer *buffer = create_hex_buffer("01 02 03");
    SAFEARRAY *bytes = create_bytes("0a 0b 0c"), *variants = create_variants("04 05");
    VARIANT result, stream;
    HRESULT hr;

    hr = method(conv, L"ConvertByteArrayToByteBuffer", &result, ARGS(v_array(VT_UI1, bytes), v_i4(2)));
    check_result(hr, &result, "0a 0b");
    expect(method(conv, L"ConvertByteArrayToByteBuffer", &result, ARGS(v_array(VT_UI1, bytes), v_i4(4))),
           DISP_E_TYPEMISMATCH);
    hr = method(conv, L"ConvertSafeArrayToByteBuffer", &result, ARGS(v_array(VT_UI1, bytes)));
    check_result(hr, &result, "0a 0b 0c");
    hr = method(conv, L"ConvertSafeArrayToByteBuffer", &result, ARGS(v_by_ref(VT_ARRAY | VT_VARIANT, &variants)));
    check_result(hr, &result, "04 05");
    expect(method(conv, L"ConvertSafeArrayToByteBuffer", &result, ARGS(v_i4(1))), DISP_E_TYPEMISMATCH);
    hr = method(conv, L"ConvertByteBufferToSafeArray", &result, ARGS(v_object(buffer)));
    ok(hr == S_OK && V_VT(&result) == (VT_ARRAY | VT_UI1) && V_ARRAY(&result)->rgsabound[0].cElements == 3
       && !memcmp(V_ARRAY(&result)->pvData, "\1\2\3", 3), "%s, type %u.\n", dbgstr_hr(hr), V_VT(&result));
    VariantClear(&result);
    expect(method(conv, L"ConvertByteBufferToSafeArray", &result, ARGS(v_object(&foreign))), DISP_E_TYPEMISMATCH);
    hr = method(conv, L"CreateByteBuffer", &result, ARGS(v_i4(2)));
    check_result(hr, &result, "00 00");
    hr = method(conv, L"CreateSafeArray", &result, ARGS(v_i4(5)));
    ok(hr == S_OK && V_VT(&result) == (VT_ARRAY | VT_UI1) && V_ARRAY(&result)->rgsabound[0].cElements == 5,
       "%s, type %u.\n", dbgstr_hr(hr), V_VT(&result));
    VariantClear(&result);

    /* pointers mean nothing to a script */
    expect(method(conv, L"CreateByteArray", &result, ARGS(v_i4(5))), DISP_E_TYPEMISMATCH);
    expect(method(conv, L"ConvertByteBufferToByteArray", &result, ARGS(v_object(buffer))), DISP_E_TYPEMISMATCH);
    if (get(buffer, L"Stream", &stream) == S_OK)
    {
        expect(method(conv, L"GetAtIStreamMemory", &result, ARGS(stream)), DISP_E_TYPEMISMATCH);
        expect(method(conv, L"FreeIStreamMemoryPtr", NULL, ARGS(stream, v_i4(0x1000))), DISP_E_TYPEMISMATCH);
        hr = method(conv, L"SizeOfIStream", &result, ARGS(stream));
        ok(hr == S_OK && V_VT(&result) == VT_I4 && V_I4(&result) == 3, "%s, type %u.\n", dbgstr_hr(hr), V_VT(&result));
        VariantClear(&stream);
    }
    expect(method(conv, L"SizeOfIStream", &result, ARGS(v_object(&foreign))), DISP_E_TYPEMISMATCH);

    SafeArrayDestroy(bytes);
    SafeArrayDestroy(variants);
    ok(!IByteBuffer_Release(buffer), "A reference is left.\n");
    ok(!ISCardTypeConv_Release(conv), "A reference is left.\n");
}

/* What the vtable says, as an array of VARIANT. Takes the strings over. */
static void check_list(ISCardDatabase *database, const WCHAR *name, HRESULT expected, SAFEARRAY *strings)
{
    VARIANT result = v_type(VT_EMPTY);
    HRESULT hr = method(database, name, &result, NO_ARGS);

    if (FAILED(expected))
    {
        expect_exception(hr, expected);
        return;
    }
    ok(hr == S_OK && V_VT(&result) == (VT_ARRAY | VT_VARIANT), "%s: %s, type %u.\n", wine_dbgstr_w(name), dbgstr_hr(hr),
       V_VT(&result));
    if (V_VT(&result) == (VT_ARRAY | VT_VARIANT))
    {
        ULONG count = V_ARRAY(&result)->rgsabound[0].cElements, i;
        VARIANT *elements = V_ARRAY(&result)->pvData;

        ok(count == strings->rgsabound[0].cElements, "%s: %lu elements.\n", wine_dbgstr_w(name), count);
        for (i = 0; i < count && i < strings->rgsabound[0].cElements; i++)
            ok(V_VT(&elements[i]) == VT_BSTR && !lstrcmpW(V_BSTR(&elements[i]), ((BSTR *)strings->pvData)[i]),
               "%s: element %lu.\n", wine_dbgstr_w(name), i);
    }
    VariantClear(&result);
    SafeArrayDestroy(strings);
}

static void test_database(void)
{
    SAFEARRAY *strings = NULL;
    ISCardDatabase *database = create_object(&CLSID_CSCardDatabase, &IID_ISCardDatabase);
    VARIANT name = v_string(L"no card of this name"), result;
    HRESULT hr;

    hr = method(database, L"ListCards", &result, NO_ARGS);
    ok(hr == S_OK && V_VT(&result) == (VT_ARRAY | VT_VARIANT), "%s, type %u.\n", dbgstr_hr(hr), V_VT(&result));
    VariantClear(&result);
    expect(method(database, L"ListCards", &result, ARGS(v_object(&foreign))), DISP_E_TYPEMISMATCH);
    expect_exception(method(database, L"ListCardInterfaces", &result, ARGS(name)), SCARD_E_UNKNOWN_CARD);
    expect_exception(method(database, L"GetProviderCardId", &result, ARGS(name)), SCARD_E_UNKNOWN_CARD);
    hr = ISCardDatabase_ListReaders(database, 0, &strings);
    check_list(database, L"ListReaders", hr, strings);
    hr = ISCardDatabase_ListReaderGroups(database, 0, &strings);
    check_list(database, L"ListReaderGroups", hr, strings);
    VariantClear(&name);
    ok(!ISCardDatabase_Release(database), "A reference is left.\n");
}

static void test_locate(void)
{
    ISCardLocate *locate = create_object(&CLSID_CSCardLocate, &IID_ISCardLocate);
    SAFEARRAY *names = SafeArrayCreateVector(VT_VARIANT, 0, 1), *bytes = create_bytes("01 02");
    VARIANT result;

    ((VARIANT *)names->pvData)[0] = v_string(L"no card of this name");
    expect_exception(method(locate, L"FindCard", &result, NO_ARGS), E_UNEXPECTED);
    expect(method(locate, L"ConfigureCardNameSearch", NULL, ARGS(v_array(VT_UI1, bytes))), DISP_E_TYPEMISMATCH);
    expect(method(locate, L"ConfigureCardGuidSearch", NULL, ARGS(v_i4(1))), DISP_E_TYPEMISMATCH);
    expect(method(locate, L"ConfigureCardNameSearch", NULL, ARGS(v_by_ref(VT_ARRAY | VT_VARIANT, &names))), S_OK);
    expect_exception(method(locate, L"ConfigureCardNameSearch", NULL, ARGS(v_array(VT_VARIANT, names), v_missing(),
                                                                           v_missing(), v_i4(8))), E_INVALIDARG);
    /* SC_DLG_NO_UI: an answer at once */
    expect(method(locate, L"FindCard", &result, ARGS(v_i4(SHARED), v_i4(T0 | T1), v_i4(2))), DISP_E_EXCEPTION);
    ok(SysStringLen(excepinfo.bstrDescription) > 10, "No description.\n");
    SafeArrayDestroy(names);
    SafeArrayDestroy(bytes);
    ok(!ISCardLocate_Release(locate), "A reference is left.\n");
}

static void check_members_were_called(const CLSID *clsid)
{
    IDispatch *object;
    ITypeInfo *info;
    TYPEATTR *attr;
    FUNCDESC *func;
    UINT i;

    if (CoCreateInstance(clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IDispatch, (void **)&object) != S_OK) return;
    if (IDispatch_GetTypeInfo(object, 0, 0, &info) == S_OK)
    {
        ITypeInfo_GetTypeAttr(info, &attr);
        for (i = 0; i < attr->cFuncs; i++)
        {
            if (ITypeInfo_GetFuncDesc(info, i, &func) != S_OK) continue;
            ok(was_called(&attr->guid, func), "%s: member %ld, kind %d was never called.\n",
               wine_dbgstr_guid(&attr->guid),
               func->memid, func->invkind);
            ITypeInfo_ReleaseFuncDesc(info, func);
        }
        ITypeInfo_ReleaseTypeAttr(info, attr);
        ITypeInfo_Release(info);
    }
    IDispatch_Release(object);
}

/* [doc] A member, whatever the case of its letters, and after it names of its parameters. */
static void test_names(void)
{
    static WCHAR build[] = L"bUILDcMD", le[] = L"PLLE", wrong[] = L"plLe2";
    static WCHAR others[][10] = { L"Build", L"BuildCm", L"BuildCmd2", L"BuildCm\x0434", L"BuildCl\x0083", L"",
                                    L" BuildCmd" };
    ISCardCmd *cmd = create_cmd();
    LPOLESTR names[3] = { build, le, wrong };
    DISPID ids[3] = { 99, 99, 99 };
    unsigned int i;
    HRESULT hr;

    hr = ISCardCmd_GetIDsOfNames(cmd, &IID_NULL, names, 1, LOCALE_USER_DEFAULT, ids);
    ok(hr == S_OK && ids[0] == find_member(cmd, L"BuildCmd"), "%s, %ld.\n", dbgstr_hr(hr), ids[0]);
    hr = ISCardCmd_GetIDsOfNames(cmd, &IID_NULL, names, 2, LOCALE_USER_DEFAULT, ids);
    ok(hr == S_OK && ids[0] == find_member(cmd, L"BuildCmd") && ids[1] == 5, "%s, %ld, %ld.\n", dbgstr_hr(hr), ids[0],
       ids[1]);
    hr = ISCardCmd_GetIDsOfNames(cmd, &IID_NULL, names, 3, LOCALE_USER_DEFAULT, ids);
    ok(hr == DISP_E_UNKNOWNNAME && ids[2] == DISPID_UNKNOWN, "%s, %ld.\n", dbgstr_hr(hr), ids[2]);

    for (i = 0; i < ARRAY_SIZE(others); i++)
    {
        names[0] = others[i];
        ids[0] = 99;
        hr = ISCardCmd_GetIDsOfNames(cmd, &IID_NULL, names, 1, LOCALE_USER_DEFAULT, ids);
        ok(hr == DISP_E_UNKNOWNNAME && ids[0] == DISPID_UNKNOWN, "%s: %s, %ld.\n", wine_dbgstr_w(others[i]),
           dbgstr_hr(hr), ids[0]);
    }
    ISCardCmd_Release(cmd);
}

START_TEST(dispatch)
{
    unsigned int i;

    CoInitialize(NULL);
    call_hook = remember_call;
    test_names();
    test_member_of_invoke();
    test_named_arguments();
    test_arguments_of_invoke();
    test_Initialize();
    test_Write();
    test_Seek();
    test_Read();
    test_Clone();
    test_failing_Clone();
    test_CopyTo();
    test_Stream();
    test_rest_of_buffer();
    test_new_cmd();
    test_BuildCmd();
    test_failing_BuildCmd();
    test_bytes_of_cmd();
    test_Apdu();
    test_ApduReply();
    test_Encapsulate();
    test_iso();
    test_card();
    test_type_conv();
    test_database();
    test_locate();
    for (i = 0; i < ARRAY_SIZE(classes); i++)
    {
        if (called_count && (classes[i] != &CLSID_CSCard || card_expected()))
            check_members_were_called(classes[i]);
    }
    ok(!foreign_references, "%ld references to the foreign object are left.\n", foreign_references);
    ok(!foreign_calls, "The foreign object was called %ld times.\n", foreign_calls);
    clear_excepinfo();
    CoUninitialize();
}
