// SPDX-License-Identifier: Apache-2.0
#include "scripted_syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

enum { STDERR = 2, FIRST = 10, MOST = 200, RARE = 16 };

static const struct script *script;
static struct random *chance;
static size_t chunk, taken;

// A descriptor that the agent has made: the bridge's connection, one beside it, or a file.
struct made {
    enum { FILE_OF_NODE, BRIDGE, SIDE } kind;
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    long flags, position;
    bool is_asked;
};
static struct made made[MOST];
static long made_count;
static struct chunk side;
static long side_owner;
static size_t side_taken;
static void (*answer_side)(struct chunk *to, bool is_asked);
static struct scripted_world *world;

void scripted_begin(const struct script *next, struct random *random)
{
    script = next;
    chance = random;
    chunk = taken = 0;
}

bool scripted_is_over(void)
{
    return chunk >= script->count;
}

void scripted_on_side(void (*answer)(struct chunk *to, bool is_asked))
{
    answer_side = answer;
}

void scripted_watch(struct scripted_world *watched)
{
    world = watched;
    world->length = 0;
    world->words[0] = world->outside[0] = 0;
    made_count = side_owner = 0;
}

static bool rarely(void)
{
    return chance != NULL && random_below(chance, RARE) == 0;
}

static struct made *made_of(long descriptor)
{
    return descriptor >= FIRST && descriptor < FIRST + made_count ? &made[descriptor - FIRST] : NULL;
}

static long make(int kind)
{
    if (made_count == MOST)
        return -EMFILE;
    made[made_count] = (struct made){.kind = kind};
    return FIRST + made_count++;
}

// ".." leads out of it, and a link would too, but no file of it is one.
static bool is_inside(const char *path)
{
    size_t length = strlen(SCRIPTED_RUN_DIRECTORY);
    if (strncmp(path, SCRIPTED_RUN_DIRECTORY, length) != 0 || (path[length] != '/' && path[length] != 0))
        return false;
    for (const char *at = path; (at = strstr(at, "/..")) != NULL; at += 3)
        if (at[3] == '/' || at[3] == 0)
            return false;
    return true;
}

static void touch(const char *path)
{
    if (world != NULL && world->outside[0] == 0 && !is_inside(path) && strncmp(path, "/proc/", 6) != 0)
        snprintf(world->outside, sizeof world->outside, "%s", path);
}

static long take(uint8_t *bytes, size_t room, const struct chunk *from, size_t *already)
{
    size_t count = from->length - *already < room ? from->length - *already : room;
    memcpy(bytes, from->bytes + *already, count);
    *already += count;
    return (long)count;
}

static long receive(uint8_t *bytes, size_t room, int flags)
{
    if (rarely())
        return random_below(chance, 2) ? -EINTR : -EAGAIN;
    size_t got = 0;
    while (got < room && chunk < script->count) {
        got += (size_t)take(bytes + got, room - got, &script->chunks[chunk], &taken);
        if (taken == script->chunks[chunk].length) {
            chunk++;
            taken = 0;
        }
        if (got > 0 && !(flags & MSG_WAITALL))
            break;
    }
    return (long)got;
}

// One connection at a time is listened to: another one's answer is made anew.
static long receive_side(long descriptor, uint8_t *bytes, size_t room, int flags)
{
    if (side_owner != descriptor) {
        side_owner = descriptor;
        side.length = side_taken = 0;
        answer_side(&side, made_of(descriptor)->is_asked);
    }
    long got = take(bytes, room, &side, &side_taken);
    return got == 0 && flags & MSG_DONTWAIT && chance != NULL && random_below(chance, 2) ? -EAGAIN : got;
}

// Standard error is a socket without a name, as many programs have it; nothing but sentences goes there.
static long transmit(long descriptor, size_t count)
{
    struct made *to = made_of(descriptor);
    if (descriptor == STDERR && world != NULL)
        snprintf(world->outside, sizeof world->outside, "a socket of the host's");
    if (to != NULL && to->kind == SIDE) {
        to->is_asked = true;
        side_owner = 0;
    }
    if (rarely())
        return -EINTR;
    return (long)(count > 1 && rarely() ? count / 2 : count);
}

static long connect_to(long descriptor, const struct sockaddr_un *address)
{
    struct made *from = made_of(descriptor);
    if (from == NULL)
        return 0;
    snprintf(from->path, sizeof from->path, "%s", address->sun_path);
    from->kind = strcmp(from->path, SCRIPTED_BRIDGE) == 0 ? BRIDGE : SIDE;
    touch(from->path);
    return 0;
}

