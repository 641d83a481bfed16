/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <fcntl.h>
#include <linux/membarrier.h>

#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "ground/signal_safe.h"

bool text_init(void)
{
    return raw_syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0) == 0;
}

long text_open(void)
{
    return raw_syscall(SYS_openat, AT_FDCWD, "/proc/self/mem", O_RDWR | O_CLOEXEC);
}

void text_close(long descriptor)
{
    raw_syscall(SYS_close, descriptor);
}

bool text_write(long descriptor, uint64_t at, const uint8_t *bytes, size_t count)
{
    return raw_syscall(SYS_pwrite64, descriptor, bytes, count, at) == (long)count;
}

/* A forked child may have to register anew. */
static bool fetch_anew(void)
{
    if (raw_syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0) == 0)
        return true;
    return text_init() && raw_syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0) == 0;
}

/* The first byte comes last. */
static bool put_all(long descriptor, uint64_t at, const uint8_t *bytes, size_t count)
{
    return text_write(descriptor, at + 1, bytes + 1, count - 1) && fetch_anew() &&
           text_write(descriptor, at, bytes, 1) && fetch_anew();
}

bool text_replace(long descriptor, uint64_t at, const uint8_t *before, const uint8_t *after, size_t count)
{
    static const uint8_t barrier = TEXT_BARRIER;
    if (!fetch_anew() || !text_write(descriptor, at, &barrier, 1))
        return false;
    if (fetch_anew() && put_all(descriptor, at, after, count))
        return true;
    if (!put_all(descriptor, at, before, count))
        report_fatal("the kernel has let the code at %x be changed, and not be changed back; the host is ended", at);
    return false;
}
