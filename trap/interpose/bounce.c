/* SPDX-License-Identifier: Apache-2.0 */
#include "bounce.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"

static size_t replaced_bytes(const struct iovec *vector, int count)
{
    size_t bytes = 0;
    for (int i = 0; i < count; i++)
        if (transfer_is_needed(vector[i].iov_base, vector[i].iov_len))
            bytes += vector[i].iov_len;
    return bytes;
}

static void *make_area(size_t bytes)
{
    long area = raw_syscall(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return area < 0 && area > -(long)PAGE_BYTES ? NULL : (void *)area;
}

static void give_back(struct bounce *bounce)
{
    if (bounce->area != NULL)
        raw_syscall(SYS_munmap, bounce->area, bounce->area_size);
    if (bounce->table != NULL)
        raw_syscall(SYS_munmap, bounce->table, (size_t)bounce->count * sizeof *bounce->table);
}

static bool fail(struct bounce *bounce, int error)
{
    give_back(bounce);
    errno = error;
    return false;
}

/* The table itself lies in a window. */
static bool take_table(struct bounce *bounce, size_t bytes)
{
    bounce->table = make_area(bytes);
    if (bounce->table == NULL)
        return fail(bounce, ENOMEM);
    if (!transfer_from_window(bounce->call, bounce->table, bounce->original, bytes))
        return fail(bounce, EFAULT);
    bounce->vector = bounce->table;
    bounce->original = bounce->table;
    return true;
}

bool bounce_begin(struct bounce *bounce, struct transfer_call call, const struct iovec *vector, int count,
                  enum bounce_kind kind)
{
    *bounce = (struct bounce){kind, call, (struct iovec *)vector, count, vector, NULL, 0, NULL};
    if (count <= 0 || count > IOV_MAX || !transfer_may_be_needed())
        return true;
    size_t table = (size_t)count * sizeof *vector;
    if (transfer_is_needed(vector, table)) {
        if (!take_table(bounce, table))
            return false;
        vector = bounce->vector;
    }
    size_t bytes = readable(vector, table) ? replaced_bytes(vector, count) : 0;
    if (bytes == 0)
        return true;
    bounce->area_size = table + bytes;
    bounce->area = make_area(bounce->area_size);
    if (bounce->area == NULL)
        return fail(bounce, ENOMEM);
    bounce->vector = bounce->area;
    char *next = (char *)bounce->area + table;
    for (int i = 0; i < count; i++) {
        bounce->vector[i] = vector[i];
        if (!transfer_is_needed(vector[i].iov_base, vector[i].iov_len))
            continue;
        bounce->vector[i].iov_base = next;
        next += vector[i].iov_len;
        if (kind == BOUNCE_OUTPUT &&
            !transfer_from_window(call, bounce->vector[i].iov_base, vector[i].iov_base, vector[i].iov_len))
            return fail(bounce, EFAULT);
    }
    return true;
}

ssize_t bounce_end(struct bounce *bounce, ssize_t moved)
{
    int error = errno;
    size_t left = moved > 0 ? (size_t)moved : 0;
    bool is_input = bounce->kind == BOUNCE_INPUT;
    for (int i = 0; is_input && bounce->area != NULL && i < bounce->count && left > 0; i++) {
        const struct iovec *from = &bounce->vector[i], *to = &bounce->original[i];
        size_t piece = from->iov_len < left ? from->iov_len : left;
        if (from->iov_base != to->iov_base && !transfer_to_window(bounce->call, to->iov_base, from->iov_base, piece)) {
            moved = -1;
            error = EFAULT;
            break;
        }
        left -= piece;
    }
    give_back(bounce);
    errno = error;
    return moved;
}
