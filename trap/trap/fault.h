/* SPDX-License-Identifier: Apache-2.0
 *
 * The handler of SIGSEGV and SIGFPE. Its law: the interrupted thread may be anywhere, also inside libc with its locks
 * held. So nothing on the path from here uses the heap, stdio, locale, pthread or the dynamic loader (signal_safe.h
 * enforces it), and nothing depends on the size of the host's stack but the handler's own frame: the work is done on a
 * stack of ours. All asynchronous signals wait until it returns; they come before the host's next instruction.
 */
#ifndef TRAPLINE_FAULT_H
#define TRAPLINE_FAULT_H

#include <signal.h>
#include <stdbool.h>
#include <ucontext.h>

void fault_handler(int signal, siginfo_t *info, void *context);

/* Is asked first, and returns true if the signal is a system call that it has carried out (net/net.h). */
typedef bool fault_call(int signal, const siginfo_t *info, ucontext_t *context);
void fault_on_call(fault_call *take);

#endif
