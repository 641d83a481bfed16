/* SPDX-License-Identifier: Apache-2.0
 *
 * The function that an interposed name would have reached without us.
 */
#ifndef TRAPLINE_REAL_H
#define TRAPLINE_REAL_H

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

/* What a host may call: everything else in the library is hidden. */
#define INTERPOSED __attribute__((visibility("default")))

/* REAL(open)(path, flags): looked up once per use, behind our library in the search order. */
#define REAL(name)                                                                                                     \
    (__extension__({                                                                                                   \
        static __typeof__(&name) real_##name;                                                                          \
        if (real_##name == NULL)                                                                                       \
            *(void **)&real_##name = dlsym(RTLD_NEXT, #name);                                                          \
        real_##name;                                                                                                   \
    }))

/* From the kernel's convention to libc's: -errno becomes -1 and errno. */
static inline long real_result(long result)
{
    if (result >= 0)
        return result;
    errno = (int)-result;
    return -1;
}

#endif
