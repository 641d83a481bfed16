/* SPDX-License-Identifier: Apache-2.0 */
#include "signals32.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "ground/kernel_signals.h"
#include "ground/readable.h"
#include "interpose/by_number.h"
#include "trap/handler32.h"

/* kernel arch/x86/include/uapi/asm/signal.h, as 32-bit programs have it. */
struct action32 {
    uint32_t handler, flags, restorer;
    uint64_t mask;
} __attribute__((packed));

struct old_action32 {
    uint32_t handler, mask, flags, restorer;
};

static long bad_pointer(void)
{
    errno = EFAULT;
    return -1;
}

/* A handler is called by us (trap/handler32.h), and comes back to us by our own restorer. */
static long act(int number, const struct action32 *action, struct action32 *before)
{
    struct kernel_action wanted, was;
    const struct handler32_restorer had = handler32_restorer(number);
    if (action != NULL) {
        wanted = (struct kernel_action){(void *)(uintptr_t)action->handler, action->flags | HANDLER32_SA_RESTORER,
                                        (void *)handler32_return_of_kernel, action->mask};
        handler32_note(number, action->flags, action->restorer);
    }
    const long arguments[6] = {number, action != NULL ? (long)&wanted : 0, (long)&was, sizeof was.mask};
    long result = carry_rt_sigaction(arguments);
    if (result == 0 && before != NULL)
        *before = (struct action32){(uint32_t)(uintptr_t)was.handler,
                                    ((uint32_t)was.flags & ~(uint32_t)HANDLER32_SA_RESTORER) | had.flags, had.restorer,
                                    was.mask};
    return result;
}

static bool is_signal(int number)
{
    return number > 0 && number < NSIG && number != SIGKILL && number != SIGSTOP;
}

static long invalid(void)
{
    errno = EINVAL;
    return -1;
}

long signals32_action(int number, const void *action, void *before, long size)
{
    struct action32 was;
    if (size != sizeof(uint64_t) || !(is_signal(number) || (action == NULL && number > 0 && number < NSIG)))
        return invalid();
    if (!readable_or_null(action, sizeof was) || !readable_or_null(before, sizeof was))
        return bad_pointer();
    long result = act(number, action, &was);
    if (result == 0 && before != NULL)
        memcpy(before, &was, sizeof was);
    return result;
}

long signals32_old_action(int number, const void *action, void *before)
{
    const struct old_action32 *old = action;
    struct action32 wanted, was;
    if (!is_signal(number))
        return invalid();
    if (!readable_or_null(action, sizeof *old) || !readable_or_null(before, sizeof *old))
        return bad_pointer();
    if (old != NULL)
        wanted = (struct action32){old->handler, old->flags, old->restorer, old->mask};
    long result = act(number, old != NULL ? &wanted : NULL, &was);
    if (result == 0 && before != NULL)
        *(struct old_action32 *)before = (struct old_action32){was.handler, (uint32_t)was.mask, was.flags,
                                                               was.restorer};
    return result;
}

long signals32_oldest_action(int number, uint32_t handler)
{
    const struct action32 wanted = {.handler = handler, .flags = (uint32_t)SA_RESETHAND | SA_NODEFER};
    struct action32 was;
    if (!is_signal(number))
        return invalid();
    long result = act(number, &wanted, &was);
    return result == 0 ? (long)was.handler : result;
}

long signals32_wait(const long a[6], const struct timespec *limit)
{
    enum { INFO = 128 };
    siginfo_t info;
    if (a[3] != sizeof(uint64_t))
        return invalid();
    if (!readable((const void *)a[0], sizeof(uint64_t)) || !readable_or_null((void *)a[1], INFO) ||
        !readable_or_null(limit, sizeof *limit))
        return bad_pointer();
    const long arguments[6] = {a[0], (long)&info, (long)limit, a[3]};
    long result = carry_rt_sigtimedwait(arguments);
    if (result > 0 && a[1] != 0)
        handler32_narrow_info(&info, (uint8_t *)a[1]);
    return result;
}

long signals32_old_mask(int how, const uint32_t *set, uint32_t *before)
{
    uint64_t wanted, was = 0;
    if (!readable_or_null(set, sizeof *set) || !readable_or_null(before, sizeof *before))
        return bad_pointer();
    if (set != NULL)
        wanted = *set;
    /* Signals from 33 on stay as they are. */
    const long ask[6] = {SIG_BLOCK, 0, (long)&was, sizeof was};
    long result = carry_rt_sigprocmask(ask);
    if (set != NULL && how == SIG_SETMASK)
        wanted |= was >> 32 << 32;
    const long arguments[6] = {how, set != NULL ? (long)&wanted : 0, 0, sizeof was};
    result = result == 0 && set != NULL ? carry_rt_sigprocmask(arguments) : result;
    if (result == 0 && before != NULL)
        *before = (uint32_t)was;
    return result;
}
