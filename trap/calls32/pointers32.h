/* SPDX-License-Identifier: Apache-2.0
 *
 * What the arguments of system calls of 32-bit programs point at (interpose/pointers.h), in the sizes that it has
 * there.
 */
#ifndef TRAPLINE_CALLS32_POINTERS32_H
#define TRAPLINE_CALLS32_POINTERS32_H

#include "interpose/pointers.h"

extern const struct pointers_table pointers32;

#endif
