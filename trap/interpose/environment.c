/* SPDX-License-Identifier: Apache-2.0 */
#include "environment.h"

#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entering.h"
#include "ground/arrival.h"
#include "ground/broker.h"
#include "ground/join.h"
#include "reach.h"

#define PRELOAD "LD_PRELOAD="

static const char *const names[] = {"TRAPLINE_BRIDGE",   "TRAPLINE_RUN_DIR",       "TRAPLINE_TOKEN",
                                    "TRAPLINE_GDB",      "TRAPLINE_SILENCE_LIMIT", "TRAPLINE_PATCH_AFTER",
                                    "TRAPLINE_HARDWARE", "TRAPLINE_NET",           "TRAPLINE_EMULATORS",
                                    BROKER_VARIABLE,     IO_PORTS_VARIABLE,        "ASAN_OPTIONS"};
enum { VARIABLES = sizeof names / sizeof names[0], RUN_DIRECTORY = 1, FIRST_OF_OTHERS = VARIABLES - 1 };
enum { IO_PORTS = FIRST_OF_OTHERS - 1 };

static const char *kept[VARIABLES];   /* "NAME=value", NULL if it was not set */
static const char *library = "";      /* our own path */
static const char *preload = PRELOAD; /* with it */

static void keep_library(const char *path)
{
    const char *text = strlen(path) < PATH_MAX ? join_to_keep(JOIN_PARTS(PRELOAD, path)) : NULL;
    if (text == NULL)
        return;
    preload = text;
    library = text + sizeof PRELOAD - 1;
}

static int keep_if_own(struct dl_phdr_info *image, size_t size, void *argument)
{
    uint64_t own = (uint64_t)keep_if_own - image->dlpi_addr;
    bool is_own = false;
    char whole[PATH_MAX];
    (void)size, (void)argument;
    for (int i = 0; i < image->dlpi_phnum; i++)
        is_own = is_own || (image->dlpi_phdr[i].p_type == PT_LOAD &&
                            own - image->dlpi_phdr[i].p_vaddr < image->dlpi_phdr[i].p_memsz);
    /* For children that are elsewhere. */
    if (is_own && (image->dlpi_name[0] == '/' || realpath(image->dlpi_name, whole) != NULL))
        keep_library(image->dlpi_name[0] == '/' ? image->dlpi_name : whole);
    return is_own;
}

void environment_remember(void)
{
    for (int i = 0; i < VARIABLES; i++) {
        const char *value = getenv(names[i]);
        kept[i] = value != NULL ? join_to_keep(JOIN_PARTS(names[i], "=", value)) : NULL;
    }
    dl_iterate_phdr(keep_if_own, NULL);
    entering_init(library);
}

void environment_keep_io_ports(const char *entry)
{
    kept[IO_PORTS] = entry;
}

static bool is_variable(const char *entry, const char *name)
{
    size_t length = strlen(name);
    return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

static bool has_variable(char *const environment[], const char *name)
{
    for (; environment != NULL && *environment != NULL; environment++)
        if (is_variable(*environment, name))
            return true;
    return false;
}

static bool has_entry(char *const environment[], const char *entry)
{
    for (; environment != NULL && *environment != NULL; environment++)
        if (strcmp(*environment, entry) == 0)
            return true;
    return false;
}

/* Variables that are not ours alone stay as the host has them. */
static bool is_replaced(const char *entry)
{
    for (int i = 0; i < FIRST_OF_OTHERS; i++)
        if (kept[i] != NULL && is_variable(entry, names[i]))
            return true;
    return strncmp(entry, PRELOAD, strlen(PRELOAD)) == 0 || is_variable(entry, ENTERED_VARIABLE);
}

static const char *host_preload(char *const environment[])
{
    for (; environment != NULL && *environment != NULL; environment++)
        if (strncmp(*environment, PRELOAD, strlen(PRELOAD)) == 0)
            return *environment + strlen(PRELOAD);
    return "";
}

static size_t entries(char *const environment[])
{
    size_t count = 0;
    while (environment != NULL && environment[count] != NULL)
        count++;
    return count;
}

size_t environment_own_preload_room(char *const environment[])
{
    return readable_list(environment) ? sizeof PRELOAD + strlen(host_preload(environment)) : 0;
}

bool environment_own_preload(char *const environment[], char *entry)
{
    const char *others = readable_list(environment) ? host_preload(environment) : "";
    const char *ours = library[0] != 0 ? strstr(others, library) : NULL;
    const char *behind = ours != NULL ? ours + strlen(library) : others;
    size_t before = ours != NULL ? (size_t)(ours - others) : 0;
    behind += ours != NULL && *behind == ':';
    if (before == 0 && *behind == 0)
        return false;
    strcpy(entry, PRELOAD);
    strncat(entry, others, *behind == 0 ? before - 1 : before);
    strcat(entry, behind);
    return true;
}

bool environment_is_kept(void)
{
    return library[0] != 0;
}

size_t environment_room(char *const environment[])
{
    return (entries(environment) + VARIABLES + 2) * sizeof *environment;
}

size_t environment_preload_room(char *const environment[])
{
    return sizeof PRELOAD + strlen(preload) + strlen(host_preload(environment)) + 2;
}

void environment_compose(char *const environment[], char **all, char *joined)
{
    size_t count = 0;
    const char *others = host_preload(environment);
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
        if (!is_replaced(environment[i]))
            all[count++] = environment[i];
    for (int i = 0; i < VARIABLES; i++)
        if (kept[i] != NULL && (i < FIRST_OF_OTHERS || !has_variable(environment, names[i])))
            all[count++] = (char *)kept[i];
    strcpy(joined, strstr(others, library) != NULL ? PRELOAD : preload);
    if (others[0] != 0 && strstr(others, library) == NULL)
        strcat(joined, ":");
    strcat(joined, others);
    all[count++] = joined;
    all[count] = NULL;
}

const char *environment_run_directory(void)
{
    return kept[RUN_DIRECTORY] != NULL ? kept[RUN_DIRECTORY] + sizeof "TRAPLINE_RUN_DIR=" - 1 : NULL;
}

static bool is_whole(char *const environment[])
{
    for (int i = 0; i < FIRST_OF_OTHERS; i++)
        if (kept[i] != NULL && !has_entry(environment, kept[i]))
            return false;
    return strstr(host_preload(environment), library) != NULL;
}

/* The old array stays: another thread may be looking at it. */
void environment_repair(void)
{
    if (library[0] != 0 && environment_run_directory() != NULL)
        reach_check(environment_run_directory(), "sh");
    if (library[0] == 0 || is_whole(environ))
        return;
    char **all = malloc(environment_room(environ));
    char *joined = malloc(environment_preload_room(environ));
    if (all == NULL || joined == NULL)
        return;
    environment_compose(environ, all, joined);
    environ = all;
}
