/* SPDX-License-Identifier: Apache-2.0
 *
 * A fixed heap for nghttp2, which allocates while the channel is in use, on the fault path. Not thread-safe: the caller
 * holds the bus lock. Blocks are powers of two, kept in free lists; nothing is ever given back to the system.
 */
#ifndef TRAPLINE_ARENA_H
#define TRAPLINE_ARENA_H

#include <stddef.h>

/* Takes everything back. */
void arena_reset(void);
/* 16-byte aligned; NULL when the arena is used up. */
void *arena_take(size_t size);
void *arena_resize(void *block, size_t size);
void arena_return(void *block);

#endif
