/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include "device/io_port.h"
#include "device/private_pages.h"
#include "ground/host_call.h"
#include "ground/maps.h"
#include "ground/report.h"
#include "ground/second_world.h"
#include "ground/waits.h"
#include "instruction/execute.h"
#include "instruction/registers.h"
#include "instruction/site.h"
#include "lane/channel.h"
#include "memory/memory_poll.h"
#include "memory/shared_memory.h"
#include "memory/window.h"
#include "patched.h"
#include "signals.h"
#include "time/time_stamp.h"
#include "trap.h"
#include "ground/signal_safe.h"

/* What the handler takes of the host's stack until it is on its own, and for a look at the time-stamp counter. */
enum { OWN_STACK_USE = 512, LOOK_STACK_USE = 1728 };

/* SYS_SECCOMP of the kernel's siginfo.h, which libc has no name for. */
enum { FROM_FILTER = 1 };

struct job {
    ucontext_t *context;
    uint64_t address;
    siginfo_t raised;
    enum trap_outcome outcome;
};

static void refuse(const ucontext_t *context)
{
    char text[96] = "(not a valid instruction)";
    uint64_t pc = registers_pc(context);
    enum decode_mode mode;
    bool is_known = registers_mode(context, &mode);
    const struct site *site = site_at(pc, mode);
    if (!is_known)
        report_fatal(
            "code at pc %x, whose segments are not those of a Linux program, touches a device window; the host "
            "is ended",
            pc);
    if (site != NULL)
        decode_disassemble(&site->decode, pc, text, sizeof text);
    report_fatal("the instruction '%s' at pc %x can't be run on a device window; the host is ended", text, pc);
}

/* Any instruction can run by itself in memory that the model reaches too. */
static bool run_by_itself(uint64_t address)
{
    struct window window;
    if (!window_find(address, &window) || !window.is_shared)
        return false;
    shared_memory_open_page(address);
    return true;
}

static void work(void *argument)
{
    struct job *job = argument;
    job->outcome = trap_carry_out(job->context, &job->raised);
    if (job->outcome == TRAP_REFUSED && !run_by_itself(job->address))
        refuse(job->context);
}

/* The frame of a signal comes on top of that of the handler in which the host makes an access. */
static void check_stack(const ucontext_t *context, const char *what, uint64_t use)
{
    uint64_t size = registers_overrun_stack(context, (const uint8_t *)__builtin_frame_address(0) - use);
    if (size != 0)
        report_fatal("%s in a signal handler ran over the end of the handler's alternate stack of %u bytes; it "
                     "needs a signal frame there, so make it %u bytes or more; the host is ended",
                     what, size, size + registers_frame_bytes() + use);
}

/* Another thread has made the page the host's own before this one had the bus lock. */
static bool is_hosts_own(uint64_t address)
{
    return private_pages_are_any && !window_overlaps(address, address + 1);
}

static void carry_out(ucontext_t *context, uint64_t address)
{
    struct job job = {.context = context, .address = address, .outcome = TRAP_DONE};
    struct memory_poll polled;
    uint64_t began = waits_now();
    check_stack(context, "an access", OWN_STACK_USE);
    channel_lock();
    waits_begin(began);
    if (!is_hosts_own(address))
        execute_on_stack(work, &job);
    waits_end();
    bool is_poll = memory_poll_end_instruction(&polled);
    channel_unlock();
    if (job.outcome == TRAP_RAISED)
        signals_raise(&job.raised, context);
    else if (is_poll)
        memory_poll_wait(&polled);
}

static void work_io(void *argument)
{
    struct job *job = argument;
    job->outcome = trap_carry_out_io(job->context, &job->raised);
}

/* A general protection fault names no address, and many instructions raise one. */
static bool use_io_ports(int signal, const siginfo_t *info, ucontext_t *context)
{
    struct job job = {.context = context};
    if (signal != SIGSEGV || info->si_code != SI_KERNEL || !io_port_any_granted())
        return false;
    uint64_t began = waits_now();
    check_stack(context, "an access", OWN_STACK_USE);
    channel_lock();
    waits_begin(began);
    execute_on_stack(work_io, &job);
    waits_end();
    channel_unlock();
    if (job.outcome == TRAP_RAISED)
        signals_raise(&job.raised, context);
    return job.outcome != TRAP_REFUSED;
}

/* As above. */
static bool read_time_stamp(int signal, const siginfo_t *info, ucontext_t *context)
{
    struct time_stamp_reading reading;
    if (signal != SIGSEGV || info->si_code != SI_KERNEL || !time_stamp_find(context, &reading))
        return false;
    if (!reading.is_of_kernel)
        check_stack(context, "a look at the time-stamp counter", LOOK_STACK_USE);
    time_stamp_carry_out(context, &reading);
    return true;
}

/* A filter of the host's has refused a system call of ours by a signal (seccomp(2), SECCOMP_RET_TRAP), which nobody but
 * us can make sense of. It fails as under any other filter. */
static bool end_own_call(int signal, const siginfo_t *info, ucontext_t *context)
{
    uint64_t place = (uint64_t)info->si_call_addr;
    bool is_own = signal == SIGSYS && info->si_code == FROM_FILTER && maps_is_own_code(place);
    if (!is_own || place == (uint64_t)host_call_made)
        return false;
    registers_set(context, REGISTER_RAX, (uint64_t)-EPERM);
    return true;
}

/* Another thread has opened a page between the fault and the handler. */
static bool is_open_now(uint64_t address, const ucontext_t *context)
{
    int needed = registers_is_fetch(context) ? PROT_EXEC : registers_is_store(context) ? PROT_WRITE : PROT_READ;
    return (needed != PROT_EXEC && shared_memory_is_open(address, needed == PROT_WRITE)) ||
           private_pages_are_open(address, needed);
}

static fault_call *take_call;

void fault_on_call(fault_call *take)
{
    take_call = take;
}

static void handle(int signal, siginfo_t *info, ucontext_t *context)
{
    if (signal == SIGSYS && take_call != NULL && take_call(signal, info, context))
        return;
    if (end_own_call(signal, info, context) || (patched_is_on && patched_put_back(signal, info, context)))
        return;
    uint64_t address = (uint64_t)info->si_addr;
    if (execute_recover(info, context) || read_time_stamp(signal, info, context) || use_io_ports(signal, info, context))
        return;
    if (signal == SIGSEGV && info->si_code > 0 && window_overlaps(address, address + 1))
        carry_out(context, address);
    else if (signal == SIGSEGV && info->si_code == SEGV_ACCERR && is_open_now(address, context))
        return;
    else
        signals_deliver(info, context);
}

/* Accesses need nothing of libc's but what every block has at its beginning, the stack protector's word. */
__attribute__((noinline)) static void handle_in_second_world(int signal, siginfo_t *info, ucontext_t *context)
{
    struct second_world_visit visit = {0};
    if (signal == SIGSYS || second_world_program_fs() == 0)
        second_world_enter(&visit);
    handle(signal, info, context);
    second_world_leave(&visit);
}

void fault_handler(int signal, siginfo_t *info, void *context)
{
    if (second_world_is_there)
        handle_in_second_world(signal, info, context);
    else
        handle(signal, info, context);
}
