/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/personality.h>

#include "ground/ledger.h"
#include "ground/low_world.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "net.h"

/* What personality(2) takes for a question. */
enum { ASK = 0xffffffff };

long net_move_next(void)
{
    long asked = net_is_on() && !low_world_is_there ? raw_syscall(SYS_personality, ASK) : 0;
    if (asked <= 0 || !(asked & ADDR_NO_RANDOMIZE))
        return 0;
    raw_syscall(SYS_personality, asked & ~ADDR_NO_RANDOMIZE);
    if (ledger_is_first_to_say(LEDGER_MOVED))
        report(
            "programs that a program starts lie at addresses drawn anew, though the same ones each time were asked for "
            "(personality(2), setarch -R): the net under the libc names needs that; --no-net leaves it out");
    return asked;
}

void net_move_back(long before)
{
    if (before == 0)
        return;
    int error = errno;
    raw_syscall(SYS_personality, before);
    errno = error;
}
