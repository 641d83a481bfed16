/* SPDX-License-Identifier: Apache-2.0 */
#include "pointed.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "device/node.h"
#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "kernel_call.h"
#include "memory/window.h"

/* Plain memory in place of the host's, for one argument. */
struct piece {
    struct pointer what;
    size_t bytes;
    uint8_t *plain, *before; /* `before`: as it was, of what goes both ways; else there is nothing but zeros */
};

struct pointed {
    struct transfer_call call;
    const struct pointers_table *table;
    const long *given;
    long plain[6];
    struct piece pieces[POINTERS_MOST];
    int count;
};

/* As much as the kernel moves at once (read(2)), and takes of a list (execve(2)). */
enum { MOST_BYTES = 0x7ffff000, MOST_LIST = 6 << 20, CHUNK = 8 };

static bool leads_into_window(long argument)
{
    return argument != 0 && transfer_is_needed((const void *)argument, 1);
}

bool pointed_is_any(const long argument[6])
{
    if (!transfer_may_be_needed())
        return false;
    for (int i = 0; i < 6; i++)
        if (leads_into_window(argument[i]))
            return true;
    return false;
}

/* Counts that are ints of the host's have anything in their upper half. */
static size_t count_of(long argument, size_t unit)
{
    uint64_t most = MOST_BYTES / unit, count = (uint64_t)argument;
    if (count > most && (uint32_t)count <= most && count >> 32 != 0)
        count = (uint32_t)count;
    return (count < most ? count : most) * unit;
}

/* The kernel takes no length that is negative, and says so itself. */
static size_t length_at(const struct pointed *pointed, int argument)
{
    int32_t length;
    const void *at = (const void *)pointed->plain[argument];
    return at != NULL && transfer_copy(&length, at, sizeof length) && length > 0 ? (size_t)length : 0;
}

/* A number of descriptors is an int, whatever else is in the register. */
static size_t bytes_of_bits(long count, size_t word)
{
    size_t bits = 8 * word;
    return (int32_t)count > 0 ? ((size_t)(int32_t)count + bits - 1) / bits * word : 0;
}

static size_t bytes_of(const struct pointed *pointed, const struct pointer *what)
{
    long by = pointed->given[what->by];
    switch ((enum pointer_size)what->size) {
    case POINTER_FIXED:
        return what->unit;
    case POINTER_COUNTED:
        return count_of(by, what->unit);
    case POINTER_BITS:
        return bytes_of_bits(by, pointed->table->word);
    case POINTER_PAGES:
        return page_up((uint64_t)by) / PAGE_BYTES;
    case POINTER_LENGTH:
        return length_at(pointed, what->by);
    case POINTER_LIST:
        return MOST_LIST;
    default:
        return PATH_MAX;
    }
}

bool pointed_copy_text(struct transfer_call call, void *to, const void *from, size_t most)
{
    uint8_t *plain = to;
    for (size_t at = 0; at < most;) {
        const uint8_t *next = (const uint8_t *)from + at;
        size_t piece = CHUNK - (uint64_t)next % CHUNK;
        if (!transfer_from_window(call, plain + at, next, piece))
            return false;
        if (memchr(plain + at, 0, piece) != NULL)
            return true;
        at += piece;
    }
    return true;
}

static bool copy_list(const struct pointed *pointed, uint8_t *to, const uint8_t *from)
{
    const uint64_t none = 0;
    size_t word = pointed->table->word;
    for (size_t at = 0; at < MOST_LIST; at += word) {
        if (!transfer_from_window(pointed->call, to + at, from + at, word))
            return false;
        if (memcmp(to + at, &none, word) == 0)
            return true;
    }
    return true;
}

static bool copy_in(const struct pointed *pointed, struct piece *piece, const void *from)
{
    if (piece->what.size == POINTER_LIST)
        return copy_list(pointed, piece->plain, from);
    if (piece->what.size == POINTER_TEXT)
        return pointed_copy_text(pointed->call, piece->plain, from, PATH_MAX);
    if (piece->what.way == POINTER_OUT || piece->what.way == POINTER_MOVED || piece->what.way == POINTER_LEFT)
        return true;
    if (!transfer_from_window(pointed->call, piece->plain, from, piece->bytes))
        return false;
    memcpy(piece->before, piece->plain, piece->bytes);
    return true;
}

