/* SPDX-License-Identifier: Apache-2.0 */
#include "children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "request.h"

enum { MOST_PROGRAMS = 64 };

struct child {
    pid_t pid, stand_in;
    /* -1 if nobody waits for it. */
    int socket;
};

/* Programs that were kept, the last ones. */
static struct program {
    dev_t device;
    ino_t inode;
} programs[MOST_PROGRAMS];
static size_t program_count;

static struct child *children;
static size_t child_count;
static void (*restore)(void);

void children_init(void (*restore_signals)(void))
{
    restore = restore_signals;
}

/* Texts one after the other, to a list that ends with NULL. */
static char **take_list(const char **at, const char *end, uint32_t count)
{
    char **list = calloc((size_t)count + 1, sizeof *list);
    for (uint32_t i = 0; list != NULL && i < count && *at < end; i++, *at += strlen(*at) + 1)
        list[i] = (char *)*at;
    return list;
}

/* First all of them out of the way of the numbers that they shall have. */
static bool place(const int *passed, int count)
{
    int moved[MOST_PASSED];
    for (int i = 0; i < count; i++)
        if ((moved[i] = fcntl(passed[i], F_DUPFD_CLOEXEC, count)) < 0)
            return false;
    for (int i = 0; i < count; i++)
        if (dup2(moved[i], i) < 0)
            return false;
    return true;
}

static void become(const int *descriptors, int passed, const struct request *request, const char *end, pid_t deputy)
{
    const char *at = (const char *)(request + 1);
    char **arguments = take_list(&at, end, request->arguments), **variables = take_list(&at, end, request->variables);
    if (request->is_kept) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != deputy)
            _exit(125);
        setsid();
    }
    if (arguments == NULL || variables == NULL || fchdir(descriptors[DIRECTORY]) != 0 ||
        !place(descriptors + FIRST_PASSED, passed))
        _exit(125);
    restore();
    execve(arguments[0], arguments + 1, variables);
    dprintf(STDERR_FILENO, "%s could not be started: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

static const struct request *map_request(int file, const char **end)
{
    struct stat found;
    if (fstat(file, &found) != 0 || found.st_size <= (off_t)sizeof(struct request))
        return NULL;
    const char *bytes = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    *end = bytes + found.st_size;
    return bytes != MAP_FAILED && (*end)[-1] == 0 ? (const struct request *)bytes : NULL;
}

static bool keep(pid_t pid, pid_t stand_in, int socket)
{
    struct child *more = realloc(children, (child_count + 1) * sizeof *more);
    if (more == NULL)
        return false;
    children = more;
    children[child_count++] = (struct child){pid, stand_in, socket};
    return true;
}

static void note_program(const struct request *request)
{
    struct stat found;
    if (request->is_kept && stat((const char *)(request + 1), &found) == 0)
        programs[program_count++ % MOST_PROGRAMS] = (struct program){found.st_dev, found.st_ino};
}

bool children_is_copy(pid_t pid)
{
    char path[64];
    struct stat found;
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    if (stat(path, &found) != 0)
        return false;
    for (size_t i = 0; i < MOST_PROGRAMS; i++)
        if (programs[i].inode == found.st_ino && programs[i].device == found.st_dev)
            return true;
    return false;
}

void children_start(const int *descriptors, size_t count)
{
    const char *end;
    const struct request *request = count > FIRST_PASSED ? map_request(descriptors[TEXTS], &end) : NULL;
    bool is_kept = request != NULL && request->is_kept;
    pid_t deputy = getpid(), pid = request != NULL ? fork() : -1;
    if (pid == 0)
        become(descriptors, (int)count - FIRST_PASSED, request, end, deputy);
    bool is_noted = pid > 0 && keep(pid, is_kept ? request->stand_in : 0, is_kept ? descriptors[OWN_SOCKET] : -1);
    if (pid > 0 && !is_noted)
        kill(pid, SIGKILL);
    if (is_noted)
        note_program(request);
    for (size_t i = 0; i < count; i++)
        if (i != OWN_SOCKET || !is_noted || !is_kept)
            close(descriptors[i]);
    if (request != NULL)
        munmap((void *)request, (size_t)(end - (const char *)request));
}

static void tell(const struct child *child, struct news news)
{
    if (child->socket >= 0)
        send(child->socket, &news, sizeof news, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void forget(struct child *child)
{
    if (child->socket >= 0)
        close(child->socket);
    *child = children[--child_count];
}

void children_note(pid_t pid, int status)
{
    for (struct child *child = children; child < children + child_count; child++) {
        if (child->pid != pid)
            continue;
        if (WIFSTOPPED(status))
            tell(child, (struct news){STOPPED, 0});
        else if (WIFCONTINUED(status) && child->stand_in > 0)
            kill(child->stand_in, SIGCONT);
        else if (!WIFCONTINUED(status)) {
            tell(child, (struct news){ENDED, status});
            forget(child);
        }
        return;
    }
}

bool children_has(pid_t pid)
{
    for (struct child *child = children; child < children + child_count; child++)
        if (child->pid == pid)
            return true;
    return false;
}

size_t children_sources(struct pollfd *sources, size_t most)
{
    size_t count = 0;
    for (struct child *child = children; child < children + child_count && count < most; child++)
        if (child->socket >= 0)
            sources[count++] = (struct pollfd){.fd = child->socket, .events = POLLIN};
    return count;
}

void children_obey(int socket)
{
    for (struct child *child = children; child < children + child_count; child++) {
        int signal = 0;
        if (child->socket != socket)
            continue;
        ssize_t length = recv(socket, &signal, sizeof signal, MSG_DONTWAIT);
        if (length < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        kill(child->pid, length == sizeof signal ? signal : SIGKILL);
        if (length == sizeof signal)
            return;
        close(socket);
        child->socket = -1;
        return;
    }
}
