/* SPDX-License-Identifier: Apache-2.0 */
#include "lane_shm.h"

#include <errno.h>
#include <string.h>

#include "ground/errno_words.h"
#include "ground/ledger.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "ground/run_file.h"
#include "ground/sandbox.h"
#include "ground/vectors.h"
#include "http2.h"
#include "lane_grpc.h"
#include "lane_socket.h"
#include "mailbox.h"
#include "ring.h"
#include "ground/signal_safe.h"

enum { SLEEPS_BETWEEN_SIGNS = 10, LONGEST_PATH = RUN_FILE_PATH };
enum { MOST_DEVICES = sizeof(((trapline_v1_AttachReply *)0)->devices) / sizeof(trapline_v1_Device) };

static const char *directory;
static struct mailbox mailboxes[MOST_DEVICES];
/* As the devices of the reply to Attach; those of one model share theirs. NULL: by gRPC. */
static struct mailbox *mailbox_of[MOST_DEVICES];
static bool was_holding;
/* Bit n - 1 for handle n, of which there are 64: real devices, of which the bridge hears by memory. */
static uint64_t real_devices;
_Static_assert(MOST_DEVICES <= 64, "a bit for each");

void lane_shm_init(const char *run_directory)
{
    directory = run_directory;
}

/* Those of the session before, or, in a forked child, of its parent. */
static void forget_mailboxes(void)
{
    for (unsigned i = 0; i < MOST_DEVICES; i++)
        mailbox_unmap(&mailboxes[i]);
    memset(mailbox_of, 0, sizeof mailbox_of);
}

static bool borrow_mailbox(const trapline_v1_AttachReply *reply, unsigned own)
{
    for (unsigned i = 0; i < own; i++)
        if (strcmp(reply->devices[i].lane, reply->devices[own].lane) == 0) {
            mailbox_of[own] = mailbox_of[i];
            mailboxes[own].failure = mailboxes[i].failure;
            return true;
        }
    return false;
}

static void name_file(char path[LONGEST_PATH], const char *name)
{
    report_text(path, LONGEST_PATH, "%s/lanes/%s", directory, name);
}

/* Where one can't be had, gRPC goes on. */
static void find_mailboxes(const trapline_v1_AttachReply *reply)
{
    char path[LONGEST_PATH];
    for (unsigned i = 0; i < reply->devices_count; i++) {
        const char *name = reply->devices[i].lane;
        if (name[0] == 0 || strchr(name, '/') != NULL || borrow_mailbox(reply, i))
            continue;
        name_file(path, name);
        if (mailbox_map(&mailboxes[i], path, reply->lane_slot - 1, reply->lane_session))
            mailbox_of[i] = &mailboxes[i];
    }
}

static bool is_disconnected(void)
{
    return !lane_socket_is_connected();
}

/* Without it nothing of a real device could be recorded. */
static void begin_ring(const trapline_v1_AttachReply *reply)
{
    char path[LONGEST_PATH], folder[LONGEST_PATH];
    report_text(folder, sizeof folder, "%s/lanes", directory);
    run_file_find(path, folder, reply->hardware_ring);
    long failure = ring_begin(path, reply->lane_session, is_disconnected);
    if (failure < 0)
        report_fatal("the file %s, by which accesses to real devices are recorded, can't be used here (%s); start the "
                     "bridge on this machine, as this user",
                     path, failure == -EPROTO ? "it is of another version" : errno_words(-failure));
    for (unsigned i = 0; i < reply->devices_count; i++)
        if (reply->devices[i].hardware && reply->devices[i].handle - 1 < 64)
            real_devices |= (uint64_t)1 << (reply->devices[i].handle - 1);
}

/* What came to the bridge while this process ran is none of the devices that it knows, and needs no ring. */
static bool knows_real_devices(const trapline_v1_AttachReply *reply)
{
    static bool has_started;
    bool is_first = !has_started;
    has_started = true;
    return reply->hardware_ring[0] != 0 && (is_first || ring_is_there());
}

static bool start(void)
{
    const trapline_v1_AttachReply *reply = lane_grpc_attach_reply();
    forget_mailboxes();
    real_devices = 0;
    was_holding = false;
    if (!lane_grpc.start())
        return false;
    if (knows_real_devices(reply))
        begin_ring(reply);
    if (reply->lane_slot != 0 && !sandbox_is_on())
        find_mailboxes(reply);
    return true;
}

static struct mailbox *own_mailbox(uint32_t device)
{
    const trapline_v1_AttachReply *reply = lane_grpc_attach_reply();
    for (unsigned i = 0; i < reply->devices_count; i++)
        if (reply->devices[i].handle == device)
            return mailbox_of[i];
    return NULL;
}

static struct mailbox *mailbox_for(uint32_t device)
{
    struct mailbox *mailbox = own_mailbox(device);
    return mailbox != NULL && mailbox_is_open(mailbox) ? mailbox : NULL;
}

