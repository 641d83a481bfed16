/* SPDX-License-Identifier: Apache-2.0
 *
 * Listing a directory shows the devices in it, also where the machine has none of that name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "by_number.h"
#include "descriptor.h"
#include "device/node.h"
#include "device/path.h"
#include "ground/descriptor_link.h"
#include "ground/low_world.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "kernel_call.h"
#include "named.h"
#include "net/call32.h"

_Static_assert(sizeof(struct dirent) == sizeof(struct dirent64), "dirent and dirent64 are one layout on x86-64");

/* Directories that hold devices of ours and are being read. A listing that finds no free entry shows only what is
 * there. */
enum { LISTINGS = 16, OTHER_MAX = 512 };
/* How far it has come with what the directory lacks: devices, and in /sys what is on the other side (path.h). */
struct lacking {
    int next_node;
    int64_t next_other;
};
struct listing {
    DIR *stream;
    bool is_of_descriptors; /* ours are left out */
    char path[256];
    struct lacking lacking;
    struct dirent entry;
};
static struct listing listings[LISTINGS];

static struct listing *listing_of(DIR *stream)
{
    for (int i = 0; i < LISTINGS; i++)
        if (listings[i].stream == stream)
            return &listings[i];
    return NULL;
}

/* The name of a node in `directory`, NULL if it lies elsewhere. */
static const char *name_in(const char *directory, int node)
{
    const char *path = node_path(node), *slash = strrchr(path, '/');
    size_t length = slash == path ? 1 : (size_t)(slash - path);
    return strlen(directory) == length && memcmp(directory, path, length) == 0 ? slash + 1 : NULL;
}

/* NULL also if the machine has one of that name. */
static const char *name_lacking_in(const char *directory, int node)
{
    const char *name = name_in(directory, node);
    return name != NULL && raw_syscall(SYS_faccessat, AT_FDCWD, node_path(node), F_OK) != 0 ? name : NULL;
}

static bool holds_nodes(const char *directory)
{
    char other[OTHER_MAX];
    if (path_other_side(directory, other, sizeof other))
        return true;
    for (int node = 0; node < node_count(); node++)
        if (name_in(directory, node) != NULL)
            return true;
    return false;
}

/* /proc/PID/fd of this process, or of one of its threads. */
static bool holds_descriptors(const char *directory)
{
    char own[32];
    snprintf(own, sizeof own, "/proc/%d/", (int)raw_syscall(SYS_getpid));
    const char *rest = strncmp(directory, own, strlen(own)) == 0 ? strrchr(directory, '/') : NULL;
    return rest != NULL && (strcmp(rest, "/fd") == 0 || strcmp(rest, "/fdinfo") == 0);
}

static bool find_path(int descriptor, char path[256])
{
    char link[DESCRIPTOR_LINK];
    long length = raw_syscall(SYS_readlink, descriptor_link(link, DESCRIPTOR_FILES, descriptor), path, 255);
    if (length > 0)
        path[length] = 0;
    return length > 0;
}

static DIR *note_listing(DIR *stream)
{
    struct listing *listing = listing_of(NULL);
    if (stream == NULL || listing == NULL || node_count() == 0 || !find_path(dirfd(stream), listing->path))
        return stream;
    listing->lacking = (struct lacking){0};
    listing->is_of_descriptors = holds_descriptors(listing->path);
    if (listing->is_of_descriptors || holds_nodes(listing->path))
        listing->stream = stream;
    return stream;
}

/* Shows what stat says. */
static void show_device(struct dirent *entry, int node)
{
    uint64_t dev, ino;
    node_identity(node, &dev, &ino);
    entry->d_ino = ino;
    entry->d_type = DT_CHR;
}

/* A device in place of one that the machine has. */
static struct dirent *show_entry(const char *directory, struct dirent *entry)
{
    for (int node = 0; node < node_count(); node++) {
        const char *name = name_in(directory, node);
        if (name != NULL && strcmp(name, entry->d_name) == 0)
            show_device(entry, node);
    }
    return entry;
}

static bool is_in(const char *directory, const char *name)
{
    struct stat status;
    long opened = raw_syscall(SYS_openat, AT_FDCWD, directory, O_PATH | O_CLOEXEC);
    long found = raw_syscall(SYS_newfstatat, opened, name, &status, AT_SYMLINK_NOFOLLOW);
    raw_syscall(SYS_close, opened);
    return found == 0;
}

