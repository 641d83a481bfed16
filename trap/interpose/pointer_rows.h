/* SPDX-License-Identifier: Apache-2.0
 *
 * How the rows of such tables (pointers.h) are written.
 */
#ifndef TRAPLINE_INTERPOSE_POINTER_ROWS_H
#define TRAPLINE_INTERPOSE_POINTER_ROWS_H

#include "pointers.h"

#define TEXT(argument) {argument, POINTER_IN, POINTER_TEXT, 0, 1}
#define LIST(argument) {argument, POINTER_IN, POINTER_LIST, 0, 1}
#define IN(argument, bytes) {argument, POINTER_IN, POINTER_FIXED, 0, bytes}
#define OUT(argument, bytes) {argument, POINTER_OUT, POINTER_FIXED, 0, bytes}
#define LEFT(argument, bytes) {argument, POINTER_LEFT, POINTER_FIXED, 0, bytes}
#define BOTH(argument, bytes) {argument, POINTER_BOTH, POINTER_FIXED, 0, bytes}
#define IN_BY(argument, by, unit) {argument, POINTER_IN, POINTER_COUNTED, by, unit}
#define OUT_BY(argument, by, unit) {argument, POINTER_OUT, POINTER_COUNTED, by, unit}
#define BOTH_BY(argument, by, unit) {argument, POINTER_BOTH, POINTER_COUNTED, by, unit}
#define MOVED(argument, by, unit) {argument, POINTER_MOVED, POINTER_COUNTED, by, unit}
#define BITS(argument, by) {argument, POINTER_BOTH, POINTER_BITS, by, 1}
/* An address of a socket, and its length, which comes first. */
#define ADDRESS(argument, length) BOTH(length, 4), {argument, POINTER_OUT, POINTER_LENGTH, length, 1}

#define POINTERS_ROW(number, name, count, more, ...)                                                                   \
    {                                                                                                                  \
        number, count, more, name "()",                                                                                \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }

#endif
