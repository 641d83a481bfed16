/* SPDX-License-Identifier: Apache-2.0
 *
 * The vector registers of this thread, which the agent's own code leaves alone (it is compiled without them) and the
 * libraries inside of it do not. The caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_VECTORS_H
#define TRAPLINE_VECTORS_H

/* Around what may use them. Not nested. */
void vectors_put_by(void);
void vectors_bring_back(void);

#endif
