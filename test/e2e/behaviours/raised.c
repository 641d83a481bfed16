// SPDX-License-Identifier: Apache-2.0
// What instructions raise and other processes send, with a handler of the host's and without.
#include "faults.h"

#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

static volatile uint8_t *device;

extern const char division[], division_end[];
__attribute__((noipa)) static void divide_by(volatile uint8_t *divisor)
{
    __asm__ volatile(".globl division, division_end\ndivision: divl (%0)\ndivision_end:"
                     :
                     : "r"(divisor), "a"(7), "d"(0)
                     : "cc", "memory");
}

static void require_division_error(void)
{
    REQUIRE(calls == 1 && seen.si_signo == SIGFPE && seen.si_code == FPE_INTDIV);
    REQUIRE(seen_pc == (unsigned long)division && seen.si_addr == division);
}

static void division_by_zero(void)
{
    handle(SIGFPE, escape_with_info, 0);
    device = map_device();
    device_write32(device, 4, 0);
    if (sigsetjmp(escape, 1) == 0)
        divide_by(device + 4);
    require_division_error();
    use_device(device, 4);
}

static void skip_division(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    note(info, context);
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_PC] += division_end - division;
}

static void division_skipped(void)
{
    handle(SIGFPE, skip_division, 0);
    device = map_device();
    device_write32(device, 4, 0);
    divide_by(device + 4);
    require_division_error();
}

static void division_without_handler(void)
{
    device = map_device();
    device_write32(device, 4, 0);
    divide_by(device + 4);
}

static void refused_access(void)
{
    handle(SIGBUS, escape_with_info, 0);
    device = device_map(device_path, (uint64_t)device_base, 2 * PAGE);
    for (int i = 1; i <= 2; i++) {
        if (sigsetjmp(escape, 1) == 0)
            device_read32(device, PAGE);
        REQUIRE(calls == i && seen.si_signo == SIGBUS && seen.si_code == BUS_ADRERR && seen.si_addr == device + PAGE);
        if (sigsetjmp(escape, 1) == 0)
            device_write32(device, PAGE + 8, 1);
        REQUIRE(seen.si_addr == device + PAGE + 8);
        calls = i;
        use_device(device, 0);
    }
}

static void refused_without_handler(void)
{
    device = device_map(device_path, (uint64_t)device_base, 2 * PAGE);
    use_device(device, 0);
    device_read32(device, PAGE);
}

static void breakpoint(void)
{
    handle(SIGTRAP, return_with_info, 0);
    device = map_device();
    use_device(device, 0);
    __asm__ volatile("int3");
    REQUIRE(calls == 1 && seen.si_signo == SIGTRAP);
    use_device(device, 0);
}

static void sent_by_kill(void)
{
    handle(SIGSEGV, return_with_info, 0);
    device = map_device();
    use_device(device, 0);
    REQUIRE(kill(getpid(), SIGSEGV) == 0);
    REQUIRE(calls == 1 && seen.si_code == SI_USER && seen.si_pid == getpid());
    union sigval value = {.sival_int = 77};
    REQUIRE(sigqueue(getpid(), SIGSEGV, value) == 0);
    REQUIRE(calls == 2 && seen.si_code == SI_QUEUE && seen.si_value.sival_int == 77);
    REQUIRE(raise(SIGSEGV) == 0 && calls == 3 && seen.si_code == SI_TKILL);
    use_device(device, 0);
}

static void sent_and_ignored(void)
{
    device = map_device();
    signal(SIGSEGV, SIG_IGN);
    raise(SIGSEGV);
    use_device(device, 0);
}

static void raised_and_ignored(void)
{
    device = map_device();
    signal(SIGSEGV, SIG_IGN);
    use_device(device, 0);
    load_badly();
}

static void sent_without_handler(void)
{
    device = map_device();
    use_device(device, 0);
    raise(SIGSEGV);
}

static void without_handler(void)
{
    device = map_device();
    use_device(device, 0);
    load_badly();
}

// What a debugger sees last is the instruction that was at fault, with the signal's true cause.
static void without_handler_traced(void)
{
    siginfo_t last = {0};
    struct user_regs_struct registers = {0};
    int status;
    device = map_device();
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        use_device(device, 0);
        load_badly();
    }
    for (status = wait_for(child); WIFSTOPPED(status); status = wait_for(child)) {
        ptrace(PTRACE_GETSIGINFO, child, NULL, &last);
        ptrace(PTRACE_GETREGS, child, NULL, &registers);
        ptrace(PTRACE_CONT, child, NULL, (void *)(intptr_t)WSTOPSIG(status));
    }
    REQUIRE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    REQUIRE(PC_OF(registers) == (unsigned long)bad_load && last.si_addr == (void *)0x10 && last.si_code == SEGV_MAPERR);
}

const struct behaviour behaviours[] = {
    {.name = "SIGFPE handler: division by a device's 0", .show = division_by_zero},
    {.name = "SIGFPE handler that skips the division", .show = division_skipped},
    {.name = "division by a device's 0 without handler", .show = division_without_handler, .ends_by = SIGFPE},
    {.name = "SIGBUS handler: an access that is refused", .show = refused_access},
    {.name = "an access that is refused, without handler", .show = refused_without_handler, .ends_by = SIGBUS},
    {.name = "SIGTRAP handler: int3", .show = breakpoint},
    {.name = "SIGSEGV sent by kill, sigqueue and raise", .show = sent_by_kill},
    {.name = "SIGSEGV sent and ignored", .show = sent_and_ignored},
    {.name = "SIGSEGV raised and ignored", .show = raised_and_ignored, .ends_by = SIGSEGV},
    {.name = "SIGSEGV sent without handler", .show = sent_without_handler, .ends_by = SIGSEGV},
    {.name = "SIGSEGV raised without handler", .show = without_handler, .ends_by = SIGSEGV},
    {.name = "SIGSEGV raised without handler, seen by a debugger", .show = without_handler_traced},
    {.name = NULL},
};
