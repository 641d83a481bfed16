// SPDX-License-Identifier: Apache-2.0
// A device that another process plays in shared memory, and programs that ring it.
// doorbells device FILE: plays it; each bell is a word that counts up, and the device writes beside it what it has
// seen. Ends when the word at STOP is set, with a line that says how often it was rung.
// doorbells host PATH BASE THREADS COUNT: each thread (at most 32) rings its own bell COUNT times, waits for the device
// each time, and counts the reads that takes.
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>

#include "device.h"

enum { BELLS = 32, APART = 64, BELL = 0, SEEN = 4, STOP = 4092 };

struct ringer {
    pthread_t thread;
    volatile uint8_t *device;
    uint64_t number, count, reads;
};

static void *ring(void *argument)
{
    struct ringer *ringer = argument;
    size_t own = ringer->number * APART;
    for (uint32_t i = 1; i <= ringer->count; i++) {
        device_write32(ringer->device, own + BELL, i);
        do {
            sched_yield();
            ringer->reads++;
        } while (device_read32(ringer->device, own + SEEN) != i);
    }
    return NULL;
}

static int host(const char *path, uint64_t base, uint64_t threads, uint64_t count)
{
    static struct ringer ringers[BELLS];
    volatile uint8_t *device = device_map(path, base, 4096);
    uint64_t reads = 0;
    for (uint64_t i = 0; i < threads; i++) {
        ringers[i] = (struct ringer){.device = device, .number = i, .count = count};
        if (pthread_create(&ringers[i].thread, NULL, ring, &ringers[i]) != 0)
            return 2;
    }
    for (uint64_t i = 0; i < threads; i++) {
        pthread_join(ringers[i].thread, NULL);
        reads += ringers[i].reads;
    }
    device_write32(device, STOP, 1);
    printf("%" PRIu64 " reads\n", reads);
    return 0;
}

static int play(const char *path)
{
    volatile uint8_t *device = device_map(path, 0, 4096);
    uint32_t rung = 0;
    puts("playing");
    fflush(stdout);
    while (device_read32(device, STOP) == 0) {
        for (size_t own = 0; own < BELLS * APART; own += APART) {
            uint32_t bell = device_read32(device, own + BELL);
            if (bell == device_read32(device, own + SEEN))
                continue;
            rung++;
            device_write32(device, own + SEEN, bell);
        }
        sched_yield();
    }
    printf("rung %" PRIu32 " times\n", rung);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "device") == 0)
        return play(argv[2]);
    if (argc == 6 && strcmp(argv[1], "host") == 0 && number(argv[4]) <= BELLS)
        return host(argv[2], number(argv[3]), number(argv[4]), number(argv[5]));
    fputs("usage: doorbells device FILE, or doorbells host PATH BASE THREADS COUNT\n", stderr);
    return 2;
}
