// SPDX-License-Identifier: Apache-2.0
// forker PATH BASE
// On a RAM: writes a word, forks, and lets both sides access through the inherited mapping. The child reads the
// parent's word and writes one of its own; the parent waits for the child's end and reads that.
#include <inttypes.h>
#include <sys/wait.h>

#include "device.h"

enum { PARENT_WORD = 0, CHILD_WORD = 8 };
static const uint32_t from_parent = 0x600dcafe, from_child = 0xc411d0e5;

static int child(volatile uint8_t *device)
{
    uint32_t got = device_read32(device, PARENT_WORD);
    device_write32(device, CHILD_WORD, from_child);
    if (got == from_parent)
        return 0;
    fprintf(stderr, "child: expected 0x%08" PRIx32 ", read 0x%08" PRIx32 "\n", from_parent, got);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: forker PATH BASE\n", stderr);
        return 2;
    }
    volatile uint8_t *device = device_map(argv[1], number(argv[2]), 4096);
    device_write32(device, PARENT_WORD, from_parent);
    device_write32(device, CHILD_WORD, 0);
    pid_t pid = fork();
    if (pid < 0) {
        fprintf(stderr, "cannot fork: %s\n", strerror(errno));
        return 2;
    }
    if (pid == 0)
        return child(device);
    int status;
    waitpid(pid, &status, 0);
    uint32_t got = device_read32(device, CHILD_WORD);
    printf("forker: child %s, parent read 0x%08" PRIx32 "\n", status == 0 ? "well" : "failed", got);
    return status == 0 && got == from_child ? 0 : 1;
}
