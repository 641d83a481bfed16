/* SPDX-License-Identifier: Apache-2.0
 *
 * One mailbox (trapline/v1/lane.h), and the way of an access through it. Fault path.
 */
#ifndef TRAPLINE_MAILBOX_H
#define TRAPLINE_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "trapline/v1/bus.pb.h"
#include "trapline/v1/lane.h"

struct mailbox {
    struct lane_head *head; /* NULL: there is none */
    struct lane_slot *slot;
    uint32_t session; /* whose it is */
    long failure;     /* -errno of why there is none */
    uint32_t turn;    /* of what was put in last */
    bool is_posted;   /* for its user: what was put in last has not been waited for */
};

/* False, for mailbox->failure, if the file can't be opened or mapped (EIO: it is too short), or is of another version
 * (EPROTO). */
bool mailbox_map(struct mailbox *mailbox, const char *path, unsigned slot, uint32_t session);
void mailbox_unmap(struct mailbox *mailbox);

/* Whether the model answers what this session puts in. */
bool mailbox_is_open(const struct mailbox *mailbox);

/* Puts in what the model is to do next. The mailbox is at rest. */
void mailbox_put(struct mailbox *mailbox, const trapline_v1_Access *access);

/* Waits for the answer to what was put in last. False: the model or the session is gone, and what the access has done
 * there nobody knows. Ends the wait also when `is_lost` says that nobody would tell. */
bool mailbox_wait(struct mailbox *mailbox, const trapline_v1_Access *access, trapline_v1_Completion *completion,
                  bool (*is_lost)(void));

/* A write that was put in last. */
void mailbox_look_up(const struct mailbox *mailbox, trapline_v1_Access *access);

#endif
