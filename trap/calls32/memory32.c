/* SPDX-License-Identifier: Apache-2.0 */
#include "memory32.h"

#include <errno.h>
#include <string.h>

#include "device/transfer.h"
#include "ground/readable.h"

static void *pointer(uint32_t at)
{
    return (void *)(uintptr_t)at;
}

bool memory32_is_in_window(uint32_t at, size_t bytes)
{
    return at != 0 && bytes > 0 && transfer_is_needed(pointer(at), bytes);
}

bool memory32_is_there(uint32_t at, size_t bytes)
{
    return bytes == 0 || memory32_is_in_window(at, bytes) || readable(pointer(at), bytes);
}

static bool end(bool is_done)
{
    if (!is_done)
        errno = EFAULT;
    return is_done;
}

bool memory32_take(const char *call, void *to, uint32_t from, size_t bytes)
{
    struct transfer_call asking = {(uint64_t)__builtin_return_address(0), call};
    if (memory32_is_in_window(from, bytes))
        return end(transfer_from_window(asking, to, pointer(from), bytes));
    bool is_there = memory32_is_there(from, bytes);
    if (is_there && bytes > 0)
        memcpy(to, pointer(from), bytes);
    return end(is_there);
}

bool memory32_give(const char *call, uint32_t to, const void *from, size_t bytes)
{
    struct transfer_call asking = {(uint64_t)__builtin_return_address(0), call};
    if (memory32_is_in_window(to, bytes))
        return end(transfer_to_window(asking, pointer(to), from, bytes));
    bool is_there = memory32_is_there(to, bytes);
    if (is_there && bytes > 0)
        memcpy(pointer(to), from, bytes);
    return end(is_there);
}
