/* SPDX-License-Identifier: Apache-2.0
 *
 * One blocking round trip per access, one at a time in the whole process: the bus lock, sequence numbers, and the lane
 * that carries the messages. After fork the child's channel is unused again by itself, its lock free. Fault path.
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
};

/* Outside the fault path. False with errno set if the shared page can't be mapped. */
bool channel_init(const struct channel_lane *lane);

/* Connects now instead of at the first access. False: the lane's failure() tells why. */
bool channel_open(void);

/* Whether it is this process that is connected: a child after vfork has the memory of its parent, but descriptors of
 * its own. */
bool channel_is_of_this_process(void);

/* Whether the memory of this process is its parent's (vfork). */
bool channel_is_borrowed(void);

/* The bus lock: one instruction of the process at a time. Not recursive. */
void channel_lock(void);
void channel_unlock(void);

/* Connects unless this process is connected, which must be done once before what an access says is put together: what
 * the bridge has been told is told to another one anew. Whether it went well shows channel_transact. */
void channel_connect(void);

/* After channel_connect. Sends the access, with `seq` and `tid` filled in, and waits for its completion. If the lane is
 * gone, the completion is DISCONNECTED with the reason as detail. */
void channel_transact(trapline_v1_Access *access, trapline_v1_Completion *completion);

/* After channel_connect. True the first time it is called for `*mark` in a session: what the bridge is told once per
 * session. */
bool channel_first_time(uint32_t *mark);

#endif