static size_t room_of(const struct piece *piece)
{
    switch ((enum pointer_size)piece->what.size) {
    case POINTER_TEXT:
        return PATH_MAX + CHUNK;
    case POINTER_LIST:
        return MOST_LIST + CHUNK;
    default:
        return 2 * piece->bytes;
    }
}

/* 0, or an errno. */
static int replace(struct pointed *pointed, const struct pointer *what)
{
    long given = pointed->given[what->argument];
    struct piece *piece = &pointed->pieces[pointed->count];
    *piece = (struct piece){.what = *what, .bytes = given != 0 ? bytes_of(pointed, what) : 0};
    if (piece->bytes == 0 || !transfer_is_needed((const void *)given, piece->bytes))
        return 0;
    long area = raw_syscall(SYS_mmap, NULL, room_of(piece), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area < 0 && area > -(long)PAGE_BYTES)
        return ENOMEM;
    piece->plain = (uint8_t *)area;
    piece->before = piece->plain + piece->bytes;
    pointed->count++;
    pointed->plain[what->argument] = area;
    return copy_in(pointed, piece, (const void *)given) ? 0 : EFAULT;
}

/* What the kernel has written there. Calls that fail write nothing as a rule; those that do have changed it. */
static size_t written_by(const struct pointed *pointed, const struct piece *piece, long result)
{
    size_t bytes = piece->bytes;
    if (piece->what.way == POINTER_IN)
        return 0;
    if (result < 0 || piece->what.way == POINTER_LEFT)
        return memcmp(piece->plain, piece->before, bytes) != 0 ? bytes : 0;
    if (piece->what.way == POINTER_MOVED)
        bytes = count_of(result, piece->what.unit);
    else if (piece->what.size == POINTER_LENGTH)
        bytes = length_at(pointed, piece->what.by);
    return bytes < piece->bytes ? bytes : piece->bytes;
}

static bool copy_out(const struct pointed *pointed, const struct piece *piece, long result)
{
    enum { EVENTS_AT = 6, EVENTS_BYTES = 2 };
    uint8_t *to = (uint8_t *)pointed->given[piece->what.argument];
    size_t bytes = written_by(pointed, piece, result);
    if (piece->what.way != POINTER_POLLED)
        return bytes == 0 || transfer_to_window(pointed->call, to, piece->plain, bytes);
    for (size_t at = EVENTS_AT; at < bytes; at += piece->what.unit)
        if (!transfer_to_window(pointed->call, to + at, piece->plain + at, EVENTS_BYTES))
            return false;
    return true;
}

/* The whole address is told, however much of it there was room for (getsockname(2)). */
static long finish(const struct pointed *pointed, long result)
{
    int error = errno;
    for (int i = 0; i < pointed->count; i++)
        if (!copy_out(pointed, &pointed->pieces[i], result)) {
            result = -1;
            error = EFAULT;
        }
    for (int i = 0; i < pointed->count; i++)
        raw_syscall(SYS_munmap, pointed->pieces[i].plain, room_of(&pointed->pieces[i]));
    errno = error;
    return result;
}

/* Once for each call. */
static bool is_first_to_fail(long number)
{
    static atomic_uint said[16];
    unsigned bit = 1u << number % 32;
    return (atomic_fetch_or(&said[number / 32 % 16], bit) & bit) == 0;
}

static void say_what_is_left(const struct pointed *pointed, const struct pointers *pointers, long number)
{
    char name[32];
    struct window window;
    int count = pointers != NULL && pointers->count != POINTERS_OF_UNKNOWN_COUNT ? pointers->count : 6;
    report_text(name, sizeof name, pointers != NULL ? "%s" : "system call %u",
                pointers != NULL ? (uint64_t)pointers->name : (uint64_t)number);
    for (int i = 0; i < count; i++) {
        long argument = pointed->plain[i];
        if (!leads_into_window(argument) || !is_first_to_fail(number))
            continue;
        bool is_device = window_find((uint64_t)argument, &window);
        report_undone("%s points into a window of %s, which the kernel can't reach: it fails with EFAULT", name,
                      is_device ? node_path((int)window.node) : "memory that a model reaches too");
        return;
    }
}

/* Beside a watched register there is memory, at another address: for the kernel's locks all threads name it by that. */
static void take_word(struct pointed *pointed, int argument)
{
    struct window window;
    uint64_t word = (uint64_t)pointed->given[argument];
    if (window_find(word, &window) && window.memory != NULL && !window.is_shared)
        pointed->plain[argument] = (long)(window.memory + (word - window.start));
}

