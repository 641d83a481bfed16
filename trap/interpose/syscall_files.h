/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAPLINE_INTERPOSE_SYSCALL_FILES_H
#define TRAPLINE_INTERPOSE_SYSCALL_FILES_H

#include <stdbool.h>

/* Carries out a call about the attributes or the name of a file as the libc name that makes it. False if it is none. */
bool syscall_of_files(long number, const long argument[6], long *result);

#endif
