/* SPDX-License-Identifier: Apache-2.0 */
#include "settle.h"

#include <stddef.h>

#include "ground/kernel_signals.h"
#include "instruction/execute.h"
#include "lane/channel.h"
#include "ground/signal_safe.h"

static void settle(void *unused)
{
    (void)unused;
    channel_settle();
}

/* Signals wait as in the fault handler: one that accesses a device would wait for the bus lock of its own thread. */
void settle_posted(void)
{
    if (!channel_has_posted() || !channel_is_of_this_process())
        return;
    uint64_t before = kernel_signals_block(kernel_signals_bit(SIGSEGV) | kernel_signals_bit(SIGSYS));
    channel_lock();
    execute_on_stack(settle, NULL);
    channel_unlock();
    kernel_signals_restore(before);
}
