/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernel means by an errno, for sentences of the agent. libc's own tables are newer than the oldest libc that
 * we load into. Fault path.
 */
#ifndef TRAPLINE_ERRNO_WORDS_H
#define TRAPLINE_ERRNO_WORDS_H

/* "EACCES: permission denied". `number` is positive; one without words is "an unknown error". */
const char *errno_words(long number);

#endif
