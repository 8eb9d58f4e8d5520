/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the type library of scardssp.dll says, as data for typelib.c: the seven interfaces member by member,
 * their coclasses, the enumerations and the structures.
 */

#define FUNC INVOKE_FUNC
#define GET  INVOKE_PROPERTYGET
#define PUT  INVOKE_PROPERTYPUT

/* One member. The parameters are written as show_func() in typelib.c renders them: a direction, the type with
 * its aliases resolved, the name, and the default value if there is one. A put has no names:
 * ITypeInfo::GetNames finds members by dispid and would answer those of the get. */
struct member
{
    int slot;
    DISPID dispid;
    INVOKEKIND kind;
    const char *name;
    const char *params;
};

static const struct member IByteBuffer_members[] =
{
    { 7, 0, GET, "Stream", "out,retval IStream** ppStream" },
    { 8, 0, PUT, "Stream", "in IStream*" },
    { 9, 1, FUNC, "Clone", "io IByteBuffer** ppByteBuffer" },
    { 10, 2, FUNC, "Commit", "in LONG grfCommitFlags" },
    { 11, 3, FUNC, "CopyTo",
      "io IByteBuffer** ppByteBuffer, in LONG cb, io LONG* pcbRead=0, io LONG* pcbWritten=0" },
    { 12, 4, FUNC, "Initialize", "in LONG lSize=1, in BYTE* pData=0" },
    { 13, 5, FUNC, "LockRegion", "in LONG libOffset, in LONG cb, in LONG dwLockType" },
    { 14, 6, FUNC, "Read", "io BYTE* pByte, in LONG cb, io LONG* pcbRead=0" },
    { 15, 7, FUNC, "Revert", "" },
    { 16, 8, FUNC, "Seek", "in LONG dLibMove, in LONG dwOrigin, io LONG* pLibnewPosition=0" },
    { 17, 9, FUNC, "SetSize", "in LONG libNewSize" },
    { 18, 10, FUNC, "Stat", "io tagSTATSTRUCT* pstatstg, in LONG grfStatFlag" },
    { 19, 11, FUNC, "UnlockRegion", "in LONG libOffset, in LONG cb, in LONG dwLockType" },
    { 20, 12, FUNC, "Write", "in BYTE* pByte, in LONG cb, io LONG* pcbWritten" },
};

static const struct member ISCardTypeConv_members[] =
{
    { 7, 0, FUNC, "ConvertByteArrayToByteBuffer",
      "in BYTE* pbyArray, in DWORD dwArraySize, out,retval IByteBuffer** ppbyBuffer" },
    { 8, 1, FUNC, "ConvertByteBufferToByteArray",
      "in IByteBuffer* pbyBuffer, out,retval tagBYTEARRAY** ppArray" },
    { 9, 2, FUNC, "ConvertByteBufferToSafeArray",
      "in IByteBuffer* pbyBuffer, out,retval SAFEARRAY(BYTE)* ppbyArray" },
    { 10, 3, FUNC, "ConvertSafeArrayToByteBuffer",
      "in SAFEARRAY(BYTE) pbyArray, out,retval IByteBuffer** ppbyBuff" },
    { 11, 4, FUNC, "CreateByteArray", "in DWORD dwAllocSize, out,retval BYTE** ppbyArray" },
    { 12, 5, FUNC, "CreateByteBuffer", "in DWORD dwAllocSize, out,retval IByteBuffer** ppbyBuff" },
    { 13, 6, FUNC, "CreateSafeArray", "in UINT nAllocSize, out,retval SAFEARRAY(BYTE)* ppArray" },
    { 14, 7, FUNC, "FreeIStreamMemoryPtr", "in IStream* pStrm, in BYTE* pMem" },
    { 15, 8, FUNC, "GetAtIStreamMemory", "in IStream* pStrm, out,retval tagBYTEARRAY** ppMem" },
    { 16, 9, FUNC, "SizeOfIStream", "in IStream* pStrm, out,retval _ULARGE_INTEGER* puliSize" },
};

