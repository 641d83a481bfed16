/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <cpuid.h>
#include <stdint.h>

#include "signal_safe.h"

/* x87, SSE, AVX, and what AVX-512 adds; in standard format they take 2,696 bytes (Intel SDM Vol. 1, 13.4). */
enum { COMPONENTS = 0xe7, ROOM = 4096 };

static _Alignas(64) uint8_t area[ROOM];

static unsigned has_xsave(void)
{
    unsigned eax, ebx, ecx = 0, edx;
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && ecx & bit_OSXSAVE;
}

void vectors_put_by(void)
{
    if (has_xsave())
        __asm__ volatile("xsave64 %0" : "=m"(area) : "a"(COMPONENTS), "d"(0) : "memory");
    else
        __asm__ volatile("fxsave64 %0" : "=m"(area) : : "memory");
}

void vectors_bring_back(void)
{
    if (has_xsave())
        __asm__ volatile("xrstor64 %0" : : "m"(area), "a"(COMPONENTS), "d"(0) : "memory");
    else
        __asm__ volatile("fxrstor64 %0" : : "m"(area) : "memory");
}
