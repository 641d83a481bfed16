/* SPDX-License-Identifier: Apache-2.0
 *
 * File names, arguments and environments are bytes (execve(2)), and the launcher reads them as text, in which each byte
 * that is no UTF-8 has become U+FFFD. Here they are put back as the launcher itself was given them.
 */
#ifndef TRAPLINE_KEEPER_RAW_WORDS_H
#define TRAPLINE_KEEPER_RAW_WORDS_H

#include <stdbool.h>
#include <sys/types.h>

/* The last of `words`, which ends with NULL, are the last ones of the launcher's command line, in this order. */
void raw_words_restore_arguments(pid_t launcher, char **words);

/* An environment, put back entry by entry; and those whose names are no UTF-8, which the launcher can't look up at all.
 * NULL if memory is out. */
char **raw_words_restore_environment(pid_t launcher, char **entries);

/* Whether something was lost in it that has not been put back. */
bool raw_words_is_lossy(const char *word);

#endif
