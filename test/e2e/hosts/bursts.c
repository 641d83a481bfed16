// SPDX-License-Identifier: Apache-2.0
// bursts PATH BASE SIZE all|memcpy|rep: copies between memory and a device that is memory.
// `all` holds loads, stores and copies of every width, alignment and direction to a model of the device in plain
// memory, bytes beside them included. `memcpy` and `rep` write 4 KiB at the device's start by libc, or by one `rep
// movsb`.
#include <immintrin.h>

#include "device.h"

enum { REGION = 8192, GUARD = 64, WIDEST = 64 };

static uint8_t *device;
static uint8_t model[REGION], copy[REGION], fresh[REGION];
static unsigned operations, differences;

static uint64_t state = 1;
static uint8_t next_byte(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint8_t)(state >> 56);
}

#define REPEAT(name, suffix)                                                                                           \
    static void name(void *to, const void *from, size_t elements)                                                      \
    {                                                                                                                  \
        __asm__ volatile("rep movs" suffix : "+D"(to), "+S"(from), "+c"(elements) : : "memory");                       \
    }
REPEAT(repeat_bytes, "b")
REPEAT(repeat_words, "w")
REPEAT(repeat_longs, "l")
REPEAT(repeat_quads, "q")

static void repeat(void *to, const void *from, size_t count, unsigned width)
{
    switch (width) {
    case 1:
        repeat_bytes(to, from, count);
        break;
    case 2:
        repeat_words(to, from, count / 2);
        break;
    case 4:
        repeat_longs(to, from, count / 4);
        break;
    default:
        repeat_quads(to, from, count / 8);
        break;
    }
}

#define MOVE(name, type)                                                                                               \
    static void name(void *to, const void *from)                                                                       \
    {                                                                                                                  \
        __asm__ volatile("mov %1, %%" type "\n\tmov %%" type ", %0"                                                    \
                         : "=m"(*(char *)to)                                                                           \
                         : "m"(*(const char *)from)                                                                    \
                         : type, "memory");                                                                            \
    }
MOVE(move_1, "al")
MOVE(move_2, "ax")
MOVE(move_4, "eax")
MOVE(move_8, "rax")

static void move_16(void *to, const void *from)
{
    _mm_storeu_si128(to, _mm_loadu_si128(from));
}
__attribute__((target("avx"))) static void move_32(void *to, const void *from)
{
    _mm256_storeu_si256(to, _mm256_loadu_si256(from));
}

static const struct width {
    unsigned bytes;
    void (*move)(void *to, const void *from);
} widths[] = {{1, move_1}, {2, move_2}, {4, move_4}, {8, move_8}, {16, move_16}, {32, move_32}};

// The device and its model agree from `from` to `to`, guard bytes included.
static void compare(const char *what, size_t at, size_t count)
{
    size_t begin = at < GUARD ? 0 : at - GUARD, end = at + count + GUARD > REGION ? REGION : at + count + GUARD;
    operations++;
    repeat(copy + begin, device + begin, end - begin, 1);
    if (memcmp(copy + begin, model + begin, end - begin) == 0)
        return;
    differences++;
    printf("%s of %zu bytes at %zu differs\n", what, count, at);
}

static void renew(size_t count)
{
    for (size_t i = 0; i < count; i++)
        fresh[i] = next_byte();
}

static void single(const struct width *width, size_t at)
{
    uint8_t loaded[WIDEST];
    renew(width->bytes);
    width->move(device + at, fresh);
    memcpy(model + at, fresh, width->bytes);
    compare("store", at, width->bytes);
    width->move(loaded, device + at);
    if (memcmp(loaded, model + at, width->bytes) == 0)
        return;
    differences++;
    printf("load of %u bytes at %zu differs\n", width->bytes, at);
}

static void repeated(unsigned width, size_t at, size_t count, size_t skew)
{
    static uint8_t out[REGION + GUARD];
    renew(count);
    memmove(fresh + skew, fresh, count);
    repeat(device + at, fresh + skew, count, width);
    memcpy(model + at, fresh + skew, count);
    compare("rep movs", at, count);
    memset(out, 0xa5, sizeof out);
    repeat(out + skew, device + at, count, width);
    if (memcmp(out + skew, model + at, count) == 0 && out[skew + count] == 0xa5)
        return;
    differences++;
    printf("rep movs from the device of %zu bytes at %zu differs\n", count, at);
}

static void stored(size_t at, size_t count)
{
    void *to = device + at;
    size_t left = count;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(left) : "a"(0x5a) : "memory");
    memset(model + at, 0x5a, count);
    compare("rep stos", at, count);
}

static void all(void)
{
    const size_t counts[] = {8, 24, 64, 104, 1000, 4096, 5000};
    renew(REGION);
    memcpy(model, fresh, REGION);
    repeat(device, model, REGION, 8);
    compare("everything", 0, REGION);
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        for (size_t skew = 0; skew < WIDEST; skew += widths[i].bytes > 8 ? 3 : 1)
            single(&widths[i], 4096 - WIDEST + skew);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (size_t skew = 0; skew < 8; skew++)
            repeated(1u << skew % 4, 200 + 3 * skew, counts[i], skew);
    for (size_t skew = 0; skew < 8; skew++)
        stored(4000 + skew, 100 + skew);
    compare("everything", 0, REGION);
    printf("%u operations, %u differences\n", operations, differences);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    device = (uint8_t *)device_map(argv[1], number(argv[2]), number(argv[3]));
    renew(REGION);
    if (strcmp(argv[4], "all") == 0)
        all();
    else if (strcmp(argv[4], "memcpy") == 0)
        memcpy(device, fresh, 4096);
    else
        repeat_bytes(device, fresh, 4096);
    return differences == 0 ? 0 : 1;
}
