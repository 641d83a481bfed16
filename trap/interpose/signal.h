/* SPDX-License-Identifier: Apache-2.0
 *
 * What start-up asks of the signal family.
 */
#ifndef TRAPLINE_INTERPOSE_SIGNAL_H
#define TRAPLINE_INTERPOSE_SIGNAL_H

/* A process may be executed with SIGSEGV blocked: unblocks it and remembers what the host believes. */
void signal_inherit_mask(void);

#endif
