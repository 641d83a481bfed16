/* SPDX-License-Identifier: Apache-2.0
 *
 * Handlers of a program in another world than ours (ground/second_world.h), for signals that are not kept: one may come
 * while its thread is in ours, where FS leads nowhere that the handler knows.
 */
#ifndef TRAPLINE_RELAY_H
#define TRAPLINE_RELAY_H

#include "ground/kernel_signals.h"

/* The handler of the program's that the kernel's one for a signal stands for. */
void *relay_behind(int number, void *kernels);

/* rt_sigaction(2), with masks of the kernel's: the handlers are the program's own. */
long relay_action(int number, const struct kernel_action *action, struct kernel_action *before);

#endif
