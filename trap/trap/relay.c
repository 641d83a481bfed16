/* SPDX-License-Identifier: Apache-2.0 */
#include "relay.h"

#include <stdatomic.h>
#include <stddef.h>

#include "ground/low_world.h"
#include "ground/raw_syscall.h"
#include "ground/second_world.h"
#include "handler32.h"
#include "lane/channel.h"
#include "ground/signal_safe.h"

enum { SIGNALS = 65 };

typedef void handler(int number, siginfo_t *info, void *context);

static _Atomic(handler *) handlers[SIGNALS];

/* The kernel gives all three arguments to handlers of either kind. */
static void relay(int number, siginfo_t *info, void *context)
{
    uint64_t inside = second_world_step_out();
    handler *called = atomic_load(&handlers[number]);
    if (low_world_is_there)
        handler32_call((uint32_t)(uintptr_t)called, number, info, context);
    else
        called(number, info, context);
    second_world_step_in(inside);
}

void *relay_behind(int number, void *kernels)
{
    return kernels == (void *)relay ? (void *)atomic_load(&handlers[number]) : kernels;
}

/* A child with the memory of its parent changes its own actions only, and is about to become another program. */
long relay_action(int number, const struct kernel_action *action, struct kernel_action *before)
{
    struct kernel_action wanted, was;
    handler *old = number > 0 && number < SIGNALS ? atomic_load(&handlers[number]) : NULL;
    if (action != NULL)
        wanted = *action;
    if (action != NULL && kernel_signals_is_handled(action) && number > 0 && number < SIGNALS &&
        !channel_is_borrowed()) {
        atomic_store(&handlers[number], (handler *)action->handler);
        wanted.handler = (void *)relay;
    }
    long result = raw_syscall(SYS_rt_sigaction, number, action != NULL ? &wanted : NULL, &was, sizeof was.mask);
    if (result == 0 && before != NULL) {
        *before = was;
        before->handler = was.handler == (void *)relay ? (void *)old : was.handler;
    }
    return result;
}
