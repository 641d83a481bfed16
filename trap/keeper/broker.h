/* SPDX-License-Identifier: Apache-2.0
 *
 * The keeper's end of trap/ground/broker.h: connects and opens in the place of processes that have given up the
 * privileges, the root directory or the network to do so themselves. Whoever holds the socket may ask, and only for
 * what belongs to the run.
 */
#ifndef TRAPLINE_KEEPER_BROKER_H
#define TRAPLINE_KEEPER_BROKER_H

/* Makes the socket that hosts inherit, at a number that they don't count with, and puts it into our environment for
 * them. Negative if none can be made; they do without. */
int broker_make(void);

/* Serves in a thread of its own, from when the host has been started, whose socket is then not ours any more. */
void broker_serve(int inherited);

#endif
