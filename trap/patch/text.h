/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing code that other threads may be running, and that is mapped so that nobody can write it: through
 * /proc/self/mem, which gives the process pages of its own (proc(5)), and leaves their protection alone. Fault path.
 */
#ifndef TRAPLINE_TEXT_H
#define TRAPLINE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False if the kernel has no membarrier(2) that makes every processor fetch anew. Not on the fault path. */
bool text_init(void);

/* Opens the way; negative if that is refused. */
long text_open(void);
void text_close(long descriptor);

/* Writes what nobody runs yet. */
bool text_write(long descriptor, uint64_t at, const uint8_t *bytes, size_t count);

/*
 * Replaces `count` bytes of an instruction from `at` on, while other threads may come to run it. In between its first
 * byte is TEXT_BARRIER, which faults: who meets it waits until it is replaced (Intel SDM Vol. 3A, 8.1.3). False, with
 * everything as it was, if the kernel refuses.
 */
#define TEXT_BARRIER 0xf4 /* hlt: a general protection fault, which nobody else takes for a breakpoint */
bool text_replace(long descriptor, uint64_t at, const uint8_t *before, const uint8_t *after, size_t count);

#endif
