/* SPDX-License-Identifier: Apache-2.0
 *
 * The files that the host's code is mapped from, as far as callers have been looked for in them. Of one that is gone,
 * or is another by now, nothing is believed. The caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_CALLERS_MODULE_H
#define TRAPLINE_CALLERS_MODULE_H

#include <stdbool.h>
#include <stdint.h>

enum { MODULE_PATH_BYTES = 256, MODULE_BUILD_ID_BYTES = 32, MODULE_HEAD_BYTES = 64 };

struct module {
    uint64_t start, end;          /* its code */
    uint64_t bias;                /* what is added to the addresses of its ELF file */
    uint64_t file_bias;           /* what is taken from an address in its code for the offset in the file */
    uint64_t head;                /* where its first bytes are mapped */
    uint64_t frames, frames_end;  /* the segment with its call frame information; 0: it has none */
    uint64_t index;               /* .eh_frame_hdr in it */
    uint64_t dynamic;             /* PT_DYNAMIC; 0: it has none */
    char path[MODULE_PATH_BYTES]; /* as the kernel knows it */
    uint8_t build_id[MODULE_BUILD_ID_BYTES];
    uint8_t build_id_bytes;
    uint8_t first[MODULE_HEAD_BYTES];
};

/* Before the first question. False: there is no memory. */
bool module_init(void);

/* The module whose code is at an address; NULL if that is not code of an ELF file of 64 bits. */
struct module *module_at(uint64_t address);

/* Where what a module shows others by that name lies; 0 if there is none. */
uint64_t module_symbol(const struct module *module, const char *name);

#endif
