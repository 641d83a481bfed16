/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection to the bridge is a descriptor of the host's that the host doesn't know. Programs that close everything
 * they did not open, or duplicate onto a number of their choice, leave it alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "../lane_grpc.h"
#include "../raw_syscall.h"
#include "../virtual_timer.h"
#include "real.h"

static bool is_ours(int descriptor)
{
    return descriptor >= 0 && descriptor == lane_grpc_descriptor();
}

INTERPOSED int close(int descriptor)
{
    int timer = virtual_timer_of_descriptor(descriptor);
    if (timer != VIRTUAL_TIMER_NONE)
        virtual_timer_delete(timer);
    if (!is_ours(descriptor))
        return REAL(close)(descriptor);
    errno = EBADF;
    return -1;
}

/* All but ours, in two halves. */
INTERPOSED int close_range(unsigned first, unsigned last, int flags)
{
    unsigned ours = (unsigned)lane_grpc_descriptor();
    if (lane_grpc_descriptor() < 0 || ours < first || ours > last)
        return REAL(close_range)(first, last, flags);
    int below = ours > first ? REAL(close_range)(first, ours - 1, flags) : 0;
    int above = ours < last ? REAL(close_range)(ours + 1, last, flags) : 0;
    return below != 0 ? below : above;
}

INTERPOSED void closefrom(int lowest)
{
    close_range(lowest < 0 ? 0 : (unsigned)lowest, UINT_MAX, 0);
}
