/* SPDX-License-Identifier: Apache-2.0
 *
 * One blocking round trip per access, but for posted writes, one at a time in the whole process: the bus lock, sequence
 * numbers, and the lane that carries the messages. After fork the child's channel is unused again by itself, its lock
 * free. Fault path.
 */
#ifndef TRAPLINE_CHANNEL_H
#define TRAPLINE_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "trapline/v1/bus.pb.h"

/* How accesses travel. Called with the bus lock held. */
struct channel_lane {
    /* Connects this process; called before its first access and again in a child after fork. */
    bool (*start)(void);
    bool (*transact)(const trapline_v1_Access *access, trapline_v1_Completion *completion);
    /* Why start or transact returned false. */
    const char *(*failure)(void);
    /* False: the host has taken the connection from us, and nothing was lost with it; it is to be started anew. May be
     * NULL. */
    bool (*is_there)(void);
    /* Hands over an access that is posted. False: it has to be waited for. May be NULL. */
    bool (*post)(const trapline_v1_Access *access);
    /* Waits until what was posted has ended, and says channel_note_failed of each that did not end with OKAY. False, or
     * NULL: the bridge does so, before the next access. */
    bool (*settle)(void);
    /* Whether an access of that device is made by memory alone, if nothing happens meanwhile. May be NULL. */
    bool (*is_near)(uint32_t device);
    /* Whether accesses of that device are as soon as they can be. May be NULL. */
    bool (*goes_near)(uint32_t device);
};

/* What is to be known of a posted write once it has failed. */
struct channel_posted {
    uint64_t address; /* in the host */
    uint64_t seq;     /* filled in by channel_post */
    uint32_t device;
    bool is_forgiven; /* an error of the bus is of no consequence to the host */
};

/* Outside the fault path. False with errno set if the shared page can't be mapped. */
bool channel_init(const struct channel_lane *lane);

/* Connects now instead of at the first access. False: the lane's failure() tells why. */
bool channel_open(void);

/* Whether it is this process that is connected, or will be: a child after vfork has the memory of its parent, but
 * descriptors of its own. */
bool channel_is_of_this_process(void);

/* Whether the memory of this process is its parent's (vfork). */
bool channel_is_borrowed(void);
/* The process whose memory this is. */
long channel_owner(void);
/* In the child of a fork. */
void channel_after_fork(void);

/* The bus lock: one instruction of the process at a time. Not recursive. */
void channel_lock(void);
void channel_unlock(void);

/*
 * The same without a wait, for a thread that has not blocked its signals. False: somebody has the lock, or the host may
 * have a handler that could come in the midst and want it, too.
 */
bool channel_lock_unblocked(void);

/* The host is about to have one. Never taken back; from the moment that the lock is free, nobody holds it with signals
 * that are not blocked. With the lock held. */
void channel_expect_handlers(void);
/* Needs no lock. */
bool channel_expects_handlers(void);

/* Connects unless this process is connected, which must be done once before what an access says is put together: what
 * the bridge has been told is told to another one anew. Whether it went well shows channel_transact. */
void channel_connect(void);

/* After channel_connect. Sends the access, with `seq` and `tid` filled in, and waits for its completion. If the lane is
 * gone, the completion is DISCONNECTED with the reason as detail. */
void channel_transact(trapline_v1_Access *access, trapline_v1_Completion *completion);

/* After channel_connect. Sends a write, with `seq` and `tid` filled in, and goes on without its completion. False: it
 * has to be waited for, by channel_transact. */
bool channel_post(trapline_v1_Access *access, const struct channel_posted *what);

/* Whether something was posted that may not have ended. Without the bus lock. */
bool channel_has_posted(void);

/* Waits until what was posted has ended. */
void channel_settle(void);

/* For lanes: a posted write has ended so. */
void channel_note_failed(uint64_t seq, const trapline_v1_Completion *answer);

/* The posted write that a completion is about (bus.proto, Completion.posted); NULL if there was none. */
const struct channel_posted *channel_find_posted(uint64_t seq);

/* Whether the next access, of that device and for a mark that channel_first_time knows, is made by memory alone. If so,
 * channel_connect leaves all as it is until channel_unlock. */
bool channel_is_near(uint32_t mark, uint32_t device);

/* Whether accesses of that device are made by memory alone as soon as they can be: not whether the next one is, which
 * is up to how fast the model starts. */
bool channel_goes_near(uint32_t device);

/* After channel_connect. True the first time it is called for `*mark` in a session: what the bridge is told once per
 * session. */
bool channel_first_time(uint32_t *mark);

#endif
