/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Error information: what Err.Description shows to a Visual Basic user. */

#include <stdio.h>
#include <string.h>

#include "com_private.h"
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(scardssp);

const char null_pointer[] = "a pointer that is needed is NULL";

struct error_text
{
    HRESULT code;
    const char *name;
    const char *meaning;
};

#define ERROR_TEXT(code, meaning) { (HRESULT)(code), #code, meaning }

/* In the order of the codes' numbers within each facility. */
static const struct error_text error_texts[] =
{
    ERROR_TEXT(E_NOTIMPL, "this is not available"),
    ERROR_TEXT(E_NOINTERFACE, "the object does not have the interface that is needed"),
    ERROR_TEXT(E_POINTER, null_pointer),
    ERROR_TEXT(E_FAIL, "the operation failed"),
    ERROR_TEXT(E_UNEXPECTED, "the call is not possible in this state"),
    ERROR_TEXT(E_ACCESSDENIED, "no value has been set"),
    ERROR_TEXT(E_OUTOFMEMORY, "there is not enough memory"),
    ERROR_TEXT(E_INVALIDARG, "an argument is not valid"),

    ERROR_TEXT(DISP_E_UNKNOWNINTERFACE, "the interface identifier must be IID_NULL"),
    ERROR_TEXT(DISP_E_MEMBERNOTFOUND, "there is no such member, or it is not used in this way"),
    ERROR_TEXT(DISP_E_PARAMNOTFOUND, "the method has no parameter of this name, or it was given twice"),
    ERROR_TEXT(DISP_E_TYPEMISMATCH, "the value is of a type that does not fit"),
    ERROR_TEXT(DISP_E_UNKNOWNNAME, "there is no member or parameter of this name"),
    ERROR_TEXT(DISP_E_OVERFLOW, "the number is too small or too large"),
    ERROR_TEXT(DISP_E_BADINDEX, "there is one type description, of index 0"),
    ERROR_TEXT(DISP_E_BADPARAMCOUNT, "there are too many arguments"),
    ERROR_TEXT(DISP_E_PARAMNOTOPTIONAL, "it must be given"),

    ERROR_TEXT(STG_E_INVALIDFUNCTION, "the stream does not support this"),
    ERROR_TEXT(STG_E_MEDIUMFULL, "a buffer cannot be larger than 2147483647 bytes"),

    ERROR_TEXT(CLASS_E_NOAGGREGATION, "an outer object must ask for IUnknown"),

    ERROR_TEXT(SCARD_F_INTERNAL_ERROR, "the smart card resource manager failed a consistency check"),
    ERROR_TEXT(SCARD_E_CANCELLED, "the action was cancelled"),
    ERROR_TEXT(SCARD_E_INVALID_HANDLE, "the object is not attached to a card"),
    ERROR_TEXT(SCARD_E_INVALID_PARAMETER, "the smart card resource manager refused a parameter"),
    ERROR_TEXT(SCARD_E_INVALID_TARGET, "registry startup information is missing or invalid"),
    ERROR_TEXT(SCARD_E_NO_MEMORY, "the smart card resource manager has not enough memory"),
    ERROR_TEXT(SCARD_F_WAITED_TOO_LONG, "a consistency timer of the resource manager has expired"),
    ERROR_TEXT(SCARD_E_INSUFFICIENT_BUFFER, "the card's answer is longer than an APDU can be"),
    ERROR_TEXT(SCARD_E_UNKNOWN_READER, "there is no reader of that name"),
    ERROR_TEXT(SCARD_E_TIMEOUT, "the time-out has expired"),
    ERROR_TEXT(SCARD_E_SHARING_VIOLATION, "another program uses the card"),
    ERROR_TEXT(SCARD_E_NO_SMARTCARD, "there is no card in the reader"),
    ERROR_TEXT(SCARD_E_UNKNOWN_CARD, "there is no card of that name in the smart card database"),
    ERROR_TEXT(SCARD_E_CANT_DISPOSE, "the reader cannot do this with the card"),
    ERROR_TEXT(SCARD_E_PROTO_MISMATCH, "the card does not speak the requested protocol"),
    ERROR_TEXT(SCARD_E_NOT_READY, "the reader or the card is not ready"),
    ERROR_TEXT(SCARD_E_INVALID_VALUE, "the smart card resource manager refused a value"),
    ERROR_TEXT(SCARD_E_SYSTEM_CANCELLED, "the system cancelled the action"),
    ERROR_TEXT(SCARD_F_COMM_ERROR, "the card does not keep to the transmission protocol"),
    ERROR_TEXT(SCARD_F_UNKNOWN_ERROR, "the resource manager reported an unknown error"),
    ERROR_TEXT(SCARD_E_INVALID_ATR, "the card's ATR is not valid"),
    ERROR_TEXT(SCARD_E_NOT_TRANSACTED, "the card is not locked, or the exchange with it failed"),
    ERROR_TEXT(SCARD_E_READER_UNAVAILABLE, "the reader is gone"),
    ERROR_TEXT(SCARD_P_SHUTDOWN, "the resource manager is shutting down"),
    ERROR_TEXT(SCARD_E_PCI_TOO_SMALL, "the protocol control information is too small"),
    ERROR_TEXT(SCARD_E_READER_UNSUPPORTED, "the reader is not supported"),
    ERROR_TEXT(SCARD_E_DUPLICATE_READER, "there are several readers of that name"),
    ERROR_TEXT(SCARD_E_CARD_UNSUPPORTED, "the card is not supported"),
    ERROR_TEXT(SCARD_E_NO_SERVICE, "the smart card service (pcscd) is not running or not reachable"),
    ERROR_TEXT(SCARD_E_SERVICE_STOPPED, "the smart card service (pcscd) has stopped"),
    ERROR_TEXT(SCARD_E_UNEXPECTED, "the reader does not support this, or the resource manager failed"),
    ERROR_TEXT(SCARD_E_ICC_INSTALLATION, "no primary provider is recorded for the card"),
    ERROR_TEXT(SCARD_E_UNSUPPORTED_FEATURE, "the card does not support the feature"),
    ERROR_TEXT(SCARD_E_NO_READERS_AVAILABLE, "there is no smart card reader"),
    ERROR_TEXT(SCARD_W_UNSUPPORTED_CARD, "the reader cannot communicate with the card"),
    ERROR_TEXT(SCARD_W_UNRESPONSIVE_CARD, "the card does not answer a reset"),
    ERROR_TEXT(SCARD_W_UNPOWERED_CARD, "the card has no power; ReAttach restores it"),
    ERROR_TEXT(SCARD_W_RESET_CARD, "the card was reset; ReAttach goes on"),
    ERROR_TEXT(SCARD_W_REMOVED_CARD, "the card was removed"),
    ERROR_TEXT(SCARD_W_SECURITY_VIOLATION, "access to the card was denied (polkit, or a rule of the card)"),
    ERROR_TEXT(SCARD_W_CANCELLED_BY_USER, "the user cancelled the action"),
};

