/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's files about a descriptor of this process (proc(5)), named without stdio, which takes two kilobytes of a
 * stack that may be the host's alternate one.
 */
#ifndef TRAPLINE_DESCRIPTOR_LINK_H
#define TRAPLINE_DESCRIPTOR_LINK_H

#include <string.h>

#define DESCRIPTOR_FILES "/proc/self/fd/"
#define DESCRIPTOR_TEXTS "/proc/self/fdinfo/"
enum { DESCRIPTOR_LINK = 32 };

/* Of a number that no descriptor has there is no file. */
static inline const char *descriptor_link(char link[DESCRIPTOR_LINK], const char *directory, int descriptor)
{
    unsigned number = (unsigned)descriptor, divisor = 1000000000;
    char *end = stpcpy(link, directory);
    while (divisor > number && divisor > 1)
        divisor /= 10;
    for (; divisor > 0; divisor /= 10)
        *end++ = (char)('0' + number / divisor % 10);
    *end = 0;
    return link;
}

#endif
