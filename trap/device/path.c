/* SPDX-License-Identifier: Apache-2.0 */
#include "path.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ground/descriptor_link.h"
#include "ground/join.h"
#include "ground/raw_syscall.h"

#define SYS "/sys"
#define STOOD_IN SYS "/"

static const char *root = "";
static dev_t root_dev;

/* What the tree and the machine both have something in. Other folders of the tree are a device's or a class's, and what
 * the machine has there is not shown. */
static const char *const common[] = {SYS,
                                     SYS "/class",
                                     SYS "/devices",
                                     SYS "/devices/platform",
                                     SYS "/dev",
                                     SYS "/dev/char",
                                     SYS "/bus",
                                     SYS "/bus/platform",
                                     SYS "/bus/platform/devices",
                                     SYS "/bus/platform/drivers"};
enum { COMMON = sizeof common / sizeof common[0] };
static ino_t inodes[COMMON]; /* in the tree; 0 if it has none */

static void note_common(void)
{
    char path[PATH_MAX + 64];
    struct stat status;
    for (int i = 0; i < COMMON; i++) {
        snprintf(path, sizeof path, "%s%s", root, common[i]);
        inodes[i] = raw_syscall(SYS_newfstatat, AT_FDCWD, path, &status, 0) == 0 ? status.st_ino : 0;
    }
}

void path_init(const char *run_directory)
{
    struct stat status;
    static const char *tree;
    if (tree == NULL)
        tree = join_to_keep(JOIN_PARTS(run_directory, "/root"));
    root = "";
    if (tree != NULL && raw_syscall(SYS_newfstatat, AT_FDCWD, tree, &status, 0) == 0) {
        root = tree;
        root_dev = status.st_dev;
        note_common();
    }
}

/* Puts the directory in front of a relative path. */
static bool prepend_directory(int directory, const char *path, char *whole, size_t size)
{
    char room[DESCRIPTOR_LINK];
    size_t length = 0;
    if (path[0] != '/') {
        bool is_current = directory == AT_FDCWD;
        const char *link = is_current ? "/proc/self/cwd" : descriptor_link(room, DESCRIPTOR_FILES, directory);
        long read = raw_syscall(SYS_readlink, link, whole, size);
        if (read <= 0 || (size_t)read == size)
            return false;
        length = (size_t)read;
        whole[length++] = '/';
    }
    size_t rest = strlen(path) + 1;
    if (rest > size - length)
        return false;
    memcpy(whole + length, path, rest);
    return true;
}

static void normalise(char *path)
{
    char *out = path;
    for (char *in = path; *in != 0;) {
        while (*in == '/')
            in++;
        size_t length = strcspn(in, "/");
        if (length == 2 && in[0] == '.' && in[1] == '.') {
            while (out > path && *--out != '/')
                continue;
        } else if (length > 0 && !(length == 1 && in[0] == '.')) {
            *out++ = '/';
            memmove(out, in, length);
            out += length;
        }
        in += length;
    }
    *out = 0;
}

bool path_absolute(int directory, const char *path, char *whole, size_t size)
{
    if (!prepend_directory(directory, path, whole, size))
        return false;
    normalise(whole);
    return true;
}

bool path_is_link(int directory, const char *path)
{
    char first;
    return raw_syscall(SYS_readlinkat, directory, path, &first, 1) > 0;
}

/* MAXSYMLINKS of the kernel. */
enum { MOST_LINKS = 40 };

/* A path that is walked along: what is behind us has no links, "." or ".." in it. */
struct walk {
    char behind[PATH_MAX];
    size_t length;
    char ahead[PATH_MAX], target[PATH_MAX];
    int links;
};

static void step_back(struct walk *walk)
{
    while (walk->length > 0 && walk->behind[--walk->length] != '/')
        continue;
    walk->behind[walk->length] = 0;
}

/* Puts the target of the link that stands behind us in front of what is ahead. */
static bool follow(struct walk *walk)
{
    const char *target = walk->target;
    long length = raw_syscall(SYS_readlink, walk->behind, target, PATH_MAX - 1);
    if (length <= 0)
        return true;
    size_t rest = strlen(walk->ahead) + 1;
    if (++walk->links > MOST_LINKS || (size_t)length + 1 + rest > sizeof walk->ahead)
        return false;
    memmove(walk->ahead + length + 1, walk->ahead, rest);
    memcpy(walk->ahead, target, (size_t)length);
    walk->ahead[length] = '/';
    if (target[0] == '/')
        walk->length = 0;
    else
        step_back(walk);
    walk->behind[walk->length] = 0;
    return true;
}

/* One component. */
static bool step(struct walk *walk, bool follows_last)
{
    size_t start = strspn(walk->ahead, "/"), length = strcspn(walk->ahead + start, "/");
    const char *name = walk->ahead + start;
    bool is_last = name[length + strspn(name + length, "/")] == 0;
    bool is_dots = name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'));
    if (walk->length + 1 + length >= PATH_MAX)
        return false;
    if (length > 0 && !is_dots) {
        walk->behind[walk->length++] = '/';
        memcpy(walk->behind + walk->length, name, length);
        walk->length += length;
        walk->behind[walk->length] = 0;
    } else if (length == 2 && is_dots)
        step_back(walk);
    memmove(walk->ahead, name + length, strlen(name + length) + 1);
    return length == 0 || is_dots || (is_last && !follows_last) || follow(walk);
}

