/* SPDX-License-Identifier: Apache-2.0
 *
 * The names with which libc starts a shell by itself, where no call of ours stands in between: their programs get the
 * environment as it is. A host that has cleared it finds there, from then on, what its children need.
 */
#include <stdio.h>
#include <stdlib.h>
#include <wordexp.h>

#include "environment.h"
#include "ground/real.h"
#include "starting.h"
#include "words.h"

/* The shell is handed the host's own words. */
#define COMMAND(command)                                                                                               \
    struct words words = {(uint64_t)__builtin_return_address(0), NULL};                                                \
    words_take_text(&words, &(command));                                                                               \
    environment_repair()

INTERPOSED int system(const char *command)
{
    COMMAND(command);
    int status = STARTING(REAL(system)(command));
    words_give_back(&words);
    return status;
}

INTERPOSED FILE *popen(const char *command, const char *mode)
{
    COMMAND(command);
    FILE *stream = STARTING(REAL(popen)(command, mode));
    words_give_back(&words);
    return stream;
}

INTERPOSED int wordexp(const char *restrict words, wordexp_t *restrict result, int flags)
{
    if (!(flags & WRDE_NOCMD))
        environment_repair();
    return STARTING(REAL(wordexp)(words, result, flags));
}
