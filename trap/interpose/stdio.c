/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams. libc's own calls inside stdio can't be interposed, so a stream on a device is a cookie stream whose
 * functions are ours, and bulk transfers between a stream and a window go through a plain buffer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bounce.h"
#include "device/node.h"
#include "ground/agent.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "ground/report.h"
#include "named.h"
#include "own_maps.h"

size_t __fread_chk(void *buffer, size_t buffer_size, size_t size, size_t count, FILE *stream);
__attribute__((noreturn)) void __chk_fail(void);

/* Streams on devices, so that fileno() finds their descriptor; a cookie stream has none of its own. */
enum { STREAMS = 64 };
static struct {
    FILE *stream;
    int descriptor;
} streams[STREAMS];
static bool has_streams; /* or had */

static ssize_t cookie_read(void *cookie, char *buffer, size_t count)
{
    return read((int)(intptr_t)cookie, buffer, count);
}

static ssize_t cookie_write(void *cookie, const char *buffer, size_t count)
{
    ssize_t moved = write((int)(intptr_t)cookie, buffer, count);
    return moved < 0 ? 0 : moved;
}

static int cookie_seek(void *cookie, off64_t *offset, int whence)
{
    off_t at = lseek((int)(intptr_t)cookie, *offset, whence);
    if (at < 0)
        return -1;
    *offset = at;
    return 0;
}

static int cookie_close(void *cookie)
{
    for (int i = 0; i < STREAMS; i++)
        if (streams[i].stream != NULL && streams[i].descriptor == (int)(intptr_t)cookie)
            streams[i].stream = NULL;
    return close((int)(intptr_t)cookie);
}

static int flags_of(const char *mode)
{
    bool both = strchr(mode, '+') != NULL;
    int flags = both ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
    return flags | (strchr(mode, 'e') != NULL ? O_CLOEXEC : 0);
}

static FILE *stream_on(int descriptor, const char *mode)
{
    static const cookie_io_functions_t functions = {cookie_read, cookie_write, cookie_seek, cookie_close};
    FILE *stream = fopencookie((void *)(intptr_t)descriptor, mode, functions);
    for (int i = 0; stream != NULL && i < STREAMS; i++)
        if (streams[i].stream == NULL) {
            streams[i].stream = stream;
            streams[i].descriptor = descriptor;
            has_streams = true;
            break;
        }
    return stream;
}

static FILE *open_stream(int node, const char *mode)
{
    int descriptor = (int)real_result(node_open(node, flags_of(mode)));
    return descriptor < 0 ? NULL : stream_on(descriptor, mode);
}

/* By its name, or by a link to it. */
static int node_named(const char *path)
{
    int node = readable_text(path) && agent_start_for(path) ? node_of_path(AT_FDCWD, path) : NODE_NONE;
    return node == NODE_NONE ? node_behind_link(AT_FDCWD, path) : node;
}

static FILE *open_own_maps(const char *path, const char *mode)
{
    int descriptor = (int)real_result(own_maps_open(path, flags_of(mode)));
    return descriptor < 0 ? NULL : REAL(fdopen)(descriptor, mode);
}

INTERPOSED FILE *fopen(const char *restrict path, const char *restrict mode)
{
    struct named named = NAMED_IF_READABLE(AT_FDCWD, path);
    if (named.node == NODE_NONE && readable_text(path) && own_maps_are(path, flags_of(mode)))
        return open_own_maps(path, mode);
    return named.node != NODE_NONE ? open_stream(named.node, mode) : REAL(fopen)(named.path, mode);
}
INTERPOSED_TWIN(fopen64, fopen);

INTERPOSED FILE *fdopen(int descriptor, const char *mode)
{
    return node_of_open_descriptor(descriptor) != NODE_NONE ? stream_on(descriptor, mode)
                                                            : REAL(fdopen)(descriptor, mode);
}

static bool is_cookie(const FILE *stream)
{
    for (int i = 0; i < STREAMS; i++)
        if (streams[i].stream == stream)
            return true;
    return false;
}

static FILE *fail_to_reopen(FILE *stream, int error)
{
    fclose(stream);
    errno = error;
    return NULL;
}

/* A stream that is reopened keeps its address, which a cookie stream can't take over. So it stays libc's own, whose
 * calls the net stops; where there is none they fail with EBADF (device/handle.h). */
static FILE *reopen(int node, const char *mode, FILE *stream)
{
    if (is_cookie(stream)) {
        report_undone(
            "freopen() of %s is refused with EOPNOTSUPP, for its stream is one of a device already; use fclose() "
            "and fopen()",
            node_path(node));
        return fail_to_reopen(stream, ENOTSUP);
    }
    int opened = node_open(node, flags_of(mode));
    if (opened < 0)
        return fail_to_reopen(stream, -opened);
    FILE *reopened = REAL(freopen)("/dev/null", mode, stream);
    if (reopened != NULL && dup3(opened, REAL(fileno)(reopened), flags_of(mode) & O_CLOEXEC) < 0)
        reopened = fail_to_reopen(reopened, errno);
    int error = errno;
    close(opened);
    errno = error;
    return reopened;
}