static long tell_peer(long descriptor, struct sockaddr_un *peer, socklen_t *length)
{
    const struct made *one = made_of(descriptor);
    if (descriptor == STDERR) {
        *peer = (struct sockaddr_un){.sun_family = AF_UNIX};
        *length = sizeof peer->sun_family;
        return 0;
    }
    if (one == NULL || one->kind == FILE_OF_NODE)
        return -ENOTSOCK;
    peer->sun_family = AF_UNIX;
    memcpy(peer->sun_path, one->path, sizeof one->path);
    *length = sizeof *peer;
    return 0;
}

static long tell_file(const char *path, struct stat *status)
{
    memset(status, 0, sizeof *status);
    status->st_mode = S_IFREG;
    status->st_dev = 1;
    for (; *path != 0; path++)
        status->st_ino = status->st_ino * 31 + (uint8_t)*path;
    return 0;
}

static long tell_descriptor(long descriptor, struct stat *status)
{
    const struct made *one = made_of(descriptor);
    tell_file(one != NULL ? one->path : "", status);
    if (descriptor == STDERR || (one != NULL && one->kind != FILE_OF_NODE)) {
        status->st_mode = S_IFSOCK;
        status->st_ino = (ino_t)descriptor;
    }
    return 0;
}

static long open_file(const char *path)
{
    touch(path);
    long descriptor = strncmp(path, "/proc/", 6) == 0 ? -ENOENT : make(FILE_OF_NODE);
    if (descriptor >= 0)
        snprintf(made_of(descriptor)->path, sizeof made->path, "%s", path);
    return descriptor;
}

static long shut(long descriptor)
{
    if (made_count > 0 && descriptor == FIRST + made_count - 1)
        made_count--;
    return 0;
}

static long control(long descriptor, long command, long argument)
{
    struct made *one = made_of(descriptor);
    if (one == NULL)
        return -EMFILE;
    switch (command) {
    case F_GETFL:
        return one->flags;
    case F_SETFL:
        one->flags = argument;
        return 0;
    case F_DUPFD_CLOEXEC:
        return -EMFILE;
    default:
        return 0;
    }
}

// Only what nobody gives back has to be real: a page that is all zero at the start of a life.
static long map(size_t size, long descriptor)
{
    static _Alignas(4096) uint8_t page[65536];
    if (descriptor >= 0 || size > sizeof page)
        return -ENOMEM;
    memset(page, 0, sizeof page);
    return (long)page;
}

static long say(long descriptor, const char *bytes, size_t count)
{
    if (descriptor == STDERR && world != NULL)
        for (size_t i = 0; i < count && world->length < sizeof world->words - 1; i++)
            world->words[world->length++] = bytes[i];
    return (long)count;
}

static long tell_time(struct timespec *time)
{
    *time = (struct timespec){0};
    return 0;
}

static long end(int status)
{
    if (world == NULL)
        __builtin_trap();
    world->status = status;
    siglongjmp(world->over, 1);
}

static long touch_and(const char *path, long result)
{
    touch(path);
    return result;
}

long scripted_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    const struct made *from = made_of(a);
    (void)f;
    switch (number) {
    case SYS_socket:
        return make(BRIDGE);
    case SYS_connect:
        return connect_to(a, (const struct sockaddr_un *)b);
    case SYS_getpeername:
        return tell_peer(a, (struct sockaddr_un *)b, (socklen_t *)c);
    case SYS_recvfrom:
        if (from != NULL && from->kind == SIDE)
            return receive_side(a, (uint8_t *)b, (size_t)c, (int)d);
        return receive((uint8_t *)b, (size_t)c, (int)d);
    case SYS_sendto:
        return transmit(a, (size_t)c);
    case SYS_ppoll:
        return b > 0 && ((struct pollfd *)a)->events & POLLIN ? 1 : 0; // then what is received says it
    case SYS_fstat:
        return tell_descriptor(a, (struct stat *)b);
    case SYS_newfstatat:
        // The agent looks whether the machine has a file of its own where a device is; that touches nothing.
        return tell_file((const char *)b, (struct stat *)c);
    case SYS_openat:
        return open_file((const char *)b);
    case SYS_mkdir:
        return touch_and((const char *)a, 0);
    case SYS_mknodat:
    case SYS_fchmodat:
    case SYS_unlinkat:
    case SYS_mkdirat:
    case SYS_faccessat:
        return touch_and((const char *)b, 0);
    case SYS_pread64:
    case SYS_pwrite64:
        return c;
    case SYS_close:
        return shut(a);
    case SYS_fcntl:
        return control(a, b, c);
    case SYS_mmap:
        return map((size_t)b, e);
    case SYS_write:
        return say(a, (const char *)b, (size_t)c);
    case SYS_clock_gettime:
        return tell_time((struct timespec *)b);
    case SYS_exit_group:
        return end((int)a);
    case SYS_getpid:
    case SYS_gettid:
        return 42;
    default:
        return 0;
    }
}
