/* SPDX-License-Identifier: Apache-2.0
 *
 * What libc is asked for that starts another program: what of this process would go on in it and must not is put by
 * meanwhile.
 */
#ifndef TRAPLINE_INTERPOSE_STARTING_H
#define TRAPLINE_INTERPOSE_STARTING_H

#include "net/net.h"
#include "time/time_stamp.h"

#define STARTING(call) WITH_TIME_STAMPS(NET_MOVES_NEXT(call))

#endif
