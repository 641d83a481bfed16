/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls that led to an access: each way there has a number, which the bridge is told the callers of once per
 * session (bus.proto, Access.stack). The caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_CALLERS_H
#define TRAPLINE_CALLERS_H

#include <stdbool.h>
#include <stdint.h>

#include "instruction/registers.h"
#include "trapline/v1/agent.pb.h"

/* Which accesses are told with their callers, before the first. */
void callers_tell(trapline_v1_CallStacks which, bool tells_build_ids);

/* An instruction of the host's is about to make accesses, with these registers, until callers_end. */
void callers_begin(uint64_t pc, const uint64_t general[REGISTER_COUNT]);
void callers_end(void);

/* After channel_connect. Fills in who called, if it is to be told of an access to that device. */
void callers_fill(trapline_v1_Access *access);

/* What was filled in has not reached the bridge. */
void callers_take_back(const trapline_v1_Access *access);

#endif
