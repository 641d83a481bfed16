/* SPDX-License-Identifier: Apache-2.0 */
#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "anchor.h"
#include "ground/broker.h"
#include "ground/join.h"
#include "ground/ledger.h"
#include "ground/raw_syscall.h"
#include "handle.h"
#include "path.h"

#define NODE_MAX 64

/* Twice what a run directory and a path of a node take; one that is longer behind links stays as it is named. */
#define BACKING_MAX 768

/* What is looked up on a small stack of a handler or thread. */
enum { SHORT_DIRECTORY = 256, MOST_ON_STACK = 512 };

struct node {
    char path[256];
    enum node_kind kind;
    char socket[sizeof((struct sockaddr_un *)0)->sun_path]; /* UIO, stream: where we reach it */
    char bound[sizeof((struct sockaddr_un *)0)->sun_path];  /* the same as its listener named it; once is_bound_known */
    _Atomic bool is_bound_known;
    char backing[BACKING_MAX]; /* what stat and access see; UIO too has one */
    uint64_t dev, ino;         /* of the backing file */
    bool is_on_machine;        /* at its path is a file, which nobody may touch: */
    uint64_t machines_dev, machines_ino;
    dev_t machines_number; /* 0: none */
};

static struct node nodes[NODE_MAX];
static int count;
static const char *run_directory = "";

void node_reset(const char *directory)
{
    count = 0;
    run_directory = directory;
}

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* "/dev/mem" becomes "!dev!mem", so that one directory holds all. */
static bool name_backing(struct node *node)
{
    char flat[sizeof node->path];
    size_t length = strlen(node->path);
    for (size_t i = 0; i <= length; i++)
        flat[i] = node->path[i] == '/' ? '!' : node->path[i];
    return join_into(node->backing, sizeof node->backing, JOIN_PARTS(run_directory, "/nodes/", flat));
}

static bool is_file(const char *path, uint64_t dev, uint64_t ino)
{
    struct stat status;
    return raw_syscall(SYS_newfstatat, AT_FDCWD, path, &status, 0) == 0 && status.st_dev == dev && status.st_ino == ino;
}

static __attribute__((noinline)) void resolve(struct node *node)
{
    char whole[PATH_MAX];
    if (realpath(node->backing, whole) == NULL || strlen(whole) >= BACKING_MAX)
        return;
    strcpy(node->backing, whole);
    if (node->kind == NODE_MEMORY)
        return;
    whole[last_component(whole) - whole - 1] = 0;
    ledger_note_nodes(whole);
}

/* Makes the path what links in /proc show: a run directory may be reached by a link, and what is in it too. That is
 * found once for all processes that see the same. */
static void show_as_kernel(struct node *node)
{
    char whole[BACKING_MAX];
    const char *known = ledger_nodes(), *name = last_component(node->backing);
    bool is_known = node->kind != NODE_MEMORY && known[0] != 0 &&
                    join_into(whole, sizeof whole, JOIN_PARTS(known, "/", name));
    if (is_known && strcmp(node->backing, whole) == 0)
        return;
    if (is_known && is_file(whole, node->dev, node->ino))
        strcpy(node->backing, whole);
    else
        resolve(node);
}

/* Who may come into the run directory may use its devices, whoever came first. */
static void make_file(const char *backing)
{
    char directory[BACKING_MAX];
    size_t length = (size_t)(last_component(backing) - backing);
    memcpy(directory, backing, length);
    directory[length - 1] = 0;
    raw_syscall(SYS_mkdir, directory, 0700);
    if (raw_syscall(SYS_mknodat, AT_FDCWD, backing, S_IFREG | 0600, 0) == 0)
        raw_syscall(SYS_fchmodat, AT_FDCWD, backing, 0666);
}

/* The file is not opened: to close it again would take the record locks that a program before exec has left us
 * (fcntl(2)). */
static bool make_backing(struct node *node)
{
    struct stat status = {0};
    long failure = raw_syscall(SYS_newfstatat, AT_FDCWD, node->backing, &status, 0);
    /* Memory that the model does not share is none: its file is there or the device is not. */
    if (failure < 0 && node->kind != NODE_MEMORY) {
        make_file(node->backing);
        failure = raw_syscall(SYS_newfstatat, AT_FDCWD, node->backing, &status, 0);
    }
    /* A program of a user who may not come here. */
    if (failure < 0 && broker_look(node->backing, &node->dev, &node->ino) == 0)
        return true;
    if (failure < 0 || raw_syscall(SYS_faccessat, AT_FDCWD, node->backing, R_OK | W_OK) < 0)
        return false;
    node->dev = status.st_dev;
    node->ino = status.st_ino;
    show_as_kernel(node);
    return true;
}

