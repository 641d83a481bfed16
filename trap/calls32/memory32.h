/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory of a 32-bit program's to which something in memory leads, and not an argument: it may lie in a window, or
 * nowhere.
 */
#ifndef TRAPLINE_CALLS32_MEMORY32_H
#define TRAPLINE_CALLS32_MEMORY32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool memory32_is_in_window(uint32_t at, size_t bytes);
/* False where it leads nowhere, as far as can be told without the bus. */
bool memory32_is_there(uint32_t at, size_t bytes);

/* Copies, for the call of that name, which logs have. False with errno (EFAULT). */
bool memory32_take(const char *call, void *to, uint32_t from, size_t bytes);
bool memory32_give(const char *call, uint32_t to, const void *from, size_t bytes);

#endif