static const struct member ISCardCmd_members[] =
{
    { 7, 0, GET, "Apdu", "out,retval IByteBuffer** ppApdu" },
    { 8, 0, PUT, "Apdu", "in IByteBuffer*" },
    { 9, 1, GET, "ApduLength", "out,retval LONG* plSize" },
    { 10, 2, GET, "ApduReply", "out,retval IByteBuffer** ppReplyApdu" },
    { 11, 2, PUT, "ApduReply", "in IByteBuffer*" },
    { 12, 3, GET, "ApduReplyLength", "out,retval LONG* plSize" },
    { 13, 3, PUT, "ApduReplyLength", "in LONG" },
    { 14, 4, GET, "ClassId", "out,retval BYTE* pbyClass" },
    { 15, 4, PUT, "ClassId", "in BYTE=0" },
    { 16, 5, GET, "Data", "out,retval IByteBuffer** ppData" },
    { 17, 5, PUT, "Data", "in IByteBuffer*" },
    { 18, 6, GET, "InstructionId", "out,retval BYTE* pbyIns" },
    { 19, 6, PUT, "InstructionId", "in BYTE" },
    { 20, 7, GET, "LeField", "out,retval LONG* plSize" },
    { 21, 8, GET, "P1", "out,retval BYTE* pbyP1" },
    { 22, 8, PUT, "P1", "in BYTE" },
    { 23, 9, GET, "P2", "out,retval BYTE* pbyP2" },
    { 24, 9, PUT, "P2", "in BYTE" },
    { 25, 10, GET, "P3", "out,retval BYTE* pbyP3" },
    { 26, 11, GET, "ReplyStatus", "out,retval WORD* pwStatus" },
    { 27, 11, PUT, "ReplyStatus", "in WORD" },
    { 28, 12, GET, "ReplyStatusSW1", "out,retval BYTE* pbySW1" },
    { 29, 13, GET, "ReplyStatusSW2", "out,retval BYTE* pbySW2" },
    { 30, 14, GET, "Type", "out,retval tagISO_APDU_TYPE* pType" },
    { 31, 18, GET, "Nad", "out,retval BYTE* pbNad" },
    { 32, 18, PUT, "Nad", "in BYTE" },
    { 33, 19, GET, "ReplyNad", "out,retval BYTE* pbNad" },
    { 34, 19, PUT, "ReplyNad", "in BYTE" },
    { 35, 15, FUNC, "BuildCmd",
      "in BYTE byClassId, in BYTE byInsId, in BYTE byP1=0, in BYTE byP2=0, "
      "in IByteBuffer* pbyData=0, in LONG* plLe=0" },
    { 36, 16, FUNC, "Clear", "" },
    { 37, 17, FUNC, "Encapsulate", "in IByteBuffer* pApdu, in tagISO_APDU_TYPE ApduType" },
    { 38, 20, GET, "AlternateClassId", "out,retval BYTE* pbyClass" },
    { 39, 20, PUT, "AlternateClassId", "in BYTE" },
};

static const struct member ISCardISO7816_members[] =
{
    { 7, 0, FUNC, "AppendRecord", "in BYTE byRefCtrl=0, in IByteBuffer* pData, io ISCardCmd** ppCmd" },
    { 8, 1, FUNC, "EraseBinary",
      "in BYTE byP1, in BYTE byP2, in IByteBuffer* pData=0, io ISCardCmd** ppCmd" },
    { 9, 2, FUNC, "ExternalAuthenticate",
      "in BYTE byAlgorithmRef=0, in BYTE bySecretRef=0, in IByteBuffer* pChallenge=0, "
      "io ISCardCmd** ppCmd" },
    { 10, 3, FUNC, "GetChallenge", "in LONG lBytesExpected=0, io ISCardCmd** ppCmd" },
    { 11, 4, FUNC, "GetData", "in BYTE byP1, in BYTE byP2, in LONG lBytesToGet=0, io ISCardCmd** ppCmd" },
    { 12, 5, FUNC, "GetResponse",
      "in BYTE byP1=0, in BYTE byP2=0, in LONG lDataLength=0, io ISCardCmd** ppCmd" },
    { 13, 6, FUNC, "InternalAuthenticate",
      "in BYTE byAlgorithmRef=0, in BYTE bySecretRef=0, in IByteBuffer* pChallenge, "
      "in LONG lReplyBytes=0, io ISCardCmd** ppCmd" },
    { 14, 7, FUNC, "ManageChannel", "in BYTE byChannelState=128, in BYTE byChannel=0, io ISCardCmd** ppCmd" },
    { 15, 8, FUNC, "PutData", "in BYTE byP1, in BYTE byP2, in IByteBuffer* pData, io ISCardCmd** ppCmd" },
    { 16, 9, FUNC, "ReadBinary", "in BYTE byP1, in BYTE byP2, in LONG lBytesToRead=0, io ISCardCmd** ppCmd" },
    { 17, 10, FUNC, "ReadRecord",
      "in BYTE byRecordId=0, in BYTE byRefCtrl, in LONG lBytesToRead=0, io ISCardCmd** ppCmd" },
    { 18, 11, FUNC, "SelectFile",
      "in BYTE byP1, in BYTE byP2, in IByteBuffer* pData=0, in LONG lBytesToRead=0, "
      "io ISCardCmd** ppCmd" },
    { 19, 12, FUNC, "SetDefaultClassId", "in BYTE byClass" },
    { 20, 13, FUNC, "UpdateBinary",
      "in BYTE byP1, in BYTE byP2, in IByteBuffer* pData, io ISCardCmd** ppCmd" },
    { 21, 14, FUNC, "UpdateRecord",
      "in BYTE byRecordId=0, in BYTE byRefCtrl=0, in IByteBuffer* pData, io ISCardCmd** ppCmd" },
    { 22, 15, FUNC, "Verify", "in BYTE byRefCtrl=0, in IByteBuffer* pData=0, io ISCardCmd** ppCmd" },
    { 23, 16, FUNC, "WriteBinary",
      "in BYTE byP1, in BYTE byP2, in IByteBuffer* pData, io ISCardCmd** ppCmd" },
    { 24, 17, FUNC, "WriteRecord",
      "in BYTE byRecordId=0, in BYTE byRefCtrl=0, in IByteBuffer* pData, io ISCardCmd** ppCmd" },
};

