/* SPDX-License-Identifier: Apache-2.0
 *
 * Where in code instructions lie that make system calls. Pure.
 */
#ifndef TRAPLINE_NET_SITES_H
#define TRAPLINE_NET_SITES_H

#include "filter.h"

/* What the kernel gives as the places of such calls, the addresses behind them: the first few, and how many there are.
 * Where there are more than a few the whole code is better named than they. */
enum { SITES_FEW = 64 };
struct sites {
    uint64_t first[SITES_FEW];
    size_t count;
};

/* Adds those in `text`, which can be read. */
void sites_find(struct filter_range text, struct sites *sites);

/* Those that ask for mmap or mprotect, as glibc's loader writes them: `mov eax, imm32; syscall` (Intel SDM volume 2).
 * Nothing is decoded. None where there is none for mmap. */
void sites_find_mapping(struct filter_range text, struct sites *sites);

#endif
