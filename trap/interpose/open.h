/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAPLINE_INTERPOSE_OPEN_H
#define TRAPLINE_INTERPOSE_OPEN_H

/* The device that a call means which opens that path with the kernel's flags of open(2); NODE_NONE if none. */
int open_means(int directory, const char *path, int flags);
/* As such a call opens it: a descriptor, or -1 with errno. */
int open_node(int node, int flags);
/* What the kernel has opened for the host, by whatever way: a device in its place if it is one after all. */
int open_checked(int opened, int flags);

#endif
