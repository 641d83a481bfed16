/* SPDX-License-Identifier: Apache-2.0
 *
 * callers PATH OFFSET WAY...: reads a register, and reaches it in each of the ways. Tests look for lines by their
 * comments.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "device.h"

static volatile uint32_t *registers;
static volatile uint32_t seen;
/* Not known to the compiler either, so that libc copies. */
static volatile size_t unknown_length = 24;

static uint32_t reg_read(unsigned offset)
{
    return registers[offset / 4];
}

__attribute__((noinline)) static uint32_t my_peek(unsigned offset)
{
    return registers[offset / 4];
}

__attribute__((noinline)) static void poll_status(void)
{
    seen = reg_read(8); /* helper */
}

__attribute__((noinline)) static void look(void)
{
    seen = my_peek(8); /* own helper */
}

__attribute__((noinline)) static void copy_out(void)
{
    static char buffer[64];
    memcpy(buffer, (const void *)registers, unknown_length); /* memcpy */
    seen = (uint32_t)buffer[0];
}

static void on_signal(int signal)
{
    poll_status();
    seen += (uint32_t)signal;
}

__attribute__((noinline)) static void interrupt(void)
{
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1); /* signal */
    seen++;
}

/* The frame's address is kept in memory: its stack is aligned. */
__attribute__((noinline, force_align_arg_pointer)) static void aligned(void)
{
    volatile char room[64] __attribute__((aligned(64)));
    room[0] = 1;
    poll_status(); /* aligned */
    seen += (uint32_t)room[0];
}

__attribute__((noinline)) static uint32_t descend(unsigned depth)
{
    uint32_t value = depth == 0 ? registers[2] : descend(depth - 1);
    __asm__ volatile("");
    return value + 1;
}

int main(int argc, char **argv)
{
    registers = (volatile uint32_t *)device_map(argv[1], strtoull(argv[2], NULL, 0), 4096);
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "helper") == 0)
            poll_status();
        else if (strcmp(argv[i], "own-helper") == 0)
            look();
        else if (strcmp(argv[i], "memcpy") == 0)
            copy_out();
        else if (strcmp(argv[i], "signal") == 0)
            interrupt();
        else if (strcmp(argv[i], "aligned") == 0)
            aligned();
        else
            seen = descend((unsigned)strtoul(argv[i], NULL, 0));
    }
    return 0;
}
