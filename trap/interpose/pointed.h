/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls whose arguments point into a window, or beside a watched register: the kernel gets plain memory in place
 * of what is there, which is copied in and out over the bus. Async-signal-safe, as the calls are.
 */
#ifndef TRAPLINE_INTERPOSE_POINTED_H
#define TRAPLINE_INTERPOSE_POINTED_H

#include <stdbool.h>
#include <stdint.h>

#include "device/transfer.h"
#include "pointers.h"

/* Whether any of these leads into a window: a libc name that lets simulated time pass, or looks at what it is given,
 * then hands the whole call to by_number. */
bool pointed_is_any(const long argument[6]);

/* What makes the call then: -1 with errno. */
typedef long pointed_carrier(long number, const long argument[6]);

/* Carries a call of that table out by `call`, of the host's code at `pc`, with plain memory in place of what is in
 * windows. What can't be is told of in a line, and fails with EFAULT. */
long pointed_call(uint64_t pc, const struct pointers_table *table, long number, const long argument[6],
                  pointed_carrier *call);

/* The same for a call of libc's own, which goes to the kernel. */
long pointed_call_of_libc(uint64_t pc, long number, const long argument[6]);

/* A text that may lie in a window, up to its zero or `most` bytes, by words as the kernel reads one; there is room for
 * one word more. False where it leads nowhere. */
bool pointed_copy_text(struct transfer_call call, void *to, const void *from, size_t most);

#endif
