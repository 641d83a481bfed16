// SPDX-License-Identifier: Apache-2.0
// What the kernel puts on the stack of a handler: 1 to 4 KiB, as the processor has vector registers. AT_MINSIGSTKSZ
// says what the largest may take, with registers that few programs ask for (AMX: 11 KiB).
#ifndef SIGNAL_FRAME_H
#define SIGNAL_FRAME_H

#include <signal.h>
#include <stddef.h>

static const char *signal_frame_innermost;

static void signal_frame_look(int number)
{
    (void)number;
    signal_frame_innermost = __builtin_frame_address(0);
}

// Takes the action of SIGUSR1, and leaves no alternate stack.
static inline size_t signal_frame_bytes(void)
{
    static char room[1 << 16];
    stack_t stack = {.ss_sp = room, .ss_size = sizeof room}, none = {.ss_flags = SS_DISABLE};
    struct sigaction action = {.sa_handler = signal_frame_look, .sa_flags = SA_ONSTACK};
    sigaltstack(&stack, NULL);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    sigaltstack(&none, NULL);
    return (size_t)(room + sizeof room - signal_frame_innermost);
}

#endif
