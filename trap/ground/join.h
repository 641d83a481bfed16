/* SPDX-License-Identifier: Apache-2.0
 *
 * Text put together of parts, without stdio: that would be the one use of it in most programs' start, which then pays
 * for the pages that it lies in.
 */
#ifndef TRAPLINE_JOIN_H
#define TRAPLINE_JOIN_H

#include <stdbool.h>
#include <stddef.h>

/* NULL ends the parts. False, and `text` undefined, if it takes more than `size` bytes with the zero. */
bool join_into(char *text, size_t size, const char *const parts[]);

/* The same, to be kept for ever: what the start finds lies close together. NULL if there is no room. Not for threads.
 */
char *join_to_keep(const char *const parts[]);

#define JOIN_PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
