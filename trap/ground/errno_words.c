/* SPDX-License-Identifier: Apache-2.0 */
#include "errno_words.h"

#include <errno.h>
#include <stddef.h>

#include "signal_safe.h"

static const struct {
    int number;
    const char *words;
} table[] = {
    {EACCES, "EACCES: permission denied"},
    {EADDRNOTAVAIL, "EADDRNOTAVAIL: cannot assign requested address"},
    {EAFNOSUPPORT, "EAFNOSUPPORT: address family not supported"},
    {EAGAIN, "EAGAIN: resource temporarily unavailable"},
    {EBADF, "EBADF: bad file descriptor"},
    {ECONNABORTED, "ECONNABORTED: software caused connection abort"},
    {ECONNREFUSED, "ECONNREFUSED: connection refused"},
    {ECONNRESET, "ECONNRESET: connection reset by peer"},
    {EFAULT, "EFAULT: bad address"},
    {EHOSTUNREACH, "EHOSTUNREACH: no route to host"},
    {EINVAL, "EINVAL: invalid argument"},
    {EIO, "EIO: input/output error"},
    {ELOOP, "ELOOP: too many levels of symbolic links"},
    {EMFILE, "EMFILE: too many open files in this process"},
    {ENAMETOOLONG, "ENAMETOOLONG: file name too long"},
    {ENETDOWN, "ENETDOWN: network is down"},
    {ENETUNREACH, "ENETUNREACH: network is unreachable"},
    {ENFILE, "ENFILE: too many open files on this machine"},
    {ENOBUFS, "ENOBUFS: no buffer space available"},
    {ENOENT, "ENOENT: no such file or directory"},
    {ENOMEM, "ENOMEM: cannot allocate memory"},
    {ENOSPC, "ENOSPC: no space left on device"},
    {ENOSYS, "ENOSYS: function not implemented"},
    {ENOTCONN, "ENOTCONN: not connected"},
    {ENOTDIR, "ENOTDIR: not a directory"},
    {ENOTSOCK, "ENOTSOCK: not a socket"},
    {EPERM, "EPERM: operation not permitted"},
    {EPIPE, "EPIPE: broken pipe"},
    {EROFS, "EROFS: read-only file system"},
    {ESTALE, "ESTALE: stale file handle"},
    {ETIMEDOUT, "ETIMEDOUT: connection timed out"},
};

const char *errno_words(long number)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].number == number)
            return table[i].words;
    return "an unknown error";
}
