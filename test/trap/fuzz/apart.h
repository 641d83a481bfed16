// SPDX-License-Identifier: Apache-2.0
// The trapped run in a process of its own, which has the agent beside it and real devices behind its windows:
// `fuzz-apart`, a static program that `trapline run` starts. It gets trials on its standard input, and answers with
// outcomes.
#ifndef APART_H
#define APART_H

#include "run.h"

struct apart_question {
    bool is_code32;
    struct trial trial; // its pointers mean nothing there
};

// The devices that its windows are on: device 1, 2 and 3, each of ARENA_PAGE bytes.
#define APART_DEVICE "/dev/fuzz%u"

// The command, a shell's, which starts it when a trial first asks for it. Any failure ends the process.
void apart_use(const char *command);
bool apart_is_used(void);
void apart_run(const struct trial *trial, struct outcome *outcome);

// Waits until it has ended. False if it was not well.
bool apart_end(void);
#endif