static const struct member ISCard_members[] =
{
    { 7, 0, GET, "Atr", "out,retval IByteBuffer** ppAtr" },
    { 8, 1, GET, "CardHandle", "out,retval ULONG_PTR* pHandle" },
    { 9, 2, GET, "Context", "out,retval ULONG_PTR* pContext" },
    { 10, 3, GET, "Protocol", "out,retval tagSCARD_PROTOCOLS* pProtocol" },
    { 11, 4, GET, "Status", "out,retval tagSCARD_STATES* pStatus" },
    { 12, 5, FUNC, "AttachByHandle", "in ULONG_PTR hCard" },
    { 13, 6, FUNC, "AttachByReader",
      "in BSTR bstrReaderName, in tagSCARD_SHARE_MODES ShareMode=1, "
      "in tagSCARD_PROTOCOLS PrefProtocol=1" },
    { 14, 7, FUNC, "Detach", "in tagSCARD_DISPOSITIONS Disposition=0" },
    { 15, 8, FUNC, "LockSCard", "" },
    { 16, 9, FUNC, "ReAttach", "in tagSCARD_SHARE_MODES ShareMode=1, in tagSCARD_DISPOSITIONS InitState=0" },
    { 17, 10, FUNC, "Transaction", "io ISCardCmd** ppCmd" },
    { 18, 11, FUNC, "UnlockSCard", "in tagSCARD_DISPOSITIONS Disposition=0" },
};

static const struct member ISCardDatabase_members[] =
{
    { 7, 0, FUNC, "GetProviderCardId", "in BSTR bstrCardName, out,retval GUID** ppguidProviderId" },
    { 8, 1, FUNC, "ListCardInterfaces",
      "in BSTR bstrCardName, out,retval SAFEARRAY(BSTR)* ppInterfaceGuids" },
    { 9, 2, FUNC, "ListCards",
      "in IByteBuffer* pAtr=0, in SAFEARRAY(BSTR) pInterfaceGuids, in,lcid LONG localeId=1033, "
      "out,retval SAFEARRAY(BSTR)* ppCardNames" },
    { 10, 3, FUNC, "ListReaderGroups",
      "in,lcid LONG localeId=1033, out,retval SAFEARRAY(BSTR)* ppReaderGroups" },
    { 11, 4, FUNC, "ListReaders", "in,lcid LONG localeId=1033, out,retval SAFEARRAY(BSTR)* ppReaders" },
};

static const struct member ISCardLocate_members[] =
{
    { 7, 0, FUNC, "ConfigureCardGuidSearch",
      "in SAFEARRAY(BSTR) pCardGuids, in SAFEARRAY(BSTR) pGroupNames, in BSTR bstrTitle=\"\", "
      "in LONG lFlags=1" },
    { 8, 1, FUNC, "ConfigureCardNameSearch",
      "in SAFEARRAY(BSTR) pCardNames, in SAFEARRAY(BSTR) pGroupNames, in BSTR bstrTitle=\"\", "
      "in LONG lFlags=1" },
    { 9, 2, FUNC, "FindCard",
      "in tagSCARD_SHARE_MODES ShareMode=1, in tagSCARD_PROTOCOLS Protocols=1, in LONG lFlags=2, "
      "out,retval tagSCARDINFO** ppCardInfo" },
};

#define MEMBERS(name) name##_members, ARRAY_SIZE(name##_members)

