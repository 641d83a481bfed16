/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host gets when it opens a node, and the numbers that it shows; and that descriptors of nodes are in use.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "anchor.h"
#include "ground/agent.h"
#include "ground/broker.h"
#include "ground/descriptors.h"
#include "ground/ledger.h"
#include "ground/raw_syscall.h"
#include "handle.h"
#include "node.h"
#include "uio.h"

static bool any_open, any_uio_open;
static void (*on_open)(int descriptor);

void node_on_open(void (*opened)(int descriptor))
{
    on_open = opened;
}

static void tell_open(int node, int descriptor)
{
    if (on_open != NULL && descriptor >= 0 && node_kind(node) != NODE_MEMORY)
        on_open(descriptor);
}

void node_may_be_open(void)
{
    any_open = true;
    ledger_note_opened();
}

void node_note_open(int descriptor)
{
    int node = node_of_descriptor(descriptor);
    any_open = any_open || node != NODE_NONE;
    if (node == NODE_NONE)
        return;
    agent_attach();
    tell_open(node, descriptor);
    any_uio_open = any_uio_open || node_kind(node) == NODE_HARDWARE_UIO;
    if (node_is_connection(node))
        uio_remember(descriptor);
}

static bool visit_inherited(int descriptor, void *argument)
{
    (void)argument;
    node_note_open(descriptor);
    return false;
}

bool node_look_for_open(void)
{
    if (ledger_devices_were_opened())
        descriptors_visit(visit_inherited, NULL);
    return any_open;
}

int node_of_open_descriptor(int descriptor)
{
    int node = any_open ? node_of_descriptor(descriptor) : NODE_NONE;
    return node != NODE_NONE && node_kind(node) == NODE_HARDWARE_UIO ? NODE_NONE : node;
}

int node_of_open_uio(int descriptor)
{
    int node = any_uio_open ? node_of_descriptor(descriptor) : NODE_NONE;
    return node != NODE_NONE && node_kind(node) == NODE_HARDWARE_UIO ? node : NODE_NONE;
}

/* Those of /dev/mem and /dev/port (kernel Documentation/admin-guide/devices.txt); of UIO devices as in /sys/class/uio
 * (bridge/time/uio-devices.ts); other nodes look like misc devices. */
dev_t node_number(int node)
{
    unsigned index;
    if (strcmp(node_path(node), "/dev/mem") == 0)
        return makedev(1, 1);
    if (strcmp(node_path(node), "/dev/port") == 0)
        return makedev(1, 4);
    return node_kind(node) == NODE_UIO && sscanf(node_path(node), "/dev/uio%u", &index) == 1
               ? makedev(240, index)
               : makedev(10, 240 + (unsigned)node);
}

/* Where no handle can be made, the file behind the node. */
static int open_trapped(int node, int flags)
{
    struct handle handle = {.mode = flags & O_ACCMODE};
    if (flags & O_DIRECT)
        return -EINVAL;
    node_identity(node, &handle.dev, &handle.ino);
    int made = handle_make(node_path(node), &handle, flags);
    if (made < 0)
        return made == -EMFILE || made == -ENFILE ? made : node_open_backing(node, flags);
    int anchor = anchor_open(node, flags, made);
    if (anchor >= 0)
        return made;
    raw_syscall(SYS_close, made);
    return anchor;
}

static int open_machines(int node, int flags)
{
    return (int)raw_syscall(SYS_openat, AT_FDCWD, node_path(node), flags & ~(O_CREAT | O_EXCL), 0);
}

/* A device exists, so O_CREAT makes nothing, and its contents can't be truncated. */
int node_open(int node, int flags)
{
    int kept = flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_APPEND);
    if (flags & O_DIRECTORY)
        return -ENOTDIR;
    node_may_be_open();
    if ((flags & O_PATH && node_kind(node) != NODE_HARDWARE_UIO) || node_kind(node) == NODE_MEMORY)
        return node_open_backing(node, kept);
    int opened = node_kind(node) == NODE_HARDWARE_UIO ? open_machines(node, flags)
                 : node_is_connection(node)           ? uio_open(node, kept)
                                                      : open_trapped(node, kept);
    if (opened >= 0)
        node_note_open(opened);
    return opened;
}

/* Costs nothing where there is neither. */
int node_met(int descriptor)
{
    struct stat status;
    bool may_be = node_count() > 0 && (node_any_on_machine() || ledger_devices_were_opened());
    if (!may_be || descriptor < 0 || raw_syscall(SYS_fstat, descriptor, &status) < 0)
        return NODE_NONE;
    int machines = node_of_machines_file(status.st_dev, status.st_ino);
    if (machines == NODE_NONE)
        machines = node_of_machines_number(&status);
    int node = machines != NODE_NONE ? machines : node_of_file(&status);
    if (node != NODE_NONE && node_kind(node) == NODE_HARDWARE_UIO) {
        node_may_be_open();
        node_note_open(descriptor);
        return NODE_NONE;
    }
    return node == machines || node_kind(node) != NODE_MEMORY ? node : NODE_NONE;
}

int node_open_backing(int node, int flags)
{
    long opened = raw_syscall(SYS_openat, AT_FDCWD, node_backing(node), flags | O_NOCTTY, 0);
    long brokered = opened == -EACCES || opened == -ENOENT ? broker_open(node_backing(node), flags) : -1;
    return (int)(brokered >= 0 ? brokered : opened);
}

int node_status_flags(int node, int descriptor)
{
    struct stat status;
    struct handle handle;
    if (node_is_connection(node))
        return uio_status_flags(descriptor);
    int flags = (int)raw_syscall(SYS_fcntl, descriptor, F_GETFL);
    bool is_handle = flags >= 0 && raw_syscall(SYS_fstat, descriptor, &status) == 0 && handle_is(&status, &handle);
    return is_handle ? (flags & ~O_ACCMODE) | handle.mode : flags;
}
