// SPDX-License-Identifier: Apache-2.0
// twin PATH BASE [together]
// On a RAM of 2048 bytes in a device of 4096: what a bus and a model of it could take differently. Stores and loads of
// every width, unaligned ones, masked ones, and ones that reach beyond the RAM (the device's errors read as all ones).
// Nothing is read that was not written. With a third argument: two processes add to one counter by locked instructions.
#include <immintrin.h>
#include <inttypes.h>
#include <sys/wait.h>

#include "device.h"

enum { COUNTER = 0x700, ADDITIONS = 100, SIZE = 0x800 };

static void store_masked(volatile uint8_t *device)
{
    __m128i data = _mm_set_epi64x(0x1122334455667788, (int64_t)0x99aabbccddeeff01);
    __m128i mask = _mm_set_epi64x((int64_t)0x8000008080000000, 0x0080000000000080);
    _mm_maskmoveu_si128(data, mask, (char *)(device + 0x104));
}

__attribute__((target("avx"))) static uint64_t load_masked(volatile uint8_t *device)
{
    __m128i mask = _mm_set_epi32(0, -1, 0, -1);
    __m128 loaded = _mm_maskload_ps((const float *)(device + 0x104), mask);
    return (uint64_t)_mm_cvtsi128_si64(_mm_castps_si128(loaded));
}

static uint64_t every_width(volatile uint8_t *device)
{
    uint64_t sum = 0;
    for (unsigned shift = 0; shift < 4; shift++) {
        volatile uint8_t *at = device + 0x40 + 16 * shift + shift;
        *(volatile uint64_t *)at = 0x0102030405060708 << shift;
        *(volatile uint32_t *)(at + 2) = 0xa1b2c3d4;
        *(volatile uint16_t *)(at + 5) = 0x9988;
        *at = 0x77;
        sum += *(volatile uint64_t *)at + *(volatile uint32_t *)(at + 1) + *(volatile uint16_t *)(at + 3) + *at;
    }
    return sum;
}

static uint64_t beyond(volatile uint8_t *device)
{
    *(volatile uint32_t *)(device + SIZE - 4) = 5;
    *(volatile uint64_t *)(device + SIZE - 4) = 0x600000007;
    *(volatile uint64_t *)(device + SIZE) = 8;
    return *(volatile uint64_t *)(device + SIZE - 4) + *(volatile uint32_t *)(device + SIZE - 4);
}

static uint32_t add_together(volatile uint8_t *device)
{
    volatile uint32_t *counter = (volatile uint32_t *)(device + COUNTER);
    *counter = 0;
    pid_t child = fork();
    for (unsigned i = 0; i < ADDITIONS; i++)
        __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    return *counter;
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4)
        return 2;
    volatile uint8_t *device = device_map(argv[1], number(argv[2]), 4096);
    if (argc == 4) {
        printf("counter %" PRIu32 "\n", add_together(device));
        return 0;
    }
    for (unsigned offset = 0; offset < 0x200; offset += 8)
        *(volatile uint64_t *)(device + offset) = 0x1111111111111111 * (offset / 8 % 16);
    uint64_t widths = every_width(device);
    store_masked(device);
    uint64_t masked = *(volatile uint64_t *)(device + 0x104) ^ *(volatile uint64_t *)(device + 0x10c);
    uint64_t loaded = __builtin_cpu_supports("avx") ? load_masked(device) : 0;
    printf("%" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 "\n", widths, masked, loaded, beyond(device));
    return 0;
}
