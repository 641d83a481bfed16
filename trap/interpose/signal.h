/* SPDX-License-Identifier: Apache-2.0
 *
 * What start-up and the calls that wait ask of the signal family.
 */
#ifndef TRAPLINE_INTERPOSE_SIGNAL_H
#define TRAPLINE_INTERPOSE_SIGNAL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The host's set as the kernel gets it, written to `room` if need be; NULL stays NULL. See signals.h. */
const sigset_t *signal_mask_for_kernel(const sigset_t *set, sigset_t *room);

/* A process may be executed with SIGSEGV blocked: unblocks it and remembers what the host believes. */
void signal_inherit_mask(void);

/* Before the host blocks a set by any way: SIGSEGV in it can only be made to wait by a handler of ours. */
void signal_keep_what_is_blocked(uint64_t set);

/* Before the host gets that handler for a signal, by any way. SIG_DFL and SIG_IGN are none. */
void signal_expect_handler(int number, sighandler_t handler);

/* A handler of the host's gets that mask, or NULL: none is set. Whether the one of before had the stand-in in it. */
bool signal_change_handler_mask(int number, const uint64_t *mask);

/* Shows what the host has read from a descriptor of signals (signalfd(2)). */
void signal_show_read(void *bytes, ssize_t length);

#endif
