/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls that a handler can't carry out for the thread, which takes its stack from under itself: it makes them
 * behind the handler, at a place that no filter names. Fault path.
 */
#ifndef TRAPLINE_NET_PASS_H
#define TRAPLINE_NET_PASS_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

/* Sends the thread, which a filter has stopped, there and back again. False if there is no more room. */
bool pass_on(ucontext_t *context);

/* clone3(2), with these arguments. */
void pass_clone3(const long a[6], ucontext_t *context);

#endif
