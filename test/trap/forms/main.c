// SPDX-License-Identifier: Apache-2.0
// forms [--list] [--code 64|32] [--only NAME] [--seed N] [--repeat N] [--part I --of N] DEVICE_PATH OFFSET SIZE
// Runs every instruction form of the tables once on plain memory and once, or N times, on the window that maps
// [OFFSET, OFFSET + SIZE) of DEVICE_PATH, from equal states, and prints one line a form. Exit status: 0 if none
// failed, 1 if one did, 2 if it could not be tried. An ordinary program: it knows nothing of how the window works.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code32.h"
#include "compare.h"
#include "feature.h"
#include "form.h"
#include "memory.h"
#include "run.h"

struct options {
    bool list, code32;
    const char *only;
    uint64_t seed, repeat, part, of; // of all forms, each `of`th from `part` on
    const char *path;
    uint64_t offset, size;
};

// A window and plain memory; the low ones are mapped when a form first asks for them.
struct memories {
    struct memory window, plain, low_window, low_plain;
};

struct tally {
    unsigned ok, failed, skipped;
};

static _Noreturn void usage(const char *complaint)
{
    fprintf(stderr, "forms: %s\n", complaint);
    fputs("usage: forms [--list] [--code 64|32] [--only NAME] [--seed N] [--repeat N] [--part I --of N] DEVICE_PATH "
          "OFFSET SIZE\n",
          stderr);
    exit(2);
}

static uint64_t number(const char *text, const char *complaint)
{
    char *end;
    uint64_t value = strtoull(text, &end, 0);
    if (end == text || *end != '\0')
        usage(complaint);
    return value;
}

static struct options parse(int argc, char **argv)
{
    static const struct option known[] = {
        {"list", no_argument, NULL, 'l'},         {"code", required_argument, NULL, 'c'},
        {"only", required_argument, NULL, 'o'},   {"seed", required_argument, NULL, 's'},
        {"repeat", required_argument, NULL, 'r'}, {"part", required_argument, NULL, 'p'},
        {"of", required_argument, NULL, 'f'},     {NULL, 0, NULL, 0}};
    struct options options = {.seed = 1, .repeat = 1, .of = 1};
    for (int found; (found = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (found == 'l')
            options.list = true;
        else if (found == 'c')
            options.code32 = number(optarg, "--code takes 64 or 32") == 32;
        else if (found == 'o')
            options.only = optarg;
        else if (found == 's')
            options.seed = number(optarg, "--seed takes a number");
        else if (found == 'r')
            options.repeat = number(optarg, "--repeat takes a number");
        else if (found == 'p')
            options.part = number(optarg, "--part takes a number");
        else if (found == 'f')
            options.of = number(optarg, "--of takes a number");
        else
            usage("unknown option");
    }
    if (options.list)
        return options;
    if (argc - optind != 3)
        usage("a device path, an offset and a size are needed");
    options.path = argv[optind];
    options.offset = number(argv[optind + 1], "OFFSET must be a number");
    options.size = number(argv[optind + 2], "SIZE must be a number");
    if (options.part >= options.of)
        usage("--part begins with 0, and is less than --of");
    if (options.size < 4 * CONTENTS_MAX)
        usage("SIZE is too small; 4096 is enough");
    return options;
}

// A form's seed depends on its name, so that it runs alone as it runs among the others.
static uint64_t seed_of(const struct form *form, uint64_t seed)
{
    uint64_t hash = 0xcbf29ce484222325 ^ seed;
    for (const char *c = form->name; *c != '\0'; c++)
        hash = (hash ^ (uint8_t)*c) * 0x100000001b3;
    return hash;
}

static void map_low(const struct options *options, struct memories *memories)
{
    if (memories->low_window.size != 0)
        return;
    memories->low_window = memory_map_device(options->path, options->offset, options->size, true);
    memories->low_plain = memory_map_plain(options->size, true);
}

static void skip(const struct form *form, struct tally *tally, const char *reason, const char *detail)
{
    tally->skipped++;
    printf("skip %s: %s%s\n", form->name, reason, detail);
}

// Up to the first time that something differs.
static bool differs(const struct form *form, const struct memory *plain, const struct memory *window,
                    const struct options *options, char text[DIFFERENCES_SIZE])
{
    static struct run on_plain, on_window;
    uint64_t seed = seed_of(form, options->seed);
    bool is_different = false;
    run_form(form, plain, seed, &on_plain);
    for (uint64_t i = 0; i < options->repeat && !is_different; i++) {
        run_form(form, window, seed, &on_window);
        is_different = compare_runs(form, &on_plain, &on_window, text) != 0;
    }
    return is_different;
}

static void judge(const struct form *form, const struct memory *plain, const struct memory *window,
                  const struct options *options, struct tally *tally)
{
    char text[DIFFERENCES_SIZE];
    if (!differs(form, plain, window, options, text)) {
        tally->ok++;
        printf("ok %s\n", form->name);
    } else {
        tally->failed++;
        printf("not ok %s: %s\n", form->name, text);
    }
}

static void try_form(const struct form *form, const struct options *options, struct memories *memories,
                     struct tally *tally)
{
    if (!feature_present(form->feature)) {
        skip(form, tally, "this CPU lacks ", form->feature);
        return;
    }
    if (!options->code32 && !(form->setup & WITH_LOW)) {
        judge(form, &memories->plain, &memories->window, options, tally);
        return;
    }
    map_low(options, memories);
    if (memories->low_window.base == NULL || memories->low_plain.base == NULL)
        skip(form, tally, "the window cannot be mapped below 2 GiB", "");
    else
        judge(form, &memories->low_plain, &memories->low_window, options, tally);
}

static bool is_asked_for(const struct form *form, const struct options *options)
{
    return options->code32 ? code32_fits(form) : !form->is_code32;
}

static void list(const struct options *options)
{
    static const char *const accesses[] = {"none", "read", "write", "rmw"};
    for (const struct form *form = __start_forms_table; form < __stop_forms_table; form++)
        if (is_asked_for(form, options))
            printf("%s\t%s\t%u\t%s\n", form->name, accesses[form->access], form->width_bytes, form->feature);
}

static struct tally try_all(const struct options *options)
{
    struct tally tally = {0};
    struct memories memories = {
        .window = memory_map_device(options->path, options->offset, options->size, false),
        .plain = memory_map_plain(options->size, false),
    };
    for (const struct form *form = __start_forms_table; form < __stop_forms_table; form++)
        if (is_asked_for(form, options) && (uint64_t)(form - __start_forms_table) % options->of == options->part &&
            (options->only == NULL || strcmp(options->only, form->name) == 0))
            try_form(form, options, &memories, &tally);
    return tally;
}

int main(int argc, char **argv)
{
    struct options options = parse(argc, argv);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (options.list) {
        list(&options);
        return 0;
    }
    state_init();
    if (!run_init(options.code32)) {
        puts("forms: this machine runs no 32-bit code");
        return 0;
    }
    struct tally tally = try_all(&options);
    if (tally.ok + tally.failed + tally.skipped == 0)
        usage("no form has that name; --list prints them all");
    printf("forms: %u ok, %u failed, %u skipped\n", tally.ok, tally.failed, tally.skipped);
    return tally.failed == 0 ? 0 : 1;
}
