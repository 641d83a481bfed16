/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAPLINE_INTERPOSE_UNWIND_H
#define TRAPLINE_INTERPOSE_UNWIND_H

/* Before the first trampoline: what is asked for in signal handlers is found. Not on the fault path. */
void unwind_init(void);

#endif
