// SPDX-License-Identifier: Apache-2.0
// threads PATH BASE THREADS COUNT
// THREADS threads (at most 32) make COUNT rounds each on a RAM of 4096 bytes: every thread writes and reads back its
// own words at several widths, and adds 1 to a shared counter with a locked instruction. Each thread checks its own
// data; at the end the counter must hold THREADS × COUNT.
#include <inttypes.h>
#include <pthread.h>

#include "device.h"

enum { COUNTER = 0, PRIVATE = 64, PRIVATE_SIZE = 64, THREADS_MAX = 32 };

struct worker {
    pthread_t thread;
    volatile uint8_t *device;
    uint64_t number, count, errors;
};

static void expect(struct worker *worker, uint64_t expected, uint64_t got)
{
    if (expected == got)
        return;
    worker->errors++;
    fprintf(stderr, "thread %" PRIu64 ": wrote 0x%" PRIx64 ", read 0x%" PRIx64 "\n", worker->number, expected, got);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    volatile uint8_t *own = worker->device + PRIVATE + worker->number * PRIVATE_SIZE;
    volatile uint64_t *quad = (volatile uint64_t *)own;
    volatile uint32_t *word = (volatile uint32_t *)(own + 8);
    volatile uint16_t *half = (volatile uint16_t *)(own + 12);
    volatile uint8_t *byte = own + 14;
    volatile uint32_t *counter = (volatile uint32_t *)(worker->device + COUNTER);
    for (uint64_t i = 0; i < worker->count; i++) {
        uint64_t value = (worker->number + 1) * 0x0101010101010101 + i;
        *quad = value;
        *word = (uint32_t)value;
        *half = (uint16_t)value;
        *byte = (uint8_t)value;
        __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
        expect(worker, value, *quad);
        expect(worker, (uint32_t)value, *word);
        expect(worker, (uint16_t)value, *half);
        expect(worker, (uint8_t)value, *byte);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static struct worker workers[THREADS_MAX];
    if (argc != 5 || number(argv[3]) > THREADS_MAX) {
        fputs("usage: threads PATH BASE THREADS COUNT, at most 32 threads\n", stderr);
        return 2;
    }
    volatile uint8_t *device = device_map(argv[1], number(argv[2]), 4096);
    uint64_t threads = number(argv[3]);
    uint64_t count = number(argv[4]);
    uint64_t errors = 0;
    device_write32(device, COUNTER, 0);
    for (uint64_t i = 0; i < threads; i++) {
        workers[i] = (struct worker){.device = device, .number = i, .count = count};
        int error = pthread_create(&workers[i].thread, NULL, work, &workers[i]);
        if (error != 0) {
            fprintf(stderr, "cannot start thread %" PRIu64 ": %s\n", i, strerror(error));
            return 2;
        }
    }
    for (uint64_t i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        errors += workers[i].errors;
    }
    uint32_t total = device_read32(device, COUNTER);
    printf("threads: %" PRIu64 " threads, %" PRIu64 " rounds, %" PRIu64 " errors, counter %" PRIu32 "\n", threads,
           count, errors, total);
    return errors == 0 && total == threads * count ? 0 : 1;
}
