/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAPLINE_INTERPOSE_BY_NUMBER_H
#define TRAPLINE_INTERPOSE_BY_NUMBER_H

/* A system call by its number, carried out as by the libc name that makes it: -1 with errno. */
long by_number(long number, const long arguments[6]);

#endif
