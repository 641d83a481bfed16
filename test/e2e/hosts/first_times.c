// SPDX-License-Identifier: Apache-2.0
// first_times PATH BASE FORKS
// On a RAM: one thread makes loads, each by an instruction of its own that has never been executed before. Another one
// forks meanwhile, and each child makes the loads that were made last once more.
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "device.h"

enum { LOADS = 60000, AGAIN = 8, STRIDE = 8 };

// Loads a word from its first argument.
#ifdef __i386__
static const uint8_t load[STRIDE] = {0x8b, 0x44, 0x24, 0x04, 0x8b, 0x00, 0xc3};
#else
static const uint8_t load[STRIDE] = {0x8b, 0x07, 0xc3};
#endif

static uint8_t *code;
static volatile uint8_t *device;
static atomic_int made, is_over;

static uint32_t load_by(int number)
{
    uint32_t (*call)(volatile uint8_t *from);
    *(void **)&call = code + (size_t)number * STRIDE;
    return call(device);
}

static void *make_loads(void *unused)
{
    for (int i = 0; i < LOADS && !is_over; i++) {
        load_by(i);
        made = i + 1;
    }
    return unused;
}

static int child(int last, uint32_t word)
{
    for (int i = last; i > last - AGAIN; i--)
        if (load_by(i) != word)
            return 1;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    device = device_map(argv[1], number(argv[2]), 4096);
    device_write32(device, 0, 0x5eed);
    code = mmap(NULL, LOADS * STRIDE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < LOADS; i++)
        memcpy(code + (size_t)i * STRIDE, load, STRIDE);
    mprotect(code, LOADS * STRIDE, PROT_READ | PROT_EXEC);
    pthread_t loader;
    pthread_create(&loader, NULL, make_loads, NULL);
    uint64_t forks = number(argv[3]), well = 0;
    for (uint64_t i = 0; i < forks; i++) {
        while (made < AGAIN) {
        }
        int last = made - 1, status;
        pid_t pid = fork();
        if (pid == 0)
            _exit(child(last, 0x5eed));
        waitpid(pid, &status, 0);
        well += status == 0;
    }
    is_over = 1;
    pthread_join(loader, NULL);
    printf("%llu of %llu children well\n", (unsigned long long)well, (unsigned long long)forks);
    return well != forks;
}