/* Of all that a run has mailboxes for, the first that an access misses is enough to know it by. */
static void say_closed(uint32_t device)
{
    const trapline_v1_AttachReply *reply = lane_grpc_attach_reply();
    char path[LONGEST_PATH];
    for (unsigned i = 0; i < reply->devices_count; i++) {
        long failure = mailboxes[i].failure;
        if (reply->devices[i].handle != device || failure >= 0 || !ledger_is_first_to_say(LEDGER_CLOSED_MAILBOX))
            continue;
        name_file(path, reply->devices[i].lane);
        report(
            "the model's mailbox %s can't be used here (%s), so accesses of process %u go by gRPC, and none of its "
            "instructions is patched; programs reach mailboxes where they see the run directory of the bridge, as its "
            "user",
            path, failure == -EPROTO ? "it is of another version" : errno_words(-failure),
            (uint64_t)raw_syscall(SYS_getpid));
    }
}

/* A host that has confined itself lets us read and write, and no more. */
static bool must_be_seen(const trapline_v1_Access *access)
{
    bool is_locked = access->hold || was_holding;
    was_holding = access->hold;
    return is_locked || access->has_site || sandbox_is_on();
}

/* Asked after each sleep before an unanswered mailbox. Model and bridge may both be stopped, so that no connection
 * ends: now and then the bridge is to say something. The instruction that waits may be a patched one, whose vector
 * registers are live. */
static bool is_bridge_gone(void)
{
    static unsigned sleeps;
    if (!lane_socket_is_connected())
        return true;
    if (++sleeps % SLEEPS_BETWEEN_SIGNS != 0)
        return false;
    vectors_put_by();
    bool is_answered = http2_is_answered();
    vectors_bring_back();
    return !is_answered;
}

/* What a mailbox was thought to do. */
static bool ask_bridge(const trapline_v1_Access *access, trapline_v1_Completion *completion)
{
    vectors_put_by();
    bool is_answered = lane_grpc.transact(access, completion);
    vectors_bring_back();
    return is_answered;
}

/* Waits for the posted write that is in a mailbox, if there is one. Of a model that is gone the bridge knows why. */
static void collect(struct mailbox *mailbox)
{
    static trapline_v1_Access posted;
    static trapline_v1_Completion answer;
    if (!mailbox->is_posted)
        return;
    mailbox->is_posted = false;
    mailbox_look_up(mailbox, &posted);
    if (!mailbox_wait(mailbox, &posted, &answer, is_bridge_gone) && !ask_bridge(&posted, &answer)) {
        memset(&answer, 0, sizeof answer);
        answer.status = trapline_v1_Status_STATUS_DISCONNECTED;
        report_text(answer.detail, sizeof answer.detail, "%s", lane_grpc.failure());
    }
    if (answer.status != trapline_v1_Status_STATUS_OKAY)
        channel_note_failed(posted.seq, &answer);
}

static bool has_mailboxes(void)
{
    return lane_grpc_attach_reply()->lane_slot != 0;
}

static bool settle(void)
{
    for (unsigned i = 0; i < MOST_DEVICES; i++)
        collect(&mailboxes[i]);
    return has_mailboxes();
}

static bool post(const trapline_v1_Access *access)
{
    if (!has_mailboxes())
        return lane_grpc.post(access);
    struct mailbox *mailbox = access->has_site || access->frames_count != 0 || sandbox_is_on()
                                  ? NULL
                                  : mailbox_for(access->device);
    if (mailbox == NULL)
        return false;
    collect(mailbox);
    mailbox_put(mailbox, access);
    return mailbox->is_posted = true;
}

static bool transact(const trapline_v1_Access *access, trapline_v1_Completion *completion)
{
    if (must_be_seen(access))
        return lane_grpc.transact(access, completion);
    struct mailbox *mailbox = access->frames_count != 0 ? NULL : mailbox_for(access->device);
    if (mailbox != NULL) {
        mailbox_put(mailbox, access);
        if (mailbox_wait(mailbox, access, completion, is_bridge_gone))
            return true;
    } else if (access->frames_count == 0)
        say_closed(access->device);
    /* It has to see who called. Of a model that is gone it knows why, and carries nothing out twice. */
    return ask_bridge(access, completion);
}

static const char *failure(void)
{
    return lane_grpc.failure();
}

static bool is_there(void)
{
    return lane_grpc.is_there();
}

static bool is_real(uint32_t device)
{
    return device - 1 < 64 && real_devices >> (device - 1) & 1;
}

static bool is_near(uint32_t device)
{
    return !sandbox_is_on() && (is_real(device) || mailbox_for(device) != NULL);
}

/* Also while its model has yet to open the mailbox. */
static bool goes_near(uint32_t device)
{
    return !sandbox_is_on() && (is_real(device) || own_mailbox(device) != NULL);
}

const struct channel_lane lane_shm = {start, transact, failure, is_there, post, settle, is_near, goes_near};
