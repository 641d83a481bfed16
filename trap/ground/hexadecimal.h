/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers in hexadecimal, as the kernel writes them: small letters, nothing before them.
 */
#ifndef TRAPLINE_HEXADECIMAL_H
#define TRAPLINE_HEXADECIMAL_H

#include <stdint.h>

/* 0 if there is no digit; `text` goes on behind the last. */
static inline uint64_t hexadecimal_take(const char **text)
{
    uint64_t value = 0;
    for (;; (*text)++) {
        char c = **text;
        if (c >= '0' && c <= '9')
            value = value << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | (uint64_t)(c - 'a' + 10);
        else
            return value;
    }
}

#endif
