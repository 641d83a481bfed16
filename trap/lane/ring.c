/* SPDX-License-Identifier: Apache-2.0 */
#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "ground/raw_syscall.h"
#include "ground/waits.h"
#include "ground/signal_safe.h"

#define FILE_BYTES (RING_HEAD_BYTES + (size_t)RING_RECORDS * RING_RECORD_BYTES)

/* Looks before a sleep, how long that is, and sleeps between two questions whether it is in vain. */
enum { LOOKS = 200, SLEEP_NS = 50000, SLEEPS_BETWEEN_QUESTIONS = 100 };

static struct ring_head *head;
static struct ring_record *records;
static uint32_t own_session;
static bool (*is_lost)(void);
static uint64_t wall_offset; /* what CLOCK_REALTIME is ahead of waits_now */

static long map(const char *path)
{
    long file = raw_syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return file;
    bool is_whole = raw_syscall(SYS_lseek, file, 0, SEEK_END) >= (long)FILE_BYTES;
    long mapped = is_whole ? raw_syscall(SYS_mmap, 0, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : -EIO;
    raw_syscall(SYS_close, file);
    return mapped;
}

static void learn_time(void)
{
    struct timespec now;
    raw_syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    wall_offset = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec - waits_now();
}

long ring_begin(const char *path, uint32_t session, bool (*lost)(void))
{
    own_session = session;
    is_lost = lost;
    learn_time();
    if (head != NULL)
        return 0;
    long mapped = map(path);
    if (mapped < 0)
        return mapped;
    if (((struct ring_head *)mapped)->version != RING_VERSION) {
        raw_syscall(SYS_munmap, mapped, FILE_BYTES);
        return -EPROTO;
    }
    head = (struct ring_head *)mapped;
    records = (struct ring_record *)(mapped + RING_HEAD_BYTES);
    return 0;
}

bool ring_is_there(void)
{
    return head != NULL;
}

static bool take(void)
{
    uint32_t none = 0;
    return __atomic_compare_exchange_n(&head->holder, &none, own_session, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static bool has_ended(void)
{
    return __atomic_load_n(&head->waits, __ATOMIC_ACQUIRE) == RING_ENDS;
}

static bool has_room(void)
{
    uint64_t taken = __atomic_load_n(&head->taken, __ATOMIC_ACQUIRE);
    return __atomic_load_n(&head->count, __ATOMIC_RELAXED) - taken < RING_RECORDS;
}

/* Others hold the ring for one access, and the bridge looks every few milliseconds. */
static bool wait_until(bool (*is_so)(void))
{
    static const struct timespec a_while = {.tv_nsec = SLEEP_NS};
    for (unsigned looks = 0; looks < LOOKS; looks++) {
        if (is_so())
            return true;
        __builtin_ia32_pause();
    }
    for (unsigned sleeps = 1; !is_so(); sleeps++) {
        raw_syscall(SYS_nanosleep, &a_while, NULL);
        if (sleeps % SLEEPS_BETWEEN_QUESTIONS == 0 && is_lost())
            return is_so();
    }
    return true;
}

/* The ring is ours, and nobody else's record comes in between. */
static bool is_confirmed(void)
{
    return __atomic_load_n(&head->taken, __ATOMIC_ACQUIRE) == head->count || has_ended();
}

/* Where the next record comes. */
static struct ring_record *fill_next(const struct ring_record *record)
{
    struct ring_record *place = &records[head->count % RING_RECORDS];
    *place = *record;
    place->session = own_session;
    return place;
}

bool ring_enter(const struct ring_record *intent)
{
    if (!wait_until(take))
        return false;
    if (has_ended() || !wait_until(has_room)) {
        ring_leave(NULL);
        return false;
    }
    fill_next(intent);
    __atomic_store_n(&head->begun, head->count + 1, __ATOMIC_RELEASE);
    return true;
}

bool ring_leave(const struct ring_record *record)
{
    uint64_t number = head->count;
    bool may_go_on = true;
    if (record == NULL)
        __atomic_store_n(&head->begun, number, __ATOMIC_RELEASE);
    else {
        struct ring_record *place = fill_next(record);
        place->wall_ns = waits_now() + wall_offset;
        __atomic_store_n(&head->count, number + 1, __ATOMIC_RELEASE);
        if (__atomic_load_n(&head->waits, __ATOMIC_RELAXED) != 0)
            may_go_on = wait_until(is_confirmed) && !has_ended();
    }
    __atomic_store_n(&head->holder, 0, __ATOMIC_RELEASE);
    return may_go_on;
}
