/* SPDX-License-Identifier: Apache-2.0
 *
 * A system call of a 32-bit program (i386) by its number there, carried out as the one of 64-bit programs that does
 * what it does.
 */
#ifndef TRAPLINE_CALLS32_BY_NUMBER32_H
#define TRAPLINE_CALLS32_BY_NUMBER32_H

#include <stdint.h>

/* The arguments are 32 bits, extended by zeros. -1 with errno. */
long by_number32(uint64_t pc, long number, const long arguments[6]);

#endif
