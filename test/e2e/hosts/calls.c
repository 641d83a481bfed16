// SPDX-License-Identifier: Apache-2.0
// calls PATH BASE PIECE CALL:OFFSET:BYTES[:ROOM]…: each CALL `pread`, `pwrite`, `readv` or `writev`, of BYTES at OFFSET
// in the device, PIECE bytes a call, 0: all in one. Behind ROOM bytes of memory there is none; it begins as far from
// the beginning of a page as that takes. The line says how many bytes were moved before a call moved fewer than it was
// asked to, why if it moved none, and what is in the memory.
#include <sys/uio.h>

#include "device.h"

enum { PAGE = 4096, MEMORY = 8 * PAGE };

static int device;
static uint64_t base;
static uint8_t *memory;

static unsigned hash(void)
{
    unsigned sum = 2166136261u;
    for (size_t i = 0; i < MEMORY; i++)
        sum = (sum ^ memory[i]) * 16777619u;
    return sum;
}

static ssize_t call(const char *name, uint8_t *bytes, size_t count, uint64_t offset)
{
    struct iovec parts[] = {{bytes, count / 2 + 1}, {bytes + count / 2 + 1, count - count / 2 - 1}};
    if (name[0] == 'p')
        return name[1] == 'r' ? pread(device, bytes, count, (off_t)(base + offset))
                              : pwrite(device, bytes, count, (off_t)(base + offset));
    lseek(device, (off_t)(base + offset), SEEK_SET);
    return name[0] == 'r' ? readv(device, parts, 2) : writev(device, parts, 2);
}

static void carry_out(const char *words, size_t piece)
{
    char name[8];
    unsigned offset, bytes, room = MEMORY - 100;
    if (sscanf(words, "%7[a-z]:%u:%u:%u", name, &offset, &bytes, &room) < 3)
        exit(2);
    for (size_t i = 0; i < MEMORY; i++)
        memory[i] = (uint8_t)(i * 7 + i / 256);
    uint8_t *place = memory + MEMORY - room;
    size_t moved = 0;
    ssize_t got = 0;
    const char *why = "";
    while (moved < bytes) {
        size_t count = piece != 0 && piece < bytes - moved ? piece : bytes - moved;
        got = call(name, place + moved, count, offset + moved);
        if (got < 0 && moved == 0)
            why = strerror(errno);
        if (got > 0)
            moved += (size_t)got;
        if (got != (ssize_t)count)
            break;
    }
    printf("%s: %zu %s, memory %08x\n", words, moved, why, hash());
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    setlinebuf(stdout);
    device = open(argv[1], O_RDWR | O_SYNC);
    base = number(argv[2]);
    memory = mmap(NULL, MEMORY + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (device < 0 || memory == MAP_FAILED || munmap(memory + MEMORY, PAGE) != 0)
        return 1;
    for (int i = 4; i < argc; i++)
        carry_out(argv[i], number(argv[3]));
    return 0;
}
