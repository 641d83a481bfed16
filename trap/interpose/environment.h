/* SPDX-License-Identifier: Apache-2.0
 *
 * What a child needs in its environment to run under Trapline, so that it gets it whatever environment the host gives
 * it. All but the first and the last may run in a child after vfork, whose memory is the parent's: stack and system
 * calls only.
 */
#ifndef TRAPLINE_INTERPOSE_ENVIRONMENT_H
#define TRAPLINE_INTERPOSE_ENVIRONMENT_H

#include <alloca.h>
#include <stdbool.h>
#include <stddef.h>

#include "ground/readable.h"

/* Keeps our variables as they are now. */
void environment_remember(void);

/* Which I/O ports a program that takes the place of this process may use; `entry` is the whole variable, and stays. */
#define IO_PORTS_VARIABLE "TRAPLINE_IO_PORTS"
void environment_keep_io_ports(const char *entry);

/* False if this process does not run under Trapline. */
bool environment_is_kept(void);

/* NULL if there is none. */
const char *environment_run_directory(void);

/* Bytes that `all` and `joined` below take. */
size_t environment_room(char *const environment[]);
size_t environment_preload_room(char *const environment[]);

/* Fills `all` with the host's variables and ours; `joined` takes the preload list of both. */
void environment_compose(char *const environment[], char **all, char *joined);

/* `LD_PRELOAD=` and what of it is the host's own, in as many bytes; false if that is nothing. */
size_t environment_own_preload_room(char *const environment[]);
bool environment_own_preload(char *const environment[], char *entry);

/* The environment for a child, on the caller's stack. As it is when this process does not run under Trapline, and when
 * it leads nowhere. */
#define WITH_AGENT(environment)                                                                                        \
    (__extension__({                                                                                                   \
        char *const *given = (environment);                                                                            \
        char **all = (char **)given;                                                                                   \
        if (environment_is_kept() && readable_list(given)) {                                                           \
            all = alloca(environment_room(given));                                                                     \
            environment_compose(given, all, alloca(environment_preload_room(given)));                                  \
        }                                                                                                              \
        (char *const *)all;                                                                                            \
    }))

/* Before libc itself starts a program with the environment of this process: puts back what that lacks. */
void environment_repair(void);

#endif
