// SPDX-License-Identifier: Apache-2.0
// fuzz-apart: runs the trials that it gets trapped, and answers with what they leave. It knows nothing of an agent, and
// is linked with none.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "apart.h"
#include "lane.h"

static bool read_question(struct apart_question *question)
{
    size_t done = 0;
    for (ssize_t count; done < sizeof *question; done += (size_t)count)
        if ((count = read(STDIN_FILENO, (uint8_t *)question + done, sizeof *question - done)) <= 0)
            return false;
    return true;
}

static bool write_answer(const struct outcome *outcome)
{
    size_t done = 0;
    for (ssize_t count; done < sizeof *outcome; done += (size_t)count)
        if ((count = write(STDOUT_FILENO, (const uint8_t *)outcome + done, sizeof *outcome - done)) <= 0)
            return false;
    return true;
}

static void init(bool is_code32)
{
    if (is_code32)
        code32_use();
    state_init();
    arena_init();
    lane_init();
    run_init();
}

int main(void)
{
    static struct apart_question question;
    static struct outcome outcome;
    bool is_ready = false;
    while (read_question(&question)) {
        if (!is_ready)
            init(question.is_code32);
        is_ready = true;
        run_trapped(&question.trial, &outcome);
        if (!write_answer(&outcome))
            return 1;
    }
    return 0;
}
