/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "broker.h"
#include "page.h"
#include "raw_syscall.h"
#include "signal_safe.h"

/* The layout is known to bridge/run/ledger.ts as well. */
enum {
    BUCKETS_PER_DOUBLING = 32,
    DOUBLINGS = 64,
    LOG2_BUCKETS = 5,
    MOST_ENDS = 32,
    MOST_UNDONE = 16,
    MOST_PATH = 4096,
    TAKEN_BACK = -1
};
enum { MOST_RESIDENTS = 255, NEIGHBOURS = 16, MOST_PUBLISHED = 51200, NAMESPACE = 64, MOST_NODES = 1020 };
enum { MOST_FOUND = 1024, MOST_OFFSETS = 6142 };

struct end {
    int32_t pid;
    char program[252];
    char why[768];
};

struct unpatched {
    atomic_uint_least64_t instructions, traps;
    char first[112];
};

/* A process that the bridge has not heard of: the kernel says the same of where its arguments begin, or it has gone. */
struct resident {
    atomic_int pid; /* 0: free */
    uint32_t unused;
    atomic_uint_least64_t argument;
};

struct published {
    atomic_uint_least64_t length; /* 0: nothing is; written last */
    char pid_namespace[NAMESPACE];
    atomic_int broker;      /* its pid in that namespace; 0: not known yet */
    char nodes[MOST_NODES]; /* empty: not known yet */
    uint8_t bytes[MOST_PUBLISHED];
};

/* `where` counts its offsets, above the place of the first one: 0 until they are written. */
struct found {
    atomic_uint_least64_t key; /* 0: free */
    atomic_uint_least64_t where;
};

struct findings {
    struct found found[MOST_FOUND];
    atomic_uint_least64_t used;
    uint32_t offsets[MOST_OFFSETS];
};

struct ledger {
    atomic_uint_least64_t waits[BUCKETS_PER_DOUBLING * DOUBLINGS];
    atomic_uint_least64_t ended;
    struct end ends[MOST_ENDS];             /* of the first ones */
    atomic_uint_least64_t asking, attached; /* how often, since the run began */
    atomic_uint_least64_t said[LEDGER_WORDS], patched;
    struct unpatched unpatched[LEDGER_MOST_REASONS];
    atomic_uint_least64_t undone_count;
    struct end undone[MOST_UNDONE];
    /* One page, for all of it is what a program touches that starts. */
    _Alignas(PAGE_BYTES) atomic_uint_least64_t moved_in; /* how often */
    atomic_uint_least64_t opened;                        /* a device has been */
    struct resident residents[MOST_RESIDENTS];
    struct published published;
    _Alignas(PAGE_BYTES) struct findings findings;
};
_Static_assert(offsetof(struct ledger, published) % PAGE_BYTES == 0, "fills the page");
_Static_assert(sizeof(struct findings) % PAGE_BYTES == 0, "fills its pages");

static struct ledger *ledger;

