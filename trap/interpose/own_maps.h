/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/self/maps and smaps of a process with windows: a window is shown as what the host mapped, the device, with the
 * protection that it asked for. What is handed out is a file of the text as it was at the open.
 */
#ifndef TRAPLINE_OWN_MAPS_H
#define TRAPLINE_OWN_MAPS_H

#include <stdbool.h>

/* Whether a path that can be read names that file of this process, and there is something to show. */
bool own_maps_are(const char *path, int flags);
/* Descriptor or negative errno. */
int own_maps_open(const char *path, int flags);

#endif
