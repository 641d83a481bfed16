/* SPDX-License-Identifier: Apache-2.0 */
#include "readable.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "page.h"
#include "raw_syscall.h"
#include "sandbox.h"
#include "signal_safe.h"

enum { PROBE = 8, NEAR = 4096 };

/* How often the host has changed what is where. */
static _Atomic uint64_t changes;

/* The page that this thread has found last, with the number of changes until then: one word, since a handler may come
 * in between. User addresses have 47 bits. */
static _Thread_local uint64_t last_found __attribute__((tls_model("initial-exec")));
enum { CHANGE_BITS = 29, PAGE_BITS = 35 };

static uint64_t finding(uintptr_t address)
{
    return address / PAGE_BYTES << CHANGE_BITS | (changes & (((uint64_t)1 << CHANGE_BITS) - 1));
}

void readable_forget(void)
{
    changes++;
}

/* The kernel reads a new signal mask before it sees that -1 is no way to use one. */
bool readable_now(const void *at)
{
    return raw_syscall(SYS_rt_sigprocmask, -1, (uintptr_t)at & -(uintptr_t)PROBE, NULL, PROBE) != -EFAULT;
}

/* A host that has confined itself may die of a call that it did not make. */
static bool can_be_read(uintptr_t address)
{
    bool is_of_user = address / PAGE_BYTES >> PAGE_BITS == 0;
    uint64_t found = finding(address);
    if (sandbox_is_on() || (is_of_user && address >= PAGE_BYTES && last_found == found))
        return true;
    if (!readable_now((const void *)address))
        return false;
    last_found = is_of_user ? found : 0;
    return true;
}

/* The frames of our callers. */
static bool is_near(uintptr_t frame, uintptr_t start, size_t bytes)
{
    return start >= frame && bytes <= NEAR && start - frame <= NEAR - bytes;
}

bool readable(const void *start, size_t bytes)
{
    uintptr_t from = (uintptr_t)start, last = from + bytes - 1;
    if (is_near((uintptr_t)__builtin_frame_address(0), from, bytes))
        return true;
    if (bytes == 0 || last < from)
        return bytes == 0;
    for (uintptr_t at = from; at < last; at += page_rest(at))
        if (!can_be_read(at))
            return false;
    return can_be_read(last);
}

/* As readable_text, but for a page that is known already, which it may leave for another. */
static bool follow_text(const char *text, uintptr_t *known)
{
    size_t length = 0;
    bool is_whole = false;
    while (!is_whole && length < PATH_MAX) {
        uintptr_t at = (uintptr_t)text + length;
        size_t rest = page_rest(at);
        if (page_of(at) != *known && !can_be_read(at))
            return false;
        *known = page_of(at);
        is_whole = memchr(text + length, 0, rest) != NULL;
        length += rest;
    }
    return true;
}

bool readable_text(const char *text)
{
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0), known = 1;
    if (is_near(frame, (uintptr_t)text, 1))
        known = page_of((uintptr_t)text);
    return follow_text(text, &known);
}

bool readable_list(char *const list[])
{
    uintptr_t known = 1, known_of_texts = 1;
    for (; list != NULL; list++) {
        uintptr_t at = (uintptr_t)list, last = at + sizeof *list - 1;
        if ((page_of(at) != known && !can_be_read(at)) || (page_of(last) != page_of(at) && !can_be_read(last)))
            return false;
        known = page_of(last);
        if (*list == NULL)
            return true;
        if (!follow_text(*list, &known_of_texts))
            return false;
    }
    return true;
}
