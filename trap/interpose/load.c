/* SPDX-License-Identifier: Apache-2.0
 *
 * Libraries that a program loads as it goes. Some make system calls by instructions of their own, which the net has to
 * know (net/net.h).
 */
#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>

#include "ground/real.h"
#include "load.h"
#include "net/net.h"

static void *load_and_look(const char *file, int mode)
{
    void *library = REAL(dlopen)(file, mode);
    if (library != NULL)
        net_look();
    return library;
}

static bool has_search_path(const struct link_map *image)
{
    for (const ElfW(Dyn) *entry = image->l_ld; entry != NULL && entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_RPATH || entry->d_tag == DT_RUNPATH)
            return true;
    return false;
}

/* libc looks at who calls it: a name without a directory is looked for where that file says, or the program. */
static bool depends_on_caller(const char *file, const void *caller)
{
    Dl_info info;
    struct link_map *image = NULL;
    if (strchr(file, '/') != NULL)
        return strchr(file, '$') != NULL;
    return dladdr1(caller, &info, (void **)&image, RTLD_DL_LINKMAP) == 0 || image == NULL || has_search_path(image) ||
           has_search_path(_r_debug.r_map);
}

load_function *load_way(const char *file, const void *caller)
{
    bool is_plain = file != NULL && !depends_on_caller(file, caller);
    return is_plain ? load_and_look : REAL(dlopen);
}
