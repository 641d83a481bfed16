/* SPDX-License-Identifier: Apache-2.0
 *
 * Descendants of a host that run without the agent, by the kernel's word: whoever was started by a way that passes the
 * agent's own names (a raw system call, a function of a handle of libc) and without its environment, or can't have it.
 */
#ifndef TRAPLINE_KEEPER_STRANGERS_H
#define TRAPLINE_KEEPER_STRANGERS_H

#include <sys/types.h>

/* `library` is the end of the agent's path. */
void strangers_init(const char *library);

/* Looks once; calls `tell` for each that has not been told of. */
void strangers_look(pid_t ancestor, void (*tell)(pid_t pid, const char *reason));

#endif
