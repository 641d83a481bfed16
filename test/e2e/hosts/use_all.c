/* SPDX-License-Identifier: Apache-2.0 */
/* Uses each kind of device once, whatever becomes of it: registers by load and store, calls, waits, and a child. */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 0x1000 };

static void use_registers(const char *path, off_t base)
{
    int file = open(path, O_RDWR);
    if (file < 0)
        return;
    volatile uint32_t *registers = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, base);
    if (registers != MAP_FAILED) {
        uint8_t copy[64];
        registers[1] = registers[0];
        memcpy(copy, (const void *)(registers + 16), sizeof copy);
    }
    uint32_t word = 1;
    (void)!pread(file, &word, sizeof word, base);
    (void)!pwrite(file, &word, sizeof word, base + 4);
    close(file);
}

static void use_stream(const char *path)
{
    char packet[100] = "packet";
    int file = open(path, O_RDWR | O_NONBLOCK);
    if (file < 0)
        return;
    (void)!write(file, packet, sizeof packet);
    (void)!read(file, packet, sizeof packet);
    struct pollfd polled = {.fd = file, .events = POLLIN};
    poll(&polled, 1, 10);
    close(file);
}

static void use_memory(const char *path)
{
    int file = open(path, O_RDWR);
    volatile uint32_t *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory != MAP_FAILED && lseek(file, 0, SEEK_END) >= SIZE)
        memory[0] = memory[1] + 1;
    close(file);
}

int main(void)
{
    struct timespec pause = {.tv_nsec = 1000};
    use_registers("/dev/mem", 0x43c00000);
    use_registers("/dev/uio0", 0);
    use_registers("/dev/char0", 0);
    use_stream("/dev/axis0");
    use_memory("/dev/udmabuf0");
    nanosleep(&pause, NULL);
    pid_t child = fork();
    if (child == 0) {
        use_registers("/dev/mem", 0x43c00000);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    puts("done");
}