static void look_at_machine(struct node *node)
{
    struct stat status;
    node->is_on_machine = raw_syscall(SYS_newfstatat, AT_FDCWD, node->path, &status, 0) == 0;
    node->machines_dev = node->is_on_machine ? status.st_dev : 0;
    node->machines_ino = node->is_on_machine ? status.st_ino : 0;
    node->machines_number = node->is_on_machine && S_ISCHR(status.st_mode) ? status.st_rdev : 0;
}

static int find_node(const char *path)
{
    for (int i = 0; i < count; i++)
        if (strcmp(nodes[i].path, path) == 0)
            return i;
    return NODE_NONE;
}

static int add_node(const char *path, enum node_kind kind, const char *behind)
{
    struct node *node = &nodes[count];
    if (count == NODE_MAX || strlen(path) >= sizeof node->path || strlen(behind) >= sizeof node->backing)
        return NODE_NONE;
    strcpy(node->path, path);
    look_at_machine(node);
    node->kind = kind;
    node->is_bound_known = false;
    if ((kind == NODE_UIO || kind == NODE_STREAM) && !join_into(node->socket, sizeof node->socket, JOIN_PARTS(behind)))
        return NODE_NONE;
    if (kind == NODE_MEMORY)
        strcpy(node->backing, behind);
    else if (!name_backing(node))
        return NODE_NONE;
    return make_backing(node) ? count++ : NODE_NONE;
}

int node_make(const char *path, enum node_kind kind, const char *behind)
{
    int node = find_node(path);
    return node != NODE_NONE ? node : add_node(path, kind, behind);
}

enum node_kind node_kind(int node)
{
    return nodes[node].kind;
}

bool node_is_connection(int node)
{
    return nodes[node].kind == NODE_UIO || nodes[node].kind == NODE_STREAM;
}

const char *node_socket(int node)
{
    return nodes[node].socket;
}

/* Most paths that a program opens are none of ours: the last component tells without a system call. */
static bool could_be_node(const char *path)
{
    const char *name = last_component(path);
    for (int i = 0; i < count; i++)
        if (strcmp(last_component(nodes[i].path), name) == 0)
            return true;
    return false;
}

/* Not inlined: few are seen from a directory whose own path is long. */
static __attribute__((noinline)) int find_from_afar(int directory, const char *path)
{
    char whole[PATH_MAX];
    return path_absolute(directory, path, whole, sizeof whole) ? find_node(whole) : NODE_NONE;
}

static int find_by_text(int directory, const char *path)
{
    size_t size = strlen(path) + 1 + (path[0] == '/' ? 0 : SHORT_DIRECTORY);
    if (size > MOST_ON_STACK)
        return find_from_afar(directory, path);
    char whole[size];
    return path_absolute(directory, path, whole, size) ? find_node(whole)
           : path[0] == '/'                            ? NODE_NONE
                                                       : find_from_afar(directory, path);
}

static int find_by_links(int directory, const char *path, bool follows_last)
{
    const char *whole = path_resolve(directory, path, follows_last);
    int node = whole != NULL ? find_node(whole) : NODE_NONE;
    if (whole != NULL)
        path_give_back(whole);
    return node;
}

int node_of_path(int directory, const char *path)
{
    if (path == NULL || count == 0 || !could_be_node(path) || strlen(path) >= PATH_MAX)
        return NODE_NONE;
    int node = find_by_text(directory, path);
    return node != NODE_NONE ? node : find_by_links(directory, path, false);
}

/* A link in /proc leads to the open file itself. */
static int find_open(int directory, const char *path)
{
    struct stat status;
    struct handle handle;
    bool is_handle = handle_any() && raw_syscall(SYS_newfstatat, directory, path, &status, 0) == 0 &&
                     handle_is(&status, &handle);
    return is_handle ? node_of_identity(handle.dev, handle.ino) : NODE_NONE;
}

int node_behind_link(int directory, const char *path)
{
    if (path == NULL || count == 0 || !path_is_link(directory, path))
        return NODE_NONE;
    int node = find_open(directory, path);
    return node != NODE_NONE ? node : find_by_links(directory, path, true);
}

bool node_any_on_machine(void)
{
    for (int i = 0; i < count; i++)
        if (nodes[i].is_on_machine)
            return true;
    return false;
}

