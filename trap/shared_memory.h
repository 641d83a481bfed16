/* SPDX-License-Identifier: Apache-2.0
 *
 * Mappings of memory that the model reaches too (u-dma-buf, reserved ranges), and the host that polls them: a loop on a word
 * that the RTL shall write makes no access, so simulated time would stand still for ever.
 *
 * Behind each access the mappings are closed, and the next loads and stores fault. They are carried out on a second mapping
 * of the same memory, and looked over: a load that finds the same value at the same place by the same instruction for the
 * third time is a polled, and lets time run until the RTL writes what is polled. A host that only works in its memory
 * has it open again after LOOKS faults, until its next access. All of that depends on what the host does, never on when.
 *
 * On the fault path; the caller holds the bus lock but where it says otherwise.
 */
#ifndef TRAPLINE_SHARED_MEMORY_H
#define TRAPLINE_SHARED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is polled: bytes of one device's memory, or of any if `device` is 0. */
struct shared_poll {
    uint32_t device;        /* handle */
    uint64_t offset, size;  /* bytes from its start */
    uint32_t cycles;        /* how long to wait at most */
    bool is_endless;        /* the loop does nothing else that could end it */
};

/* Lets time run until what is polled has been written, or the cycles are over. True if it ended early. */
typedef bool shared_wait(const struct shared_poll *polled);

/* Called once, before the first mapping. */
void shared_memory_init(shared_wait *wait);

/* Where memory is mapped, and what of it. */
struct shared_mapping {
    uint64_t start, end;
    uint32_t device;   /* handle */
    uint64_t offset;   /* of start, in its file */
    int protection;    /* what the host asked for */
    const char *file;  /* that holds it; stays valid */
};

/* The host has made a shared mapping. Without the bus lock. */
void shared_memory_add(const struct shared_mapping *mapping);
/* The one that holds `address`. Without the bus lock. */
bool shared_memory_find(uint64_t address, struct shared_mapping *found);
/* Before the host unmaps, moves or overmaps [start, end). Without the bus lock. */
void shared_memory_remove(uint64_t start, uint64_t end);
/* Before the host changes the protection of [start, end). Without the bus lock. */
void shared_memory_protect(uint64_t start, uint64_t end, int protection);
/* Whether any of it lies in [start, end): the kernel must not be given such a buffer, for it may be closed meanwhile. */
bool shared_memory_overlaps(uint64_t start, uint64_t end);

/* An access has been made: what was looked at before counts no more, and memory is closed when the instruction or call ends. */
void shared_memory_note_access(void);
/* A call that moves bytes is through, for which everything was open. */
void shared_memory_end_call(void);
/* The host has called something by which a loop can end (a clock, a wait): looks count on. Without the bus lock. */
void shared_memory_note_call(void);

/* Memory of a closed mapping: the bytes at `address` are at `memory`. What is loaded there is looked over. */
void shared_memory_load(uint64_t pc, uint64_t address, const uint8_t *memory, uint8_t *bytes, unsigned width);
void shared_memory_store(uint8_t *memory, const uint8_t *bytes, unsigned width);
/* Puts *desired in place of *expected, at once for everybody. Widths of 1, 2, 4 and 8; false if something else was there. */
bool shared_memory_exchange(uint8_t *memory, const uint8_t *expected, const uint8_t *desired, unsigned width);
/* Opens everything until the next access or call. */
void shared_memory_open(void);
/* Opens the page at `address` alone: the instruction runs again by itself. */
void shared_memory_open_page(uint64_t address);
/* Whether no other thread or child can sleep on a lock in this memory: the kernel looks at such a word by itself. */
bool shared_memory_is_alone(void);

/* A fault where no window is: true if another thread has opened the mapping meanwhile, and the host is to try again. Without
 * the bus lock. */
bool shared_memory_is_open(uint64_t address, bool is_store);

/* An instruction is through. True if it was a poll: then shared_memory_wait(polled) follows, without the bus lock. */
bool shared_memory_end_instruction(struct shared_poll *polled);
void shared_memory_wait(const struct shared_poll *polled);

/* Both processes of a fork have a family now. */
void shared_memory_after_fork(void);

#endif
