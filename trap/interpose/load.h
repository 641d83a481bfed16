/* SPDX-License-Identifier: Apache-2.0
 *
 * What dlopen (load_entry.S) goes on with.
 */
#ifndef TRAPLINE_INTERPOSE_LOAD_H
#define TRAPLINE_INTERPOSE_LOAD_H

typedef void *load_function(const char *file, int mode);

/* libc's own where it must see who the caller is, else one of ours. */
load_function *load_way(const char *file, const void *caller);

#endif
