/* SPDX-License-Identifier: Apache-2.0 */
#include "waits.h"

#include <stddef.h>

#include "ledger.h"
#include "raw_syscall.h"
#include "signal_safe.h"

static int (*clock_in_memory)(clockid_t, struct timespec *);
static uint64_t since;
static unsigned waiting_for; /* accesses; 0: for none */

void waits_init(int (*read_clock)(clockid_t, struct timespec *))
{
    clock_in_memory = read_clock;
}

uint64_t waits_now(void)
{
    struct timespec now;
    if (clock_in_memory == NULL || clock_in_memory(CLOCK_MONOTONIC, &now) != 0)
        raw_syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void waits_begin(uint64_t began)
{
    since = began;
    waiting_for = 0;
}

static void note(void)
{
    if (waiting_for == 0)
        return;
    uint64_t now = waits_now();
    ledger_note_waits(now - since, waiting_for);
    since = now;
}

void waits_access(void)
{
    note();
    waiting_for = 1;
}

void waits_were(unsigned accesses)
{
    waiting_for = accesses;
}

void waits_end(void)
{
    note();
    waiting_for = 0;
}
