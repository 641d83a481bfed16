/* SPDX-License-Identifier: Apache-2.0
 *
 * One load or store on the bus: which device, the round trip, and what its answer means for the host.
 * The caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_BUS_H
#define TRAPLINE_BUS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "instruction/site.h"
#include "memory/window.h"
#include "trapline/v1/bus.pb.h"

/* Bytes of the longest string. */
#define BUS_STRING_MAX 4096

struct bus_piece {
    bool is_store;
    bool hold;        /* keep other processes off the bus until this process's next access */
    uint64_t address; /* in the host; the piece lies in one window */
    unsigned width;   /* 1 to 64 bytes; to DEVICE_BURST_BOUNDARY where device_burst_room has it */
    uint64_t enables; /* bit i: byte i is accessed; never 0; of no meaning beyond 64 bytes */
    uint8_t *bytes;   /* load: enabled bytes are filled in */
};

/* `site` makes the access. False: the instruction raises *raised, which is filled in. A device that is gone or hangs
 * ends the host with exit status 125. */
bool bus_access(struct site *site, const struct window *window, const struct bus_piece *piece, siginfo_t *raised);

/* Elements of a string instruction, or registers that a call moves, which go in one message; what happens on the bus is
 * as if each went alone. */
struct bus_string {
    bool is_store;
    bool is_descending;
    uint64_t address;  /* of the first element, in the host */
    unsigned width;    /* of an element */
    unsigned elements; /* at least 2; as device_string_room has it, all of them */
    uint8_t *bytes;    /* in the order of the elements; load: those that are done are filled in */
};

/* As bus_access. *done: elements that have been carried out, the others have not been begun. False: the one behind them
 * raises *raised. */
bool bus_string(struct site *site, const struct window *window, const struct bus_string *string, unsigned *done,
                siginfo_t *raised);

/* Why an answer of DISCONNECTED ends the host; never empty. */
const char *bus_reason(const trapline_v1_Completion *answer);

#endif
