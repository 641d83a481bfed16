/* SPDX-License-Identifier: Apache-2.0
 *
 * The trapped ranges of host addresses. Lookup takes no lock and may run in the fault handler at any moment;
 * changes come from the interposed mapping calls.
 */
#ifndef TRAPLINE_WINDOW_H
#define TRAPLINE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most windows: as many as a process has mappings by default (vm.max_map_count), so that it is the kernel who
 * sets the limit. */
#define WINDOW_MAX 65536

struct window {
    uint64_t start, end;  /* host addresses, end excluded; whole pages but for trapline_watch */
    uint32_t node;        /* which file is mapped, see node.h */
    uint64_t file_offset; /* of start */
    int protection;       /* what the host asked for: PROT_READ, PROT_WRITE; the page itself is PROT_NONE for ever */
    int denied;           /* what mprotect must refuse: writing through a descriptor that was opened for reading */
    uint8_t *memory; /* not NULL: no device, but memory; its bytes are here. It shares a page with a device, or … */
    bool is_shared;  /* … the model reaches it too, and loads there are looked over (shared_memory.h) */
    bool is_private; /* a store makes a copy of its page (device/private_pages.h) */
};

/* False if all WINDOW_MAX are taken. */
bool window_add(const struct window *window);
/* Takes [window->start, window->end) out of what is there and puts *window in its place. */
bool window_replace(const struct window *window);
/* The host unmapped or overmapped [start, end). */
void window_remove(uint64_t start, uint64_t end);
/* The host called mprotect on [start, end). True if any window lies there. */
bool window_protect(uint64_t start, uint64_t end, int protection);

/* The window that holds `address`. */
bool window_find(uint64_t address, struct window *found);
/* The first window that starts at or after `address`, if it starts before `limit`; else `limit`. */
uint64_t window_next(uint64_t address, uint64_t limit);
/* Whether a window overlaps [start, end). */
bool window_overlaps(uint64_t start, uint64_t end);
/* Calls `apply` for each part of [start, end) that lies in no window. Stops at what is not 0, and returns it. */
int window_apply_around(uint64_t start, uint64_t end, int (*apply)(void *address, size_t length, int argument),
                        int argument);

/* Held across fork, so that the child does not inherit a half-made change. */
void window_before_fork(void);
void window_after_fork(void);

#endif
