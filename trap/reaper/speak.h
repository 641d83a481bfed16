/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAPLINE_REAPER_SPEAK_H
#define TRAPLINE_REAPER_SPEAK_H

/* One sentence on stderr, if somebody takes it soon: whether that is full, closed or a terminal that was halted, we go
 * on. */
void speak(const char *sentence);

#endif
