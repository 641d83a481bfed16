/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAPLINE_INTERPOSE_ATTRIBUTES_H
#define TRAPLINE_INTERPOSE_ATTRIBUTES_H

/* Where the kernel finds the rights, times and attributes of what the host means; the host's own pointer if that is no
 * device. The flags of the *at family. */
const char *attributes_place(int directory, const char *path, int flags);
/* NULL for a descriptor that is none of a device. */
const char *attributes_place_of(int descriptor);

#endif
