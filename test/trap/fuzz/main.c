// SPDX-License-Identifier: Apache-2.0
// fuzz [--code 64|32] [--seed N] [--count N] [--seconds N] [--case K] [--only MNEMONIC] [--jobs N] [--patched]
// [--apart COMMAND] [--table] Runs random instructions natively on memory and trapped on windows, from equal states,
// and compares everything that is left, and the accesses. Exit status: 0 if nothing differs, 1 if something does, 2 if
// it could not be tried.
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apart.h"
#include "code32.h"
#include "form_table.h"
#include "ia32.h"
#include "judge.h"
#include "static_check.h"
#include "supervise.h"

// Its models may have to be built first.
enum { STATIC_ROUNDS = 16, LOOKS_APART = 60 };

struct options {
    uint64_t seed, count, seconds, number;
    bool has_case, table, patched, code32;
    const char *only, *apart;
    unsigned jobs;
};

static _Noreturn void usage(const char *complaint)
{
    fprintf(stderr,
            "fuzz: %s\nusage: fuzz [--code 64|32] [--seed N] [--count N] [--seconds N] [--case K] [--only MNEMONIC] "
            "[--jobs N] "
            "[--patched] [--apart COMMAND] [--table]\n",
            complaint);
    exit(2);
}

static uint64_t number_of(const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 0);
    if (end == text || *end != '\0')
        usage("--code, --seed, --count, --seconds, --case and --jobs take a number");
    return value;
}

static struct options parse(int argc, char **argv)
{
    static const struct option known[] = {{"seed", required_argument, NULL, 's'},
                                          {"count", required_argument, NULL, 'n'},
                                          {"seconds", required_argument, NULL, 'd'},
                                          {"case", required_argument, NULL, 'c'},
                                          {"only", required_argument, NULL, 'o'},
                                          {"jobs", required_argument, NULL, 'j'},
                                          {"table", no_argument, NULL, 't'},
                                          {"code", required_argument, NULL, 'm'},
                                          {"patched", no_argument, NULL, 'p'},
                                          {"apart", required_argument, NULL, 'a'},
                                          {NULL, 0, NULL, 0}};
    struct options options = {.seed = 1, .count = 1000000, .jobs = 1};
    for (int found; (found = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (found) {
        case 's':
            options.seed = number_of(optarg);
            break;
        case 'n':
            options.count = number_of(optarg);
            break;
        case 'd':
            options.seconds = number_of(optarg);
            options.count = UINT64_MAX;
            break;
        case 'c':
            options.number = number_of(optarg);
            options.has_case = true;
            break;
        case 'o':
            options.only = optarg;
            break;
        case 'j':
            options.jobs = (unsigned)number_of(optarg);
            break;
        case 'p':
            options.patched = true;
            break;
        case 'a':
            options.apart = optarg;
            break;
        case 'm':
            options.code32 = number_of(optarg) == 32;
            break;
        case 't':
            options.table = true;
            break;
        default:
            usage("unknown option");
        }
    }
    if (optind != argc || options.jobs == 0)
        usage("no arguments, and at least one job");
    return options;
}

static struct trial_forms runnable(const struct form *table, size_t count, const char *only)
{
    static const struct form *chosen[FORM_MAX];
    struct trial_forms forms = {.forms = chosen};
    for (size_t i = 0; i < count; i++)
        if (table[i].fate == FORM_RUNS &&
            (only == NULL || strcmp(ZydisMnemonicGetString(table[i].mnemonic), only) == 0))
            chosen[forms.count++] = &table[i];
    return forms;
}

static void print_table(const struct form *table, size_t count)
{
    static const char *const fates[] = {[FORM_RUNS] = "runs",
                                        [FORM_NOT_ON_THIS_CPU] = "checked by decoding only: not on this processor",
                                        [FORM_EXCLUDED] = "excluded"};
    size_t tally[3] = {0};
    for (size_t i = 0; i < count; i++) {
        tally[table[i].fate]++;
        printf("%s\t%s%s%s\n", table[i].name, fates[table[i].fate], table[i].reason != NULL ? ": " : "",
               table[i].reason != NULL ? table[i].reason : "");
    }
    printf("fuzz: %zu forms: %zu run, %zu are checked by decoding only, %zu are excluded\n", count, tally[FORM_RUNS],
           tally[FORM_NOT_ON_THIS_CPU], tally[FORM_EXCLUDED]);
}

static struct supervise_result run_cases(const struct options *options, const char *program,
                                         const struct trial_forms *forms)
{
    char repetition[4096];
    snprintf(repetition, sizeof repetition, "%s%s%s%s%s%s --seed %" PRIu64 "%s%s", program,
             options->code32 ? " --code 32" : "", options->patched ? " --patched" : "",
             options->apart != NULL ? " --apart '" : "", options->apart != NULL ? options->apart : "",
             options->apart != NULL ? "'" : "", options->seed, options->only != NULL ? " --only " : "",
             options->only != NULL ? options->only : "");
    const struct supervise_plan plan = {
        .forms = *forms,
        .seed = options->seed,
        .first = options->number,
        .count = options->has_case ? 1 : options->count,
        .seconds = options->seconds,
        .jobs = options->has_case ? 1 : options->jobs,
        .looks_in_vain = options->apart != NULL ? LOOKS_APART : 0,
        .is_verbose = options->has_case,
        .repetition = repetition,
    };
    return supervise_run(&plan);
}

int main(int argc, char **argv)
{
    struct options options = parse(argc, argv);
    size_t count;
    if (options.code32 && !ia32_is_there()) {
        puts("fuzz: this machine runs no 32-bit code");
        return 0;
    }
    if (options.code32)
        code32_use();
    struct form *table = form_table(&count);
    if (options.patched)
        judge_patched_too();
    if (options.apart != NULL)
        apart_use(options.apart);
    judge_init();
    judge_find_runnable(table, count);
    if (options.table) {
        print_table(table, count);
        return 0;
    }
    struct static_tally by_decoding = {0};
    if (!options.has_case && !options.code32 && options.apart == NULL)
        by_decoding = static_check(stdout, table, count, options.only, options.seed, STATIC_ROUNDS);
    struct trial_forms forms = runnable(table, count, options.only);
    if (forms.count == 0 && by_decoding.forms == 0)
        usage("no form has that mnemonic; --table prints them all");
    struct supervise_result result = {0};
    if (forms.count > 0)
        result = run_cases(&options, argv[0], &forms);
    if (by_decoding.forms > 0)
        printf("fuzz: %zu more forms, not on this processor, checked by decoding only: %zu instructions, %zu "
               "differences\n",
               by_decoding.forms, by_decoding.instructions, by_decoding.differences);
    if (options.patched)
        printf("fuzz: %" PRIu64 " of them patched\n", result.patched);
    printf("fuzz: %" PRIu64 " instructions, %zu forms, %" PRIu64 " differences, seed %" PRIu64 "\n", result.done,
           forms.count, result.differences, options.seed);
    return result.differences + by_decoding.differences == 0 ? 0 : 1;
}
