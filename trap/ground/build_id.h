/* SPDX-License-Identifier: Apache-2.0
 *
 * By what a module that is mapped is known for what it is, wherever its file is and whatever has its name by now: the
 * GNU build ID that the linker wrote into it (ld, --build-id). Fault path: no heap, no stdio.
 */
#ifndef TRAPLINE_BUILD_ID_H
#define TRAPLINE_BUILD_ID_H

#include <stddef.h>
#include <stdint.h>

/* Reads the build ID of the ELF file whose first `length` bytes are mapped, readable, at `head`. Returns its bytes, at
 * most `size`; 0 if there is none. */
size_t build_id_read(const uint8_t *head, size_t length, uint8_t *id, size_t size);

#endif