/* The first entry of what is on the other side from *next on, whose name the directory itself has not; NULL at the
 * end. */
static const struct dirent *next_other(const char *directory, const char *other, int64_t *next, char *room, size_t size)
{
    long opened = raw_syscall(SYS_openat, AT_FDCWD, other, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct dirent *found = NULL;
    long length = 1;
    raw_syscall(SYS_lseek, opened, *next, SEEK_SET);
    while (found == NULL && (length = raw_syscall(SYS_getdents64, opened, room, size)) > 0)
        for (char *at = room; found == NULL && at < room + length;) {
            const struct dirent *entry = (const struct dirent *)(void *)at;
            at += entry->d_reclen;
            *next = entry->d_off;
            bool is_itself = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
            found = is_itself || is_in(directory, entry->d_name) ? NULL : entry;
        }
    raw_syscall(SYS_close, opened);
    return found;
}

/* What the directory lacks, one entry a call; false at the end. */
static bool next_lacking(const char *directory, struct lacking *lacking, struct dirent *entry)
{
    char other[OTHER_MAX];
    _Alignas(struct dirent) char room[1024];
    memset(entry, 0, sizeof *entry);
    entry->d_reclen = sizeof *entry;
    while (lacking->next_node < node_count()) {
        int node = lacking->next_node++;
        const char *name = name_lacking_in(directory, node);
        if (name == NULL)
            continue;
        show_device(entry, node);
        strcpy(entry->d_name, name);
        return true;
    }
    const struct dirent *found = path_other_side(directory, other, sizeof other)
                                     ? next_other(directory, other, &lacking->next_other, room, sizeof room)
                                     : NULL;
    if (found == NULL)
        return false;
    entry->d_ino = found->d_ino;
    entry->d_type = found->d_type;
    strcpy(entry->d_name, found->d_name);
    return true;
}

INTERPOSED DIR *opendir(const char *path)
{
    DIR *stream = REAL(opendir)(NAMED(AT_FDCWD, path).path);
    const char *other = stream == NULL ? NAMED_OTHER(AT_FDCWD, path) : NULL;
    return note_listing(other != NULL ? REAL(opendir)(other) : stream);
}

INTERPOSED DIR *fdopendir(int descriptor)
{
    return note_listing(REAL(fdopendir)(descriptor));
}

INTERPOSED int closedir(DIR *stream)
{
    struct listing *listing = stream != NULL ? listing_of(stream) : NULL;
    if (listing != NULL)
        listing->stream = NULL;
    return REAL(closedir)(stream);
}

/* -1 for what is none: its own directory and the one above. */
static int number_of(const struct dirent *entry)
{
    return entry->d_name[0] == '.' ? -1 : atoi(entry->d_name);
}

INTERPOSED struct dirent *readdir(DIR *stream)
{
    struct dirent *entry = REAL(readdir)(stream);
    struct listing *listing = listing_of(stream);
    if (listing == NULL)
        return entry;
    while (listing->is_of_descriptors && entry != NULL && descriptor_is_ours(number_of(entry)))
        entry = REAL(readdir)(stream);
    if (entry != NULL)
        return show_entry(listing->path, entry);
    return next_lacking(listing->path, &listing->lacking, &listing->entry) ? &listing->entry : NULL;
}
INTERPOSED_TWIN(readdir64, readdir);

INTERPOSED void rewinddir(DIR *stream)
{
    struct listing *listing = listing_of(stream);
    if (listing != NULL)
        listing->lacking = (struct lacking){0};
    REAL(rewinddir)(stream);
}

typedef int choose_entry(const struct dirent *);
typedef int order_entries(const struct dirent **, const struct dirent **);

static bool keep(struct dirent ***list, size_t *count, const struct dirent *entry)
{
    struct dirent **longer = realloc(*list, (*count + 1) * sizeof *longer);
    struct dirent *copy = malloc(sizeof *copy);
    if (longer != NULL)
        *list = longer;
    if (longer == NULL || copy == NULL) {
        free(copy);
        return false;
    }
    memcpy(copy, entry, entry->d_reclen < sizeof *copy ? entry->d_reclen : sizeof *copy);
    longer[(*count)++] = copy;
    return true;
}

static int give_up(struct dirent **list, size_t count, DIR *stream)
{
    while (count > 0)
        free(list[--count]);
    free(list);
    closedir(stream);
    errno = ENOMEM;
    return -1;
}

/* libc's own would read the directory by calls that can't be interposed. */
static int scan(DIR *stream, struct dirent ***result, choose_entry *choose, order_entries *order)
{
    struct dirent **list = NULL, *entry;
    size_t count = 0;
    if (stream == NULL)
        return -1;
    while ((entry = readdir(stream)) != NULL)
        if ((choose == NULL || choose(entry)) && !keep(&list, &count, entry))
            return give_up(list, count, stream);
    closedir(stream);
    if (order != NULL && count > 0)
        qsort(list, count, sizeof *list, (int (*)(const void *, const void *))order);
    *result = list != NULL ? list : malloc(sizeof *list);
    return (int)count;
}

INTERPOSED int scandir(const char *restrict path, struct dirent ***restrict result, choose_entry *choose,
                       order_entries *order)
{
    return scan(opendir(path), result, choose, order);
}
INTERPOSED_TWIN(scandir64, scandir);

/* ---- by number: entries as the kernel lays them out, which is as in libc's */

static size_t bytes_of(const char *name)
{
    return (offsetof(struct dirent, d_name) + strlen(name) + sizeof(uint64_t)) / sizeof(uint64_t) * sizeof(uint64_t);
}

static size_t lacking_bytes(const char *directory)
{
    struct lacking lacking = {0};
    struct dirent entry;
    size_t bytes = 0;
    while (next_lacking(directory, &lacking, &entry))
        bytes += bytes_of(entry.d_name);
    return bytes;
}

/* Behind the kernel's, of which the last says where the directory goes on. Returns where they end, which is not behind
 * `end`. */
static char *add_lacking(const char *directory, char *at, const char *end, int64_t next)
{
    struct lacking lacking = {0};
    struct dirent entry;
    while (next_lacking(directory, &lacking, &entry) && bytes_of(entry.d_name) <= (size_t)(end - at)) {
        entry.d_off = next;
        entry.d_reclen = (unsigned short)bytes_of(entry.d_name);
        memcpy(at, &entry, entry.d_reclen);
        at += entry.d_reclen;
    }
    return at;
}

/* To programs of 32 bits many file systems tell places in a directory that have 32 bits, too: by the number there. */
static long list(int descriptor, void *buffer, unsigned size)
{
    enum { GETDENTS64_OF_32 = 220 };
    const long asked[6] = {descriptor, (long)buffer, size};
    return low_world_is_there ? real_result(call32(GETDENTS64_OF_32, asked))
                              : KERNEL_CALL(SYS_getdents64, descriptor, buffer, size);
}

/* Those that the directory lacks come with its first, so that its position says whether they have come. */
static long list_with_nodes(const char *directory, int descriptor, char *buffer, unsigned size)
{
    bool is_first = raw_syscall(SYS_lseek, descriptor, 0, SEEK_CUR) == 0;
    size_t lacking = is_first ? lacking_bytes(directory) : 0;
    if (size < lacking + sizeof(struct dirent)) /* the kernel's first must have room */
        lacking = 0;
    long length = list(descriptor, buffer, size - (unsigned)lacking);
    int64_t next = 0;
    for (char *at = buffer; at < buffer + length; at += ((struct dirent *)(void *)at)->d_reclen)
        next = show_entry(directory, (struct dirent *)(void *)at)->d_off;
    return length > 0 && lacking > 0 ? add_lacking(directory, buffer + length, buffer + length + lacking, next) - buffer
                                     : length;
}

long carry_getdents64(const long a[6])
{
    char path[256];
    bool has_nodes = node_count() > 0 && readable((const void *)a[1], (unsigned)a[2]) && find_path((int)a[0], path) &&
                     holds_nodes(path);
    return has_nodes ? list_with_nodes(path, (int)a[0], (char *)a[1], (unsigned)a[2])
                     : list((int)a[0], (void *)a[1], (unsigned)a[2]);
}
