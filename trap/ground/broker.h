/* SPDX-License-Identifier: Apache-2.0
 *
 * The way to what belongs to the run for a process that can't get there itself any more: after setuid, chroot, unshare,
 * or with a filter around it. The keeper of the host (trap/keeper/broker.c) can; a socket to it is inherited by all
 * that the host starts. Fault path but for broker_init.
 */
#ifndef TRAPLINE_BROKER_H
#define TRAPLINE_BROKER_H

#include <stdbool.h>
#include <stdint.h>

/* Names the variable "NUMBER:INODE" of the inherited socket. */
#define BROKER_VARIABLE "TRAPLINE_BROKER"

/* The first byte of a request; a path, relative to the run directory, follows. */
enum {
    BROKER_BRIDGE = 'b',
    BROKER_CONNECT = 'c',
    BROKER_LOOK = 'l',
    BROKER_READ = 'r',
    BROKER_WRITE = 'w',
    BROKER_BOTH = 'o'
};

/* A descriptor comes with it where one was asked for and there is no failure. */
struct broker_answer {
    uint64_t dev, ino;
    int32_t failure; /* errno */
    int32_t padding;
};

/* What it was set to, NULL if it was not; and the run directory as this process names it, a string that stays. */
void broker_init(const char *text, const char *run_directory);

/* Whether the socket is there. */
bool broker_is_there(void);

/* Negative if there is none. */
int broker_descriptor(void);
/* Its process, in the numbers of our pid namespace; 0 if it has none there, or there is no way to it. */
int broker_pid(void);

/* A connection to the bridge, wherever that is. Or -errno. */
long broker_connect_bridge(void);

/* These are for paths that lie in the run directory, and give -errno for others, or what the keeper could not do. */

/* A connection to the socket there. */
long broker_connect(const char *path);
/* The file there, opened with the access mode of `flags`, and O_NONBLOCK and O_CLOEXEC of them. */
long broker_open(const char *path, int flags);
/* The file's identity. 0, or -errno. */
long broker_look(const char *path, uint64_t *dev, uint64_t *ino);

#endif
