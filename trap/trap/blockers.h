/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads for which something holds, told apart by the block of libc's that FS points to. Not by a variable of theirs:
 * in the handler FS may be the host's own. Where there is no room for one more, it does not hold. Fault path.
 */
#ifndef TRAPLINE_BLOCKERS_H
#define TRAPLINE_BLOCKERS_H

#include <stdbool.h>

/* Of this thread. */
bool blockers_have(void);
void blockers_set(bool holds);

#endif