INTERPOSED FILE *freopen(const char *restrict path, const char *restrict mode, FILE *restrict stream)
{
    int node = path != NULL ? node_named(path) : NODE_NONE;
    return node != NODE_NONE ? reopen(node, mode, stream) : REAL(freopen)(path, mode, stream);
}
INTERPOSED_TWIN(freopen64, freopen);

INTERPOSED int fileno(FILE *stream)
{
    for (int i = 0; i < STREAMS; i++)
        if (streams[i].stream == stream)
            return streams[i].descriptor;
    return REAL(fileno)(stream);
}

INTERPOSED int fileno_unlocked(FILE *stream)
{
    return fileno(stream);
}

static size_t bulk_read(struct transfer_call call, void *buffer, size_t size, size_t count, FILE *stream)
{
    struct iovec piece = {buffer, size * count};
    struct bounce bounce;
    if (!bounce_begin(&bounce, call, &piece, 1, BOUNCE_INPUT))
        return 0;
    size_t items = REAL(fread)(bounce.vector->iov_base, size, count, stream);
    return bounce_end(&bounce, (ssize_t)(items * size)) < 0 ? 0 : items;
}

static size_t bulk_write(struct transfer_call call, const void *buffer, size_t size, size_t count, FILE *stream)
{
    struct iovec piece = {(void *)buffer, size * count};
    struct bounce bounce;
    if (!bounce_begin(&bounce, call, &piece, 1, BOUNCE_OUTPUT))
        return 0;
    size_t items = REAL(fwrite)(bounce.vector->iov_base, size, count, stream);
    bounce_end(&bounce, 0);
    return items;
}

/* Of glibc's FILE (libio.h). */
enum { UNBUFFERED = 0x2, END_SEEN = 0x10, ERROR_SEEN = 0x20 };

/* libc reads a stream on a file without a buffer by calls of as many bytes as are asked for, and a cookie stream byte
 * by byte, which UIO devices refuse. */
static size_t read_unbuffered(char *buffer, size_t size, size_t count, FILE *stream)
{
    size_t bytes = size * count, done = 0;
    flockfile(stream);
    size_t ahead = (size_t)(stream->_IO_read_end - stream->_IO_read_ptr);
    if (ahead > 0)
        done = REAL(fread)(buffer, 1, ahead < bytes ? ahead : bytes, stream);
    while (done < bytes) {
        ssize_t got = read(fileno(stream), buffer + done, bytes - done);
        if (got <= 0) {
            stream->_flags |= got == 0 ? END_SEEN : ERROR_SEEN;
            break;
        }
        done += (size_t)got;
    }
    funlockfile(stream);
    return bytes > 0 ? done / size : 0;
}

INTERPOSED size_t fread(void *restrict buffer, size_t size, size_t count, FILE *restrict stream)
{
    if (has_streams && stream->_flags & UNBUFFERED && is_cookie(stream))
        return read_unbuffered(buffer, size, count, stream);
    return transfer_is_needed(buffer, size * count) ? bulk_read(BOUNCE_CALL("fread()"), buffer, size, count, stream)
                                                    : REAL(fread)(buffer, size, count, stream);
}

INTERPOSED size_t __fread_chk(void *restrict buffer, size_t buffer_size, size_t size, size_t count,
                              FILE *restrict stream)
{
    if (size != 0 && count > buffer_size / size)
        __chk_fail();
    return fread(buffer, size, count, stream);
}

INTERPOSED size_t fwrite(const void *restrict buffer, size_t size, size_t count, FILE *restrict stream)
{
    return transfer_is_needed(buffer, size * count) ? bulk_write(BOUNCE_CALL("fwrite()"), buffer, size, count, stream)
                                                    : REAL(fwrite)(buffer, size, count, stream);
}

/* libc hands a stream's own buffer to the kernel, and no name is between. */
static bool is_refused_as_buffer(const void *buffer, size_t size)
{
    static bool told;
    if (buffer == NULL || !transfer_is_needed(buffer, size))
        return false;
    if (!told)
        report_undone(
            "setvbuf() with a buffer in a device window is refused with EFAULT, and the stream keeps its own; "
            "give it plain memory");
    told = true;
    errno = EFAULT;
    return true;
}

INTERPOSED int setvbuf(FILE *restrict stream, char *restrict buffer, int mode, size_t size)
{
    return is_refused_as_buffer(buffer, size) ? -1 : REAL(setvbuf)(stream, buffer, mode, size);
}

INTERPOSED void setbuffer(FILE *stream, char *buffer, size_t size)
{
    if (!is_refused_as_buffer(buffer, size))
        REAL(setbuffer)(stream, buffer, size);
}

INTERPOSED void setbuf(FILE *restrict stream, char *restrict buffer)
{
    if (!is_refused_as_buffer(buffer, BUFSIZ))
        REAL(setbuf)(stream, buffer);
}
