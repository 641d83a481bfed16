/* SPDX-License-Identifier: Apache-2.0
 *
 * Zydis is a shared library, and most processes of a run decode nothing. So the agent has it in itself, as its file
 * would be mapped, and links it by its own hand when it is first asked: no process pays for it at its start, and none
 * has to find a file once it has changed its root or its user. Its functions have their own names (Zydis/Zydis.h).
 * Fault path.
 */
#ifndef TRAPLINE_ZYDIS_H
#define TRAPLINE_ZYDIS_H

/* Now rather than at the first instruction: a host that confines itself later may allow no more. */
void zydis_prepare(void);

#endif
