/* SPDX-License-Identifier: Apache-2.0 */
#include "patched.h"

#include <string.h>
#include <sys/mman.h>

#include "callers/callers.h"
#include "device/device.h"
#include "ground/kernel_signals.h"
#include "ground/ledger.h"
#include "ground/raw_syscall.h"
#include "ground/sandbox.h"
#include "ground/status.h"
#include "ground/waits.h"
#include "instruction/execute.h"
#include "instruction/registers.h"
#include "instruction/site.h"
#include "lane/channel.h"
#include "memory/memory_poll.h"
#include "memory/window.h"
#include "operand.h"
#include "patch/text.h"
#include "patch/trampoline.h"
#include "patch/unpatched.h"
#include "signals.h"
#include "ground/signal_safe.h"

extern void patched_entry(void);

/* What a patched instruction raises, from patched_carry_out to the fault by which the handler hears of it. The bus lock
 * is held meanwhile. */
static struct {
    struct patch *patch;
    siginfo_t info;
    bool is_blocked;
    uint64_t signals; /* the thread's mask of before, if they were blocked */
} raised;

struct job {
    struct patched_frame *frame;
    struct patch *patch;
    enum { OTHERWISE, DONE, RAISED } outcome;
    siginfo_t info;
};

bool patched_is_on;

/* By which libc has all threads change their user (nptl(7)): its handler makes that call and comes back. */
enum { OF_LIBC = 33 };

/* What has come past libc, or before us. */
static void look_for_handlers(uint64_t ours)
{
    uint64_t harmless = signals_synchronous() | kernel_signals_bit(OF_LIBC) | ours;
    if (!channel_expects_handlers() && (status_handled_signals() & ~harmless) != 0)
        channel_expect_handlers();
}

/* What the process has been executed with (signals.h). */
static bool is_fault_blocked(void)
{
    uint64_t mask = 0;
    raw_syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof mask);
    return mask & kernel_signals_bit(SIGNALS_STAND_IN);
}

bool patched_start(unsigned after, bool any_code)
{
    if (!patch_init(after, any_code, patched_entry))
        return false;
    look_for_handlers(0);
    if (is_fault_blocked())
        channel_expect_handlers();
    signals_keep_bus_errors();
    site_show_host(patch_show_host);
    patched_is_on = true;
    return true;
}

/* As the kernel does before it calls the handler. */
static uint64_t block_signals(void)
{
    uint64_t mask = ~signals_synchronous(), before = 0;
    raw_syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, &before, sizeof mask);
    return before;
}

void patched_expect_handlers(void)
{
    if (!patched_is_on || channel_expects_handlers())
        return;
    uint64_t signals = block_signals();
    channel_lock();
    channel_expect_handlers();
    channel_unlock();
    kernel_signals_restore(signals);
}

void patched_take_back(uint64_t start, uint64_t end)
{
    if (!patch_is_any_in(start, end))
        return;
    uint64_t signals = block_signals();
    channel_lock();
    patch_take_back(start, end);
    channel_unlock();
    kernel_signals_restore(signals);
}

static bool find_window(const struct trap *trap, struct window *window)
{
    const struct decode *decode = &trap->site->decode;
    uint64_t address = operand_address(trap);
    int needed = (decode->reads ? PROT_READ : 0) | (decode->writes ? PROT_WRITE : 0);
    return address % decode->alignment == 0 && window_find(address, window) && window->end - address >= decode->width &&
           window->memory == NULL && !window->is_shared && !(window->is_private && decode->writes) &&
           (window->protection & needed) == needed;
}

/* Whether the instruction, as the thread's registers have it, is one access or two that go by memory alone. */
static bool is_usual(const struct trap *trap, struct window *window)
{
    if (!find_window(trap, window))
        return false;
    uint64_t file_offset = window->file_offset + (operand_address(trap) - window->start);
    const struct device *device = device_at((int)window->node, file_offset);
    return device != NULL && channel_is_near(trap->site->announced, device->handle);
}

/* Two words that are not written together are as good as any: they only say whether to look. */
static void note_window(struct patch *patch, const struct window *window, unsigned width)
{
    patch->start = window->start;
    patch->length = window->end - window->start - width + 1;
}

/* What can't be patched now is tried again ever more rarely. */
static bool is_time_to_try(uint32_t trapped)
{
    uint32_t times = trapped / patch_after();
    return trapped % patch_after() == 0 && (times & (times - 1)) == 0;
}

static void try_to_patch(struct trap *trap, const struct window *window)
{
    struct site *site = trap->site;
    enum patch_obstacle obstacle;
    look_for_handlers(kernel_signals_bit(SIGNALS_STAND_IN));
    struct patch *patch = patch_make(site->pc, &site->decode, &obstacle);
    if (patch == NULL) {
        unpatched_note(site, obstacle);
        return;
    }
    unpatched_take_back(site);
    ledger_note_patched();
    note_window(patch, window, site->decode.width);
}