/* On pages of its own, for the host's stack may be small. */
const char *path_resolve(int directory, const char *path, bool follows_last)
{
    long area = raw_syscall(SYS_mmap, 0, sizeof(struct walk), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                            0);
    if (area < 0)
        return NULL;
    struct walk *walk = (struct walk *)area;
    bool is_known = prepend_directory(directory, path, walk->ahead, sizeof walk->ahead);
    while (is_known && walk->ahead[0] != 0)
        is_known = step(walk, follows_last);
    if (is_known)
        return walk->behind;
    raw_syscall(SYS_munmap, area, sizeof(struct walk));
    return NULL;
}

void path_give_back(const char *resolved)
{
    raw_syscall(SYS_munmap, resolved, sizeof(struct walk));
}

size_t path_room(const char *path)
{
    bool may_be_there = root[0] != 0 && strncmp(path, STOOD_IN, strlen(STOOD_IN)) == 0;
    size_t room = may_be_there ? strlen(root) + strlen(path) + 1 : 0;
    return room <= PATH_MAX ? room : 0;
}

const char *path_redirect(const char *path, char *room, size_t size)
{
    size_t length = strlen(root);
    memcpy(room, root, length);
    memcpy(room + length, path, size - length);
    return raw_syscall(SYS_faccessat, AT_FDCWD, room, F_OK) == 0 ? room : path;
}

static bool is_common(const char *directory)
{
    for (int i = 0; i < COMMON; i++)
        if (strcmp(directory, common[i]) == 0)
            return true;
    return false;
}

static int index_in_tree(const struct stat *status)
{
    if (root[0] == 0 || status->st_dev != root_dev)
        return -1;
    int i = COMMON - 1;
    while (i >= 0 && inodes[i] != status->st_ino)
        i--;
    return i;
}

bool path_passes_for(struct stat *status)
{
    int i = S_ISDIR(status->st_mode) ? index_in_tree(status) : -1;
    return i >= 0 && raw_syscall(SYS_newfstatat, AT_FDCWD, common[i], status, 0) == 0;
}

bool path_leads_out(int directory, const char *path)
{
    struct stat status;
    return root[0] != 0 && strcmp(path, "..") == 0 && raw_syscall(SYS_newfstatat, directory, ".", &status, 0) == 0 &&
           index_in_tree(&status) == 0;
}

bool path_other_side(const char *directory, char *other, size_t size)
{
    const char *in_sys = path_shown(directory);
    if (root[0] == 0 || !is_common(in_sys))
        return false;
    int length = snprintf(other, size, "%s%s", in_sys == directory ? root : "", in_sys);
    return length > 0 && (size_t)length < size && raw_syscall(SYS_faccessat, AT_FDCWD, other, F_OK) == 0;
}

bool path_is_open_in_tree(int descriptor)
{
    size_t length = strlen(root);
    char room[DESCRIPTOR_LINK], start[length + 1];
    if (length == 0)
        return false;
    const char *link = descriptor_link(room, DESCRIPTOR_FILES, descriptor);
    return raw_syscall(SYS_readlink, link, start, length + 1) == (long)length + 1 && start[length] == '/' &&
           memcmp(start, root, length) == 0;
}

/* Where a relative path starts, if in /sys. Directories of long names are left out, for the host's stack may be
 * small. */
enum { START_MAX = 256 };
static bool starts_in_sys(int directory, const char *path, char start[START_MAX])
{
    char here[] = ".";
    if (root[0] == 0 || path[0] == '/' || path[0] == 0 || !prepend_directory(directory, here, start, START_MAX - 1))
        return false;
    start[strlen(start) - strlen("/.")] = 0;
    const char *in_sys = path_shown(start);
    return strncmp(in_sys, SYS, strlen(SYS)) == 0 && (in_sys[strlen(SYS)] == '/' || in_sys[strlen(SYS)] == 0);
}

size_t path_other_room(int directory, const char *path)
{
    char start[START_MAX];
    return starts_in_sys(directory, path, start) ? strlen(root) + strlen(start) + strlen(path) + 2 : 0;
}

const char *path_other(int directory, const char *path, char *room, size_t size)
{
    char start[START_MAX];
    if (!starts_in_sys(directory, path, start))
        return NULL;
    while (strncmp(path, "..", 2) == 0 && (path[2] == '/' || path[2] == 0) && strchr(start, '/') != NULL) {
        *strrchr(start, '/') = 0;
        path += 2 + strspn(path + 2, "/");
    }
    const char *in_sys = path_shown(start);
    int length = snprintf(room, size, "%s%s/%s", in_sys == start ? root : "", in_sys, path);
    bool is_there = length > 0 && (size_t)length < size &&
                    raw_syscall(SYS_faccessat, AT_FDCWD, room, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    return is_there ? room : NULL;
}

bool path_may_be_shown(const char *start, size_t length)
{
    return root[0] != 0 && strncmp(start, root, length < strlen(root) ? length : strlen(root)) == 0;
}

const char *path_shown(const char *path)
{
    size_t length = strlen(root);
    return length > 0 && strncmp(path, root, length) == 0 && path[length] == '/' ? path + length : path;
}
