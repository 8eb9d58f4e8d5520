/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISCard among others: LockSCard and UnlockSCard as another connection sees them, cards that are pulled
 * during use, several objects, several threads, and many objects one after the other.
 */

#define COBJMACROS
#include "vcard_control.h"
#include "card_common.h"
#include "script_card.h"

static ISCard *attach_shared(BSTR reader)
{
    ISCard *card = create_card();
    HRESULT hr;

    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    return card;
}

/* @member ISCard::LockSCard [doc] keeps other connections out until it is unlocked as often. */
/* Each LockSCard is one transaction of the resource manager, each UnlockSCard ends one. [doc] */
static void test_lock(BSTR reader)
{
    ISCard *card = attach_shared(reader);
    struct waiter waiter;
    HRESULT hr;

    waiter_connect(&waiter, reader);
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == (HRESULT)SCARD_E_NOT_TRANSACTED, "UnlockSCard without lock: %#lx.\n", hr); /* [ours] */
    hr = ISCard_LockSCard(card);
    ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
    hr = ISCard_LockSCard(card);
    ok(hr == S_OK, "LockSCard again: %#lx.\n", hr);
    check_works(card, "locked");
    waiter_start(&waiter);
    ok(!waiter_has_it(&waiter, 400), "LockSCard twice: the other connection got the card: %#lx.\n",
       waiter.rc);

    hr = ISCard_UnlockSCard(card, 4);
    ok(hr == E_INVALIDARG, "UnlockSCard(4): %#lx.\n", hr); /* [doc] */
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == S_OK, "UnlockSCard: %#lx.\n", hr);
    ok(!waiter_has_it(&waiter, 400), "One UnlockSCard of two: the other connection got the card: %#lx.\n",
       waiter.rc);
    check_works(card, "locked once");
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == S_OK, "UnlockSCard: %#lx.\n", hr);
    waiter_end(&waiter, "both unlocked");
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == (HRESULT)SCARD_E_NOT_TRANSACTED, "UnlockSCard without lock: %#lx.\n", hr); /* [ours] */
    check_works(card, "unlocked");
    ISCard_Release(card);
}

/* @member ISCard::UnlockSCard [doc][ours] ends one lock with the disposition; SCARD_E_NOT_TRANSACTED without one. */
/* What the disposition does to another connection. [doc] */
static void test_unlock_dispositions(BSTR reader)
{
    static const SCARD_DISPOSITIONS dispositions[] = { LEAVE, RESET, UNPOWER };
    struct connection other;
    struct waiter waiter;
    unsigned int i;
    ISCard *card;
    HRESULT hr;
    LONG rc;

    for (i = 0; i < ARRAY_SIZE(dispositions); i++)
    {
        card = attach_shared(reader);
        rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
        ok(!rc, "SCardConnect: %#lx.\n", rc);
        hr = ISCard_LockSCard(card);
        ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
        hr = ISCard_UnlockSCard(card, dispositions[i]);
        ok(hr == S_OK, "UnlockSCard(%d): %#lx.\n", dispositions[i], hr);
        rc = connection_status(&other);
        ok(!rc == (dispositions[i] == LEAVE), "UnlockSCard(%d): the other connection gets %#lx.\n",
           dispositions[i], rc);
        connection_close(&other, SCARD_RESET_CARD);
        ISCard_Release(card);
    }

    /* A reader that cannot eject says so, and the card is free in the end. [ours] */
    card = attach_shared(reader);
    waiter_connect(&waiter, reader);
    hr = ISCard_LockSCard(card);
    ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
    hr = ISCard_UnlockSCard(card, EJECT);
    ok(hr == (HRESULT)SCARD_E_UNSUPPORTED_FEATURE || broken(hr == S_OK), "UnlockSCard(EJECT): %#lx.\n", hr);
    if (hr != S_OK)
    {
        hr = ISCard_UnlockSCard(card, LEAVE);
        ok(hr == (HRESULT)SCARD_E_NOT_TRANSACTED, "UnlockSCard after one that failed: %#lx.\n", hr);
    }
    waiter_start(&waiter);
    waiter_end(&waiter, "UnlockSCard(EJECT)");
    ISCard_Release(card);
}

/* A reset by the inner one of two UnlockSCard: with pcsc-lite the outer one has to wait for ReAttach. The
 * card is free in the end. [ours] */