void patched_consider(struct trap *trap)
{
    struct site *site = trap->site;
    struct window window;
    struct patch *patch = patch_at(site->pc);
    bool is_time = is_time_to_try(++site->trapped);
    unpatched_note_trap(site);
    if (patch != NULL) {
        if (is_usual(trap, &window))
            note_window(patch, &window, site->decode.width);
    } else if (is_time && !trampoline_can_be(&site->decode)) {
        unpatched_note(site, PATCH_FORM);
    } else if (is_time && !is_usual(trap, &window)) {
        unpatched_note(site, PATCH_NOT_BY_MAILBOX);
    } else if (is_time) {
        try_to_patch(trap, &window);
    }
}

static void work(void *argument)
{
    struct job *job = argument;
    struct patched_frame *frame = job->frame;
    struct trap trap = {.site = site_known_at(job->patch->pc), .flags = frame->flags};
    struct window window;
    if (trap.site == NULL)
        return;
    memcpy(trap.general, frame->general, sizeof trap.general);
    if (!is_usual(&trap, &window))
        return;
    callers_begin(trap.site->pc, trap.general);
    bool is_done = trap_run(&trap);
    callers_end();
    if (!is_done) {
        job->info = trap.raised;
        job->outcome = RAISED;
        return;
    }
    memcpy(frame->general, trap.general, sizeof trap.general);
    frame->flags = trap.flags;
    job->outcome = DONE;
}

/* Whether the signals are blocked, which were as *before says. */
static bool lock_bus(uint64_t *before)
{
    if (channel_lock_unblocked())
        return false;
    *before = block_signals();
    channel_lock();
    return true;
}

uint64_t patched_carry_out(struct patched_frame *frame, struct patch *patch)
{
    struct job job = {.frame = frame, .patch = patch};
    struct memory_poll polled;
    if (sandbox_is_on())
        return patch->other;
    uint64_t signals = 0, began = waits_now();
    bool is_blocked = lock_bus(&signals);
    waits_begin(began);
    execute_on_stack(work, &job);
    waits_end();
    if (job.outcome == RAISED) {
        raised.patch = patch;
        raised.info = job.info;
        raised.is_blocked = is_blocked;
        raised.signals = signals;
        return patch->fault;
    }
    if (job.outcome == DONE)
        memory_poll_end_instruction(&polled);
    channel_unlock();
    if (is_blocked)
        kernel_signals_restore(signals);
    return job.outcome == DONE ? patch->done : patch->other;
}

/* The thread has come here by the trampoline's last instruction. */
static void raise_at_instruction(struct patch *patch, ucontext_t *context)
{
    struct memory_poll polled;
    siginfo_t info = raised.info;
    registers_set_pc(context, patch->pc);
    if (raised.is_blocked)
        memcpy(&context->uc_sigmask, &raised.signals, sizeof raised.signals);
    memory_poll_end_instruction(&polled);
    channel_unlock();
    signals_raise(&info, context);
}

/* A thread that has met the barrier waits until something else is there, which it then runs. A fork may have left the
 * thread behind that was at it. False if nothing of ours is there. */
static bool wait_for_code(uint64_t pc)
{
    struct patch *patch = patch_at(pc);
    if (patch == NULL)
        return false;
    channel_lock();
    if (patch->state == PATCH_MAKING)
        patch_finish(patch);
    bool is_ours = patch_is_in_place(patch);
    if (!is_ours) {
        is_ours = memcmp((const void *)pc, patch->before, patch->changed) == 0;
        patch->state = PATCH_FORGOTTEN;
    }
    channel_unlock();
    return is_ours;
}

/* The host's stack may be no stack, as long as its signals have another one: the trampoline can't save what it is about
 * to use. So the thread goes on at the copy of its instruction. */
static bool skip_question(const struct patch *patch, ucontext_t *context)
{
    uint64_t pc = registers_pc(context);
    if (pc >= patch->other)
        return false;
    registers_set(context, REGISTER_RSP, registers_get(context, REGISTER_RSP) + trampoline_depth(patch, pc));
    registers_set_pc(context, patch->original);
    return true;
}

/* The instruction's copy faults as it would have at its own place. */
static void put_at_instruction(const struct patch *patch, siginfo_t *info, ucontext_t *context)
{
    if ((uint64_t)info->si_addr == patch->original)
        info->si_addr = (void *)patch->pc;
    registers_set_pc(context, patch->pc);
}

bool patched_put_back(int signal, siginfo_t *info, ucontext_t *context)
{
    if (info->si_code <= 0)
        return false;
    uint64_t pc = registers_pc(context);
    struct patch *patch = patch_of_trampoline(pc);
    if (patch == NULL)
        return signal == SIGSEGV && info->si_code == SI_KERNEL && wait_for_code(pc);
    if (pc == patch->faulting) {
        raise_at_instruction(patch, context);
        return true;
    }
    if (skip_question(patch, context))
        return true;
    put_at_instruction(patch, info, context);
    return false;
}
