/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"

#include <stdint.h>

#include "channel.h"
#include "execute.h"
#include "registers.h"
#include "report.h"
#include "signal_safe.h"
#include "signals.h"
#include "site.h"
#include "trap.h"
#include "window.h"

struct job {
    ucontext_t *context;
    siginfo_t raised;
    enum trap_outcome outcome;
};

static void refuse(const ucontext_t *context)
{
    char text[96] = "(not a valid instruction)";
    uint64_t pc = registers_pc(context);
    const struct site *site = site_at(pc);
    if (site != NULL)
        decode_disassemble(&site->decode, pc, text, sizeof text);
    report_fatal("the instruction '%s' at pc %x can't be run on a device window; the host is ended", text, pc);
}

static void work(void *argument)
{
    struct job *job = argument;
    job->outcome = trap_carry_out(job->context, &job->raised);
    if (job->outcome == TRAP_REFUSED)
        refuse(job->context);
}

static void carry_out(ucontext_t *context)
{
    struct job job = {.context = context};
    channel_lock();
    execute_on_stack(work, &job);
    channel_unlock();
    if (job.outcome == TRAP_RAISED)
        signals_raise(&job.raised, context);
}

void fault_handler(int signal, siginfo_t *info, void *context)
{
    uint64_t address = (uint64_t)info->si_addr;
    if (execute_recover(info, context))
        return;
    if (signal == SIGSEGV && info->si_code > 0 && window_overlaps(address, address + 1))
        carry_out(context);
    else
        signals_deliver(info, context);
}
