/* SPDX-License-Identifier: Apache-2.0
 *
 * What /proc/self/status says (proc(5)), a line "Name:\tvalue" each. Into one buffer: the caller holds the bus lock, or
 * is alone. Safe in the fault handler.
 */
#ifndef TRAPLINE_STATUS_H
#define TRAPLINE_STATUS_H

#include <stdbool.h>
#include <stdint.h>

/* Whether a debugger is there, or nobody knows. */
bool status_is_traced(void);

/* The signals that have a handler; all where nobody knows. */
uint64_t status_handled_signals(void);

#endif
