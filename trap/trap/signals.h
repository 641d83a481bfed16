/* SPDX-License-Identifier: Apache-2.0
 *
 * The signals that the agent keeps for itself, SIGSEGV, SIGFPE and SIGSYS, SIGBUS too where instructions are patched,
 * and what the host believes it has done with them. Until the first window is made nothing is kept but SIGSYS,
 * where there is a net (net/net.h): the host's actions are the kernel's.
 *
 * SIGSEGV is never blocked in the kernel, which ends a thread that faults while it is (signal(7)). In every mask that
 * the kernel holds SIGSTKFLT stands in for it: a signal that Linux has and nothing sends. So what the host believes to
 * have blocked goes the ways of all masks, through jumps, handlers, new threads, fork and exec. Where a filter stops
 * calls, which ends a thread that has SIGSYS blocked (seccomp(2)), it stands in for both, as who blocks all signals has
 * both in mind.
 */
#ifndef TRAPLINE_SIGNALS_H
#define TRAPLINE_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "ground/kernel_signals.h"

#define SIGNALS_STAND_IN SIGSTKFLT

/* A mask as the host means it, for the kernel. */
uint64_t signals_to_kernel(uint64_t mask);

/* A mask of the kernel's, as the host means it; whether that has the stand-in itself the kernel can't tell. */
uint64_t signals_from_kernel(uint64_t mask, bool has_stand_in);

/* Whether this thread has the stand-in blocked, as the host believes: one that is sent then waits here. */
bool signals_blocks_stand_in(void);
/* The thread has changed its mask, as sigprocmask(2) has it. */
void signals_note_mask(int how, uint64_t mask);
bool signals_stand_in_waits(void);

/* Those that an instruction of ours may raise, and which nothing therefore blocks. */
uint64_t signals_synchronous(void);

typedef int signals_sigaction(int, const struct sigaction *, struct sigaction *);

/* Puts fault_handler in place, with libc's own sigaction; the host's present actions become the virtual ones.
 * Not on the fault path. Does nothing the second time. */
void signals_install(signals_sigaction *libc_sigaction);

/* SIGSYS alone is kept from now on, which says that a filter has stopped a call. Before signals_install. */
void signals_keep_calls(signals_sigaction *libc_sigaction);

/* SIGBUS too is kept. Before signals_install. */
void signals_keep_bus_errors(void);

/* A debugger sees every trap as SIGSEGV; marked with this si_errno are only those that end the host. */
#define SIGNALS_CRASH_MARK 0x7472
void signals_mark_crashes(void);

/* Whether the host's calls for `signal` must go to signals_action. */
bool signals_are_kept(int signal);

/* sigaction(2) on the virtual action. */
int signals_action(int signal, const struct sigaction *action, struct sigaction *before);

/* Does with a signal that was not ours what the kernel would have done: the host's handler, or the end. Fault path. */
void signals_deliver(siginfo_t *info, ucontext_t *context);

/* What ignores a signal of ours goes on doing so in the program that takes our place; false: the exec has failed. */
void signals_hand_on_ignored(bool is_handed_on);

/* Whether what the kernel says of a signal is of such a one. */
bool signals_is_postponed(int signal, int error);

/* Shows the host what a stand-in stands for, a SIGSEGV that was sent while blocked, and returns true. */
bool signals_show_postponed(siginfo_t *info);

/* Whether calls go on after every handler that the host has (SA_RESTART), or has of these signals. */
bool signals_all_restart(void);
bool signals_restart(uint64_t signals);

/* Is told the descriptor for which the kernel sent the stand-in (kick.h). */
void signals_on_kick(void (*told)(int descriptor));

/* Makes the interrupted instruction raise a signal. Fault path. */
void signals_raise(siginfo_t *info, ucontext_t *context);

#endif
