/* SPDX-License-Identifier: Apache-2.0 */
#include "rights.h"

#include <stdint.h>
#include <string.h>

#include "device/anchor.h"
#include "device/node.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"

/* SCM_MAX_FD of the kernel. */
enum { MOST = 253, MOST_SPACE = CMSG_SPACE(MOST * sizeof(int)) };

bool rights_matter(const struct msghdr *message)
{
    return message->msg_control != NULL && message->msg_controllen >= sizeof(struct cmsghdr) &&
           message->msg_controllen <= RIGHTS_BYTES - MOST_SPACE && node_count() > 0;
}

static void replace(struct rights *rights, struct msghdr *message, size_t length)
{
    rights->control = message->msg_control;
    rights->length = message->msg_controllen;
    message->msg_control = rights->room;
    message->msg_controllen = length;
}

/* How many descriptors there are in an item of a message; their numbers are its data. */
static size_t count_in(const struct msghdr *message, const struct cmsghdr *item)
{
    size_t left = (size_t)((char *)message->msg_control + message->msg_controllen - (char *)item);
    size_t length = item->cmsg_len < left ? item->cmsg_len : left;
    bool has_rights = item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_RIGHTS && length > CMSG_LEN(0);
    return has_rights ? (length - CMSG_LEN(0)) / sizeof(int) : 0;
}

static size_t collect_anchors(const struct msghdr *message, int anchors[MOST])
{
    size_t anchor_count = 0, all = 0;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(message); item != NULL;
         item = CMSG_NXTHDR((struct msghdr *)message, item)) {
        size_t count = count_in(message, item);
        all += count;
        for (size_t i = 0; i < count && all + anchor_count < MOST; i++) {
            int anchor = anchor_of(((int *)CMSG_DATA(item))[i]);
            if (anchor != ANCHOR_NONE)
                anchors[anchor_count++] = anchor;
        }
    }
    return anchor_count;
}

void rights_before_send(struct rights *rights, struct msghdr *message)
{
    int anchors[MOST];
    if (!readable(message->msg_control, message->msg_controllen))
        return;
    size_t count = collect_anchors(message, anchors), length = CMSG_ALIGN(message->msg_controllen);
    if (count == 0)
        return;
    memset(rights->room, 0, length);
    memcpy(rights->room, message->msg_control, message->msg_controllen);
    struct cmsghdr *item = (struct cmsghdr *)(void *)(rights->room + length);
    *item = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(count * sizeof *anchors)};
    memcpy(CMSG_DATA(item), anchors, count * sizeof *anchors);
    replace(rights, message, length + item->cmsg_len);
}

void rights_before_receive(struct rights *rights, struct msghdr *message)
{
    replace(rights, message, message->msg_controllen + MOST_SPACE);
}

/* The host's control data, as far as they are written (kernel net/core/scm.c, put_cmsg). */
struct output {
    struct msghdr *message;
    char *at;
    size_t left;
};

static void put(struct output *output, const struct cmsghdr *item, size_t length)
{
    size_t written = length < output->left ? length : output->left;
    if (written < length)
        output->message->msg_flags |= MSG_CTRUNC;
    if (written < sizeof *item)
        return;
    memcpy(output->at, item, written);
    ((struct cmsghdr *)(void *)output->at)->cmsg_len = written;
    size_t space = CMSG_ALIGN(length) < output->left ? CMSG_ALIGN(length) : output->left;
    output->at += space;
    output->left -= space;
}

/* Anchors stay with us; of the others the host gets as many as it has room for. */
static void put_rights(struct output *output, struct cmsghdr *item, size_t count)
{
    int *descriptors = (int *)CMSG_DATA(item);
    size_t room = output->left < CMSG_LEN(0) ? 0 : (output->left - CMSG_LEN(0)) / sizeof *descriptors, kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (anchor_is(descriptors[i]))
            anchor_adopt(descriptors[i]);
        else if (kept < room) {
            node_note_open(descriptors[i]);
            descriptors[kept++] = descriptors[i];
        } else {
            output->message->msg_flags |= MSG_CTRUNC;
            raw_syscall(SYS_close, descriptors[i]);
        }
    }
    if (kept > 0)
        put(output, item, CMSG_LEN(kept * sizeof *descriptors));
    if (output->message->msg_flags & MSG_CTRUNC)
        anchor_inherit();
    anchor_follow();
}

void rights_after_receive(struct rights *rights, struct msghdr *message, bool has_come)
{
    struct output output = {message, rights->control, rights->length};
    for (struct cmsghdr *item = has_come ? CMSG_FIRSTHDR(message) : NULL; item != NULL;
         item = CMSG_NXTHDR(message, item)) {
        size_t count = count_in(message, item);
        if (count > 0)
            put_rights(&output, item, count);
        else
            put(&output, item, item->cmsg_len);
    }
    message->msg_control = rights->control;
    message->msg_controllen = has_come ? rights->length - output.left : rights->length;
}
