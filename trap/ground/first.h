/* SPDX-License-Identifier: Apache-2.0
 *
 * Our constructor runs before all others of the process (-z initfirst). What it relies on has not begun then, libc
 * included, and is begun here.
 */
#ifndef TRAPLINE_FIRST_H
#define TRAPLINE_FIRST_H

/* With what the loader tells each constructor. */
void first_begin(int count, char **arguments, char **environment);

#endif
