/* SPDX-License-Identifier: Apache-2.0
 *
 * What the processes of a run leave for the launcher to read at the end: how long their accesses took, and which of
 * them Trapline ended. It is a file of the run directory that all of them map, so that it outlasts a process that is
 * killed, a change of user or root directory, and a loss of the bridge. bridge/run/ledger.ts makes and reads it. Fault
 * path.
 */
#ifndef TRAPLINE_LEDGER_H
#define TRAPLINE_LEDGER_H

#include <stdint.h>

/* Where there is none, nothing is noted. */
void ledger_open(const char *run_directory);

/* This process is about to ask the bridge for its devices; and it has been answered. So the launcher knows by itself
 * that the agent is there, whatever a bridge says of it. */
void ledger_note_asking(void);
void ledger_note_attached(void);

/* A completed access, for which the program waited that long. */
void ledger_note_wait(uint64_t ns);

/* This process is about to be ended by the agent. */
void ledger_note_end(const char *why);

enum { LEDGER_NO_PLACE = -1 };

/* This process is about to become a program that its agent will end, or to start one. Returns the place of the note. */
int ledger_note_end_of(const char *program, const char *why);

/* The process did not end. */
void ledger_take_back(int place);

#endif
