// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <asm/prctl.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "code32.h"
#include "ia32.h"
#include "lane.h"

enum { HWCAP2_FSGSBASE_BIT = 2 };

static _Alignas(64) uint8_t handler_stack[256 * 1024];
static struct outcome *current;
static bool has_fsgsbase;

// Ends the run where it stands: the trampoline then finds the state at the fault. Runs on foreign FS: no thread
// storage.
static void on_signal(int number, siginfo_t *info, void *context)
{
    ucontext_t *interrupted = context;
    current->signal = number;
    current->signal_code = info->si_code;
    current->signal_address = (uint64_t)info->si_addr;
    current->signal_pc = (uint64_t)interrupted->uc_mcontext.gregs[REG_RIP];
    interrupted->uc_mcontext.gregs[REG_RIP] = (greg_t)trampoline_return;
    if (code32_is_used())
        interrupted->uc_mcontext.gregs[REG_CSGSFS] = (interrupted->uc_mcontext.gregs[REG_CSGSFS] & ~0xffffll) |
                                                     CODE64_SELECTOR;
}

void run_init(void)
{
    const stack_t alternate = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    const struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    sigaltstack(&alternate, NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        lane_action(numbers[i], &action);
    if (code32_is_used())
        code32_init();
    has_fsgsbase = getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE_BIT;
}

static long set_base(long which, uint64_t base)
{
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(SYS_arch_prctl), "D"(which), "S"(base) : "rcx", "r11", "memory");
    return result;
}

static void set_bases(uint64_t fs, uint64_t gs)
{
    if (has_fsgsbase) {
        __asm__ volatile("wrfsbase %0\n\twrgsbase %1" : : "r"(fs), "r"(gs) : "memory");
    } else {
        set_base(ARCH_SET_FS, fs);
        set_base(ARCH_SET_GS, gs);
    }
}

// Between the two changes of FS nothing may touch thread storage.
static void execute(const struct trial *trial)
{
    static uint64_t own_fs;
    if (own_fs == 0)
        syscall(SYS_arch_prctl, ARCH_GET_FS, &own_fs);
    if (code32_is_used())
        code32_set_segments(trial->fs_base, trial->gs_base);
    else
        set_bases(trial->fs_base, trial->gs_base);
    trampoline_run();
    if (code32_is_used())
        code32_drop_segments();
    set_bases(own_fs, 0);
}

static void run(const struct trial *trial, struct outcome *outcome)
{
    memcpy(arena_alias(), trial->memory, ARENA_SIZE);
    memcpy(&trampoline_in, &trial->in, sizeof trampoline_in);
    trampoline_target = code32_is_used() ? code32_way_to(trial->pc) : (const uint8_t *)trial->pc;
    current = outcome;
    outcome->signal = outcome->signal_code = 0;
    outcome->signal_address = outcome->signal_pc = 0;
    execute(trial);
    memcpy(&outcome->out, &trampoline_out, sizeof outcome->out);
    trial_narrow(outcome->out.gpr);
    memcpy(outcome->memory, arena_alias(), ARENA_SIZE);
}

void run_native(const struct trial *trial, struct outcome *outcome)
{
    arena_write_code(trial->pc, trial->bytes, trial->decoded.instruction.length);
    run(trial, outcome);
}

void run_again(const struct trial *trial, struct outcome *outcome)
{
    lane_begin(trial->memory);
    run(trial, outcome);
    lane_end(outcome->memory);
}

void run_trapped(const struct trial *trial, struct outcome *outcome)
{
    arena_write_code(trial->pc, trial->bytes, trial->decoded.instruction.length);
    run_again(trial, outcome);
}
