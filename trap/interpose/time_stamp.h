/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAPLINE_INTERPOSE_TIME_STAMP_H
#define TRAPLINE_INTERPOSE_TIME_STAMP_H

/* The counter shows simulated time from now on, where time is virtual. */
void time_stamp_start(void);

#endif
