/* SPDX-License-Identifier: Apache-2.0 */
#include "stand_in.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/end_alike.h"
#include "request.h"

enum { UNUSABLE = 125 };

static int fail(const char *what)
{
    fprintf(stderr, "trapline-reaper: %s: %s\n", what, strerror(errno));
    return UNUSABLE;
}

static uint32_t count_of(char **texts)
{
    uint32_t count = 0;
    while (texts[count] != NULL)
        count++;
    return count;
}

static bool put(int file, const void *bytes, size_t length)
{
    ssize_t count;
    for (const char *at = bytes; length > 0; at += count, length -= (size_t)count)
        if ((count = write(file, at, length)) <= 0)
            return false;
    return true;
}

/* -1 if there is no memory for it. */
static int write_texts(bool is_kept, char **command)
{
    struct request request = {is_kept, getpid(), count_of(command), count_of(environ)};
    int file = memfd_create("request", MFD_CLOEXEC);
    bool is_written = file >= 0 && put(file, &request, sizeof request);
    for (char **text = command; is_written && *text != NULL; text++)
        is_written = put(file, *text, strlen(*text) + 1);
    for (char **text = environ; is_written && *text != NULL; text++)
        is_written = put(file, *text, strlen(*text) + 1);
    return is_written ? file : -1;
}

static bool send_request(int launcher, const int *descriptors, size_t count)
{
    char letter = START, control[CMSG_SPACE(sizeof(int) * (FIRST_PASSED + MOST_PASSED))] = {0};
    struct iovec bytes = {&letter, 1};
    struct msghdr message = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(rights), descriptors, count * sizeof(int));
    while (sendmsg(launcher, &message, MSG_NOSIGNAL) != 1) {
        struct pollfd room = {.fd = launcher, .events = POLLOUT};
        if (errno != EAGAIN && errno != EINTR)
            return false;
        poll(&room, 1, -1);
    }
    return true;
}

/* Without the deputy the program is killed. */
static int stand_in(int own, int signals)
{
    struct pollfd sources[] = {{.fd = own, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    for (;;) {
        struct signalfd_siginfo signal;
        struct news news = {ENDED, SIGKILL};
        if (poll(sources, 2, -1) < 0)
            continue;
        if (sources[1].revents != 0 && read(signals, &signal, sizeof signal) == sizeof signal)
            send(own, &(int){(int)signal.ssi_signo}, sizeof(int), MSG_NOSIGNAL);
        if (sources[0].revents == 0)
            continue;
        (void)!recv(own, &news, sizeof news, 0);
        if (news.kind == ENDED)
            return end_alike(news.status);
        raise(SIGSTOP);
    }
}

int stand_in_run(bool is_kept, pid_t launcher, int passed, char **command)
{
    int own[2], descriptors[FIRST_PASSED + MOST_PASSED];
    sigset_t handed_on;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != launcher)
        return UNUSABLE;
    sigemptyset(&handed_on);
    sigaddset(&handed_on, SIGTERM);
    sigprocmask(SIG_BLOCK, &handed_on, NULL);
    int signals = signalfd(-1, &handed_on, SFD_CLOEXEC);
    if (signals < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, own) != 0)
        return fail("no descriptor is left");
    descriptors[OWN_SOCKET] = own[1];
    descriptors[TEXTS] = write_texts(is_kept, command);
    descriptors[DIRECTORY] = open(".", O_PATH | O_CLOEXEC);
    if (descriptors[TEXTS] < 0)
        return fail("no memory is left");
    if (descriptors[DIRECTORY] < 0)
        return fail("the working directory");
    for (int i = 0; i < passed; i++)
        descriptors[FIRST_PASSED + i] = i;
    if (!send_request(passed, descriptors, (size_t)(FIRST_PASSED + passed)))
        return fail("the reaper is gone");
    if (!is_kept)
        return 0;
    /* Whoever waits for the end of what the program has open does not wait for us. */
    for (int i = 0; i < FIRST_PASSED + passed; i++)
        close(descriptors[i]);
    close(passed);
    return stand_in(own[0], signals);
}
