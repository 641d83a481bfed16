// SPDX-License-Identifier: Apache-2.0
#include "supervise.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "apart.h"
#include "judge.h"

enum { JOBS_MAX = 64, DIFFERENCES_MAX = 20, PROGRESS_MS = 5000 };

// Shared with the worker. A case that runs wild may write anything here, so it holds nothing but numbers to show.
struct progress {
    _Atomic uint64_t number, done, differences, patched;
};

struct worker {
    pid_t pid;
    int end_of_life; // a pipe that closes when the worker is gone; -1 then
    uint64_t seen_done;
    unsigned looks; // in vain, one after the other
    struct progress *progress;
};

static void say_how_to_repeat(const struct supervise_plan *plan, uint64_t number)
{
    printf("  repeat with: %s --case %" PRIu64 "\n", plan->repetition, number);
}

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec;
}

static void judge_all(const struct supervise_plan *plan, unsigned offset, struct progress *progress)
{
    static char text[65536];
    uint64_t start = now();
    for (uint64_t i = offset; i < plan->count && (plan->seconds == 0 || now() - start < plan->seconds);
         i += plan->jobs) {
        uint64_t number = plan->first + i;
        atomic_store(&progress->number, number);
        FILE *report = fmemopen(text, sizeof text, "w");
        bool differs = judge_case(report, &plan->forms, plan->seed, number);
        fclose(report);
        atomic_fetch_add(&progress->done, 1);
        atomic_store(&progress->patched, judge_patched_count());
        if (differs)
            atomic_fetch_add(&progress->differences, 1);
        if (!differs && !plan->is_verbose)
            continue;
        printf("fuzz: case %" PRIu64 "%s\n%s", number, differs ? " differs" : " does not differ", text);
        if (differs)
            say_how_to_repeat(plan, number);
        fflush(stdout);
    }
}

static void start(const struct supervise_plan *plan, unsigned offset, struct worker *worker)
{
    int ends[2];
    fflush(stdout);
    if (pipe(ends) != 0 || (worker->pid = fork()) < 0) {
        perror("fuzz: cannot start a worker");
        exit(2);
    }
    if (worker->pid == 0) {
        close(ends[0]);
        arena_renew();
        judge_all(plan, offset, worker->progress);
        _exit(apart_end() ? 0 : 1);
    }
    close(ends[1]);
    worker->end_of_life = ends[0];
}

// A worker that did not come to its end stopped in the case it was at.
static bool reap(const struct supervise_plan *plan, struct worker *worker)
{
    int status;
    waitpid(worker->pid, &status, 0);
    close(worker->end_of_life);
    worker->end_of_life = -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    uint64_t number = atomic_load(&worker->progress->number);
    if (WIFSIGNALED(status))
        printf("fuzz: case %" PRIu64 " ended the process with SIG%s\n", number, sigabbrev_np(WTERMSIG(status)));
    else
        printf("fuzz: case %" PRIu64 " ended the process with status %d\n", number, WEXITSTATUS(status));
    say_how_to_repeat(plan, number);
    atomic_fetch_add(&worker->progress->differences, 1);
    return false;
}

static struct supervise_result sum(const struct worker *workers, unsigned jobs)
{
    struct supervise_result result = {0};
    for (unsigned i = 0; i < jobs; i++) {
        result.done += atomic_load(&workers[i].progress->done);
        result.differences += atomic_load(&workers[i].progress->differences);
        result.patched += atomic_load(&workers[i].progress->patched);
    }
    return result;
}

static void end_all(struct worker *workers, unsigned jobs)
{
    for (unsigned i = 0; i < jobs; i++)
        if (workers[i].end_of_life >= 0)
            kill(workers[i].pid, SIGKILL);
}

// False if a worker has done nothing for as long as the plan allows.
static bool show_progress(const struct supervise_plan *plan, struct worker *workers)
{
    bool all_move = true;
    for (unsigned i = 0; i < plan->jobs; i++) {
        uint64_t done = atomic_load(&workers[i].progress->done);
        bool moves = workers[i].end_of_life < 0 || done != workers[i].seen_done;
        workers[i].looks = moves ? 0 : workers[i].looks + 1;
        if (workers[i].looks > plan->looks_in_vain)
            all_move = false;
        workers[i].seen_done = done;
    }
    printf("fuzz: %" PRIu64 " instructions so far\n", sum(workers, plan->jobs).done);
    fflush(stdout);
    return all_move;
}

static void watch(const struct supervise_plan *plan, struct worker *workers)
{
    unsigned alive = plan->jobs;
    while (alive > 0) {
        struct pollfd ends[JOBS_MAX];
        for (unsigned i = 0; i < plan->jobs; i++)
            ends[i] = (struct pollfd){.fd = workers[i].end_of_life, .events = POLLIN};
        int ready = poll(ends, plan->jobs, PROGRESS_MS);
        bool is_well = ready != 0 || show_progress(plan, workers);
        for (unsigned i = 0; i < plan->jobs; i++)
            if (ends[i].fd >= 0 && ends[i].revents != 0) {
                is_well &= reap(plan, &workers[i]);
                alive--;
            }
        if (!is_well || sum(workers, plan->jobs).differences >= DIFFERENCES_MAX)
            end_all(workers, plan->jobs);
    }
}

struct supervise_result supervise_run(const struct supervise_plan *plan)
{
    size_t size = JOBS_MAX * sizeof(struct progress);
    struct progress *progress = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct worker workers[JOBS_MAX];
    if (plan->jobs > JOBS_MAX || progress == MAP_FAILED) {
        fprintf(stderr, "fuzz: at most %d jobs\n", JOBS_MAX);
        exit(2);
    }
    for (unsigned i = 0; i < plan->jobs; i++) {
        workers[i] = (struct worker){.progress = &progress[i]};
        start(plan, i, &workers[i]);
    }
    watch(plan, workers);
    struct supervise_result result = sum(workers, plan->jobs);
    munmap(progress, size);
    return result;
}
