// SPDX-License-Identifier: Apache-2.0
// throws PATH BASE LIMIT: reads words around LIMIT, behind which the bus refuses; a SIGBUS handler throws straight out
// of the load (-fnon-call-exceptions), here and in another thread. Prints how many were answered, caught and cleaned up
// after.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <pthread.h>
#include <stdexcept>
#include <sys/mman.h>
#include <thread>

namespace {

volatile std::uint32_t *registers;
int cleaned;

struct Cleanup {
    ~Cleanup() { cleaned++; }
};

void onBus(int, siginfo_t *info, void *)
{
    sigset_t bus;
    sigemptyset(&bus);
    sigaddset(&bus, SIGBUS);
    pthread_sigmask(SIG_UNBLOCK, &bus, nullptr);
    throw std::out_of_range(std::to_string(static_cast<char *>(info->si_addr) - (char *)registers));
}

__attribute__((noinline)) std::uint32_t load(unsigned offset)
{
    Cleanup cleanup;
    return registers[offset / 4];
}

__attribute__((noinline)) void store(unsigned offset)
{
    Cleanup cleanup;
    registers[offset / 4] = offset;
}

void probe(unsigned limit)
{
    int answered = 0, caught = 0;
    cleaned = 0;
    for (unsigned offset = limit - 16; offset < limit + 16; offset += 4) {
        try {
            store(offset);
            answered += load(offset) == offset;
        } catch (const std::out_of_range &error) {
            caught += error.what() == std::to_string(offset);
        }
    }
    std::printf("answered %d, caught %d, cleaned %d\n", answered, caught, cleaned);
}

} // namespace

int main(int, char **argv)
{
    const int device = open(argv[1], O_RDWR);
    void *mapped = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, device, std::strtoll(argv[2], nullptr, 0));
    if (mapped == MAP_FAILED)
        return 2;
    registers = static_cast<volatile std::uint32_t *>(mapped);
    struct sigaction action{};
    action.sa_sigaction = onBus;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGBUS, &action, nullptr);
    const unsigned limit = std::strtoul(argv[3], nullptr, 0);
    probe(limit);
    std::thread(probe, limit).join();
}
