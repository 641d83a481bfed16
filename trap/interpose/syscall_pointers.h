/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAPLINE_INTERPOSE_SYSCALL_POINTERS_H
#define TRAPLINE_INTERPOSE_SYSCALL_POINTERS_H

#include <stdbool.h>

/* Whether a call by number names what the functions that carry it out would end the host for, or would not refuse: the
 * kernel has an errno for it. */
bool syscall_is_for_kernel(long number, const long argument[6]);

#endif
