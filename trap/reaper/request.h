/* SPDX-License-Identifier: Apache-2.0
 *
 * What a stand-in asks the deputy for. One byte on the launcher's socket carries descriptors (unix(7), SCM_RIGHTS): the
 * stand-in's own socket, a file with `struct request` and the texts behind it, the working directory, then the
 * descriptors that the program shall have as 0, 1, 2…
 */
#ifndef TRAPLINE_REAPER_REQUEST_H
#define TRAPLINE_REAPER_REQUEST_H

#include <stdint.h>
#include <sys/types.h>

enum { LAUNCHER = 3, OWN_SOCKET = 0, TEXTS = 1, DIRECTORY = 2, FIRST_PASSED = 3, MOST_PASSED = 208 };

/* Letters that the launcher's socket carries; each but the first is followed by words and a zero. */
enum { START = 'n', ADD_FOLDER = 'f', QUIET_FOLDER = 'q', FORGET_FOLDER = 'd', SWEEP = 's' };

struct request {
    /* The program is its launcher's for as long as the stand-in lives; else it is left to itself, in the launcher's
     * group. */
    uint32_t is_kept;
    pid_t stand_in;
    /* The program's path, its arguments, its variables: each ended by a zero. */
    uint32_t arguments, variables;
};

/* What the deputy says to a stand-in, which answers with numbers of signals. */
struct news {
    enum { ENDED, STOPPED } kind;
    /* wait(2). */
    int status;
};

#endif
