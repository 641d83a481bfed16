/* SPDX-License-Identifier: Apache-2.0
 *
 * Locks on files. A device's are those of the file behind its node, in the run directory: so they hold against every
 * opener in every host of the bridge, and the kernel ends them. For what has an anchor that file is the anchor's; for
 * all others the descriptor is open on it, and nothing has to be done.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/file.h>
#include <unistd.h>

#include "descriptor.h"
#include "device/anchor.h"
#include "device/node.h"
#include "device/uio.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "ground/report.h"

int fcntl64(int descriptor, int command, ...);

static bool has_anchor(int descriptor)
{
    return anchor_any() && anchor_belongs_to(descriptor);
}

/* -1 with errno, if a program that is not under Trapline passed the descriptor to us without its anchor. */
static int anchor_for_lock(int descriptor)
{
    static bool told;
    int anchor = anchor_of(descriptor);
    if (anchor != ANCHOR_NONE)
        return anchor;
    if (!told)
        report_undone(
            "a lock on %s is refused with ENOLCK: its descriptor came over a socket from a program that does not "
            "run under "
            "Trapline",
            node_path(node_of_descriptor(descriptor)));
    told = true;
    return (int)real_result(-ENOLCK);
}

INTERPOSED int flock(int descriptor, int operation)
{
    if (!has_anchor(descriptor))
        return REAL(flock)(descriptor, operation);
    int anchor = anchor_for_lock(descriptor);
    return anchor < 0 ? -1 : REAL(flock)(anchor, operation);
}

/* A UIO device's position is always 0 (noop_llseek), an anchor's is nobody's. */
static off_t position_of(int descriptor)
{
    return lseek(descriptor, 0, SEEK_CUR);
}

static int lock_from_start(int anchor, int command, struct flock *lock, off_t position)
{
    struct flock copy = *lock;
    copy.l_whence = SEEK_SET;
    copy.l_start += position;
    int result = REAL(fcntl)(anchor, command, &copy);
    bool is_question = command == F_GETLK || command == F_OFD_GETLK;
    if (result == 0 && is_question && copy.l_type == F_UNLCK)
        lock->l_type = F_UNLCK;
    else if (result == 0 && is_question)
        *lock = copy;
    return result;
}

static int record_lock(int descriptor, int command, struct flock *lock)
{
    int anchor = anchor_for_lock(descriptor);
    if (anchor < 0)
        return -1;
    if (command == F_SETLK || command == F_SETLKW)
        anchor_before_record_lock(node_of_descriptor(descriptor));
    return readable(lock, sizeof *lock) && lock->l_whence == SEEK_CUR
               ? lock_from_start(anchor, command, lock, position_of(descriptor))
               : REAL(fcntl)(anchor, command, lock);
}

/* The descriptor may have another mark now, or there is another descriptor. */
static int change(int descriptor, int command, void *argument)
{
    int result = REAL(fcntl)(descriptor, command, argument), error = errno;
    if (command == F_SETFD || command == F_DUPFD || command == F_DUPFD_CLOEXEC)
        anchor_follow();
    errno = error;
    return result;
}

static int control(int descriptor, int command, void *argument)
{
    switch (command) {
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return record_lock(descriptor, command, argument);
    case F_GETFL:
        return (int)real_result(node_status_flags(node_of_descriptor(descriptor), descriptor));
    case F_SETFL:
        if ((intptr_t)argument & O_DIRECT)
            return (int)real_result(-EINVAL);
        return node_is_connection(node_of_descriptor(descriptor))
                   ? (int)real_result(uio_set_status_flags(descriptor, (int)(intptr_t)argument))
                   : REAL(fcntl)(descriptor, command, argument);
    case F_SETLEASE: /* of files with contents only (kernel generic_setlease, memfd_fcntl) */
    case F_ADD_SEALS:
    case F_GET_SEALS:
        return (int)real_result(-EINVAL);
    default:
        return change(descriptor, command, argument);
    }
}

/* What moves the contents of a duplicate by the kernel is to be seen too. */
static int note_duplicate(int command, int result)
{
    bool is_one = result >= 0 && (command == F_DUPFD || command == F_DUPFD_CLOEXEC);
    if (is_one && node_of_open_descriptor(result) != NODE_NONE)
        node_note_open(result);
    return result;
}

INTERPOSED int fcntl(int descriptor, int command, ...)
{
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    if (descriptor_is_ours(descriptor))
        return (int)real_result(-EBADF);
    int result = has_anchor(descriptor) ? control(descriptor, command, argument)
                                        : REAL(fcntl)(descriptor, command, argument);
    return note_duplicate(command, result);
}
INTERPOSED_TWIN(fcntl64, fcntl);

/* glibc's own (io/lockf.c), from the position of the device. */
static int lock_section(int descriptor, int command, off_t length)
{
    struct flock lock = {.l_type = command == F_ULOCK ? F_UNLCK : F_WRLCK,
                         .l_whence = SEEK_SET,
                         .l_start = position_of(descriptor),
                         .l_len = length};
    switch (command) {
    case F_TEST:
        if (record_lock(descriptor, F_GETLK, &lock) < 0)
            return -1;
        return lock.l_type == F_UNLCK || lock.l_pid == getpid() ? 0 : (int)real_result(-EACCES);
    case F_ULOCK:
    case F_TLOCK:
        return record_lock(descriptor, F_SETLK, &lock);
    case F_LOCK:
        return record_lock(descriptor, F_SETLKW, &lock);
    default:
        return (int)real_result(-EINVAL);
    }
}

INTERPOSED int lockf(int descriptor, int command, off_t length)
{
    return has_anchor(descriptor) ? lock_section(descriptor, command, length)
                                  : REAL(lockf)(descriptor, command, length);
}
INTERPOSED_TWIN(lockf64, lockf);
