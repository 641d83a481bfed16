/* SPDX-License-Identifier: Apache-2.0 */
#include "anchor.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/stat.h>

#include "ground/descriptors.h"
#include "ground/kernel_signals.h"
#include "ground/ledger.h"
#include "ground/own_descriptor.h"
#include "ground/raw_syscall.h"
#include "handle.h"
#include "node.h"
#include "uio.h"
#include "ground/signal_safe.h"

#define NODE_BIT(node) ((uint64_t)1 << (node))

/* Nodes on whose file this process may hold record locks. Those go when any descriptor of the file is closed. */
static _Atomic uint64_t record_locked;

/* Serialises what closes anchors: between the look at a descriptor and its close nobody else may free the number. */
static atomic_flag busy = ATOMIC_FLAG_INIT;

static uint64_t begin(void)
{
    uint64_t before = kernel_signals_block(0);
    while (atomic_flag_test_and_set_explicit(&busy, memory_order_acquire))
        raw_syscall(SYS_sched_yield);
    return before;
}

static void end(uint64_t signals)
{
    atomic_flag_clear_explicit(&busy, memory_order_release);
    kernel_signals_restore(signals);
}

/* A descriptor of a node, in either part. */
struct part {
    int node;            /* NODE_NONE: of none */
    uint64_t connection; /* inode number of the socket, or handle */
    uint64_t dev;        /* of its file system; 0: this is the anchor */
};

/* The file behind a device of registers may also be open for the host (node_open.c), but not to append. */
static bool is_marked(int node, int descriptor)
{
    return node_is_connection(node) ||
           (node_kind(node) != NODE_MEMORY && raw_syscall(SYS_fcntl, descriptor, F_GETFL) & O_APPEND);
}

static struct part part_of(int descriptor)
{
    struct part part = {.node = NODE_NONE};
    struct stat status;
    if (raw_syscall(SYS_fstat, descriptor, &status) < 0)
        return part;
    struct handle handle;
    if (S_ISSOCK(status.st_mode))
        part = (struct part){node_of_descriptor(descriptor), status.st_ino, status.st_dev};
    else if (handle_is(&status, &handle))
        part = (struct part){node_of_identity(handle.dev, handle.ino), status.st_ino, status.st_dev};
    else if (S_ISREG(status.st_mode))
        part.node = node_of_identity(status.st_dev, status.st_ino);
    if (part.node == NODE_NONE || part.dev != 0)
        return part;
    if (!is_marked(part.node, descriptor))
        return (struct part){.node = NODE_NONE};
    long position = raw_syscall(SYS_lseek, descriptor, 0, SEEK_CUR);
    return position > 0 ? (struct part){part.node, (uint64_t)position, 0} : (struct part){.node = NODE_NONE};
}

static bool is_connection(const struct part *part)
{
    return part->node != NODE_NONE && part->dev != 0;
}

static bool is_anchor(const struct part *part)
{
    return part->node != NODE_NONE && part->dev == 0;
}

bool anchor_any(void)
{
    return uio_any_open() || handle_any();
}

bool anchor_belongs_to(int descriptor)
{
    struct part part = part_of(descriptor);
    return is_connection(&part);
}

bool anchor_is(int descriptor)
{
    struct part part = part_of(descriptor);
    return is_anchor(&part);
}

/* Away from low numbers, unless that would cost the process its record locks. */
static int move_away(int descriptor, int node)
{
    uint64_t signals = begin();
    long moved = record_locked & NODE_BIT(node) ? -1 : raw_syscall(SYS_fcntl, descriptor, F_DUPFD, OWN_DESCRIPTORS);
    if (moved >= 0)
        raw_syscall(SYS_close, descriptor);
    end(signals);
    return moved >= 0 ? (int)moved : descriptor;
}

int anchor_open(int node, int flags, int connection)
{
    struct part other = part_of(connection);
    int opened = node_open_backing(node, flags & O_ACCMODE);
    if (opened < 0)
        return opened;
    int anchor = move_away(opened, node);
    raw_syscall(SYS_fcntl, anchor, F_SETFD, flags & O_CLOEXEC ? FD_CLOEXEC : 0);
    raw_syscall(SYS_lseek, anchor, other.connection, SEEK_SET);
    if (!node_is_connection(node))
        raw_syscall(SYS_fcntl, anchor, F_SETFL, O_APPEND);
    return anchor;
}

void anchor_adopt(int anchor)
{
    struct part part = part_of(anchor);
    if (!is_anchor(&part))
        return;
    move_away(anchor, part.node);
}

struct search {
    struct part part;
    int from, found;
};

static bool visit_anchor_of(int descriptor, void *argument)
{
    struct search *search = argument;
    struct part part = part_of(descriptor);
    search->found = descriptor;
    return is_anchor(&part) && part.connection == search->part.connection && part.node == search->part.node;
}

int anchor_of(int descriptor)
{
    struct search search = {.part = part_of(descriptor)};
    return is_connection(&search.part) && descriptors_visit(visit_anchor_of, &search) ? search.found : ANCHOR_NONE;
}

static bool visit_next_anchor(int descriptor, void *argument)
{
    struct search *search = argument;
    if (descriptor >= search->from && (search->found == ANCHOR_NONE || descriptor < search->found) &&
        anchor_is(descriptor))
        search->found = descriptor;
    return false;
}

