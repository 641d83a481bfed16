// SPDX-License-Identifier: Apache-2.0
// accesses32 PATH BASE    stores and loads of every width that 32-bit code has, on a RAM; prints what was moved
#include "device.h"

static volatile uint8_t *device;

// A word of 8 bytes at 0 goes to `to` by the x87, by MMX, and by SSE.
static void move_words(unsigned to)
{
    __asm__ volatile("fildll (%0)\n\tfistpll (%1)" : : "r"(device), "r"(device + to) : "memory", "st");
    __asm__ volatile("movq (%0), %%mm1\n\tmovq %%mm1, 8(%1)\n\temms" : : "r"(device), "r"(device + to) : "memory");
    __asm__ volatile("movq (%0), %%xmm1\n\tmovq %%xmm1, 16(%1)" : : "r"(device), "r"(device + to) : "memory");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    device = device_map(argv[1], number(argv[2]), 4096);
    __asm__ volatile("movl $0x44332211, (%0)\n\tmovw $0x6655, 4(%0)\n\tmovb $0x77, 6(%0)\n\tmovb $0x08, 7(%0)"
                     :
                     : "r"(device)
                     : "memory");
    move_words(0x20);
    __asm__ volatile("movups (%0), %%xmm2\n\tmovups %%xmm2, 0x40(%0)" : : "r"(device) : "memory");
    uint8_t copy[0x50];
    void *from = (void *)device, *to = copy;
    long words = sizeof copy / 4;
    __asm__ volatile("rep movsl" : "+S"(from), "+D"(to), "+c"(words) : : "memory");
    for (unsigned i = 0x20; i < 0x38; i++)
        printf("%02x%s", copy[i], i % 8 == 7 ? "\n" : "");
    return 0;
}
