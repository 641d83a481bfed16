/* SPDX-License-Identifier: Apache-2.0
 *
 * The strict mode of seccomp(2), which the kernel gives no process that has filters, as ours have by the net: as a
 * filter that lets pass the same calls. Any other ends the thread by SIGSYS, where the kernel's mode does by SIGKILL.
 */
#ifndef TRAPLINE_INTERPOSE_STRICT_MODE_H
#define TRAPLINE_INTERPOSE_STRICT_MODE_H

#include <stdbool.h>

/* What the kernel said when it was asked for the mode: again, or what it says to the filter. -1 with errno. */
long strict_mode(long answer, bool was_confined);

#endif
