// SPDX-License-Identifier: Apache-2.0
//
// thread_cost PATH BASE THREADS COUNT
// THREADS threads share COUNT 32-bit loads of a device, in SLICES parts that all of them begin at once; prints
// nanoseconds per load, all threads together: as median, p99 and mean of the parts.
#include <pthread.h>

#include "../e2e/hosts/device.h"
#include "spread.h"

enum { MOST = 64, SLICES = 40 };

static volatile uint8_t *device;
static uint64_t loads_of_each;
static pthread_barrier_t all_there;

static void *load(void *unused)
{
    device_read32(device, 0);
    for (unsigned slice = 0; slice < SLICES; slice++) {
        pthread_barrier_wait(&all_there);
        for (uint64_t i = 0; i < loads_of_each; i++)
            device_read32(device, 0);
        pthread_barrier_wait(&all_there);
    }
    return unused;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: thread_cost PATH BASE THREADS COUNT\n", stderr);
        return 2;
    }
    const unsigned threads = (unsigned)number(argv[3]);
    pthread_t ids[MOST];
    double ns[SLICES];
    if (threads == 0 || threads > MOST) {
        fprintf(stderr, "thread_cost: 1 to %d threads\n", MOST);
        return 2;
    }
    device = device_map(argv[1], number(argv[2]), 4096);
    loads_of_each = number(argv[4]) / threads / SLICES;
    pthread_barrier_init(&all_there, NULL, threads + 1);
    for (unsigned i = 0; i < threads; i++)
        if (pthread_create(&ids[i], NULL, load, NULL) != 0)
            return 1;
    for (unsigned slice = 0; slice < SLICES; slice++) {
        pthread_barrier_wait(&all_there);
        const double start = ns_now();
        pthread_barrier_wait(&all_there);
        ns[slice] = (ns_now() - start) / (double)(loads_of_each * threads);
    }
    spread_print("threads", ns, SLICES);
    for (unsigned i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    return 0;
}
