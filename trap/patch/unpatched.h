/* SPDX-License-Identifier: Apache-2.0
 *
 * Instructions that have trapped often and could not be patched: which, and why, for the ledger of the run. The caller
 * holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_UNPATCHED_H
#define TRAPLINE_UNPATCHED_H

#include "instruction/site.h"
#include "patch.h"

/* False if there is no memory for it. Not on the fault path. */
bool unpatched_init(void);

/* The instruction could not be patched; it may have been said before, for another reason. */
void unpatched_note(struct site *site, enum patch_obstacle obstacle);

/* It has been, after all, or never was among them. */
void unpatched_take_back(struct site *site);

/* It has trapped once more; nothing if it is not among them. */
void unpatched_note_trap(struct site *site);

#endif
