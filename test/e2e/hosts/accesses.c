// SPDX-License-Identifier: Apache-2.0
// accesses PATH BASE
// On a RAM: a fixed sequence of ten stores and ten loads, one instruction each, none of them left to the compiler, so
// that an access log can be held against it:
//   store, then load, 8, 16, 32 and 64 bits at 0x00, 0x02, 0x04, 0x08; 128 bits at 0x10;
//   the same five again at 0x21, 0x26, 0x2c, 0x38, 0x40.
#include <inttypes.h>

#include "device.h"

#define STORE(instruction, offset, from)                                                                               \
    __asm__ volatile(instruction " %1, %0" : "=m"(device[offset]) : from : "memory")
#define LOAD(instruction, offset, to) __asm__ volatile(instruction " %1, %0" : to : "m"(device[offset]) : "memory")

typedef uint64_t vector __attribute__((vector_size(16)));

static uint64_t round_trip(volatile uint8_t *device, const unsigned offsets[5], uint64_t pattern)
{
    uint8_t byte;
    uint16_t half;
    uint32_t word;
    uint64_t quad;
    vector wide, twin = {pattern, ~pattern};
    STORE("movb", offsets[0], "q"((uint8_t)pattern));
    LOAD("movb", offsets[0], "=q"(byte));
    STORE("movw", offsets[1], "r"((uint16_t)pattern));
    LOAD("movw", offsets[1], "=r"(half));
    STORE("movl", offsets[2], "r"((uint32_t)pattern));
    LOAD("movl", offsets[2], "=r"(word));
    STORE("movq", offsets[3], "r"(pattern));
    LOAD("movq", offsets[3], "=r"(quad));
    STORE("movups", offsets[4], "x"(twin));
    LOAD("movups", offsets[4], "=x"(wide));
    return (byte == (uint8_t)pattern) + (half == (uint16_t)pattern) + (word == (uint32_t)pattern) + (quad == pattern) +
           (wide[0] == twin[0] && wide[1] == twin[1]);
}

int main(int argc, char **argv)
{
    static const unsigned first[5] = {0x00, 0x02, 0x04, 0x08, 0x10}, second[5] = {0x21, 0x26, 0x2c, 0x38, 0x40};
    if (argc != 3) {
        fputs("usage: accesses PATH BASE\n", stderr);
        return 2;
    }
    volatile uint8_t *device = device_map(argv[1], number(argv[2]), 4096);
    uint64_t right = round_trip(device, first, 0x1122334455667788) + round_trip(device, second, 0xfedcba9876543210);
    printf("accesses: %" PRIu64 " of 10 read back\n", right);
    return right == 10 ? 0 : 1;
}
