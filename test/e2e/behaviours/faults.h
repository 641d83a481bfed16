// SPDX-License-Identifier: Apache-2.0
// A load that can't succeed, and handlers that note what was raised, for families about faults.
#ifndef FAULTS_H
#define FAULTS_H

#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

#include "behaviour.h"
#include "machine.h"

// What the handlers below saw last, and how often one ran.
extern volatile siginfo_t seen;
extern volatile unsigned long seen_pc;
extern volatile sig_atomic_t calls;
// Where escape_with_info and escape_without_info jump to.
extern sigjmp_buf escape;

void note(siginfo_t *info, void *context);
void escape_with_info(int signal, siginfo_t *info, void *context);
void escape_without_info(int signal);
void return_with_info(int signal, siginfo_t *info, void *context);
// Sets a handler that takes three arguments.
void handle(int signal, void (*handler)(int, siginfo_t *, void *), int flags);

// The load through a null pointer to a struct, and where it stands. A handler that skips it chooses the result, in the
// register for it.
extern const char bad_load[], bad_load_end[];
unsigned long load_badly(void);
void fault_and_escape(void);

// A load or store there must raise `signal` with `code`.
void require_fault(volatile uint8_t *address, bool is_store, int signal, int code);

#endif
