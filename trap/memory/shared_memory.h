/* SPDX-License-Identifier: Apache-2.0
 *
 * Mappings of memory that the model reaches too (u-dma-buf, reserved ranges). Shut, they fault, and what the host does
 * there is carried out on a second mapping of the same memory (memory_poll.h says why); open, they are plain memory.
 *
 * On the fault path; the caller holds the bus lock but where it says otherwise.
 */
#ifndef TRAPLINE_SHARED_MEMORY_H
#define TRAPLINE_SHARED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where memory is mapped, and what of it. */
struct shared_mapping {
    uint64_t start, end;
    uint32_t device;  /* handle */
    uint64_t offset;  /* of start, in its file */
    int protection;   /* what the host asked for */
    const char *file; /* that holds it; stays valid */
};

/* The host has made a shared mapping. Without the bus lock. */
void shared_memory_add(const struct shared_mapping *mapping);
/* Before the host unmaps, moves or overmaps [start, end). Without the bus lock. */
void shared_memory_remove(uint64_t start, uint64_t end);
/* Before the host changes the protection of [start, end). Without the bus lock. */
void shared_memory_protect(uint64_t start, uint64_t end, int protection);

/* Whether there is any. Needs no lock. */
bool shared_memory_is_any(void);
/* The one that holds `address`. */
bool shared_memory_find(uint64_t address, struct shared_mapping *found);
/* Whether any of it lies in [start, end): the kernel must not be given such a buffer, for it may be shut meanwhile. */
bool shared_memory_overlaps(uint64_t start, uint64_t end);

void shared_memory_shut(void);
/* Shuts the memory without the bus lock, outside the handler. */
void shared_memory_shut_in_call(void);
/* Until it is shut again, at the next access or call. */
void shared_memory_open(void);
/* The page at `address` alone: the instruction runs again by itself. */
void shared_memory_open_page(uint64_t address);

/* A fault where no window is: true if another thread has opened the mapping meanwhile, and the host is to try again.
 * Without the bus lock. */
bool shared_memory_is_open(uint64_t address, bool is_store);

/* Whether no other thread or child can sleep on a lock in this memory: the kernel looks at such a word by itself. */
bool shared_memory_is_alone(void);
/* Both processes of a fork have a family now. */
void shared_memory_after_fork(void);

#endif
