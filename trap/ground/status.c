/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#include "raw_syscall.h"
#include "signal_safe.h"

/* Ends with a zero. */
static const char *read_value(const char *name)
{
    static char text[4096];
    size_t size = strlen(name);
    long file = raw_syscall(SYS_openat, AT_FDCWD, "/proc/self/status", O_RDONLY | O_CLOEXEC);
    long length = file < 0 ? -1 : raw_syscall(SYS_read, file, text, sizeof text - 1);
    raw_syscall(SYS_close, file);
    text[length < 0 ? 0 : length] = 0;
    for (long at = 0; at + (long)size < length; at++)
        if (memcmp(text + at, name, size) == 0)
            return text + at + size;
    return NULL;
}

bool status_is_traced(void)
{
    const char *value = read_value("\nTracerPid:\t");
    return value == NULL || value[0] != '0';
}

uint64_t status_handled_signals(void)
{
    const char *value = read_value("\nSigCgt:\t");
    uint64_t signals = 0;
    if (value == NULL)
        return ~signals;
    for (; *value != '\n' && *value != 0; value++)
        signals = signals << 4 | (uint64_t)(*value <= '9' ? *value - '0' : *value - 'a' + 10);
    return signals;
}
