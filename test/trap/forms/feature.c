// SPDX-License-Identifier: Apache-2.0
#include "feature.h"

#include <cpuid.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum cpuid_register { EAX, EBX, ECX, EDX };

static bool cpuid_bit(uint32_t leaf, enum cpuid_register from, int bit)
{
    uint32_t value[4] = {0};
    return __get_cpuid_count(leaf, 0, &value[EAX], &value[EBX], &value[ECX], &value[EDX]) && (value[from] >> bit & 1);
}

// The compiler's test takes literals only; it includes whether the kernel keeps the registers.
#define BUILTIN(name) {name, __builtin_cpu_supports(name)}

bool feature_present(const char *name)
{
    bool avx512bw = __builtin_cpu_supports("avx512bw");
    bool avx512vl = __builtin_cpu_supports("avx512vl");
    const struct {
        const char *name;
        bool present;
    } features[] = {
        {"base", true},
        BUILTIN("sse3"),
        BUILTIN("ssse3"),
        BUILTIN("sse4.1"),
        BUILTIN("sse4.2"),
        BUILTIN("sse4a"),
        BUILTIN("popcnt"),
        BUILTIN("bmi"),
        BUILTIN("bmi2"),
        BUILTIN("aes"),
        BUILTIN("pclmul"),
        BUILTIN("avx"),
        BUILTIN("avx2"),
        BUILTIN("fma"),
        BUILTIN("avx512f"),
        BUILTIN("avx512dq"),
        {"avx512bw", avx512bw},
        {"avx512vl", avx512vl},
        {"avx512bw_vl", avx512bw && avx512vl},
        {"avx_aes", __builtin_cpu_supports("avx") && __builtin_cpu_supports("aes")},
        {"f16c", __builtin_cpu_supports("avx") && cpuid_bit(1, ECX, 29)},
        {"cmpxchg16b", cpuid_bit(1, ECX, 13)},
        {"movbe", cpuid_bit(1, ECX, 22)},
        {"adx", cpuid_bit(7, EBX, 19)},
        {"clflushopt", cpuid_bit(7, EBX, 23)},
        {"clwb", cpuid_bit(7, EBX, 24)},
        {"sha", cpuid_bit(7, EBX, 29)},
        {"movdiri", cpuid_bit(7, ECX, 27)},
        {"movdir64b", cpuid_bit(7, ECX, 28)},
        {"lzcnt", cpuid_bit(0x80000001, ECX, 5)},
        {"prfchw", cpuid_bit(0x80000001, ECX, 8)},
    };
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++)
        if (strcmp(features[i].name, name) == 0)
            return features[i].present;
    fprintf(stderr, "forms: the tables name the processor feature '%s'; add it to feature.c\n", name);
    exit(2);
}
