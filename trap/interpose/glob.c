/* SPDX-License-Identifier: Apache-2.0
 *
 * Patterns find devices as listings show them: libc's own glob reads directories by calls that can't be interposed, but
 * takes others.
 */
#include <dirent.h>
#include <glob.h>
#include <sys/stat.h>

#include "ground/real.h"

static void *open_directory(const char *path)
{
    return opendir(path);
}

static struct dirent *read_entry(void *stream)
{
    return readdir(stream);
}

static void close_directory(void *stream)
{
    closedir(stream);
}

INTERPOSED int glob(const char *restrict pattern, int flags, int (*on_error)(const char *, int), glob_t *restrict found)
{
    if (flags & GLOB_ALTDIRFUNC)
        return REAL(glob)(pattern, flags, on_error, found);
    found->gl_opendir = open_directory;
    found->gl_readdir = read_entry;
    found->gl_closedir = close_directory;
    found->gl_stat = stat;
    found->gl_lstat = lstat;
    return REAL(glob)(pattern, flags | GLOB_ALTDIRFUNC, on_error, found);
}
INTERPOSED_TWIN(glob64, glob);