void ledger_open(const char *run_directory)
{
    static const char name[] = "/ledger";
    char path[MOST_PATH];
    size_t length = strlen(run_directory);
    if (length + sizeof name > sizeof path)
        return;
    memcpy(path, run_directory, length);
    memcpy(path + length, name, sizeof name);
    long file = raw_syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (file < 0)
        file = broker_open(path, O_RDWR | O_CLOEXEC);
    if (file < 0)
        return;
    long mapped = raw_syscall(SYS_mmap, 0, sizeof *ledger, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    raw_syscall(SYS_close, file);
    if (mapped > 0)
        ledger = (struct ledger *)mapped;
}

void ledger_note_asking(void)
{
    if (ledger != NULL)
        atomic_fetch_add(&ledger->asking, 1);
}

void ledger_note_attached(void)
{
    if (ledger != NULL)
        atomic_fetch_add(&ledger->attached, 1);
}

/* A process for which the kernel makes no folder in /proc has less to do, and less to undo: where the broker has the
 * number that it has for others, ours are theirs, too. */
static bool is_of_namespace(struct published *published)
{
    char own[NAMESPACE] = {0};
    int broker = broker_pid();
    if (broker != 0 && broker == atomic_load(&published->broker))
        return true;
    if (raw_syscall(SYS_readlink, "/proc/self/ns/pid", own, sizeof own - 1) <= 0 ||
        memcmp(own, published->pid_namespace, sizeof own) != 0)
        return false;
    atomic_store(&published->broker, broker);
    return true;
}

const uint8_t *ledger_published(size_t *length)
{
    *length = ledger != NULL ? atomic_load_explicit(&ledger->published.length, memory_order_acquire) : 0;
    bool is_there = *length > 0 && *length <= MOST_PUBLISHED && is_of_namespace(&ledger->published);
    return is_there ? ledger->published.bytes : NULL;
}

const char *ledger_nodes(void)
{
    bool is_known = ledger != NULL && atomic_load_explicit(&ledger->published.length, memory_order_acquire) > 0;
    return is_known ? ledger->published.nodes : "";
}

void ledger_note_nodes(const char *directory)
{
    if (ledger != NULL && ledger->published.nodes[0] == 0 && strlen(directory) < MOST_NODES)
        memcpy(ledger->published.nodes, directory, strlen(directory));
}

static bool is_free(int pid, int own)
{
    return pid == 0 || pid == own || raw_syscall(SYS_kill, pid, 0) == -ESRCH;
}

/* Near a place of its own, so that a number that is used again finds itself. */
bool ledger_move_in(const char *argument)
{
    int own = (int)raw_syscall(SYS_getpid);
    for (unsigned i = 0; ledger != NULL && i < NEIGHBOURS; i++) {
        struct resident *place = &ledger->residents[((unsigned)own + i) % MOST_RESIDENTS];
        int before = atomic_load(&place->pid);
        if (!is_free(before, own) || !atomic_compare_exchange_strong(&place->pid, &before, own))
            continue;
        atomic_store(&place->argument, (uint64_t)argument);
        atomic_fetch_add(&ledger->moved_in, 1);
        return true;
    }
    return false;
}

void ledger_note_opened(void)
{
    if (ledger != NULL)
        atomic_store(&ledger->opened, 1);
}

bool ledger_devices_were_opened(void)
{
    return ledger == NULL || atomic_load(&ledger->opened) != 0;
}

/* Its place, or a free one; NULL if there is neither. */
static struct found *place_for(uint64_t key)
{
    for (unsigned i = 0; ledger != NULL && i < NEIGHBOURS; i++) {
        struct found *found = &ledger->findings.found[(key + i) % MOST_FOUND];
        uint64_t other = atomic_load(&found->key);
        if (other == key || other == 0)
            return found;
    }
    return NULL;
}

const uint32_t *ledger_found(uint64_t key, size_t *count)
{
    struct found *found = place_for(key);
    uint64_t where = found != NULL && atomic_load(&found->key) == key ? atomic_load(&found->where) : 0;
    uint64_t first = (uint32_t)where;
    *count = where >> 32;
    bool is_there = *count > 0 && first <= MOST_OFFSETS && *count - 1 <= MOST_OFFSETS - first;
    *count -= is_there;
    return is_there ? ledger->findings.offsets + first : NULL;
}

/* Another process may be about to note the same: one of them does. */
void ledger_note_found(uint64_t key, const uint32_t *offsets, size_t count)
{
    struct found *found = place_for(key);
    uint64_t nobody = 0;
    if (found == NULL || atomic_load(&ledger->findings.used) + count > MOST_OFFSETS ||
        !atomic_compare_exchange_strong(&found->key, &nobody, key))
        return;
    uint64_t first = atomic_fetch_add(&ledger->findings.used, count);
    if (first > MOST_OFFSETS || count > MOST_OFFSETS - first)
        return;
    memcpy(ledger->findings.offsets + first, offsets, count * sizeof *offsets);
    atomic_store(&found->where, (uint64_t)(count + 1) << 32 | first);
}

/* The power of two and the bits behind its leading one: 32 steps to each doubling, so a bucket is 3 % wide at most. */
static unsigned bucket_of(uint64_t ns)
{
    if (ns < BUCKETS_PER_DOUBLING)
        return (unsigned)ns;
    unsigned power = 63 - (unsigned)__builtin_clzll(ns);
    return power * BUCKETS_PER_DOUBLING + (unsigned)(ns >> (power - LOG2_BUCKETS) & (BUCKETS_PER_DOUBLING - 1));
}

void ledger_note_waits(uint64_t ns, unsigned accesses)
{
    if (ledger != NULL)
        atomic_fetch_add_explicit(&ledger->waits[bucket_of(ns / accesses)], accesses, memory_order_relaxed);
}

static void copy_text(char *to, size_t size, const char *from)
{
    size_t length = strlen(from);
    memcpy(to, from, length < size ? length : size - 1);
}

bool ledger_is_first_to_say(enum ledger_word word)
{
    return ledger == NULL || atomic_fetch_add(&ledger->said[word], 1) == 0;
}

void ledger_note_patched(void)
{
    if (ledger != NULL)
        atomic_fetch_add(&ledger->patched, 1);
}

void ledger_note_unpatched(unsigned reason, const char *which)
{
    struct unpatched *unpatched = ledger != NULL ? &ledger->unpatched[reason] : NULL;
    if (unpatched != NULL && atomic_fetch_add(&unpatched->instructions, 1) == 0)
        copy_text(unpatched->first, sizeof unpatched->first, which);
}

void ledger_take_back_unpatched(unsigned reason, uint64_t traps)
{
    if (ledger == NULL)
        return;
    atomic_fetch_sub(&ledger->unpatched[reason].instructions, 1);
    atomic_fetch_sub(&ledger->unpatched[reason].traps, traps);
}

void ledger_note_unpatched_trap(unsigned reason)
{
    if (ledger != NULL)
        atomic_fetch_add_explicit(&ledger->unpatched[reason].traps, 1, memory_order_relaxed);
}

/* NULL if there is no room for it, which is counted all the same. */
static struct end *new_note(atomic_uint_least64_t *count, struct end *notes, unsigned most)
{
    uint64_t place = atomic_fetch_add(count, 1);
    struct end *note = place < most ? &notes[place] : NULL;
    if (note != NULL)
        note->pid = (int32_t)raw_syscall(SYS_getpid);
    return note;
}

static struct end *new_end(void)
{
    return new_note(&ledger->ended, ledger->ends, MOST_ENDS);
}

static void note_of_this_process(struct end *note, const char *why)
{
    if (note == NULL)
        return;
    raw_syscall(SYS_readlink, "/proc/self/exe", note->program, sizeof note->program - 1);
    copy_text(note->why, sizeof note->why, why);
}

void ledger_note_end(const char *why)
{
    if (ledger != NULL)
        note_of_this_process(new_end(), why);
}

void ledger_note_undone(const char *what)
{
    if (ledger != NULL)
        note_of_this_process(new_note(&ledger->undone_count, ledger->undone, MOST_UNDONE), what);
}

int ledger_note_end_of(const char *program, const char *why)
{
    struct end *end = ledger != NULL ? new_end() : NULL;
    if (end == NULL)
        return ledger != NULL ? MOST_ENDS : LEDGER_NO_PLACE;
    copy_text(end->program, sizeof end->program, program);
    copy_text(end->why, sizeof end->why, why);
    return (int)(end - ledger->ends);
}

void ledger_take_back(int place)
{
    if (place == MOST_ENDS)
        atomic_fetch_sub(&ledger->ended, 1);
    else if (place != LEDGER_NO_PLACE)
        ledger->ends[place].pid = TAKEN_BACK;
}
