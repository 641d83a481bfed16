/* SPDX-License-Identifier: Apache-2.0
 *
 * The descriptor of a UIO device is a connection (uio.h), that of a device of registers a handle (handle.h), which is
 * called its connection here: no other opener sees a lock on it, and it can't be mapped. So each open makes two
 * descriptors: the connection, which the host gets, and its anchor, which is open on the file behind the node. Locks
 * are the anchor's and windows are mappings of it, and the kernel keeps both as it does for a device: by open file,
 * over dup, fork, exec and SCM_RIGHTS, until the last descriptor and mapping is gone.
 *
 * An anchor's file position is the inode number of its connection. Nothing else says which belong together, so that a
 * process that was forked, or shares our memory after vfork, can't be told wrong things. Not on the fault path, but
 * safe in the host's signal handlers.
 */
#ifndef TRAPLINE_ANCHOR_H
#define TRAPLINE_ANCHOR_H

#include <stdbool.h>
#include <stdint.h>

#define ANCHOR_NONE (-1)

/* Opens the anchor of a connection that has just been made; `flags` has the access mode. Descriptor or negative
 * errno. */
int anchor_open(int node, int flags, int connection);
/* One that came over a socket: out of the way of the host's descriptors. */
void anchor_adopt(int anchor);
/* The anchor of a connection in this process; ANCHOR_NONE if `descriptor` is none, or it came without. */
int anchor_of(int descriptor);
bool anchor_is(int descriptor);
/* Whether a descriptor has one, or should have. */
bool anchor_belongs_to(int descriptor);
/* Whether there may be any in this process. */
bool anchor_any(void);
/* The least anchor of at least `from`; ANCHOR_NONE if there is none. */
int anchor_next(int from);

/* The node of a connection of this process by what stat says of it, or of its link in /proc/self/fd; any `dev` if that
 * is 0. */
int anchor_node_of_socket(uint64_t dev, uint64_t ino);

/* The node whose anchor says that it belongs to a connection of that inode number; NODE_NONE if none does. */
int anchor_node_for(uint64_t connection);

/* An anchor ends with the last descriptor of its connection in this process, and as at any close of a file the record
 * locks of the process go (fcntl(2)). The first is called before descriptors from `first` to `last` are closed, and
 * says which nodes' connections are among them, a bit each; the second afterwards. */
uint64_t anchor_before_close(unsigned first, unsigned last);
void anchor_after_close(uint64_t nodes);

/* Before this process takes a record lock on the file of a UIO node. */
void anchor_before_record_lock(int node);

/* An anchor goes into the next program if one of its connection's descriptors does: after each change of which are open
 * or marked. libc starts programs in ways that we don't see. */
void anchor_follow(void);
/* All anchors go, since file actions of posix_spawn may keep a connection; the new program closes strays. */
void anchor_stay(void);
/* A new program has begun: anchors whose connection stayed behind are closed. */
void anchor_inherit(void);

/* Held across fork, so that the child does not inherit the lock. */
void anchor_before_fork(void);
void anchor_after_fork(void);

#endif