int anchor_next(int from)
{
    struct search search = {.from = from, .found = ANCHOR_NONE};
    descriptors_visit(visit_next_anchor, &search);
    return search.found;
}

static bool visit_connection(int descriptor, void *argument)
{
    struct search *search = argument;
    struct part part = part_of(descriptor);
    if (!is_connection(&part) || part.connection != search->part.connection ||
        (search->part.dev != 0 && part.dev != search->part.dev) ||
        (search->part.node == NODE_NONE ? !node_is_connection(part.node) : part.node != search->part.node))
        return false;
    search->part.node = part.node;
    return true;
}

int anchor_node_of_socket(uint64_t dev, uint64_t ino)
{
    struct search search = {.part = {NODE_NONE, ino, dev}};
    return descriptors_visit(visit_connection, &search) ? search.part.node : NODE_NONE;
}

/* Asks of plain files only, for of sockets it is asked itself. */
static bool visit_anchor_for(int descriptor, void *argument)
{
    struct search *search = argument;
    struct stat status;
    struct part part = {.node = NODE_NONE};
    if (raw_syscall(SYS_fstat, descriptor, &status) == 0 && S_ISREG(status.st_mode))
        part = part_of(descriptor);
    search->part.node = part.node;
    return is_anchor(&part) && part.connection == search->part.connection;
}

int anchor_node_for(uint64_t connection)
{
    struct search search = {.part = {NODE_NONE, connection, 0}};
    return descriptors_visit(visit_anchor_for, &search) ? search.part.node : NODE_NONE;
}

struct range {
    unsigned first, last;
    uint64_t nodes;
};

static bool visit_range(int descriptor, void *argument)
{
    struct range *range = argument;
    if ((unsigned)descriptor < range->first || (unsigned)descriptor > range->last)
        return false;
    struct part part = part_of(descriptor);
    range->nodes |= is_connection(&part) ? NODE_BIT(part.node) : 0;
    return false;
}

uint64_t anchor_before_close(unsigned first, unsigned last)
{
    struct range range = {first, last, 0};
    if (first == last)
        visit_range((int)first, &range);
    else
        descriptors_visit(visit_range, &range);
    return range.nodes;
}

static bool is_stray(int anchor)
{
    struct part part = part_of(anchor);
    struct search search = {.part = {part.node, part.connection, 0}};
    return !descriptors_visit(visit_connection, &search);
}

/* Anchors whose connection has gone from this process. */
static void close_strays(void)
{
    for (int anchor = anchor_next(0); anchor != ANCHOR_NONE; anchor = anchor_next(anchor + 1))
        if (is_stray(anchor))
            raw_syscall(SYS_close, anchor);
}

/* Drops record locks, as the kernel does when a descriptor of the file is closed. */
static bool visit_to_drop_locks(int descriptor, void *argument)
{
    uint64_t nodes = *(const uint64_t *)argument;
    struct part part = part_of(descriptor);
    if (is_anchor(&part) && nodes & NODE_BIT(part.node)) {
        long copy = raw_syscall(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, OWN_DESCRIPTORS);
        raw_syscall(SYS_close, copy);
    }
    return false;
}

void anchor_after_close(uint64_t nodes)
{
    if (nodes == 0)
        return;
    uint64_t signals = begin();
    close_strays();
    nodes &= record_locked;
    if (nodes != 0)
        descriptors_visit(visit_to_drop_locks, &nodes);
    end(signals);
    anchor_follow();
}

/* Who moves an anchor looks at the note and closes in one go; after that it leaves anchors where they are. */
void anchor_before_record_lock(int node)
{
    if (record_locked & NODE_BIT(node))
        return;
    record_locked |= NODE_BIT(node);
    end(begin());
}

static bool visit_kept_connection(int descriptor, void *argument)
{
    return visit_connection(descriptor, argument) && raw_syscall(SYS_fcntl, descriptor, F_GETFD) == 0;
}

/* `keep` says whether an anchor goes into the next program. */
static void mark_all(bool (*keep)(int anchor))
{
    if (!ledger_devices_were_opened())
        return;
    uint64_t signals = begin();
    for (int anchor = anchor_next(0); anchor != ANCHOR_NONE; anchor = anchor_next(anchor + 1))
        raw_syscall(SYS_fcntl, anchor, F_SETFD, keep(anchor) ? 0 : FD_CLOEXEC);
    end(signals);
}

static bool is_followed(int anchor)
{
    struct part part = part_of(anchor);
    struct search search = {.part = {part.node, part.connection, 0}};
    return descriptors_visit(visit_kept_connection, &search);
}

static bool is_any(int anchor)
{
    (void)anchor;
    return true;
}

void anchor_follow(void)
{
    mark_all(is_followed);
}

void anchor_stay(void)
{
    mark_all(is_any);
}

/* Record locks outlive an exec, and nothing says whether there are any. */
static bool visit_inherited(int descriptor, void *argument)
{
    struct part part = part_of(descriptor);
    (void)argument;
    if (is_anchor(&part))
        record_locked |= NODE_BIT(part.node);
    return false;
}

void anchor_inherit(void)
{
    close_strays();
    descriptors_visit(visit_inherited, NULL);
}

static uint64_t fork_signals;

void anchor_before_fork(void)
{
    fork_signals = begin();
}

void anchor_after_fork(void)
{
    end(fork_signals);
}
