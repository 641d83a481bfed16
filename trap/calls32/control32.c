/* SPDX-License-Identifier: Apache-2.0 */
#include "control32.h"

#include <string.h>
#include <unistd.h>

#include "structs32.h"

enum { HEAD = sizeof(struct item32) };

static size_t aligned(size_t length)
{
    return (length + 3) / 4 * 4;
}

size_t control32_widen(const uint8_t *from, size_t length, uint8_t *to)
{
    size_t at = 0, made = 0;
    struct item32 item;
    for (; at + HEAD <= length; at += aligned(item.length)) {
        memcpy(&item, from + at, HEAD);
        if (item.length < HEAD || item.length > length - at)
            return 0;
        struct cmsghdr *wide = (struct cmsghdr *)(void *)(to + made);
        *wide = (struct cmsghdr){CMSG_LEN(item.length - HEAD), item.level, item.type};
        memcpy(CMSG_DATA(wide), from + at + HEAD, item.length - HEAD);
        made += CMSG_SPACE(item.length - HEAD);
    }
    return made;
}

/* Times that come with a message, of which all others have 64 bits in 32-bit programs too. */
static bool has_times(const struct cmsghdr *item)
{
    return item->cmsg_level == SOL_SOCKET && (item->cmsg_type == SCM_TIMESTAMP || item->cmsg_type == SCM_TIMESTAMPNS ||
                                              item->cmsg_type == SCM_TIMESTAMPING);
}

static bool has_descriptors(const struct cmsghdr *item)
{
    return item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_RIGHTS;
}

static size_t narrow_times(const uint8_t *from, size_t length, uint8_t *to)
{
    for (size_t i = 0; i < length / sizeof(int64_t); i++)
        memcpy(to + i * sizeof(int32_t), from + i * sizeof(int64_t), sizeof(int32_t));
    return length / 2;
}

/* Of descriptors, those that have no room never came. */
static size_t keep_descriptors(const uint8_t *from, size_t length, size_t room)
{
    size_t kept = length < room ? length : room / sizeof(int) * sizeof(int);
    for (size_t at = kept; at + sizeof(int) <= length; at += sizeof(int)) {
        int descriptor;
        memcpy(&descriptor, from + at, sizeof descriptor);
        close(descriptor);
    }
    return kept;
}

/* As the kernel cuts one off (its put_cmsg_compat and scm_detach_fds_compat): what it takes of the room. */
static size_t narrow_item(const struct cmsghdr *item, uint8_t *to, size_t room, int *flags)
{
    size_t length = item->cmsg_len - CMSG_LEN(0), left = room > HEAD ? room - HEAD : 0, needed = length;
    uint8_t *data = CMSG_DATA((struct cmsghdr *)item);
    if (has_times(item))
        needed = narrow_times(data, length, data);
    size_t given = needed < left ? needed : left;
    if (has_descriptors(item))
        given = keep_descriptors(data, length, left);
    if (given < needed)
        *flags |= MSG_CTRUNC;
    if (room < HEAD || (given == 0 && has_descriptors(item)))
        return 0;
    const struct item32 narrow = {(uint32_t)(HEAD + given), item->cmsg_level, item->cmsg_type};
    memcpy(to, &narrow, HEAD);
    memcpy(to + HEAD, data, given);
    size_t taken = HEAD + aligned(given);
    return taken < room ? taken : room;
}

size_t control32_narrow(const struct msghdr *from, uint8_t *to, size_t room, int *flags)
{
    size_t at = 0;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(from); item != NULL; item = CMSG_NXTHDR((struct msghdr *)from, item))
        at += narrow_item(item, to + at, room - at, flags);
    return at;
}
