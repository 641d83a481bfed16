/* SPDX-License-Identifier: Apache-2.0
 *
 * What the agent itself has to tell the user: one line on the host's stderr, prefixed "trapline: ". Fault path.
 */
#ifndef TRAPLINE_REPORT_H
#define TRAPLINE_REPORT_H

#include <stdint.h>

/* Formats: %s string, %u unsigned decimal (uint64_t), %x hex with 0x (uint64_t), %%. Cut off at 1 KiB. */
void report(const char *format, ...);

/* Reports what hardware would have done and we do not, which the ledger keeps: the run does not pass by it. */
void report_undone(const char *format, ...);

/* Reports and ends the process with exit status 125. */
__attribute__((noreturn)) void report_fatal(const char *format, ...);

/* Writes a sentence by these formats into `text`, cut off at `size` bytes with the zero. */
void report_text(char *text, unsigned size, const char *format, ...);

/* Ends the process the same way, when the bridge has said already what went wrong; the ledger keeps `why`. */
__attribute__((noreturn)) void report_end(const char *why);

#endif
