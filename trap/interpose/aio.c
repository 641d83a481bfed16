/* SPDX-License-Identifier: Apache-2.0
 *
 * POSIX asynchronous I/O. libc has threads of its own for it, whose reads and writes can't be interposed, and must not
 * be stopped. A request on a device, or on a descriptor that the net watches besides, is carried out here: at once, in
 * the order of the calls, where a device or a file answers at once; on a connection, which may wait, by a thread.
 * libc's aio_error() and aio_return() read what is left in the control block.
 */
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "device/node.h"
#include "ground/raw_syscall.h"
#include "ground/real.h"
#include "ground/report.h"
#include "net/net.h"
#include "time/time_stamp.h"

_Static_assert(sizeof(struct aiocb) == sizeof(struct aiocb64), "aiocb and aiocb64 are one layout on x86-64");

/* Requests that threads of ours are at, and how many have ended. */
enum { MOST_PENDING = 64 };
static struct aiocb *_Atomic pending[MOST_PENDING];
static _Atomic uint32_t ended;

static bool is_device(const struct aiocb *block)
{
    return block != NULL && node_of_open_descriptor(block->aio_fildes) != NODE_NONE;
}

static bool is_ours(const struct aiocb *block)
{
    return block != NULL && (is_device(block) || net_watches(block->aio_fildes));
}

static bool is_file(int descriptor)
{
    struct stat status;
    return raw_syscall(SYS_fstat, descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

/* What is not open fails at once. */
static bool may_wait(const struct aiocb *block)
{
    int node = node_of_open_descriptor(block->aio_fildes);
    return node != NODE_NONE ? node_is_connection(node) : !is_file(block->aio_fildes);
}

static struct aiocb *_Atomic *place_of(const struct aiocb *block)
{
    for (int i = 0; i < MOST_PENDING; i++)
        if (pending[i] == block)
            return &pending[i];
    return NULL;
}

static ssize_t move_bytes(const struct aiocb *block, int operation)
{
    int node = node_of_open_descriptor(block->aio_fildes);
    bool is_connection = node != NODE_NONE ? node_is_connection(node) : lseek(block->aio_fildes, 0, SEEK_CUR) == -1;
    void *buffer = (void *)block->aio_buf;
    if (operation == LIO_WRITE)
        return is_connection ? write(block->aio_fildes, buffer, block->aio_nbytes)
                             : pwrite(block->aio_fildes, buffer, block->aio_nbytes, block->aio_offset);
    return is_connection ? read(block->aio_fildes, buffer, block->aio_nbytes)
                         : pread(block->aio_fildes, buffer, block->aio_nbytes, block->aio_offset);
}

static void *call_back(void *given)
{
    struct sigevent event = *(struct sigevent *)given;
    free(given);
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL); /* as libc does */
    event.sigev_notify_function(event.sigev_value);
    return NULL;
}

static void notify_by_thread(const struct sigevent *event)
{
    pthread_attr_t plain;
    pthread_t thread;
    struct sigevent *copy = malloc(sizeof *copy);
    if (copy == NULL)
        return;
    *copy = *event;
    pthread_attr_init(&plain);
    pthread_attr_setdetachstate(&plain, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, event->sigev_notify_attributes != NULL ? event->sigev_notify_attributes : &plain,
                       call_back, copy) != 0)
        free(copy);
    pthread_attr_destroy(&plain);
}

static void notify(const struct sigevent *event)
{
    siginfo_t info = {.si_signo = event->sigev_signo, .si_code = SI_ASYNCIO};
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value = event->sigev_value;
    if (event->sigev_notify == SIGEV_SIGNAL)
        raw_syscall(SYS_rt_sigqueueinfo, getpid(), event->sigev_signo, &info);
    else if (event->sigev_notify == SIGEV_THREAD)
        notify_by_thread(event);
}

