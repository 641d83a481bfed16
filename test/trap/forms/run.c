// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "run.h"

#include <asm/prctl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "patch.h"

// The instruction's stack. Deep, since a signal handler without its own stack runs on it.
enum { STACK_SIZE = 256 * 1024 };
static _Alignas(64) uint8_t stack[STACK_SIZE];
static uint8_t *const stack_pointer = stack + STACK_SIZE - STACK_COMPARED + STACK_RED_ZONE;

static _Alignas(64) uint8_t spare[SPARE_SIZE];
static _Alignas(64) uint8_t handler_stack[64 * 1024];
static sigjmp_buf escape;
static volatile sig_atomic_t raised;
static uint64_t raised_address;

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    raised = number;
    raised_address = (uint64_t)(uintptr_t)info->si_addr;
    siglongjmp(escape, 1);
}

void run_init(void)
{
    const stack_t alternate = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    sigaltstack(&alternate, NULL);
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
}

// Somewhere in the memory, at the form's alignment, away from both ends.
static void place_operand(const struct form *form, const struct memory *memory, struct random *random, struct run *run)
{
    uint64_t slots = (memory->size - 64 - CONTENTS_MAX - 64) / 64;
    run->page = (uint64_t)(uintptr_t)memory->base;
    run->page_size = memory->size;
    run->address = run->page + 64 + 64 * random_below(random, slots) + form->misalignment;
    run->start = (run->address - GUARD_SIZE) & ~7ull;
    run->captured = ((run->address + form->width_bytes + GUARD_SIZE + 7) & ~7ull) - run->start;
}

// Where %fs stands, or where %gs shall stand during the run; the operand is then addressed relative to it.
static uint64_t segment_base(const struct form *form, struct random *random)
{
    uint64_t base = 0;
    if (form->segment == SEGMENT_FS)
        syscall(SYS_arch_prctl, ARCH_GET_FS, &base);
    if (form->segment == SEGMENT_GS) {
        base = (random_next(random) >> 18) & ~0xfffull;
        syscall(SYS_arch_prctl, ARCH_SET_GS, base);
    }
    return base;
}

static void prepare(const struct form *form, struct random *random, struct run *run)
{
    random_fill(random, run->memory_in, run->captured);
    random_fill(random, run->spare_in, SPARE_SIZE);
    random_fill(random, stack + STACK_SIZE - STACK_COMPARED, STACK_COMPARED);
    state_random(&run->in, random);
    run->in.gpr[RSP] = (uint64_t)(uintptr_t)stack_pointer;
    const struct setup setup = {
        .form = form,
        .address = run->address,
        .segment_base = segment_base(form, random),
        .operand = run->memory_in + (run->address - run->start),
        .spare = run->spare_in,
        .spare_address = (uint64_t)(uintptr_t)spare,
        .state = &run->in,
        .random = random,
    };
    setup_apply(&setup);
}

static void execute(const struct form *form, struct run *run)
{
    memory_fill(run->start, run->memory_in, run->captured);
    memcpy(spare, run->spare_in, SPARE_SIZE);
    trampoline_in = run->in;
    memset(&trampoline_out, 0, sizeof trampoline_out);
    trampoline_target = patch_code(form, run->address);
    trampoline_run();
    run->out = trampoline_out;
    memcpy(run->spare_out, spare, SPARE_SIZE);
    memcpy(run->stack_out, stack + STACK_SIZE - STACK_COMPARED, STACK_COMPARED);
    memory_read_back(run->start, run->memory_out, run->captured);
}

void run_form(const struct form *form, const struct memory *memory, uint64_t seed, struct run *run)
{
    struct random random = {seed};
    memset(run, 0, sizeof *run);
    place_operand(form, memory, &random, run);
    prepare(form, &random, run);
    raised = 0;
    if (sigsetjmp(escape, 1) == 0)
        execute(form, run);
    if (form->segment == SEGMENT_GS)
        syscall(SYS_arch_prctl, ARCH_SET_GS, 0);
    run->signal = raised;
    run->signal_address = raised_address;
}
