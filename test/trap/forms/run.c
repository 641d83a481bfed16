// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "run.h"

#include <asm/prctl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "code32.h"
#include "patch.h"

// The instruction's stack. Deep, since a signal handler without its own stack runs on it.
enum { STACK_SIZE = 256 * 1024 };
static _Alignas(64) uint8_t high_stack[STACK_SIZE], high_spare[SPARE_SIZE];
static uint8_t *stack = high_stack, *spare = high_spare;
static bool is_code32;
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

// Where 32-bit code reaches them; neither lies beside another mapping.
static bool move_low(void)
{
    uint8_t *low = (uint8_t *)memory_map_plain(2 * STACK_SIZE, true).base;
    stack = low + STACK_SIZE / 4;
    spare = low + STACK_SIZE / 2 * 3;
    return low != NULL;
}

bool run_init(bool code32)
{
    if (code32 && (!code32_init() || !move_low()))
        return false;
    is_code32 = code32;
    const stack_t alternate = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    sigaltstack(&alternate, NULL);
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
    return true;
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

static void set_gs(uint64_t base)
{
    if (is_code32)
        code32_set_gs(base);
    else
        syscall(SYS_arch_prctl, ARCH_SET_GS, base);
}

// Where %fs stands, or where %gs shall stand during the run; the operand is then addressed relative to it.
static uint64_t segment_base(const struct form *form, struct random *random)
{
    uint64_t base = 0;
    if (form->segment == SEGMENT_FS)
        syscall(SYS_arch_prctl, ARCH_GET_FS, &base);
    if (form->segment == SEGMENT_GS) {
        base = (random_next(random) >> (is_code32 ? 32 : 18)) & ~0xfffull;
        set_gs(base);
    }
    return base;
}

// 32-bit code has the lower halves of eight registers; the upper ones are nobody's.
static void narrow(uint64_t gpr[16])
{
    for (int i = 0; is_code32 && i < R8; i++)
        gpr[i] = (uint32_t)gpr[i];
}

static void prepare(const struct form *form, struct random *random, struct run *run)
{
    random_fill(random, run->memory_in, run->captured);
    random_fill(random, run->spare_in, SPARE_SIZE);
    random_fill(random, stack + STACK_SIZE - STACK_COMPARED, STACK_COMPARED);
    state_random(&run->in, random);
    run->in.gpr[RSP] = (uint64_t)(uintptr_t)(stack + STACK_SIZE - STACK_COMPARED + STACK_RED_ZONE);
    const struct setup setup = {
        .form = form,
        .address = run->address,
        .segment_base = segment_base(form, random),
        .code_end = is_code32 ? code32_end(form) : (uint64_t)(uintptr_t)trampoline_return,
        .operand = run->memory_in + (run->address - run->start),
        .spare = run->spare_in,
        .spare_address = (uint64_t)(uintptr_t)spare,
        .state = &run->in,
        .random = random,
    };
    setup_apply(&setup);
    narrow(run->in.gpr);
}

static void execute(const struct form *form, struct run *run)
{
    memory_fill(run->start, run->memory_in, run->captured);
    memcpy(spare, run->spare_in, SPARE_SIZE);
    trampoline_in = run->in;
    memset(&trampoline_out, 0, sizeof trampoline_out);
    trampoline_target = is_code32 ? code32_place(form, run->address) : patch_code(form, run->address);
    trampoline_run();
    run->out = trampoline_out;
    narrow(run->out.gpr);
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
        set_gs(0);
    run->signal = raised;
    run->signal_address = raised_address;
}
