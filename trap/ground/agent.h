/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether this process runs under Trapline at all. Every interposed call asks that first, and the first one may come
 * before any constructor has run; so the room on top, agent.c, which attaches the process, is asked for from down here.
 * Not on the fault path.
 */
#ifndef TRAPLINE_AGENT_H
#define TRAPLINE_AGENT_H

#include <stdbool.h>

/* Attaches this process if that hasn't happened yet. True if the process runs under Trapline. Ends the process with
 * exit status 125 if the bridge can't be reached. */
bool agent_start(void);

/* The same for a call that names `path`, NULL if it names none. Such calls may come before our constructor; then only
 * one that names something below /dev attaches: an allocator that looks for its settings can't be asked for memory yet.
 */
bool agent_start_for(const char *path);

/* This process has come to a device. A process of a run whose devices are known (ledger_published) asks the bridge only
 * now, while it is free to: later it may have confined itself, or be in the midst of an access. Ends the process as
 * agent_start does. */
void agent_attach(void);

#endif
