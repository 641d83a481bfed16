/* SPDX-License-Identifier: Apache-2.0
 *
 * The host that polls memory: a loop on a word that the RTL shall write makes no access, so simulated time would stand
 * still for ever.
 *
 * Behind each access shared memory is shut, and the next loads and stores there fault. They are carried out by the
 * functions below and looked over: a load that finds the same value at the same place by the same instruction for the
 * third time is a poll, and lets time run until the RTL writes what is polled. A host that only works in its memory has
 * it open again after LOOKS faults, until its next access. All of that depends on what the host does, never on when.
 *
 * On the fault path; the caller holds the bus lock but where it says otherwise.
 */
#ifndef TRAPLINE_MEMORY_POLL_H
#define TRAPLINE_MEMORY_POLL_H

#include <stdbool.h>
#include <stdint.h>

/* What is polled: bytes of one device's memory, or of any if `device` is 0. */
struct memory_poll {
    uint32_t device;       /* handle */
    uint64_t offset, size; /* bytes from its start */
    uint32_t cycles;       /* how long to wait at most */
    bool is_endless;       /* the loop does nothing else that could end it */
};

/* Lets time run until what is polled has been written, or the cycles are over. True if it ended early. */
typedef bool memory_poll_waiter(const struct memory_poll *polled);

/* Called once, before the first mapping. */
void memory_poll_init(memory_poll_waiter *wait);

/* An access has been made: what was looked at before counts no more, and memory is shut when the instruction or call
 * ends. */
void memory_poll_note_access(void);
/* A call that moves bytes is through, for which everything was open. */
void memory_poll_end_call(void);
/* The host has called something by which a loop can end (a clock, a wait): looks count on. Without the bus lock. */
void memory_poll_note_call(void);

/* The bytes at `address` are at `memory`. */
void memory_poll_load(uint64_t pc, uint64_t address, const uint8_t *memory, uint8_t *bytes, unsigned width);
void memory_poll_store(uint8_t *memory, const uint8_t *bytes, unsigned width);
/* Puts *desired in place of *expected, at once for everybody. Widths of 1, 2, 4 and 8; false if something else was
 * there. */
bool memory_poll_exchange(uint8_t *memory, const uint8_t *expected, const uint8_t *desired, unsigned width);

/* An instruction is through. True if it was a poll: then memory_poll_wait(polled) follows, without the bus lock. */
bool memory_poll_end_instruction(struct memory_poll *polled);
void memory_poll_wait(const struct memory_poll *polled);

#endif
