/* SPDX-License-Identifier: Apache-2.0
 *
 * What the launcher was started with, for the host (bridge/ground/inherited.ts): descriptors beyond the streams, which
 * are ours from FIRST_INHERITED on, in the order of the numbers that TRAPLINE_KEPT_DESCRIPTORS names; signals that are
 * ignored; the soft limit of open files.
 */
#ifndef TRAPLINE_KEEPER_INHERITED_H
#define TRAPLINE_KEEPER_INHERITED_H

/* Before anything is opened here. */
void inherited_take(void);

/* In the process that becomes the host: it gets all of that. Moves the descriptor `kept` out of the way, and returns
 * where it is now. */
int inherited_give(int kept);

/* The host has them. */
void inherited_forget(void);

#endif