static void test_nested_reset(BSTR reader)
{
    ISCard *card = attach_shared(reader);
    struct waiter waiter;
    HRESULT hr;

    waiter_connect(&waiter, reader);
    hr = ISCard_LockSCard(card);
    ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
    hr = ISCard_LockSCard(card);
    ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
    hr = ISCard_UnlockSCard(card, RESET);
    ok(hr == S_OK, "UnlockSCard(RESET): %#lx.\n", hr);
    hr = ISCard_UnlockSCard(card, LEAVE);
    ok(hr == (HRESULT)SCARD_W_RESET_CARD || broken(hr == S_OK), "UnlockSCard after a reset: %#lx.\n", hr);
    if (hr != S_OK)
    {
        hr = ISCard_ReAttach(card, SHARED, LEAVE);
        ok(hr == S_OK, "ReAttach: %#lx.\n", hr);
        hr = ISCard_UnlockSCard(card, LEAVE);
        ok(hr == S_OK, "UnlockSCard after ReAttach: %#lx.\n", hr);
    }
    connection_close(&waiter.connection, SCARD_LEAVE_CARD); /* it saw the reset, too */
    waiter_connect(&waiter, reader);
    waiter_start(&waiter);
    waiter_end(&waiter, "nested locks with a reset");
    ISCard_Release(card);
}

/* Attaching to a handle of the caller's while the object holds a lock: pcsc-lite lets no other handle see the
 * card then, so this runs in a thread of its own. */
struct attachment
{
    ISCard *card;
    HSCARD handle;
    HRESULT hr;
};

static DWORD WINAPI attachment_thread(void *arg)
{
    struct attachment *attachment = arg;

    attachment->hr = ISCard_AttachByHandle(attachment->card, attachment->handle);
    return 0;
}

static HRESULT attach_while_locked(ISCard *card, HSCARD handle)
{
    struct attachment attachment = { card, handle, E_PENDING };
    HANDLE thread;
    HSCARD own = 0;
    BOOL done;

    ISCard_get_CardHandle(card, &own);
    thread = CreateThread(NULL, 0, attachment_thread, &attachment, 0, NULL);
    done = !WaitForSingleObject(thread, 60000);
    ok(done, "AttachByHandle waits for the lock that its own object holds.\n"); /* [ours] */
    while (WaitForSingleObject(thread, 100)) SCardEndTransaction(own, SCARD_LEAVE_CARD);
    CloseHandle(thread);
    return attachment.hr;
}

/* A lock does not outlive the attachment it was made with. [ours] */
static void test_lock_ends(BSTR reader)
{
    static const char *const ways[] = { "Detach", "AttachByHandle", "Release" };
    unsigned int i;
    HRESULT hr;
    LONG rc;

    for (i = 0; i < ARRAY_SIZE(ways); i++)
    {
        ISCard *card = attach_shared(reader);
        struct connection mine;
        struct waiter waiter;

        rc = connection_open(&mine, reader, SCARD_SHARE_SHARED);
        ok(!rc, "SCardConnect: %#lx.\n", rc);
        waiter_connect(&waiter, reader);
        hr = ISCard_LockSCard(card);
        ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
        hr = ISCard_LockSCard(card);
        ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
        waiter_start(&waiter);
        ok(!waiter_has_it(&waiter, 200), "%s: the other connection got the card: %#lx.\n", ways[i],
           waiter.rc);
        if (i == 0) hr = ISCard_Detach(card, LEAVE);
        else if (i == 1) hr = attach_while_locked(card, mine.handle);
        else ISCard_Release(card);
        ok(hr == S_OK, "%s with a lock held: %#lx.\n", ways[i], hr);
        waiter_end(&waiter, ways[i]);
        if (i == 1)
        {
            hr = ISCard_UnlockSCard(card, LEAVE);
            ok(hr == (HRESULT)SCARD_E_NOT_TRANSACTED, "UnlockSCard after %s: %#lx.\n", ways[i], hr);
            check_works(card, ways[i]);
        }
        if (i < 2) ISCard_Release(card);
        connection_close(&mine, SCARD_LEAVE_CARD);
    }
}

/* --- the card goes and comes --- */

static void move_card(BSTR reader, BOOL in)
{
    BOOL done = vcard_control(in ? "insert" : "pull") && await_card(reader, in);

    ok(done, "The card cannot be %s.\n", in ? "inserted" : "pulled");
}

