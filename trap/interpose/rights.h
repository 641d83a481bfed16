/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors in messages (SCM_RIGHTS, unix(7)). A device's connection or handle travels with its anchor: the sender's
 * agent adds it behind the host's descriptors, the receiver's takes it out again before the host sees the message.
 */
#ifndef TRAPLINE_RIGHTS_H
#define TRAPLINE_RIGHTS_H

#include <stdbool.h>
#include <sys/socket.h>

enum { RIGHTS_BYTES = 4096 };

/* Control data in place of the host's, for the duration of a call. */
struct rights {
    void *control; /* the host's */
    size_t length;
    _Alignas(struct cmsghdr) char room[RIGHTS_BYTES];
};

/* Whether the control data may have to be replaced. The calls below are for messages of which that is so. */
bool rights_matter(const struct msghdr *message);

void rights_before_send(struct rights *rights, struct msghdr *message);
void rights_before_receive(struct rights *rights, struct msghdr *message);
/* The host's message is as the kernel would have left it. */
void rights_after_receive(struct rights *rights, struct msghdr *message, bool has_come);

#endif
