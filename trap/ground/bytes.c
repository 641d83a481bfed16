/* SPDX-License-Identifier: Apache-2.0
 *
 * What the compiler and the libraries inside the agent call to copy, fill and compare, for the agent alone (hidden).
 * libc's own use vector registers; these leave them as the host has them, so that a patched instruction need not save
 * what it does not touch.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "signal_safe.h"

enum { WORD = 8, FEW_WORDS = 8 * WORD };

typedef uint64_t __attribute__((may_alias, aligned(1))) whole;
typedef uint32_t __attribute__((may_alias, aligned(1))) half;
typedef uint16_t __attribute__((may_alias, aligned(1))) quarter;

static inline uint64_t load(const uint8_t *from)
{
    return *(const whole *)from;
}

static inline void store(uint8_t *to, uint64_t value)
{
    *(whole *)to = value;
}

/* Less than a word. */
static inline void copy_rest(uint8_t *at, const uint8_t *source, size_t count)
{
    if (count & 4) {
        *(half *)at = *(const half *)source;
        at += 4;
        source += 4;
    }
    if (count & 2) {
        *(quarter *)at = *(const quarter *)source;
        at += 2;
        source += 2;
    }
    if (count & 1)
        *at = *source;
}

void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    uint8_t *at = to;
    const uint8_t *source = from;
    if (count <= FEW_WORDS) {
        for (; count >= WORD; count -= WORD, at += WORD, source += WORD)
            store(at, load(source));
        copy_rest(at, source, count);
        return to;
    }
    __asm__ volatile("rep movsb" : "+D"(at), "+S"(source), "+c"(count) : : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t count)
{
    uint8_t *last = (uint8_t *)to + count - 1;
    const uint8_t *source = (const uint8_t *)from + count - 1;
    if (count == 0 || (uint64_t)to - (uint64_t)from >= count)
        return memcpy(to, from, count);
    __asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(last), "+S"(source), "+c"(count) : : "memory", "cc");
    return to;
}

void *memset(void *to, int value, size_t count)
{
    uint8_t *at = to;
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(count) : "a"(value) : "memory");
    return to;
}

int memcmp(const void *left, const void *right, size_t count)
{
    const uint8_t *a = left, *b = right;
    for (; count >= WORD && load(a) == load(b); count -= WORD, a += WORD, b += WORD)
        ;
    for (; count > 0; count--, a++, b++)
        if (*a != *b)
            return *a - *b;
    return 0;
}