/* A card that is attached, locked and shared goes; another object finds none. */
static void test_pulled(ISCard *card, ISCard *fresh, BSTR reader)
{
    struct connection other;
    SCARD_STATES state = 0;
    WORD status;
    HRESULT hr;
    LONG rc;

    rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    hr = ISCard_LockSCard(card);
    ok(hr == S_OK, "LockSCard: %#lx.\n", hr);
    ok(vcard_control("pull"), "The card cannot be pulled.\n");

    /* At once: whether the reader has noticed by now decides which error it is. */
    hr = exchange(card, &status);
    ok(FAILED(hr) && HRESULT_FACILITY(hr) == FACILITY_SCARD && !status, "Transaction: %#lx, %04x.\n", hr,
       status);
    ok(await_card(reader, FALSE), "The reader does not notice that the card is gone.\n");
    hr = exchange(card, &status);
    ok(hr == (HRESULT)SCARD_W_REMOVED_CARD && !status, "Transaction: %#lx, %04x.\n", hr, status); /* [doc] */
    hr = ISCard_get_Status(card, &state);
    ok(hr == S_OK && state == ABSENT, "get_Status: %#lx, %d.\n", hr, state); /* [ours] */
    hr = ISCard_LockSCard(card);
    ok(hr == (HRESULT)SCARD_W_REMOVED_CARD, "LockSCard: %#lx.\n", hr);
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == (HRESULT)SCARD_E_NO_SMARTCARD || broken(hr == (HRESULT)SCARD_W_REMOVED_CARD), "ReAttach: %#lx.\n", hr);
    hr = ISCard_AttachByReader(fresh, reader, SHARED, T0 | T1);
    ok(hr == (HRESULT)SCARD_E_NO_SMARTCARD || broken(hr == (HRESULT)SCARD_W_REMOVED_CARD),
       "AttachByReader: %#lx.\n", hr); /* [doc] */
    connection_close(&other, SCARD_LEAVE_CARD);
}

