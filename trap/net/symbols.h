/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of a library by its own table of names. dladdr1(3), which knows sizes too, looks through all symbols for
 * each question; this is asked at the start of every program. Not on the fault path.
 */
#ifndef TRAPLINE_NET_SYMBOLS_H
#define TRAPLINE_NET_SYMBOLS_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

#include "filter.h"

struct symbols {
    uint64_t base;
    const ElfW(Sym) * symbols;
    const char *names;
    const ElfW(Half) * versions;
    const uint32_t *hash; /* DT_GNU_HASH */
};

/* False if the image has no such table. */
bool symbols_of(const struct dl_phdr_info *image, struct symbols *symbols);

/* Where the function of that name lies, in the version that programs get by default; an empty range if there is
 * none. */
struct filter_range symbols_function(const struct symbols *symbols, const char *name);

#endif