static bool has_second_word(long operation)
{
    switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
    case FUTEX_WAKE_OP:
    case FUTEX_WAIT_REQUEUE_PI:
    case FUTEX_CMP_REQUEUE_PI:
        return true;
    default:
        return false;
    }
}

static void take_words(struct pointed *pointed)
{
    take_word(pointed, 0);
    if (has_second_word(pointed->given[1]))
        take_word(pointed, 4);
}

static int replace_all(struct pointed *pointed, const struct pointers *pointers, long number)
{
    struct pointer asked[POINTERS_MOST] = {0};
    bool depends = pointed->table->by_request(number, pointed->given, asked);
    const struct pointer *at = depends ? asked : pointers->at;
    int error = 0;
    if (pointers->more == POINTERS_LOCKS)
        take_words(pointed);
    for (int i = 0; error == 0 && i < POINTERS_MOST && at[i].unit != 0; i++)
        error = replace(pointed, &at[i]);
    return error;
}

/* Two words: a pointer to the set, and its size. */
struct inner_set {
    uint8_t words[2 * sizeof(uint64_t)];
    uint64_t set;
};

static bool replace_inner_set(struct pointed *pointed, struct inner_set *inner)
{
    const void *at = (const void *)pointed->plain[5];
    size_t word = pointed->table->word;
    uint64_t set = 0;
    if (at == NULL || !transfer_copy(inner->words, at, 2 * word))
        return true;
    memcpy(&set, inner->words, word);
    if (!leads_into_window((long)set))
        return true;
    if (!transfer_from_window(pointed->call, &inner->set, (const void *)set, sizeof inner->set))
        return false;
    set = (uint64_t)&inner->set;
    memcpy(inner->words, &set, word);
    pointed->plain[5] = (long)inner->words;
    return true;
}

/* False where the host's memory, or ours, does not let it. */
static bool prepare(struct pointed *pointed, const struct pointers *pointers, long number, struct inner_set *inner)
{
    int error = pointers != NULL ? replace_all(pointed, pointers, number) : 0;
    if (error == 0 && pointers != NULL && pointers->more == POINTERS_INNER_SET && !replace_inner_set(pointed, inner))
        error = EFAULT;
    if (error == 0)
        return true;
    errno = error;
    finish(pointed, -1);
    return false;
}

/* Another thread may have been about to watch a page when we looked (trapline.h): whoever has the bus has done so. */
static bool has_come_late(const struct pointed *pointed)
{
    uint8_t nothing = 0;
    return pointed->count == 0 && transfer_copy(&nothing, &(uint8_t){0}, sizeof nothing) &&
           pointed_is_any(pointed->given);
}

/* The call's result, with errno. */
static long carry(struct pointed *pointed, const struct pointers *pointers, long number, pointed_carrier *call)
{
    struct inner_set inner;
    for (bool is_last = false;; is_last = true) {
        pointed->count = 0;
        memcpy(pointed->plain, pointed->given, sizeof pointed->plain);
        if (!prepare(pointed, pointers, number, &inner))
            return -1;
        int before = errno;
        errno = 0;
        long result = call(number, pointed->plain);
        bool has_failed = result == -1 && errno == EFAULT;
        if (has_failed && !is_last && has_come_late(pointed))
            continue;
        if (has_failed)
            say_what_is_left(pointed, pointers, number);
        errno = errno == 0 ? before : errno;
        return finish(pointed, result);
    }
}

long pointed_call(uint64_t pc, const struct pointers_table *table, long number, const long argument[6],
                  pointed_carrier *call)
{
    if (!transfer_may_be_needed()) {
        long result = call(number, argument);
        if (result != -1 || errno != EFAULT || !transfer_may_be_needed())
            return result;
    }
    const struct pointers *pointers = pointers_of(table, number);
    struct pointed pointed = {
        .call = {pc, pointers != NULL ? pointers->name : "system call"}, .table = table, .given = argument};
    return carry(&pointed, pointers, number, call);
}

static long ask_kernel(long number, const long a[6])
{
    return KERNEL_CALL(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

long pointed_call_of_libc(uint64_t pc, long number, const long argument[6])
{
    return pointed_call(pc, &pointers64, number, argument, ask_kernel);
}