int node_behind_link_to_file(int directory, const char *path)
{
    return handle_any() || node_any_on_machine() ? node_behind_link(directory, path) : NODE_NONE;
}

int node_of_machines_number(const struct stat *status)
{
    for (int i = 0; i < count; i++)
        if (nodes[i].machines_number != 0 && S_ISCHR(status->st_mode) && nodes[i].machines_number == status->st_rdev)
            return i;
    return NODE_NONE;
}

int node_of_machines_file(uint64_t dev, uint64_t ino)
{
    for (int i = 0; i < count; i++)
        if (nodes[i].is_on_machine && nodes[i].machines_ino == ino && nodes[i].machines_dev == dev)
            return i;
    return NODE_NONE;
}

int node_of_identity(uint64_t dev, uint64_t ino)
{
    for (int i = 0; i < count; i++)
        if (nodes[i].ino == ino && nodes[i].dev == dev)
            return i;
    return NODE_NONE;
}

int node_of_file(const struct stat *status)
{
    struct handle handle;
    int machines = node_of_machines_number(status);
    if (machines != NODE_NONE && nodes[machines].kind == NODE_HARDWARE_UIO)
        return machines;
    return handle_is(status, &handle) ? node_of_identity(handle.dev, handle.ino)
                                      : node_of_identity(status->st_dev, status->st_ino);
}

/* Where the descriptor leads to; false for sockets without a name, such as most of the host's own. */
static bool peer_of(int descriptor, struct sockaddr_un *peer)
{
    socklen_t length = sizeof *peer - 1;
    memset(peer, 0, sizeof *peer);
    return raw_syscall(SYS_getpeername, descriptor, peer, &length) >= 0 && peer->sun_family == AF_UNIX &&
           peer->sun_path[0] != 0;
}

static bool is_same_file(const char *path, const char *other)
{
    struct stat one, two;
    return raw_syscall(SYS_newfstatat, AT_FDCWD, path, &one, 0) == 0 &&
           raw_syscall(SYS_newfstatat, AT_FDCWD, other, &two, 0) == 0 && one.st_ino == two.st_ino &&
           one.st_dev == two.st_dev;
}

/* Others may give a socket of theirs the same name elsewhere. The bridge's is the same file, or, where we don't see
 * what the bridge sees (another container, a program that gave up its way to it), the connection's anchor tells. */
static bool leads_to(const struct node *node, int index, const struct sockaddr_un *peer, uint64_t connection)
{
    if (strcmp(last_component(node->socket), last_component(peer->sun_path)) != 0)
        return false;
    return strcmp(node->socket, peer->sun_path) == 0 || is_same_file(node->socket, peer->sun_path) ||
           anchor_node_for(connection) == index;
}

static void learn_bound(struct node *node, const struct sockaddr_un *peer)
{
    memcpy(node->bound, peer->sun_path, sizeof node->bound);
    node->is_bound_known = true;
}

void node_note_connection(int node, int descriptor)
{
    struct sockaddr_un peer;
    if (!nodes[node].is_bound_known && peer_of(descriptor, &peer))
        learn_bound(&nodes[node], &peer);
}

/* A socket is told by the whole address that it leads to, once that has been found to be the bridge's. */
static int node_of_socket(int descriptor, uint64_t connection)
{
    struct sockaddr_un peer;
    if (!peer_of(descriptor, &peer))
        return NODE_NONE;
    for (int i = 0; i < count; i++) {
        struct node *node = &nodes[i];
        if (!node_is_connection(i))
            continue;
        if (!node->is_bound_known && leads_to(node, i, &peer, connection))
            learn_bound(node, &peer);
        if (node->is_bound_known && strcmp(node->bound, peer.sun_path) == 0)
            return i;
    }
    return NODE_NONE;
}

int node_of_descriptor(int descriptor)
{
    struct stat status;
    if (count == 0 || descriptor < 0 || raw_syscall(SYS_fstat, descriptor, &status) < 0)
        return NODE_NONE;
    if (S_ISSOCK(status.st_mode))
        return node_of_socket(descriptor, status.st_ino);
    return node_of_file(&status);
}

int node_count(void)
{
    return count;
}

void node_identity(int node, uint64_t *dev, uint64_t *ino)
{
    *dev = nodes[node].dev;
    *ino = nodes[node].ino;
}

const char *node_backing(int node)
{
    return nodes[node].backing;
}

const char *node_path(int node)
{
    return nodes[node].path;
}
