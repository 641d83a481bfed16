// SPDX-License-Identifier: Apache-2.0
// fuzz-agent, fuzz-mailboxes [--seed N] [--count N] [--seconds N] [--least N] [--case K]
// Exit status: 0 if the agent stood everything, 1 if not, with the one command that repeats it, 2 if it could not be
// tried.
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "conversation.h"

enum { LONGEST_CASE_SECONDS = 10 };

struct options {
    uint64_t seed, first, count, seconds;
    uint64_t least; // cases that are tried however long it takes
};

// Shared with the process that does the work, so that it is known how far it came.
static _Atomic uint64_t *done;

static _Noreturn void usage(const char *complaint)
{
    fprintf(stderr, "%s: %s\nusage: %s [--seed N] [--count N] [--seconds N] [--least N] [--case K]\n",
            program_invocation_short_name, complaint, program_invocation_short_name);
    exit(2);
}

static uint64_t number_of(const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 0);
    if (end == text || *end != '\0')
        usage("every flag takes a number");
    return value;
}

static struct options parse(int argc, char **argv)
{
    static const struct option known[] = {
        {"seed", required_argument, NULL, 's'},    {"count", required_argument, NULL, 'n'},
        {"seconds", required_argument, NULL, 't'}, {"least", required_argument, NULL, 'l'},
        {"case", required_argument, NULL, 'c'},    {NULL, 0, NULL, 0}};
    struct options options = {.seed = 1, .count = UINT64_MAX, .seconds = 10};
    for (int found; (found = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (found) {
        case 's':
            options.seed = number_of(optarg);
            break;
        case 'n':
            options.count = number_of(optarg);
            options.seconds = UINT64_MAX;
            break;
        case 't':
            options.seconds = number_of(optarg);
            break;
        case 'l':
            options.least = number_of(optarg);
            break;
        case 'c':
            options.first = number_of(optarg);
            options.count = 1;
            break;
        default:
            usage("unknown option");
        }
    }
    return options;
}

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec;
}

static int work(const struct options *options)
{
    uint64_t start = now();
    conversation_init();
    for (uint64_t i = 0; i < options->count && (i < options->least || now() - start < options->seconds); i++) {
        alarm(LONGEST_CASE_SECONDS);
        const char *complaint = conversation_case(options->seed, options->first + i);
        if (complaint != NULL) {
            printf("%s: case %" PRIu64 ": %s\n", program_invocation_short_name, options->first + i, complaint);
            fflush(stdout);
            return 1;
        }
        atomic_store(done, i + 1);
    }
    return 0;
}

static int report(int status, const struct options *options, const char *program)
{
    uint64_t count = atomic_load(done);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        printf("%s: %" PRIu64 " conversations, all stood, seed %" PRIu64 "\n", program_invocation_short_name, count,
               options->seed);
        return 0;
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        printf("%s: case %" PRIu64 " did not end within %d s\n", program_invocation_short_name, options->first + count,
               LONGEST_CASE_SECONDS);
    printf("  repeat with: %s --seed %" PRIu64 " --case %" PRIu64 "\n", program, options->seed, options->first + count);
    return 1;
}

int main(int argc, char **argv)
{
    struct options options = parse(argc, argv);
    int status;
    done = mmap(NULL, sizeof *done, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (done == MAP_FAILED)
        usage("no memory");
    pid_t worker = fork();
    if (worker == 0)
        exit(work(&options));
    if (worker < 0 || waitpid(worker, &status, 0) != worker)
        usage("no process can be started");
    return report(status, &options, argv[0]);
}
