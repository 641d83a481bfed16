/* SPDX-License-Identifier: Apache-2.0
 *
 * Masks of bits and of bytes: bit i stands for byte i of a piece, as in byte enables.
 */
#ifndef TRAPLINE_LOW_BITS_H
#define TRAPLINE_LOW_BITS_H

#include <stdint.h>

/* The lowest `count` bits; all of them from 64 on. */
static inline uint64_t low_bits(unsigned count)
{
    return count >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << count) - 1;
}

#endif
