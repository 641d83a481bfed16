/* SPDX-License-Identifier: Apache-2.0 */
#include "file_actions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device/node.h"
#include "ground/agent.h"
#include "ground/raw_syscall.h"
#include "open.h"

/* As glibc has them since 2.35 (posix/spawn_int.h), and had the first ones before. */
enum { DO_CLOSE, DO_DUP2, DO_OPEN, DO_CHDIR, DO_FCHDIR, DO_CLOSEFROM };
struct __spawn_action {
    int what;
    union {
        int descriptor; /* also the least one of DO_CLOSEFROM */
        struct {
            int from, to;
        } dup2;
        struct {
            int descriptor;
            char *path;
            int flags;
            mode_t mode;
        } open;
        char *directory;
    };
};

/* Where relative paths of the child begin when it comes to an action. A descriptor of ours, or AT_FDCWD. */
static int enter(int directory, const struct __spawn_action *action)
{
    int entered = action->what == DO_FCHDIR
                      ? (int)raw_syscall(SYS_fcntl, action->descriptor, F_DUPFD_CLOEXEC, 0)
                      : (int)raw_syscall(SYS_openat, directory, action->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory != AT_FDCWD)
        raw_syscall(SYS_close, directory);
    return entered >= 0 ? entered : AT_FDCWD;
}

/* Above all numbers that the actions name, so that none of them takes its place before it is used. */
static int put_above(int opened, const posix_spawn_file_actions_t *actions)
{
    int most = STDERR_FILENO;
    for (int i = 0; i < actions->__used; i++) {
        const struct __spawn_action *action = &actions->__actions[i];
        int named = action->what == DO_CHDIR ? 0 : action->what == DO_DUP2 ? action->dup2.to : action->descriptor;
        most = named > most && action->what != DO_CLOSEFROM ? named : most;
    }
    int above = (int)raw_syscall(SYS_fcntl, opened, F_DUPFD_CLOEXEC, most + 1);
    close(opened);
    if (above >= 0)
        node_note_open(above);
    return above;
}

/* Opens what the action opens if that is a device, and has it put in its place instead. Negative errno. */
static int open_before(struct file_actions *taken, struct __spawn_action *action, int directory,
                       const posix_spawn_file_actions_t *actions)
{
    int node = open_means(directory, action->open.path, action->open.flags);
    if (node == NODE_NONE)
        return 0;
    int opened = open_node(node, action->open.flags | O_CLOEXEC);
    if (opened < 0)
        return -errno;
    int above = put_above(opened, actions), to = action->open.descriptor;
    if (above < 0)
        return above;
    taken->opened[taken->count++] = above;
    action->what = DO_DUP2;
    action->dup2.from = above;
    action->dup2.to = to;
    return 0;
}

static int highest(const struct file_actions *taken)
{
    int most = -1;
    for (int i = 0; i < taken->count; i++)
        most = taken->opened[i] > most ? taken->opened[i] : most;
    return most;
}

static bool is_taken(const struct file_actions *taken, int descriptor)
{
    for (int i = 0; i < taken->count; i++)
        if (taken->opened[i] == descriptor)
            return true;
    return false;
}

/* Those from `least` on, but for ours, which close by themselves when the program comes. */
static struct __spawn_action *close_from(struct __spawn_action *to, int least, const struct file_actions *taken)
{
    int most = highest(taken);
    for (int i = least; i <= most; i++)
        if (!is_taken(taken, i))
            *to++ = (struct __spawn_action){.what = DO_CLOSE, .descriptor = i};
    *to = (struct __spawn_action){.what = DO_CLOSEFROM, .descriptor = least > most ? least : most + 1};
    return to + 1;
}

/* Room for so many: each DO_CLOSEFROM becomes one for each number up to ours. */
static size_t most_actions(const posix_spawn_file_actions_t *actions, const struct file_actions *taken)
{
    size_t count = 0;
    for (int i = 0; i < actions->__used; i++)
        count += actions->__actions[i].what == DO_CLOSEFROM ? (size_t)(highest(taken) + 2) : 1;
    return count;
}

static void *take_room(size_t bytes)
{
    long room = raw_syscall(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return room > 0 ? (void *)room : NULL;
}

static bool opens_any(const posix_spawn_file_actions_t *actions)
{
    for (int i = 0; i < actions->__used; i++)
        if (actions->__actions[i].what == DO_OPEN)
            return true;
    return false;
}

/* Changes those in `actions` that open a device. */
static int open_all(struct file_actions *taken, const posix_spawn_file_actions_t *actions)
{
    int directory = AT_FDCWD, failed = 0;
    for (int i = 0; i < actions->__used && failed == 0; i++) {
        struct __spawn_action *action = &actions->__actions[i];
        if (action->what == DO_CHDIR || action->what == DO_FCHDIR)
            directory = enter(directory, action);
        else if (action->what == DO_OPEN)
            failed = open_before(taken, action, directory, actions);
    }
    if (directory != AT_FDCWD)
        raw_syscall(SYS_close, directory);
    return -failed;
}

/* Puts in place what actions that close from a number on have become. */
static int widen(struct file_actions *taken, posix_spawn_file_actions_t *actions)
{
    taken->wide.bytes = most_actions(actions, taken) * sizeof *actions->__actions;
    struct __spawn_action *wide = take_room(taken->wide.bytes), *to = wide;
    if (wide == NULL)
        return ENOMEM;
    taken->wide.start = wide;
    for (int i = 0; i < actions->__used; i++)
        if (actions->__actions[i].what == DO_CLOSEFROM)
            to = close_from(to, actions->__actions[i].descriptor, taken);
        else
            *to++ = actions->__actions[i];
    actions->__actions = wide;
    actions->__used = actions->__allocated = (int)(to - wide);
    return 0;
}

int file_actions_prepare(struct file_actions *taken, posix_spawn_file_actions_t *copy)
{
    size_t count = (size_t)copy->__used, bytes = count * sizeof *copy->__actions;
    *taken = (struct file_actions){.count = 0};
    if (!agent_start() || !opens_any(copy))
        return 0;
    taken->plain.bytes = bytes + count * sizeof *taken->opened;
    taken->plain.start = take_room(taken->plain.bytes);
    if (taken->plain.start == NULL)
        return ENOMEM;
    copy->__actions = memcpy(taken->plain.start, copy->__actions, bytes);
    taken->opened = (int *)(void *)((char *)taken->plain.start + bytes);
    int failed = open_all(taken, copy);
    return failed == 0 && taken->count > 0 ? widen(taken, copy) : failed;
}

void file_actions_give_back(struct file_actions *taken)
{
    int error = errno;
    for (int i = 0; i < taken->count; i++)
        close(taken->opened[i]);
    if (taken->wide.start != NULL)
        raw_syscall(SYS_munmap, taken->wide.start, taken->wide.bytes);
    if (taken->plain.start != NULL)
        raw_syscall(SYS_munmap, taken->plain.start, taken->plain.bytes);
    errno = error;
}
