/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAPLINE_INTERPOSE_SYSCALL_TIME_H
#define TRAPLINE_INTERPOSE_SYSCALL_TIME_H

#include <stdbool.h>

/* The calls that wait or tell the time. False if `number` is none of them. */
bool syscall_of_time(long number, const long argument[6], long *result);

#endif
