/* SPDX-License-Identifier: Apache-2.0
 *
 * Times of 32 bits as calls hand them over, which may lie nowhere.
 */
#ifndef TRAPLINE_CALLS32_TIME32_H
#define TRAPLINE_CALLS32_TIME32_H

#include <stdbool.h>
#include <time.h>

/* False if it can't be read; none is left as it is. */
bool time32_take(long from, struct timespec *time);

/* Returns `result`; nothing is given to none. */
long time32_give(long result, const struct timespec *time, long to);

#endif