static const struct
{
    const char *name;
    const IID *iid;
    const char *coclass;
    const CLSID *clsid;
    const struct member *members;
    unsigned int count;
} classes[] =
{
    { "IByteBuffer", &IID_IByteBuffer, "CByteBuffer", &CLSID_CByteBuffer, MEMBERS(IByteBuffer) },
    { "ISCardTypeConv", &IID_ISCardTypeConv, "CSCardTypeConv", &CLSID_CSCardTypeConv,
      MEMBERS(ISCardTypeConv) },
    { "ISCardCmd", &IID_ISCardCmd, "CSCardCmd", &CLSID_CSCardCmd, MEMBERS(ISCardCmd) },
    { "ISCardISO7816", &IID_ISCardISO7816, "CSCardISO7816", &CLSID_CSCardISO7816, MEMBERS(ISCardISO7816) },
    { "ISCard", &IID_ISCard, "CSCard", &CLSID_CSCard, MEMBERS(ISCard) },
    { "ISCardDatabase", &IID_ISCardDatabase, "CSCardDatabase", &CLSID_CSCardDatabase,
      MEMBERS(ISCardDatabase) },
    { "ISCardLocate", &IID_ISCardLocate, "CSCardLocate", &CLSID_CSCardLocate, MEMBERS(ISCardLocate) },
};

/* Constants of an enumeration, or fields of a structure with their offsets. */
struct field
{
    const char *name;
    LONG value;
};

static const struct field apdu_types[] =
    { { "ISO_CASE_1", 1 }, { "ISO_CASE_2", 2 }, { "ISO_CASE_3", 3 }, { "ISO_CASE_4", 4 } };
static const struct field protocols[] = { { "T0", 1 }, { "T1", 2 }, { "RAW", 0xff } };
static const struct field states[] =
    { { "ABSENT", 1 }, { "PRESENT", 2 }, { "SWALLOWED", 3 }, { "POWERED", 4 }, { "NEGOTIABLEMODE", 5 },
      { "SPECIFICMODE", 6 } };
static const struct field share_modes[] = { { "EXCLUSIVE", 1 }, { "SHARED", 2 } };
static const struct field dispositions[] =
    { { "LEAVE", 0 }, { "RESET", 1 }, { "UNPOWER", 2 }, { "EJECT", 3 } };

static const struct field bytearray_fields[] =
    { { "hMem", 0 }, { "dwSize", sizeof(void *) }, { "pbyData", 2 * sizeof(void *) } };
static const struct field statstruct_fields[] =
    { { "type", 0 }, { "cbSize", 4 }, { "grfMode", 8 }, { "grfLocksSupported", 12 }, { "grfStateBits", 16 } };
static const struct field scardinfo_fields[] =
    { { "hCard", 0 }, { "hContext", sizeof(void *) }, { "ActiveProtocol", 2 * sizeof(void *) },
      { "ShareMode", 2 * sizeof(void *) + 4 }, { "hwndOwner", 2 * sizeof(void *) + 8 },
      { "lpfnConnectProc", 3 * sizeof(void *) + 8 }, { "lpfnCheckProc", 4 * sizeof(void *) + 8 },
      { "lpfnDisconnectProc", 5 * sizeof(void *) + 8 } };

static const struct
{
    const char *name;
    TYPEKIND kind;
    ULONG size;
    const struct field *fields;
    unsigned int count;
}
types[] =
{
    { "tagISO_APDU_TYPE", TKIND_ENUM, 4, apdu_types, ARRAY_SIZE(apdu_types) },
    { "tagSCARD_PROTOCOLS", TKIND_ENUM, 4, protocols, ARRAY_SIZE(protocols) },
    { "tagSCARD_STATES", TKIND_ENUM, 4, states, ARRAY_SIZE(states) },
    { "tagSCARD_SHARE_MODES", TKIND_ENUM, 4, share_modes, ARRAY_SIZE(share_modes) },
    { "tagSCARD_DISPOSITIONS", TKIND_ENUM, 4, dispositions, ARRAY_SIZE(dispositions) },
    { "tagBYTEARRAY", TKIND_RECORD, 3 * sizeof(void *), bytearray_fields, ARRAY_SIZE(bytearray_fields) },
    { "tagSTATSTRUCT", TKIND_RECORD, 20, statstruct_fields, ARRAY_SIZE(statstruct_fields) },
    { "tagSCARDINFO", TKIND_RECORD, 6 * sizeof(void *) + 8, scardinfo_fields, ARRAY_SIZE(scardinfo_fields) },
};
