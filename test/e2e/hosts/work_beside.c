// SPDX-License-Identifier: Apache-2.0
// work_beside PATH: an axil_timer behind a UIO device counts its cycles. One thread sleeps 2 ms again and again; the
// other works for a while, reads the count, and sleeps 1 ms, ten times. Prints the counts.
#include <pthread.h>
#include <time.h>

#include "device.h"

enum { CONTROL = 0x00, COUNT = 0x08, RUN = 1, ROUNDS = 10 };

static void *sleep_on(void *unused)
{
    for (int i = 0; i < ROUNDS / 2; i++)
        nanosleep(&(struct timespec){0, 2000000}, NULL);
    return unused;
}

static void work(void)
{
    for (volatile int i = 0; i < 3000000; i++) {
    }
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    volatile uint8_t *timer = device_map(argv[1], 0, 4096);
    pthread_t other;
    device_write32(timer, CONTROL, RUN);
    pthread_create(&other, NULL, sleep_on, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        work();
        printf("%u ", device_read32(timer, COUNT));
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    pthread_join(other, NULL);
    printf("\n");
    return 0;
}