/* Then a card comes. */
static void test_inserted(ISCard *card, ISCard *fresh, BSTR reader)
{
    WORD status;
    HRESULT hr;
    LONG rc;

    move_card(reader, TRUE);
    hr = exchange(card, &status);
    ok(hr == (HRESULT)SCARD_W_REMOVED_CARD, "Transaction with the new card: %#lx.\n", hr); /* nobody attached to it */
    hr = ISCard_ReAttach(card, SHARED, LEAVE);
    ok(hr == S_OK, "ReAttach: %#lx.\n", hr); /* [ours] */
    check_works(card, "ReAttach after re-insertion");
    rc = probe_connect(reader, SCARD_SHARE_SHARED);
    ok(!rc, "Another connection: %#lx.\n", rc);
    hr = ISCard_AttachByReader(fresh, reader, SHARED, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    check_works(fresh, "AttachByReader after re-insertion");
}

/* Without ReAttach: AttachByReader of the lost reader, Detach and, in the end, Release of a lost card. */
static void test_lost_card(ISCard *card, BSTR reader)
{
    HRESULT hr;
    LONG rc;

    move_card(reader, FALSE);
    move_card(reader, TRUE);
    hr = ISCard_AttachByReader(card, reader, SHARED, T0 | T1);
    ok(hr == S_OK, "AttachByReader of the same reader: %#lx.\n", hr); /* [ours] */
    check_works(card, "AttachByReader of the same reader after re-insertion");
    move_card(reader, FALSE);
    hr = ISCard_Detach(card, RESET);
    ok(hr == S_OK, "Detach: %#lx.\n", hr);
    hr = ISCard_Detach(card, LEAVE);
    ok(hr == (HRESULT)SCARD_E_INVALID_HANDLE, "Detach again: %#lx.\n", hr); /* [ours] */
    move_card(reader, TRUE);
    hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    check_works(card, "AttachByReader after Detach and re-insertion");
    ISCard_LockSCard(card);
    move_card(reader, FALSE);
    ISCard_Release(card);
    move_card(reader, TRUE);
    rc = probe_connect(reader, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "The card is still in use: %#lx.\n", rc);
}

static void test_removal(BSTR reader)
{
    ISCard *card, *fresh;

    if (!vcard_control("status"))
    {
        skip("No control over the card (VCARD_CONTROL).\n");
        return;
    }
    card = attach_shared(reader);
    fresh = create_card();
    test_pulled(card, fresh, reader);
    test_inserted(card, fresh, reader);
    ISCard_Release(fresh);
    test_lost_card(card, reader);
}

/* A second reader: the new attachment is made first, the old one released after it, or kept when it fails.
 * [ours] */
static void test_two_readers(BSTR reader)
{
    struct script_card script;
    struct connection other;
    ISCard *card;
    HSCARD handle = 0;
    BSTR second;
    HRESULT hr;
    LONG rc;

    if (!(second = script_insert(&script, SCRIPT_ATR_T0)))
    {
        skip("No second virtual reader (VPCD_PORT).\n");
        return;
    }
    card = create_card();
    hr = ISCard_AttachByReader(card, reader, EXCLUSIVE, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    rc = connection_open(&other, second, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    hr = ISCard_AttachByReader(card, second, SHARED, T0 | T1);
    ok(hr == (HRESULT)SCARD_E_SHARING_VIOLATION, "AttachByReader: %#lx.\n", hr);
    check_works(card, "after a failing attachment to another reader");
    rc = probe_connect(reader, SCARD_SHARE_SHARED);
    ok(rc == (LONG)SCARD_E_SHARING_VIOLATION, "The old share mode is gone: %#lx.\n", rc);
    connection_close(&other, SCARD_LEAVE_CARD);

    hr = ISCard_AttachByReader(card, second, EXCLUSIVE, T0 | T1);
    ok(hr == S_OK, "AttachByReader: %#lx.\n", hr);
    rc = probe_connect(reader, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "The old card is still in use: %#lx.\n", rc);
    rc = probe_connect(second, SCARD_SHARE_SHARED);
    ok(rc == (LONG)SCARD_E_SHARING_VIOLATION, "The new card is not in use: %#lx.\n", rc);
    script_load(&script, "00ca5f2d04>[4]9000");
    check_works(card, "attached to the other reader");
    script_check(&script, "The other reader");

    rc = connection_open(&other, reader, SCARD_SHARE_SHARED);
    ok(!rc, "SCardConnect: %#lx.\n", rc);
    hr = ISCard_AttachByHandle(card, other.handle);
    ok(hr == S_OK, "AttachByHandle: %#lx.\n", hr);
    ISCard_get_CardHandle(card, &handle);
    ok(handle == other.handle, "get_CardHandle: %p.\n", (void *)handle);
    rc = probe_connect(second, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "The card of the second reader is still in use: %#lx.\n", rc);
    ISCard_Release(card);
    connection_close(&other, SCARD_LEAVE_CARD);
    script_remove(&script);
}

/* --- several objects, several threads --- */

static void test_two_objects(BSTR reader)
{
    ISCard *first = attach_shared(reader), *second = attach_shared(reader);
    HSCARDCONTEXT contexts[2] = { 0 };
    HSCARD handles[2] = { 0 };
    WORD status;
    HRESULT hr;

    ISCard_get_CardHandle(first, &handles[0]);
    ISCard_get_CardHandle(second, &handles[1]);
    ok(handles[0] != handles[1], "Two objects have one handle.\n");
    ISCard_get_Context(first, &contexts[0]);
    ISCard_get_Context(second, &contexts[1]);
    ok(contexts[0] && contexts[1], "No context.\n");
    check_works(first, "first of two");
    check_works(second, "second of two");
    hr = ISCard_Detach(second, RESET);
    ok(hr == S_OK, "Detach: %#lx.\n", hr);
    hr = exchange(first, &status);
    ok(hr == (HRESULT)SCARD_W_RESET_CARD, "Transaction after the other object's reset: %#lx.\n",
       hr); /* [doc] */
    hr = ISCard_ReAttach(first, EXCLUSIVE, LEAVE);
    ok(hr == S_OK, "ReAttach: %#lx.\n", hr);
    hr = ISCard_AttachByReader(second, reader, SHARED, T0 | T1);
    ok(hr == (HRESULT)SCARD_E_SHARING_VIOLATION, "AttachByReader beside an exclusive object: %#lx.\n", hr);
    ISCard_Release(second);
    check_works(first, "alone again");
    ISCard_Release(first);
}

#define THREADS 8
#define ROUNDS 40

struct worker
{
    ISCard *card;
    unsigned int number;
    unsigned int wrong;
    HRESULT last;
};

/* Each thread reads its own part of the data object: a mix-up of replies would show. */
static DWORD WINAPI worker_thread(void *arg)
{
    static const BYTE content[] = { 'e', 'n', 'd', 'e', 0x90, 0x00 };
    struct worker *worker = arg;
    unsigned int i;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (i = 0; i < ROUNDS; i++)
    {
        BOOL challenge = worker->number & 1;
        ISCardCmd *cmd = create_cmd();
        IByteBuffer *reply = NULL;
        LONG le = challenge ? 8 : 4, length = 0;
        SCARD_STATES state = 0;
        BYTE bytes[16];

        if (challenge) ISCardCmd_BuildCmd(cmd, 0x00, 0x84, 0x00, 0x00, NULL, &le);
        else ISCardCmd_BuildCmd(cmd, 0x00, 0xca, 0x5f, 0x2d, NULL, &le);
        worker->last = ISCard_Transaction(worker->card, &cmd);
        if (SUCCEEDED(worker->last)) worker->last = ISCardCmd_get_ApduReply(cmd, &reply);
        if (SUCCEEDED(worker->last) && reply) IByteBuffer_Read(reply, bytes, sizeof(bytes), &length);
        if (reply) IByteBuffer_Release(reply);
        if (length != le + 2 || (!challenge && memcmp(bytes, content, sizeof(content)))) worker->wrong++;
        if (FAILED(ISCard_get_Status(worker->card, &state)) || state < NEGOTIABLEMODE) worker->wrong++;
        ISCardCmd_Release(cmd);
    }
    CoUninitialize();
    return 0;
}

/* An object may be used from any thread, and its calls do not get into each other's way. [ours] */
static void test_threads(BSTR reader)
{
    ISCard *card = attach_shared(reader);
    struct worker workers[THREADS];
    HANDLE threads[THREADS];
    unsigned int i;
    DWORD waited;

    for (i = 0; i < THREADS; i++)
    {
        workers[i].card = card;
        workers[i].number = i;
        workers[i].wrong = 0;
        workers[i].last = S_OK;
        threads[i] = CreateThread(NULL, 0, worker_thread, &workers[i], 0, NULL);
    }
    waited = WaitForMultipleObjects(THREADS, threads, TRUE, 60000);
    ok(waited == WAIT_OBJECT_0, "The threads do not end: %#lx.\n", waited);
    for (i = 0; i < THREADS; i++)
    {
        ok(!workers[i].wrong, "Thread %u: %u of %u rounds went wrong, the last result is %#lx.\n", i,
           workers[i].wrong, ROUNDS, workers[i].last);
        CloseHandle(threads[i]);
    }
    check_works(card, "after eight threads");
    ok(ISCard_Release(card) == 0, "Still referenced.\n");
}

/* Nothing is left behind: neither connections nor contexts, of which the resource manager has a few hundred.
 * [ours] */
static void test_cycles(BSTR reader)
{
    unsigned int i;
    HRESULT hr = S_OK;
    LONG rc;

    for (i = 0; i < 500 && hr == S_OK; i++)
    {
        ISCard *card = NULL;

        hr = CoCreateInstance(&CLSID_CSCard, NULL, CLSCTX_INPROC_SERVER, &IID_ISCard, (void **)&card);
        if (hr != S_OK) break;
        hr = ISCard_AttachByReader(card, reader, i & 1 ? SHARED : EXCLUSIVE, T0 | T1);
        if (i % 3 == 1) ISCard_LockSCard(card);
        if (i % 5 == 1) ISCard_Detach(card, LEAVE);
        ISCard_Release(card);
    }
    ok(hr == S_OK && i == 500, "Cycle %u: %#lx.\n", i, hr);
    rc = probe_connect(reader, SCARD_SHARE_EXCLUSIVE);
    ok(!rc, "The card is still in use: %#lx.\n", rc);
}

START_TEST(card_lock)
{
    BSTR reader;

    CoInitialize(NULL);
    if ((reader = find_card_reader(card_expected() ? 10000 : 0)))
    {
        test_lock(reader);
        test_unlock_dispositions(reader);
        test_nested_reset(reader);
        test_lock_ends(reader);
        test_two_objects(reader);
        if (is_demo_card()) test_threads(reader);
        else skip("The demonstration card is not in the reader (SCARDSSP_TEST_CARD).\n");
        test_cycles(reader);
        test_two_readers(reader);
        test_removal(reader);
        SysFreeString(reader);
    }
    else if (card_expected()) ok(0, "No card in any reader.\n");
    else skip("No card in any reader.\n");
    CoUninitialize();
}
