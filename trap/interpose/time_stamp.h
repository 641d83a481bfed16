/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAPLINE_INTERPOSE_TIME_STAMP_H
#define TRAPLINE_INTERPOSE_TIME_STAMP_H

/* With virtual time: the counter shows simulated time from now on. */
void time_stamp_start(void);

#endif
