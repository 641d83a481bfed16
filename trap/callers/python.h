/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of Python that a thread is in, as CPython 3.11, 3.12 and 3.13 have them in memory: what it shows as
 * `_PyRuntime`, its interpreters, their threads, the frames of each, and the code that these run. The layouts are those
 * of its headers (Include/internal/pycore_runtime.h, pycore_interp.h, pycore_frame.h; Include/cpython/code.h). The
 * caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_CALLERS_PYTHON_H
#define TRAPLINE_CALLERS_PYTHON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "module.h"

struct python_place {
    uint64_t at;    /* of the instruction that runs, in the code object */
    uint64_t code;  /* the code object */
    uint64_t check; /* differs if there is another code object by now */
};

/* Whether the module is an interpreter whose memory we can read. Of one of another version it is said once. */
bool python_is(const struct module *module);

/* The innermost first. Returns how many, at most `most`. */
unsigned python_walk(struct python_place *places, unsigned most);

/* Its function, its source file and its line; 0 if the code is gone. The texts are cut to their sizes, closing zero
 * included. */
uint32_t python_describe(const struct python_place *place, char *function, size_t function_bytes, char *file,
                         size_t file_bytes);

#endif
