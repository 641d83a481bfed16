/* SPDX-License-Identifier: Apache-2.0 */
#include "folders.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_FOLDERS = 256, DEEPEST = 24, MOST_ROUNDS = 16 };

struct folder {
    /* Set last: whoever was killed amid an entry has made none. */
    atomic_bool is_there, is_quiet;
    unsigned long long device, inode;
    char path[LONGEST_PATH];
};

static struct folder *folders;

bool folders_init(void)
{
    void *memory = mmap(NULL, MOST_FOLDERS * sizeof *folders, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                        0);
    folders = memory;
    return memory != MAP_FAILED;
}

static struct folder *find(const char *path)
{
    for (struct folder *one = folders; one < folders + MOST_FOLDERS; one++)
        if (one->is_there && strcmp(one->path, path) == 0)
            return one;
    return NULL;
}

void folders_add(const char *words)
{
    char *end;
    unsigned long long device = strtoull(words, &end, 10), inode = strtoull(end, &end, 10);
    if (*end != ' ' || strlen(end + 1) >= LONGEST_PATH)
        return;
    for (struct folder *one = folders; one < folders + MOST_FOLDERS; one++) {
        if (one->is_there)
            continue;
        one->device = device;
        one->inode = inode;
        one->is_quiet = false;
        strcpy(one->path, end + 1);
        one->is_there = true;
        return;
    }
}

void folders_set_quiet(const char *path)
{
    struct folder *one = find(path);
    if (one != NULL)
        one->is_quiet = true;
}

void folders_forget(const char *path)
{
    struct folder *one = find(path);
    if (one != NULL)
        one->is_there = false;
}

bool folders_has_loud(void)
{
    for (struct folder *one = folders; one < folders + MOST_FOLDERS; one++)
        if (one->is_there && !one->is_quiet)
            return true;
    return false;
}

void folders_visit(void (*visit)(const char *path))
{
    for (struct folder *one = folders; one < folders + MOST_FOLDERS; one++)
        if (one->is_there)
            visit(one->path);
}

struct removal {
    int top;
    dev_t device;
    unsigned moved;
};

static void clear(int directory, int depth, struct removal *removal);

/* What is too deep is moved to the top, for the next round: descriptors are few, and a program may nest folders as it
 * likes. */
static void lift(int parent, const char *name, struct removal *removal)
{
    char fresh[32];
    snprintf(fresh, sizeof fresh, ".deep-%u", removal->moved++);
    renameat(parent, name, removal->top, fresh);
}

static void remove_one(int parent, const char *name, int depth, struct removal *removal)
{
    struct stat found;
    if (unlinkat(parent, name, 0) == 0)
        return;
    if (depth == DEEPEST) {
        lift(parent, name, removal);
        return;
    }
    fchmodat(parent, name, 0700, 0);
    int directory = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0)
        return;
    if (fstat(directory, &found) == 0 && found.st_dev == removal->device)
        clear(directory, depth + 1, removal);
    close(directory);
    unlinkat(parent, name, AT_REMOVEDIR);
}

static void clear(int directory, int depth, struct removal *removal)
{
    int copy = dup(directory);
    DIR *entries = copy >= 0 ? fdopendir(copy) : NULL;
    struct dirent *entry;
    if (entries == NULL && copy >= 0)
        close(copy);
    while (entries != NULL && (entry = readdir(entries)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_one(directory, entry->d_name, depth, removal);
    if (entries != NULL)
        closedir(entries);
}

static bool is_that(const struct stat *found, const struct folder *folder)
{
    return S_ISDIR(found->st_mode) && found->st_dev == folder->device && found->st_ino == folder->inode;
}

static void remove_folder(struct folder *folder)
{
    struct stat found;
    int top = open(folder->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (top < 0 || fstat(top, &found) != 0 || !is_that(&found, folder)) {
        if (top >= 0)
            close(top);
        return;
    }
    struct removal removal = {.top = top, .device = found.st_dev};
    for (int round = 0; round < MOST_ROUNDS; round++) {
        unsigned before = removal.moved;
        clear(top, 0, &removal);
        if (lstat(folder->path, &found) != 0 || !is_that(&found, folder) || rmdir(folder->path) == 0)
            break;
        if (removal.moved != before)
            round--;
    }
    close(top);
}

void folders_remove(void)
{
    for (struct folder *one = folders; one < folders + MOST_FOLDERS; one++)
        if (one->is_there)
            remove_folder(one);
}
