/* SPDX-License-Identifier: Apache-2.0
 *
 * libc's loader in the program's memory, and a stack on which it believes to have been called by its name with the
 * second world's program as its argument (ld.so(8)).
 */
#ifndef TRAPLINE_ENTER_LOADER_H
#define TRAPLINE_ENTER_LOADER_H

#include <stdint.h>

struct loader {
    uint64_t start, entry, headers, header_count;
};

void loader_map(struct loader *loader);

/* Where its stack begins; `world` is the program's path. */
uint64_t loader_stack(const struct loader *loader, const char *world);

#endif
