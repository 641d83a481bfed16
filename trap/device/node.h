/* SPDX-License-Identifier: Apache-2.0
 *
 * A node is a path that the host can open and that is ours; several devices may lie at different offsets of one node.
 * A real file in the run directory backs each, so that a descriptor is recognised by what it refers to: dup, fork, exec
 * and SCM_RIGHTS work as they do with the real thing. Not on the fault path.
 */
#ifndef TRAPLINE_NODE_H
#define TRAPLINE_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#define NODE_NONE (-1)

enum node_kind {
    NODE_TRAPPED,      /* a handle (handle.h); mappings become windows, reads and writes accesses */
    NODE_HARDWARE,     /* the same; it looks as the machine's own file, which stands there */
    NODE_HARDWARE_UIO, /* the machine's own UIO device: its descriptors are the kernel's, for which the interposed calls
                          are the kernel's too; mappings become windows, and what is read and written is noted */
    NODE_UIO,    /* a connection to the bridge; mappings become windows, what comes over it are interrupts (uio.h). The
                    plain file carries its locks and mappings (anchor.h) */
    NODE_STREAM, /* a connection likewise; packets are read and written as accesses (stream.h), and nothing is mapped */
    NODE_MEMORY, /* memory shared with the model; nothing is trapped */
};

/* Forgets all nodes; the run directory is where backing files are made. */
void node_reset(const char *run_directory);
/* The node of exactly this path, made if there is none. `behind` is the socket of a UIO node or stream, the file of a
 * memory node. NODE_NONE if that fails. */
int node_make(const char *path, enum node_kind kind, const char *behind);
enum node_kind node_kind(int node);
/* Whether its descriptors are connections to the bridge. */
bool node_is_connection(int node);
/* Whether it looks as the machine's own file. */
static inline bool node_is_machines(int node)
{
    return node_kind(node) == NODE_HARDWARE || node_kind(node) == NODE_HARDWARE_UIO;
}
/* Whether an offset in it, when it is mapped, says which map. */
static inline bool node_is_uio(int node)
{
    return node_kind(node) == NODE_UIO || node_kind(node) == NODE_HARDWARE_UIO;
}

/* The node that the host means by `path`, seen from directory descriptor `directory` (AT_FDCWD); also by links to its
 * directory. */
int node_of_path(int directory, const char *path);
/* The node that a symbolic link leads to, as udev makes them; also where the machine has no such file. */
int node_behind_link(int directory, const char *path);
/* The same, for a call that must not come to the machine's own file there, nor to what stands behind an open device:
 * costs nothing where there is neither. */
int node_behind_link_to_file(int directory, const char *path);
/* This descriptor has just been connected to the socket of a node. */
void node_note_connection(int node, int descriptor);
/* The node that an open descriptor refers to. A connection is known by what it leads to, never by a name alone. */
int node_of_descriptor(int descriptor);
/* The same, by what stat said of the descriptor. */
int node_of_identity(uint64_t dev, uint64_t ino);

/* The same of any file but a socket. */
int node_of_file(const struct stat *status);
/* The node at whose path the machine has this file. */
int node_of_machines_file(uint64_t dev, uint64_t ino);
/* The node that the machine has a device of these numbers for. */
int node_of_machines_number(const struct stat *status);
/* Whether the machine has a file at the path of any node. */
bool node_any_on_machine(void);

/* Path of the socket of such a node. */
const char *node_socket(int node);

/* Opens what stands behind a node; the kernel's flags of open(2). Returns the descriptor or a negative errno. */
int node_open(int node, int flags);
/* Opens the file behind it, also of a UIO device, wherever the process may not go. */
int node_open_backing(int node, int flags);
/* The node that an open descriptor refers to, unless that is the machine's own UIO device; costs nothing in a process
 * that never came to one. */
int node_of_open_descriptor(int descriptor);
/* The same of the machine's own UIO devices alone. */
int node_of_open_uio(int descriptor);
/* The node of a file that the kernel has opened by a name that told nothing of it: the machine's own device, elsewhere
 * in the tree or of the same numbers, or what stands behind one. NODE_NONE as a rule. */
int node_met(int descriptor);
/* F_GETFL of a descriptor of the node as the device's own would have it. Negative errno. */
int node_status_flags(int node, int descriptor);
/* A descriptor of a node may have come to this process over a socket. */
void node_may_be_open(void);
/* This descriptor is in use now and may be a node's. */
void node_note_open(int descriptor);
/* Is told each descriptor that refers to a node, but for those of memory, where nothing is trapped. */
void node_on_open(void (*opened)(int descriptor));
/* At start-up: whether the process has inherited descriptors of nodes. */
bool node_look_for_open(void);

/* Nodes are numbered from 0 to below this. */
int node_count(void);
/* Path of the real file behind a node. */
const char *node_backing(int node);
/* What stat says of that file: the same for every open of the device. */
void node_identity(int node, uint64_t *dev, uint64_t *ino);
/* Its major and minor number. */
dev_t node_number(int node);
/* Path that the host opens. */
const char *node_path(int node);

#endif