static const struct error_text *find_error_text(HRESULT code)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(error_texts); i++)
    {
        if (error_texts[i].code == code)
            return &error_texts[i];
    }
    return NULL;
}

/* Leaves the error for the caller's GetErrorInfo; without memory there is none, which callers must expect anyway. */
static void set_error_info(const IID *iid, const WCHAR *source, const WCHAR *description)
{
    ICreateErrorInfo *create;
    IErrorInfo *info;

    if (FAILED(CreateErrorInfo(&create)))
        return;
    ICreateErrorInfo_SetGUID(create, iid);
    ICreateErrorInfo_SetSource(create, (WCHAR *)source);
    ICreateErrorInfo_SetDescription(create, (WCHAR *)description);
    if (SUCCEEDED(ICreateErrorInfo_QueryInterface(create, &IID_IErrorInfo, (void **)&info)))
    {
        SetErrorInfo(0, info);
        IErrorInfo_Release(info);
    }
    ICreateErrorInfo_Release(create);
}

HRESULT class_error(const struct class_desc *class, const char *method, HRESULT hr, const char *cause)
{
    const struct error_text *text = find_error_text(hr);
    const char *member = strchr(method, '_');
    WCHAR source[32], description[320];
    char sentence[256], code[32];

    if (!cause)
        cause = text ? text->meaning : "the system reported an error";
    if (text)
        snprintf(code, sizeof(code), "%s", text->name);
    else
        snprintf(code, sizeof(code), "0x%08lX", (unsigned long)hr);
    snprintf(sentence, sizeof(sentence), "%s: %s (%s).", member ? member + 1 : method, cause, code);

    _snwprintf(source, ARRAY_SIZE(source) - 1, L"Scardssp.%s", class->name);
    source[ARRAY_SIZE(source) - 1] = 0;
    _snwprintf(description, ARRAY_SIZE(description) - 1, L"I%s::%S", class->name, sentence);
    description[ARRAY_SIZE(description) - 1] = 0;

    WARN("%s\n", debugstr_w(description));
    set_error_info(class->iid, source, description);
    return hr;
}

HRESULT object_error(const struct object *object, const char *method, HRESULT hr, const char *cause)
{
    WARN("%p, %s, %#lx.\n", object, method, hr);

    return class_error(object->class, method, hr, cause);
}
