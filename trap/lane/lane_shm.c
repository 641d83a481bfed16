/* SPDX-License-Identifier: Apache-2.0 */
#include "lane_shm.h"

#include <string.h>

#include "ground/report.h"
#include "ground/sandbox.h"
#include "lane_grpc.h"
#include "lane_socket.h"
#include "mailbox.h"
#include "ground/signal_safe.h"

enum { MOST_DEVICES = sizeof(((trapline_v1_AttachReply *)0)->devices) / sizeof(trapline_v1_Device) };

static const char *directory;
/* As the devices of the reply to Attach; those of one model share theirs. */
static struct mailbox mailboxes[MOST_DEVICES];
static bool is_borrowed[MOST_DEVICES];
static bool was_holding;

void lane_shm_init(const char *run_directory)
{
    directory = run_directory;
}

/* Those of the session before, or, in a forked child, of its parent. */
static void forget_mailboxes(void)
{
    for (unsigned i = 0; i < MOST_DEVICES; i++)
        if (!is_borrowed[i])
            mailbox_unmap(&mailboxes[i]);
    memset(mailboxes, 0, sizeof mailboxes);
    memset(is_borrowed, 0, sizeof is_borrowed);
}

static bool borrow_mailbox(const trapline_v1_AttachReply *reply, unsigned own)
{
    for (unsigned i = 0; i < own; i++)
        if (strcmp(reply->devices[i].lane, reply->devices[own].lane) == 0) {
            mailboxes[own] = mailboxes[i];
            return is_borrowed[own] = true;
        }
    return false;
}

/* Where one can't be had, gRPC goes on. */
static void find_mailboxes(const trapline_v1_AttachReply *reply)
{
    char path[256];
    for (unsigned i = 0; i < reply->devices_count; i++) {
        const char *name = reply->devices[i].lane;
        if (name[0] == 0 || strchr(name, '/') != NULL || borrow_mailbox(reply, i))
            continue;
        report_text(path, sizeof path, "%s/%s", directory, name);
        mailbox_map(&mailboxes[i], path, reply->lane_slot - 1, reply->lane_session);
    }
}

static bool start(void)
{
    const trapline_v1_AttachReply *reply = lane_grpc_attach_reply();
    forget_mailboxes();
    was_holding = false;
    if (!lane_grpc.start())
        return false;
    if (reply->lane_slot != 0 && !sandbox_is_on())
        find_mailboxes(reply);
    return true;
}

static struct mailbox *mailbox_for(const trapline_v1_Access *access)
{
    const trapline_v1_AttachReply *reply = lane_grpc_attach_reply();
    for (unsigned i = 0; i < reply->devices_count; i++)
        if (reply->devices[i].handle == access->device)
            return mailbox_is_open(&mailboxes[i]) ? &mailboxes[i] : NULL;
    return NULL;
}

/* A host that has confined itself lets us read and write, and no more. */
static bool must_be_seen(const trapline_v1_Access *access)
{
    bool is_locked = access->hold || was_holding;
    was_holding = access->hold;
    return is_locked || access->has_site || sandbox_is_on();
}

static bool is_bridge_gone(void)
{
    return !lane_socket_is_connected();
}

static bool transact(const trapline_v1_Access *access, trapline_v1_Completion *completion)
{
    struct mailbox *mailbox = must_be_seen(access) ? NULL : mailbox_for(access);
    if (mailbox != NULL && mailbox_exchange(mailbox, access, completion, is_bridge_gone))
        return true;
    /* Of a model that is gone the bridge knows why, and carries nothing out twice. */
    return lane_grpc.transact(access, completion);
}

static const char *failure(void)
{
    return lane_grpc.failure();
}

static bool is_there(void)
{
    return lane_grpc.is_there();
}

const struct channel_lane lane_shm = {start, transact, failure, is_there};
