/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The vtable slots of the original's type library [tlb], checked by the compiler against the header that
 * abi.c includes.
 */

#ifndef SCARDSSP_TESTS_ABI_SLOTS_H
#define SCARDSSP_TESTS_ABI_SLOTS_H

#include <stddef.h>

#define SLOT(name, member, number) \
    _Static_assert(offsetof(name##Vtbl, member) == (number) * sizeof(void *), #name "::" #member)

SLOT(IByteBuffer, get_Stream, 7);
SLOT(IByteBuffer, put_Stream, 8);
SLOT(IByteBuffer, Clone, 9);
SLOT(IByteBuffer, Commit, 10);
SLOT(IByteBuffer, CopyTo, 11);
SLOT(IByteBuffer, Initialize, 12);
SLOT(IByteBuffer, LockRegion, 13);
SLOT(IByteBuffer, Read, 14);
SLOT(IByteBuffer, Revert, 15);
SLOT(IByteBuffer, Seek, 16);
SLOT(IByteBuffer, SetSize, 17);
SLOT(IByteBuffer, Stat, 18);
SLOT(IByteBuffer, UnlockRegion, 19);
SLOT(IByteBuffer, Write, 20);

SLOT(ISCardCmd, get_Apdu, 7);
SLOT(ISCardCmd, put_Apdu, 8);
SLOT(ISCardCmd, get_ApduLength, 9);
SLOT(ISCardCmd, get_ApduReply, 10);
SLOT(ISCardCmd, put_ApduReply, 11);
SLOT(ISCardCmd, get_ApduReplyLength, 12);
SLOT(ISCardCmd, put_ApduReplyLength, 13);
SLOT(ISCardCmd, get_ClassId, 14);
SLOT(ISCardCmd, put_ClassId, 15);
SLOT(ISCardCmd, get_Data, 16);
SLOT(ISCardCmd, put_Data, 17);
SLOT(ISCardCmd, get_InstructionId, 18);
SLOT(ISCardCmd, put_InstructionId, 19);
SLOT(ISCardCmd, get_LeField, 20);
SLOT(ISCardCmd, get_P1, 21);
SLOT(ISCardCmd, put_P1, 22);
SLOT(ISCardCmd, get_P2, 23);
SLOT(ISCardCmd, put_P2, 24);
SLOT(ISCardCmd, get_P3, 25);
SLOT(ISCardCmd, get_ReplyStatus, 26);
SLOT(ISCardCmd, put_ReplyStatus, 27);
SLOT(ISCardCmd, get_ReplyStatusSW1, 28);
SLOT(ISCardCmd, get_ReplyStatusSW2, 29);
SLOT(ISCardCmd, get_Type, 30);
SLOT(ISCardCmd, get_Nad, 31);
SLOT(ISCardCmd, put_Nad, 32);
SLOT(ISCardCmd, get_ReplyNad, 33);
SLOT(ISCardCmd, put_ReplyNad, 34);
SLOT(ISCardCmd, BuildCmd, 35);
SLOT(ISCardCmd, Clear, 36);
SLOT(ISCardCmd, Encapsulate, 37);
SLOT(ISCardCmd, get_AlternateClassId, 38);
SLOT(ISCardCmd, put_AlternateClassId, 39);

SLOT(ISCardISO7816, AppendRecord, 7);
SLOT(ISCardISO7816, EraseBinary, 8);
SLOT(ISCardISO7816, ExternalAuthenticate, 9);
SLOT(ISCardISO7816, GetChallenge, 10);
SLOT(ISCardISO7816, GetData, 11);
SLOT(ISCardISO7816, GetResponse, 12);
SLOT(ISCardISO7816, InternalAuthenticate, 13);
SLOT(ISCardISO7816, ManageChannel, 14);
SLOT(ISCardISO7816, PutData, 15);
SLOT(ISCardISO7816, ReadBinary, 16);
SLOT(ISCardISO7816, ReadRecord, 17);
SLOT(ISCardISO7816, SelectFile, 18);
SLOT(ISCardISO7816, SetDefaultClassId, 19);
SLOT(ISCardISO7816, UpdateBinary, 20);
SLOT(ISCardISO7816, UpdateRecord, 21);
SLOT(ISCardISO7816, Verify, 22);
SLOT(ISCardISO7816, WriteBinary, 23);
SLOT(ISCardISO7816, WriteRecord, 24);

SLOT(ISCard, get_Atr, 7);
SLOT(ISCard, get_CardHandle, 8);
SLOT(ISCard, get_Context, 9);
SLOT(ISCard, get_Protocol, 10);
SLOT(ISCard, get_Status, 11);
SLOT(ISCard, AttachByHandle, 12);
SLOT(ISCard, AttachByReader, 13);
SLOT(ISCard, Detach, 14);
SLOT(ISCard, LockSCard, 15);
SLOT(ISCard, ReAttach, 16);
SLOT(ISCard, Transaction, 17);
SLOT(ISCard, UnlockSCard, 18);

#endif
