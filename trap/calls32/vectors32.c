/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of buffers, and the calls that take them.
 */
#include "vectors32.h"

#include <sys/mman.h>

#include "carry32.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "memory32.h"
#include "structs32.h"

/* For wide entries, and behind them the narrow ones. */
static size_t room_of(size_t count)
{
    return count * (sizeof(struct iovec) + sizeof(struct iovec32));
}

bool vectors32_begin(struct vectors32 *vectors, long from, size_t count)
{
    struct iovec32 few[VECTORS32_FEW], *table = few;
    vectors->count = count;
    vectors->all = vectors->few;
    if (count > VECTORS32_FEW) {
        long room = raw_syscall(SYS_mmap, 0, room_of(count), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                                0);
        if (room < 0)
            return fails32((int)-room) == 0;
        vectors->all = (struct iovec *)room;
        table = (struct iovec32 *)(vectors->all + count);
    }
    if (!memory32_take("the table of buffers", table, (uint32_t)from, count * sizeof *table))
        return vectors32_end(vectors, -1) == 0;
    structs32_vector(table, count, vectors->all);
    return true;
}

long vectors32_end(struct vectors32 *vectors, long result)
{
    if (vectors->all != vectors->few)
        raw_syscall(SYS_munmap, vectors->all, room_of(vectors->count));
    return result;
}

/* The kernel says what is wrong with a table that is too long. */
static long move(long (*call)(const long a[6]), const long a[6], long offset)
{
    struct vectors32 vectors;
    if ((uint64_t)a[2] > VECTORS32_MOST)
        return call(ARGUMENTS(a[0], a[1], a[2], offset, 0, a[5]));
    if (!vectors32_begin(&vectors, a[1], (size_t)a[2]))
        return -1;
    return vectors32_end(&vectors, call(ARGUMENTS(a[0], (long)vectors.all, a[2], offset, 0, a[5])));
}

CARRY32(readv, move(carry_readv, a, 0))
CARRY32(writev, move(carry_writev, a, 0))
CARRY32(preadv, move(carry_preadv, a, WIDE(3, 4)))
CARRY32(preadv2, move(carry_preadv2, a, WIDE(3, 4)))
CARRY32(pwritev2, move(carry_pwritev2, a, WIDE(3, 4)))
CARRY32(pwritev, move(carry_pwritev, a, WIDE(3, 4)))

/* Two tables, of which the second is of the other process. */
static long between(long (*call)(const long a[6]), const long a[6])
{
    struct vectors32 here, there;
    if ((uint64_t)a[2] > VECTORS32_MOST || (uint64_t)a[4] > VECTORS32_MOST)
        return fails32(EINVAL);
    if (!vectors32_begin(&here, a[1], (size_t)a[2]))
        return -1;
    if (!vectors32_begin(&there, a[3], (size_t)a[4]))
        return vectors32_end(&here, -1);
    long result = call(ARGUMENTS(a[0], (long)here.all, a[2], (long)there.all, a[4], a[5]));
    return vectors32_end(&here, vectors32_end(&there, result));
}

CARRY32(process_vm_readv, between(carry_process_vm_readv, a))
CARRY32(process_vm_writev, between(carry_process_vm_writev, a))

long carry32_sendfile(const long a[6])
{
    if (a[2] == 0)
        return carry_sendfile(a);
    if (!readable((void *)a[2], sizeof(int32_t)))
        return fails32(EFAULT);
    int64_t offset = *(const int32_t *)a[2];
    long result = carry_sendfile(ARGUMENTS(a[0], a[1], (long)&offset, a[3]));
    *(int32_t *)a[2] = (int32_t)offset;
    return result;
}
