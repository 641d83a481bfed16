/* SPDX-License-Identifier: Apache-2.0
 *
 * For a process that stands for another one: whoever waits for it shall see how the other ended.
 */
#ifndef TRAPLINE_END_ALIKE_H
#define TRAPLINE_END_ALIKE_H

/* Ends us by the signal that ended the other, without a core of our own; after an exit gives its status, to return from
 * main. `status` is wait(2)'s. */
int end_alike(int status);

#endif
