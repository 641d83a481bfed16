/* SPDX-License-Identifier: Apache-2.0
 *
 * The descriptors that this process has open, as the kernel lists them. Safe in the host's signal handlers and after
 * vfork.
 */
#ifndef TRAPLINE_DESCRIPTORS_H
#define TRAPLINE_DESCRIPTORS_H

#include <stdbool.h>

/* True: it is what was looked for. */
typedef bool descriptors_visitor(int descriptor, void *argument);

/* Whether `visit` said true to any of them; it is the last one that was asked about. */
bool descriptors_visit(descriptors_visitor *visit, void *argument);

#endif
