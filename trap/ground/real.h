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

/* A second name of an interposed function of the same file, such as open64 of open: x86-64 has one off_t, so what glibc
 * has behind both does the same (glibc, sysdeps/wordsize-64). Their declarations may name types that differ in name
 * only. */
#define INTERPOSED_TWIN(twin, name)                                                                                    \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wattribute-alias\"")                             \
        _Pragma("GCC diagnostic ignored \"-Wmissing-attributes\"") INTERPOSED extern __typeof__(twin) twin             \
        __attribute__((alias(#name)));                                                                                 \
    _Pragma("GCC diagnostic pop") _Static_assert(1, "takes a semicolon")

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
