/* SPDX-License-Identifier: Apache-2.0
 *
 * Instructions of the host that have been replaced by a jump to a trampoline, which makes the access without a signal
 * (trap/patched.h). Nothing but the instruction's own bytes change: one of less than five bytes keeps what follows it
 * as the end of the jump, and its trampoline stands where that leads. What can't be done so keeps trapping.
 *
 * Replaced is only what stands in a file's own code, mapped as no one can write there. A trampoline stays for ever,
 * since a thread may be in it; a patch whose code is there no more is forgotten when it is next looked at.
 *
 * The caller holds the bus lock but where it says otherwise. Fault path.
 */
#ifndef TRAPLINE_PATCH_H
#define TRAPLINE_PATCH_H

/* Offsets in struct patch, for trap/patched_entry.S and trampolines. */
#define PATCH_START 0
#define PATCH_LENGTH 8
#define PATCH_PC 16
#define PATCH_OTHER 24

#ifndef __ASSEMBLER__
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instruction/decode.h"

/* Bytes of jmp rel32. */
#define PATCH_JUMP 5

enum patch_state { PATCH_MAKING, PATCH_IN_PLACE, PATCH_FORGOTTEN };

/* Why an instruction keeps trapping; bridge/run/patches.ts has the words. */
enum patch_obstacle {
    PATCH_NOT_BY_MAILBOX, /* its access is one that only the handler makes */
    PATCH_FORM,
    PATCH_NO_ROOM,
    PATCH_NEIGHBOUR,
    PATCH_NOT_OF_FILE, /* or code that can be written */
    PATCH_TRACED,
    PATCH_TOO_MANY,
    PATCH_REFUSED, /* by the kernel */
    PATCH_OBSTACLES
};

struct patch {
    /* Where an operand is worth a look: the window that was found last, less what an operand at its end would lack. */
    uint64_t start, length;
    uint64_t pc;                 /* of the instruction */
    uint64_t other, done, fault; /* where the trampoline goes on: by the instruction itself, behind it, or by a fault
                                    that the handler knows */
    uint64_t trampoline, original, faulting; /* addresses in it: its own, the instruction's copy, what faults */
    _Atomic enum patch_state state;
    uint8_t changed; /* of the host's bytes: as many as the instruction has, PATCH_JUMP at most */
    uint8_t before[DECODE_MAX_LENGTH];
    uint8_t jump[PATCH_JUMP]; /* with what is not changed */
};

/* Instructions are replaced from now on, once they have trapped `after` times. `any_code`: also those that stand in
 * memory that is no file's (tests). False if the kernel has no membarrier(2), or no memory. Not on the fault path. */
bool patch_init(unsigned after, bool any_code, void (*entry)(void));

/* After how many traps; 0: never. Needs no lock. */
unsigned patch_after(void);

/* The patch of the instruction at `pc`, or NULL. Needs no lock to say that there is one. */
struct patch *patch_at(uint64_t pc);
/* The patch in whose trampoline that is, or NULL. Needs no lock. */
struct patch *patch_of_trampoline(uint64_t address);

/* What an unwinder is told of its trampoline (unwind.h). Needs no lock. */
const uint8_t *patch_unwinding(const struct patch *patch);

/* Whether the jump stands in the host's code. */
bool patch_is_in_place(const struct patch *patch);

/* Puts the jump in place of the instruction; what is known of it is in `decode`. NULL if that can't be, for *obstacle.
 */
struct patch *patch_make(uint64_t pc, const struct decode *decode, enum patch_obstacle *obstacle);

/* Ends what another thread, which a fork has left behind, had begun. */
void patch_finish(struct patch *patch);

/* Whether any is in [start, end). Needs no lock. */
bool patch_is_any_in(uint64_t start, uint64_t end);
/* Puts the host's own code back there. */
void patch_take_back(uint64_t start, uint64_t end);

/* Forgets them all: their code is there no more, and nobody is in a trampoline. */
void patch_forget_all(void);

/* Puts into `bytes`, which were read at `pc`, what the host had there. */
void patch_show_host(uint64_t pc, uint8_t *bytes, size_t count);
#endif
#endif
