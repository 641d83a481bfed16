// SPDX-License-Identifier: Apache-2.0
// queues WAY PATH: reads and writes a device by the kernel's queues, or by libc's. The bytes at 0 become 01 02 03 04.
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const char *outcome(long result)
{
    static char text[64];
    if (result < 0)
        return strerrorname_np(errno);
    snprintf(text, sizeof text, "%ld", result);
    return text;
}

static volatile sig_atomic_t signalled;

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    signalled = info->si_code == SI_ASYNCIO ? info->si_value.sival_int : -1;
}

static long end_of(struct aiocb *block)
{
    const struct aiocb *list[] = {block};
    while (aio_error(block) == EINPROGRESS)
        aio_suspend(list, 1, NULL);
    errno = aio_error(block);
    return aio_return(block);
}

static void by_libc(int file)
{
    unsigned char out[] = {1, 2, 3, 4}, in[8] = {0};
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    struct aiocb write = {.aio_fildes = file, .aio_buf = out, .aio_nbytes = 4};
    write.aio_sigevent = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    write.aio_sigevent.sigev_value.sival_int = 7;
    struct aiocb read = {.aio_fildes = file, .aio_buf = in, .aio_nbytes = 4}, closed = {.aio_fildes = file};
    printf("aio_write: %d", aio_write(&write));
    printf(" %s, signal %d\n", outcome(end_of(&write)), (int)signalled);
    printf("aio_read: %d", aio_read(&read));
    printf(" %s %02x%02x%02x%02x\n", outcome(end_of(&read)), in[0], in[1], in[2], in[3]);
    printf("aio_fsync: %d", aio_fsync(O_SYNC, &closed));
    printf(" %s\n", outcome(end_of(&closed)));
    struct aiocb *list[] = {&read, NULL};
    read.aio_lio_opcode = LIO_READ;
    read.aio_offset = 2;
    read.aio_nbytes = 2;
    printf("lio_listio: %d", lio_listio(LIO_WAIT, list, 2, NULL));
    printf(" %s %02x%02x\n", outcome(end_of(&read)), in[0], in[1]);
    printf("aio_cancel: %d\n", aio_cancel(file, NULL) == AIO_ALLDONE);
}

/* Of files whose numbers lie around a device's; a socket, which waits. */
static void beside(int device)
{
    char bytes[4] = {0};
    int files[8], ends[2], moved = 0;
    for (int i = 0; i < 8; i++) {
        files[i] = memfd_create("file", 0);
        struct aiocb write = {.aio_fildes = files[i], .aio_buf = "abcd", .aio_nbytes = 4}, read = write;
        read.aio_buf = bytes;
        aio_write(&write);
        moved += end_of(&write) == 4 && aio_fsync(O_SYNC, &write) == 0 && end_of(&write) == 0;
        struct aiocb *list[] = {&read};
        read.aio_lio_opcode = LIO_READ;
        moved += lio_listio(LIO_WAIT, list, 1, NULL) == 0 && memcmp(bytes, "abcd", 4) == 0;
        close(files[i]);
        files[i] = dup(device);
    }
    close(files[1]);
    close(files[2]);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        return;
    struct aiocb read = {.aio_fildes = ends[0], .aio_buf = bytes, .aio_nbytes = 4};
    int begun = aio_read(&read), waits = aio_error(&read) == EINPROGRESS;
    printf("%d moved; begun %d, waits %d", moved, begun, waits);
    send(ends[1], "efgh", 4, 0);
    printf(", ended %s %.4s\n", outcome(end_of(&read)), bytes);
}

static volatile uint32_t *mapped;
static sem_t called;

static void use(union sigval value)
{
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    mapped[1] = (uint32_t)value.sival_int;
    printf("SIGSEGV %d, SIGTERM %d blocked, %x\n", sigismember(&blocked, SIGSEGV), sigismember(&blocked, SIGTERM),
           mapped[1]);
    sem_post(&called);
}

/* libc starts such a thread with all signals blocked. */
static void by_timer(int file)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = use};
    struct itimerspec soon = {.it_value = {.tv_nsec = 1}};
    timer_t timer;
    event.sigev_value.sival_int = 0x11223344;
    mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    sem_init(&called, 0, 0);
    if (mapped == MAP_FAILED || timer_create(CLOCK_MONOTONIC, &event, &timer) < 0)
        return;
    timer_settime(timer, 0, &soon, NULL);
    sem_wait(&called);
    timer_delete(timer);
}

/* An interrupt of axil_timer. */
static void by_thread(int file)
{
    volatile uint32_t *timer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (timer == MAP_FAILED)
        return;
    int32_t count = 0;
    struct aiocb read = {.aio_fildes = file, .aio_buf = &count, .aio_nbytes = sizeof count};
    printf("aio_read: %d\n", aio_read(&read));
    printf("waits: %d\n", aio_error(&read) == EINPROGRESS && aio_cancel(file, &read) == AIO_NOTCANCELED);
    timer[3] = 1000;
    timer[0] = 3;
    long moved = end_of(&read);
    printf("ended: %s, count %d\n", outcome(moved), count);
}

static void by_kernel(int file)
{
    aio_context_t context = 0;
    unsigned char bytes[8];
    int pipes[2];
    struct iocb ours = {.aio_fildes = (unsigned)file, .aio_lio_opcode = IOCB_CMD_PREAD, .aio_nbytes = 8};
    struct iocb other = ours, *list[] = {&other, &ours};
    ours.aio_buf = other.aio_buf = (uintptr_t)bytes;
    if (syscall(SYS_io_setup, 4, &context) < 0 || pipe(pipes) < 0 || write(pipes[1], "12345678", 8) != 8)
        return;
    other.aio_fildes = (unsigned)pipes[0];
    printf("io_submit: %s\n", outcome(syscall(SYS_io_submit, context, 1, list + 1)));
    printf("io_submit of two: %s\n", outcome(syscall(SYS_io_submit, context, 2, list)));
    syscall(SYS_io_destroy, context);
}

int main(int argc, char **argv)
{
    char parameters[256] = {0};
    int file = argc == 3 ? open(argv[2], O_RDWR) : -1;
    if (file < 0)
        return 2;
    if (strcmp(argv[1], "libc") == 0)
        by_libc(file);
    else if (strcmp(argv[1], "thread") == 0)
        by_thread(file);
    else if (strcmp(argv[1], "beside") == 0)
        beside(file);
    else if (strcmp(argv[1], "timer") == 0)
        by_timer(file);
    else if (strcmp(argv[1], "kernel") == 0)
        by_kernel(file);
    else
        printf("io_uring_setup: %s\n", outcome(syscall(SYS_io_uring_setup, 4, parameters)));
    return 0;
}
