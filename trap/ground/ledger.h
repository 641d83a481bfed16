/* SPDX-License-Identifier: Apache-2.0
 *
 * What the processes of a run leave for the launcher to read at the end: how long their accesses took, which of them
 * Trapline ended, what of theirs was not carried out, and what became of instructions that were to be patched; and what
 * one has found for all. It is a
 * file of the run directory that all of them map, so that it outlasts a process that is killed, a change of user or
 * root directory, and a loss of the bridge. bridge/run/ledger.ts makes and reads it. Fault path.
 */
#ifndef TRAPLINE_LEDGER_H
#define TRAPLINE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where there is none, nothing is noted. */
void ledger_open(const char *run_directory);

/* This process is about to ask the bridge for its devices; and it has been answered. So the launcher knows by itself
 * that the agent is there, whatever a bridge says of it. */
void ledger_note_asking(void);
void ledger_note_attached(void);

/* What the bridge has said to the first process that asked (AttachReply, without what is of its session), so that
 * others need not ask before they come to a device; NULL if it is not for this process, whose pid namespace is another
 * one, or if there is none. */
const uint8_t *ledger_published(size_t *length);

/* The directory of nodes without links, as the first process found it; empty if that is not known. */
const char *ledger_nodes(void);
void ledger_note_nodes(const char *directory);

/* The bridge shall know of this process, which does not ask it now. `argument` is the first of the program's, where the
 * kernel has put it. False if there is no room. */
bool ledger_move_in(const char *argument);

/* A process of the run opens a device. Only from then on can another one have a descriptor of one. */
void ledger_note_opened(void);
bool ledger_devices_were_opened(void);

/* What was looked for in code that many processes run, and where it was found there: nobody need look again. A key, not
 * 0, says what was looked for in which file. NULL: nobody has noted it. */
const uint32_t *ledger_found(uint64_t key, size_t *count);
void ledger_note_found(uint64_t key, const uint32_t *offsets, size_t count);

/* Completed accesses, at least one, for which the program waited that long altogether: each for its share. */
void ledger_note_waits(uint64_t ns, unsigned accesses);

/* What a run says once, in whichever of its processes it comes up first. True for that one. */
enum ledger_word {
    LEDGER_NO_MAILBOX,
    LEDGER_CLOSED_MAILBOX,
    LEDGER_NO_NET,
    LEDGER_MUCH_CODE,
    LEDGER_MOVED,
    LEDGER_UNKNOWN_PYTHON,
    LEDGER_WORDS
};
bool ledger_is_first_to_say(enum ledger_word word);

/* Instructions that trapped often (--patch): one has been replaced by a jump; or it could not be, for the reason of
 * that number (patch/patch.h), in words `which`; and each time that it has trapped since, which is taken back with it.
 */
enum { LEDGER_MOST_REASONS = 8 };
void ledger_note_patched(void);
void ledger_note_unpatched(unsigned reason, const char *which);
void ledger_take_back_unpatched(unsigned reason, uint64_t traps);
void ledger_note_unpatched_trap(unsigned reason);

/* This process is about to be ended by the agent. */
void ledger_note_end(const char *why);

/* A device or a window was used in a way that hardware has and that is not carried out. */
void ledger_note_undone(const char *what);

enum { LEDGER_NO_PLACE = -1 };

/* This process is about to become a program that its agent will end, or to start one. Returns the place of the note. */
int ledger_note_end_of(const char *program, const char *why);

/* The process did not end. */
void ledger_take_back(int place);

#endif
