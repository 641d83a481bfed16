/* SPDX-License-Identifier: Apache-2.0
 *
 * Where mappings of devices come to lie if the host leaves that to the kernel: at addresses where nothing else does, so
 * that a filter of system calls can tell by a pointer that it may lead there (net/filter.h): by its upper half, but in
 * programs of 32 bits. Nothing is reserved. Not on the fault path.
 */
#ifndef TRAPLINE_WINDOW_PLACE_H
#define TRAPLINE_WINDOW_PLACE_H

#include <stdint.h>

/* From start to below end, multiples of 4 GiB where addresses have 64 bits; both 0 where there are none such. */
struct window_place {
    uint64_t start, end;
};
struct window_place window_place(void);

/* Where `length` bytes may be mapped, for mmap(2), which goes elsewhere if something has come there. NULL: anywhere. */
void *window_place_hint(uint64_t length);

#endif