/* The error comes last: who polls for it reads the rest then. */
static void finish(struct aiocb *block, ssize_t moved)
{
    struct aiocb *_Atomic *place = place_of(block);
    int error = moved < 0 ? errno : 0;
    struct sigevent event = block->aio_sigevent;
    block->__return_value = moved;
    __atomic_store_n(&block->__error_code, error, __ATOMIC_RELEASE);
    if (place != NULL)
        *place = NULL;
    ended++;
    raw_syscall(SYS_futex, &ended, FUTEX_WAKE_PRIVATE, INT_MAX);
    notify(&event);
}

static void *carry_out_later(void *given)
{
    struct aiocb *block = given;
    finish(block, move_bytes(block, block->aio_lio_opcode));
    return NULL;
}

/* Signals of the host go to threads of its own, as from libc's. */
static int start_thread(struct aiocb *block)
{
    static atomic_flag busy = ATOMIC_FLAG_INIT;
    sigset_t all, before;
    pthread_attr_t detached;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (atomic_flag_test_and_set(&busy))
        raw_syscall(SYS_sched_yield);
    struct aiocb *_Atomic *place = place_of(NULL);
    if (place != NULL)
        *place = block;
    atomic_flag_clear(&busy);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    int error = place == NULL ? EAGAIN : pthread_create(&thread, &detached, carry_out_later, block);
    if (error != 0 && place != NULL)
        *place = NULL;
    pthread_attr_destroy(&detached);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static int begin(struct aiocb *block, int operation)
{
    block->__error_code = EINPROGRESS;
    block->aio_lio_opcode = operation;
    if (!may_wait(block)) {
        finish(block, move_bytes(block, operation));
        return 0;
    }
    int error = start_thread(block);
    if (error == 0)
        return 0;
    block->__error_code = error;
    block->__return_value = -1;
    return (int)real_result(-EAGAIN);
}

INTERPOSED int aio_read(struct aiocb *block)
{
    return is_ours(block) ? begin(block, LIO_READ) : WITH_TIME_STAMPS(REAL(aio_read)(block));
}
INTERPOSED_TWIN(aio_read64, aio_read);

INTERPOSED int aio_write(struct aiocb *block)
{
    return is_ours(block) ? begin(block, LIO_WRITE) : WITH_TIME_STAMPS(REAL(aio_write)(block));
}
INTERPOSED_TWIN(aio_write64, aio_write);

/* A device has nothing to be flushed (size.c). What is written at once is flushed behind it. */
INTERPOSED int aio_fsync(int operation, struct aiocb *block)
{
    if (!is_ours(block) || (operation != O_SYNC && operation != O_DSYNC))
        return WITH_TIME_STAMPS(REAL(aio_fsync)(operation, block));
    block->__error_code = EINPROGRESS;
    finish(block, operation == O_SYNC ? fsync(block->aio_fildes) : fdatasync(block->aio_fildes));
    return 0;
}
INTERPOSED_TWIN(aio_fsync64, aio_fsync);

/* One that has been begun can't be taken back. */
INTERPOSED int aio_cancel(int descriptor, struct aiocb *block)
{
    for (int i = 0; i < MOST_PENDING; i++) {
        const struct aiocb *other = pending[i];
        if (other != NULL && (block == NULL ? other->aio_fildes == descriptor : other == block))
            return AIO_NOTCANCELED;
    }
    return node_of_open_descriptor(descriptor) == NODE_NONE ? REAL(aio_cancel)(descriptor, block) : AIO_ALLDONE;
}
INTERPOSED_TWIN(aio_cancel64, aio_cancel);

/* ---- waiting for them */

/* What may end while we look: requests of libc's among ours are asked for each millisecond. */
enum { SLICE_NS = 1000000 };

struct list {
    const struct aiocb *const *blocks;
    int count;
};

static bool any_is_ours(const struct list *list)
{
    for (int i = 0; i < list->count; i++)
        if (list->blocks[i] != NULL && place_of(list->blocks[i]) != NULL)
            return true;
    return false;
}

static bool any_has_ended(const struct list *list)
{
    for (int i = 0; i < list->count; i++)
        if (list->blocks[i] != NULL && aio_error(list->blocks[i]) != EINPROGRESS)
            return true;
    return false;
}

static bool all_are_ours(const struct list *list)
{
    for (int i = 0; i < list->count; i++)
        if (list->blocks[i] != NULL && place_of(list->blocks[i]) == NULL)
            return false;
    return true;
}

static int64_t now_ns(void)
{
    struct timespec now;
    raw_syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return now.tv_sec * (int64_t)1000000000 + now.tv_nsec;
}

static int wait_for_any(const struct list *list, const struct timespec *timeout)
{
    int64_t until = timeout == NULL ? INT64_MAX : now_ns() + timeout->tv_sec * (int64_t)1000000000 + timeout->tv_nsec;
    for (;;) {
        uint32_t seen = ended;
        if (any_has_ended(list))
            return 0;
        int64_t left = until == INT64_MAX ? until : until - now_ns();
        if (left <= 0)
            return (int)real_result(-EAGAIN);
        if (!all_are_ours(list) && left > SLICE_NS)
            left = SLICE_NS;
        struct timespec slice = {left / 1000000000, left % 1000000000};
        long woken = raw_syscall(SYS_futex, &ended, FUTEX_WAIT_PRIVATE, seen, left == INT64_MAX ? NULL : &slice);
        if (woken == -EINTR)
            return (int)real_result(-EINTR);
    }
}

INTERPOSED int aio_suspend(const struct aiocb *const blocks[], int count, const struct timespec *timeout)
{
    struct list list = {blocks, count};
    return any_is_ours(&list) ? wait_for_any(&list, timeout) : REAL(aio_suspend)(blocks, count, timeout);
}
INTERPOSED_TWIN(aio_suspend64, aio_suspend);

/* ---- lists */

/* Other files that may wait are libc's in a list. */
static bool is_ours_in_list(const struct aiocb *block)
{
    return is_ours(block) && (is_device(block) || !may_wait(block));
}

static bool any_is_ours_in_list(struct aiocb *const list[], int count)
{
    for (int i = 0; i < count; i++)
        if (is_ours_in_list(list[i]))
            return true;
    return false;
}

/* A list with requests that may wait would have to end after them, which nothing here sees. */
static bool can_be_waited_for(int mode, struct aiocb *const list[], int count)
{
    for (int i = 0; mode == LIO_NOWAIT && i < count; i++)
        if (is_device(list[i]) && node_is_connection(node_of_open_descriptor(list[i]->aio_fildes)) &&
            list[i]->aio_lio_opcode != LIO_NOP) {
            report_undone(
                "lio_listio() with LIO_NOWAIT is refused with EINVAL for %s, which may wait; use aio_read() and "
                "aio_write()",
                node_path(node_of_open_descriptor(list[i]->aio_fildes)));
            return false;
        }
    return true;
}

/* Those on devices first, in their order, then libc's. */
static int begin_list(int mode, struct aiocb *const list[], int count, struct sigevent *event)
{
    bool failed = false;
    struct aiocb **others = calloc((size_t)count, sizeof *others);
    if (others == NULL)
        return (int)real_result(-EAGAIN);
    for (int i = 0; i < count; i++) {
        int operation = list[i] != NULL ? list[i]->aio_lio_opcode : LIO_NOP;
        if (!is_ours_in_list(list[i]))
            others[i] = list[i];
        else if (operation == LIO_READ || operation == LIO_WRITE) {
            finish(list[i], move_bytes(list[i], operation));
            failed = failed || list[i]->__error_code != 0;
        }
    }
    int result = WITH_TIME_STAMPS(REAL(lio_listio)(mode, others, count, event)), error = errno;
    free(others);
    errno = error;
    return result == 0 && failed && mode == LIO_WAIT ? (int)real_result(-EIO) : result;
}

INTERPOSED int lio_listio(int mode, struct aiocb *const list[restrict], int count, struct sigevent *restrict event)
{
    if (count <= 0 || !any_is_ours_in_list(list, count))
        return WITH_TIME_STAMPS(REAL(lio_listio)(mode, list, count, event));
    return can_be_waited_for(mode, list, count) ? begin_list(mode, list, count, event) : (int)real_result(-EINVAL);
}
INTERPOSED_TWIN(lio_listio64, lio_listio);
