// SPDX-License-Identifier: Apache-2.0
#include "faults.h"

volatile siginfo_t seen;
volatile unsigned long seen_pc;
volatile sig_atomic_t calls;
sigjmp_buf escape;

__attribute__((noipa)) unsigned long load_badly(void)
{
    unsigned long value = 0x1234;
    __asm__ volatile(".globl bad_load, bad_load_end\nbad_load: mov 0x10(%1), %0\nbad_load_end:"
                     : "+a"(value)
                     : "d"(0ul));
    return value;
}

void note(siginfo_t *info, void *context)
{
    calls++;
    seen = *info;
    seen_pc = (unsigned long)((ucontext_t *)context)->uc_mcontext.gregs[REG_PC];
}

void escape_with_info(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    note(info, context);
    siglongjmp(escape, 1);
}

void escape_without_info(int signal)
{
    calls += signal == SIGSEGV;
    siglongjmp(escape, 1);
}

void return_with_info(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    note(info, context);
}

void handle(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    REQUIRE(sigaction(signal, &action, NULL) == 0);
}

void fault_and_escape(void)
{
    if (sigsetjmp(escape, 1) == 0)
        load_badly();
}

void require_fault(volatile uint8_t *address, bool is_store, int signal, int code)
{
    struct sigaction action = {.sa_sigaction = escape_with_info, .sa_flags = SA_SIGINFO}, before;
    sigaction(signal, &action, &before);
    seen.si_signo = 0;
    if (sigsetjmp(escape, 1) == 0) {
        if (is_store)
            *address = 1;
        else
            (void)*address;
    }
    sigaction(signal, &before, NULL);
    REQUIRE(seen.si_signo == signal);
    REQUIRE(seen.si_code == code);
    REQUIRE(seen.si_addr == address);
}
