/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether calls go on after a timer's handler (SA_RESTART, signal(7)), while other handlers end them. The handler has a
 * child end the wait, so that nothing depends on how long anything takes. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int told[2], data[2], queue;
static char path[64];
static sem_t *semaphore;

static void tell(int signal)
{
    (void)signal;
    int error = errno;
    (void)!write(told[1], "x", 1);
    errno = error;
}

static void nothing(int signal)
{
    (void)signal;
}

static char byte;
static struct iovec piece = {&byte, 1};

static long do_read(void)
{
    return read(data[0], &byte, 1);
}
static long do_readv(void)
{
    return readv(data[0], &piece, 1);
}
static long do_recv(void)
{
    return recv(data[0], &byte, 1, 0);
}
static long do_recvfrom(void)
{
    return recvfrom(data[0], &byte, 1, 0, NULL, NULL);
}
static long do_recvmsg(void)
{
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    return recvmsg(data[0], &message, 0);
}
static long do_poll(void)
{
    return poll(&(struct pollfd){data[0], POLLIN, 0}, 1, -1);
}
static long do_select(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(data[0], &set);
    return select(data[0] + 1, &set, NULL, NULL, NULL);
}
static long do_epoll(void)
{
    struct epoll_event event = {.events = EPOLLIN}, found;
    int set = epoll_create1(0);
    epoll_ctl(set, EPOLL_CTL_ADD, data[0], &event);
    long result = epoll_wait(set, &found, 1, -1);
    int error = errno;
    close(set);
    errno = error;
    return result;
}
static long do_open(void)
{
    int opened = open(path, O_RDONLY);
    if (opened >= 0)
        close(opened);
    return opened < 0 ? -1 : 0;
}
static long do_flock(void)
{
    int file = open("locked", O_RDWR | O_CREAT, 0600);
    long result = flock(file, LOCK_EX);
    int error = errno;
    close(file);
    errno = error;
    return result;
}
static long do_record(void)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int file = open("locked", O_RDWR | O_CREAT, 0600);
    long result = fcntl(file, F_SETLKW, &lock);
    int error = errno;
    close(file);
    errno = error;
    return result;
}
static long do_waitpid(void)
{
    int status;
    return waitpid(-1, &status, 0) > 0 ? 1 : -1;
}
static long do_sem_wait(void)
{
    return sem_wait(semaphore);
}
static struct {
    long type;
    char text[8];
} message = {1, "message"};
static long do_msgrcv(void)
{
    return msgrcv(queue, &message, sizeof message.text, 0, 0);
}
static long do_pause(void)
{
    return pause();
}

static const struct {
    const char *name;
    long (*wait)(void);
    bool is_socket, never_restarts;
} calls[] = {
    {"read", do_read, false, false},        {"read of a socket", do_read, true, false},
    {"readv", do_readv, false, false},      {"recv", do_recv, true, false},
    {"recvfrom", do_recvfrom, true, false}, {"recvmsg", do_recvmsg, true, false},
    {"poll", do_poll, false, true},         {"select", do_select, false, true},
    {"epoll_wait", do_epoll, false, true},  {"open of a FIFO", do_open, false, false},
    {"flock", do_flock, false, false},      {"fcntl F_SETLKW", do_record, false, false},
    {"waitpid", do_waitpid, false, false},  {"sem_wait", do_sem_wait, false, false},
    {"msgrcv", do_msgrcv, false, true},     {"pause", do_pause, false, true},
};

/* Ends any of those waits, once it is told. `held` is a pipe that says that it has the lock. */
static void end_wait(long (*wait)(void), int held)
{
    struct flock record = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char any;
    int file = -1;
    if (wait == do_flock || wait == do_record)
        file = open("locked", O_RDWR | O_CREAT, 0600);
    if (wait == do_flock)
        flock(file, LOCK_EX);
    if (wait == do_record)
        fcntl(file, F_SETLK, &record);
    (void)!write(held, "x", 1);
    (void)!read(told[0], &any, 1);
    (void)!write(data[1], "x", 1);
    if (wait == do_open)
        close(open(path, O_WRONLY));
    if (wait == do_sem_wait)
        sem_post(semaphore);
    if (wait == do_msgrcv)
        msgsnd(queue, &message, sizeof message.text, 0);
    _exit(0);
}

static void arm(bool repeats)
{
    struct itimerval timer = {.it_value.tv_usec = 20000, .it_interval.tv_usec = repeats ? 20000 : 0};
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* What is to end by a signal has no other end, and signals come until it has; what is to go on may be told early. */
static void try(size_t i, int flags, bool repeats)
{
    int held[2];
    char any;
    bool ends = flags == 0 || calls[i].never_restarts;
    struct sigaction action = {.sa_handler = ends ? nothing : tell, .sa_flags = flags};
    sigaction(SIGALRM, &action, NULL);
    (void)!pipe(told);
    (void)!pipe(held);
    (void)!(calls[i].is_socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, data) : pipe(data));
    pid_t child = fork();
    if (child == 0)
        end_wait(calls[i].wait, held[1]);
    (void)!read(held[0], &any, 1);
    arm(repeats || ends);
    long result = calls[i].wait();
    int error = errno;
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    printf("%s%s%s: %ld %s\n", calls[i].name, flags ? ", SA_RESTART" : "", repeats ? ", again and again" : "", result,
           result < 0 ? strerror(error) : "");
    (void)!write(told[1], "x", 1);
    int fifo = open(path, O_RDONLY | O_NONBLOCK);
    waitpid(child, NULL, 0);
    close(fifo);
    msgrcv(queue, &message, sizeof message.text, 0, IPC_NOWAIT);
    for (int end = 0; end < 2; end++) {
        close(told[end]);
        close(held[end]);
        close(data[end]);
    }
}

/* restarts [FILE OFFSET]: with what is there mapped. */
int main(int argc, char **argv)
{
    if (argc > 2 && mmap(NULL, 0x1000, PROT_READ, MAP_SHARED, open(argv[1], O_RDWR), atol(argv[2])) == MAP_FAILED)
        return 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct sigaction other = {.sa_handler = nothing};
    sigaction(SIGUSR2, &other, NULL);
    snprintf(path, sizeof path, "fifo");
    (void)!mkfifo(path, 0600);
    semaphore = mmap(NULL, sizeof *semaphore, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    queue = msgget(IPC_PRIVATE, 0600);
    for (size_t i = 0; i < 3 * sizeof calls / sizeof *calls; i++) {
        sem_init(semaphore, 1, 0);
        try(i / 3, i % 3 == 0 ? 0 : SA_RESTART, i % 3 == 2);
    }
    msgctl(queue, IPC_RMID, NULL);
    unlink(path);
    return 0;
}
