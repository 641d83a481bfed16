/* SPDX-License-Identifier: Apache-2.0
 *
 * What sites finds in the code of files, found once for all processes of a run: a library of some MiB would be looked
 * through by each that loads it. A file is known by its build ID and the layout of its parts.
 */
#ifndef TRAPLINE_NET_KNOWN_SITES_H
#define TRAPLINE_NET_KNOWN_SITES_H

#include <link.h>
#include <stdint.h>

#include "sites.h"

struct known_file {
    uint64_t base, key; /* 0: by nothing */
};

struct known_file known_file_of(const struct dl_phdr_info *image);

/* What sites_find finds in a part of that file as it is mapped, or sites_find_mapping. */
enum known_kind { KNOWN_ALL, KNOWN_MAPPING };
void known_sites_find(const struct known_file *file, struct filter_range text, enum known_kind kind,
                      struct sites *sites);

#endif
