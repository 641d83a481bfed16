/* SPDX-License-Identifier: Apache-2.0
 *
 * The instructions that have trapped so far: their decoding, their runnable copy, and where they stand.
 * The caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_SITE_H
#define TRAPLINE_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode.h"
#include "trapline/v1/bus.pb.h"

struct site {
    uint64_t pc;
    struct decode decode;
    uint32_t announced;         /* mark for channel_first_time */
    uint32_t trapped;           /* how often, as long as it is remembered */
    uint8_t obstacle;           /* 1 + why it could not be patched (patch/unpatched.h); 0: that was not tried */
    uint32_t trapped_unpatched; /* since then */
    const char *call;           /* a libc call that moves data, e.g. "write()"; NULL for an instruction */
};

/* The site of the instruction at `pc`, decoded again if its bytes have changed. NULL if there is no valid
 * instruction. */
struct site *site_at(uint64_t pc, enum decode_mode mode);

/* The site of the instruction at `pc` if it is known already; NULL if not. */
struct site *site_known_at(uint64_t pc);

/* Is told what was read of the host's code at `pc`, and puts back what the host had there. */
void site_show_host(void (*show)(uint64_t pc, uint8_t *bytes, size_t count));

/* The site of a host's call, returning to `pc`, that moves data to or from a device. `name` must live for ever. */
struct site *site_of_call(uint64_t pc, const char *name);

/* Number of the runnable copy, for execute_run. */
unsigned site_slot(const struct site *site);

/* Whether descriptions say which build of its module a site is in. */
void site_tell_build_ids(bool tells);

/* Module, offset and disassembly, for the bridge. Slow: reads /proc/self/maps. */
void site_describe(const struct site *site, trapline_v1_Site *description);

/* Before the process confines itself, which may keep it from asking for memory. */
void site_prepare(void);

#endif
