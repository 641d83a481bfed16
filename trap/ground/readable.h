/* SPDX-License-Identifier: Apache-2.0
 *
 * Pointers of the host's that may lead nowhere: the kernel then says EFAULT, and where we look first we must not end
 * the host for it. Who finds that a pointer can't be read hands the call to the kernel as it is. What lies in the frame
 * of a caller, or in the page that was found last, costs nothing; anything else a system call. A window can't be read.
 */
#ifndef TRAPLINE_READABLE_H
#define TRAPLINE_READABLE_H

#include <stdbool.h>
#include <stddef.h>

/* The host has mapped, unmapped or shut something: what was found may be gone. */
void readable_forget(void);

bool readable(const void *start, size_t bytes);

/* Of the word at `at`: asks the kernel, whatever was found before, and keeps nothing. */
bool readable_now(const void *at);

/* What a call may do without. */
static inline bool readable_or_null(const void *start, size_t bytes)
{
    return start == NULL || readable(start, bytes);
}

/* Up to its end, or as far as a path may be long. NULL can't be read. */
bool readable_text(const char *text);

/* A list of such, up to its NULL, as exec takes it; NULL stands for an empty one. */
bool readable_list(char *const list[]);

#endif
