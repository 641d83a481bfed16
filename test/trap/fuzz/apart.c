// SPDX-License-Identifier: Apache-2.0
#include "apart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *command;
static pid_t process;
static int questions, answers;

void apart_use(const char *given)
{
    command = given;
}

bool apart_is_used(void)
{
    return command != NULL;
}

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "fuzz: the process apart %s\n", what);
    exit(2);
}

static void start(void)
{
    int to[2], from[2];
    if (pipe(to) != 0 || pipe(from) != 0 || (process = fork()) < 0)
        give_up("can't be started");
    if (process == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        for (int i = 0; i < 2; i++) {
            close(to[i]);
            close(from[i]);
        }
        execl("/bin/sh", "sh", "-c", command, NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    questions = to[1];
    answers = from[0];
}

void apart_run(const struct trial *trial, struct outcome *outcome)
{
    static struct apart_question question;
    size_t done = 0;
    if (process == 0)
        start();
    question.is_code32 = code32_is_used();
    memcpy(&question.trial, trial, sizeof *trial);
    for (ssize_t count; done < sizeof question; done += (size_t)count)
        if ((count = write(questions, (uint8_t *)&question + done, sizeof question - done)) <= 0)
            give_up("takes no trial");
    done = 0;
    for (ssize_t count; done < sizeof *outcome; done += (size_t)count)
        if ((count = read(answers, (uint8_t *)outcome + done, sizeof *outcome - done)) <= 0)
            give_up("has ended");
}

bool apart_end(void)
{
    int status = 0;
    if (process == 0)
        return true;
    close(questions);
    waitpid(process, &status, 0);
    return status == 0;
}
