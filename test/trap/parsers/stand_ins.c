// SPDX-License-Identifier: Apache-2.0
// For what of the agent needs a host around it: here nothing faults, and nobody's environment or signals change.
#include <stdlib.h>
#include <string.h>

#include "calls32/by_number32.h"
#include "instruction/execute.h"
#include "instruction/registers.h"
#include "instruction/zydis.h"
#include "interpose/by_number.h"
#include "interpose/environment.h"
#include "interpose/io_ports.h"
#include "interpose/signal.h"
#include "interpose/time_stamp.h"
#include "interpose/unwind.h"
#include "net/net.h"
#include "trap/patched.h"

bool execute_init(void)
{
    return true;
}

bool execute_copy(void *to, const void *from, size_t count)
{
    memcpy(to, from, count);
    return true;
}

bool execute_move(void *to, const void *from, size_t width)
{
    return execute_copy(to, from, width);
}

const siginfo_t *execute_exception(void)
{
    static const siginfo_t none;
    return &none;
}

bool execute_can_store(void *address)
{
    return address != NULL;
}

void execute_on_stack(void (*function)(void *), void *argument)
{
    function(argument);
}

void registers_init(void) {}

void zydis_prepare(void) {}

void environment_remember(void) {}

void io_ports_inherit(void) {}

void signal_inherit_mask(void) {}

void time_stamp_start(void) {}

void net_start(net_call *carry_out, net_call *carry_out_for_libc)
{
    (void)carry_out;
    (void)carry_out_for_libc;
}

void net_take_code32(net_call *carry_out)
{
    (void)carry_out;
}

long by_number32(uint64_t pc, long number, const long arguments[6])
{
    return (long)pc + number + arguments[0];
}

long by_number(uint64_t pc, long number, const long arguments[6])
{
    return (long)pc + number + arguments[0];
}

long pointed_call_of_libc(uint64_t pc, long number, const long arguments[6])
{
    return (long)pc + number + arguments[0];
}

void unwind_init(void) {}

bool patched_start(unsigned after, bool any_code)
{
    return after != 0 && !any_code;
}
