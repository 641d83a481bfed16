// SPDX-License-Identifier: Apache-2.0
// daemon HOW PATH BASE [stay]
// Writes a register, becomes a daemon and ends with status 0; the daemon reads that register, writes another one and
// ends, or stays for ever. HOW: what it does to be nobody's child.
//   library   daemon(3)
//   closed    twice a fork, a session of its own, every descriptor closed
//   bare      as closed; it clears its environment, writes over its arguments, and forbids to be looked into
#include <sys/prctl.h>

#include "device.h"

static void leave(const char *how, char **argv, int argc)
{
    if (strcmp(how, "library") == 0) {
        if (daemon(1, 1) < 0)
            exit(2);
        return;
    }
    if (fork() != 0)
        _exit(0);
    setsid();
    if (fork() != 0)
        _exit(0);
    for (int descriptor = 0; descriptor < 1024; descriptor++)
        close(descriptor);
    if (strcmp(how, "bare") != 0)
        return;
    // What retitles a process writes over its arguments and the environment behind them.
    extern char **environ;
    char **last = environ;
    while (last[0] != NULL && last[1] != NULL)
        last++;
    char *end = last[0] != NULL ? last[0] + strlen(last[0]) : argv[argc - 1] + strlen(argv[argc - 1]);
    memset(argv[0], 'x', (size_t)(end - argv[0]));
    clearenv();
    prctl(PR_SET_DUMPABLE, 0);
}

int main(int argc, char **argv)
{
    volatile uint8_t *device = device_map(argv[2], number(argv[3]), 4096);
    device_write32(device, 0, 0x1111);
    leave(argv[1], argv, argc);
    device_write32(device, 16, device_read32(device, 0) + 1);
    while (argc > 4)
        pause();
    return 0;
}
