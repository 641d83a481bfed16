// SPDX-License-Identifier: Apache-2.0
// neighbours DEVICE
// What lies beside a watched register, in the same page, is memory for the kernel too: for what calls read and write,
// and for locks that threads sleep on, also those that slept before.
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <trapline.h>
#include <unistd.h>

enum { PAGE = 4096, ROUNDS = 100, FREE = 0, SLEPT_ON = 2 };

static struct {
    volatile unsigned reg;
    int pipe[2], status;
    char path[16], got[16];
    struct stat file;
    struct pollfd poll;
    sigset_t set;
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    volatile unsigned turn, rounds;
} page __attribute__((aligned(4096)));

static int fail(const char *what)
{
    printf("neighbours: %s: %s\n", what, strerror(errno));
    return 1;
}

static void *lock_once(void *unused)
{
    pthread_mutex_lock(&page.mutex);
    pthread_mutex_unlock(&page.mutex);
    return unused;
}

// By turns, each waiting for the other.
static void *take_turns(void *self)
{
    unsigned mine = self != NULL;
    pthread_mutex_lock(&page.mutex);
    for (int i = 0; i < ROUNDS; i++) {
        while (page.turn != mine)
            pthread_cond_wait(&page.condition, &page.mutex);
        page.turn = !mine;
        page.rounds = page.rounds + 1;
        pthread_cond_signal(&page.condition);
    }
    pthread_mutex_unlock(&page.mutex);
    return NULL;
}

// As glibc keeps it.
static int lock_word(void)
{
    return *(volatile int *)&page.mutex;
}

static pthread_t start(void *(*work)(void *), void *argument)
{
    pthread_t thread;
    pthread_create(&thread, NULL, work, argument);
    return thread;
}

static int calls(void)
{
    strcpy(page.path, "/");
    if (stat(page.path, &page.file) != 0 || !S_ISDIR(page.file.st_mode))
        return fail("stat");
    if (pipe(page.pipe) != 0 || write(page.pipe[1], page.path, 2) != 2 || read(page.pipe[0], page.got, 16) != 2)
        return fail("pipe");
    page.poll.fd = page.pipe[1];
    page.poll.events = POLLOUT;
    if (poll(&page.poll, 1, 0) != 1 || page.poll.revents != POLLOUT)
        return fail("poll");
    sigemptyset(&page.set);
    if (sigprocmask(SIG_SETMASK, &page.set, NULL) != 0)
        return fail("sigprocmask");
    pid_t child = fork();
    if (child == 0)
        _exit(3);
    if (waitpid(child, &page.status, 0) != child || WEXITSTATUS(page.status) != 3)
        return fail("waitpid");
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return fputs("usage: neighbours DEVICE\n", stderr), 2;
    pthread_mutex_lock(&page.mutex);
    pthread_t sleeper = start(lock_once, NULL);
    while (lock_word() != SLEPT_ON)
        ;
    if (trapline_watch((void *)&page.reg, 4, argv[1], 0) != 0)
        return fail("watch");
    page.reg = 5;
    pthread_mutex_unlock(&page.mutex);
    pthread_join(sleeper, NULL);
    if (calls() != 0)
        return 1;
    pthread_t one = start(take_turns, NULL), other = start(take_turns, &page);
    pthread_join(one, NULL);
    pthread_join(other, NULL);
    if (page.rounds != 2 * ROUNDS || lock_word() != FREE || page.reg != 5)
        return fail("turns");
    if (trapline_unwatch((void *)&page.reg, 4) != 0 || page.rounds != 2 * ROUNDS)
        return fail("unwatch");
    puts("neighbours: memory for the kernel too");
    return 0;
}
