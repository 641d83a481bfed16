/* SPDX-License-Identifier: Apache-2.0 */
#include "entering.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "environment.h"
#include "ground/arrival.h"
#include "ground/join.h"
#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "ground/second_world.h"
#include "net/late.h"
#include "untrapped.h"

static char *enter; /* NULL: it can't be used */

/* Which emulator there is for which machine: `MACHINE.BITS=PATH` (bridge/host/emulated.ts), each ended by a zero, with
 * an empty one behind the last; NULL if there is none. */
#define EMULATORS "TRAPLINE_EMULATORS"
static char *emulators;

static void find_emulators(void)
{
    const char *said = getenv(EMULATORS);
    if (said == NULL)
        return;
    emulators = join_to_keep(JOIN_PARTS(said, ":"));
    for (char *at = emulators; at != NULL && *at != 0; at++)
        if (*at == ':')
            *at = 0;
}

/* NULL behind the last. */
static const char *behind(const char *entry)
{
    entry += strlen(entry) + 1;
    return *entry != 0 ? entry : NULL;
}

/* NULL if there is none. */
static const char *emulator_of(int directory, const char *path)
{
    unsigned machine, bits;
    if (!untrapped_machine(directory, path, &machine, &bits))
        return NULL;
    for (const char *entry = emulators; entry != NULL; entry = behind(entry)) {
        char *end;
        if (strtoul(entry, &end, 10) == machine && *end == '.' && strtoul(end + 1, &end, 10) == bits && *end == '=')
            return end + 1;
    }
    return NULL;
}

/* In another world libc was told that its loader has been started. */
static const char *own_path(char room[static PATH_MAX])
{
    if (!second_world_is_there)
        return (const char *)getauxval(AT_EXECFN);
    long length = raw_syscall(SYS_readlink, "/proc/self/exe", room, PATH_MAX - 1);
    room[length > 0 ? length : 0] = 0;
    return room;
}

static bool is_emulator(void)
{
    char room[PATH_MAX];
    const char *self = own_path(room);
    for (const char *entry = emulators; entry != NULL; entry = behind(entry)) {
        const char *path = strchr(entry, '=');
        if (path != NULL && self != NULL && strcmp(path + 1, self) == 0)
            return true;
    }
    return false;
}

/* What is brought in reaches devices by the net only, and so do emulators. */
void entering_init(const char *library)
{
    const char *net = getenv("TRAPLINE_NET"), *slash = strrchr(library, '/');
    if (slash == NULL || (net != NULL && strcmp(net, "0") == 0))
        return;
    find_emulators();
    if (is_emulator())
        late_trust_made_code();
    char directory[slash - library + 1];
    memcpy(directory, library, sizeof directory - 1);
    directory[sizeof directory - 1] = 0;
    enter = join_to_keep(JOIN_PARTS(directory, "/trapline-enter"));
    if (enter != NULL && raw_syscall(SYS_access, enter, X_OK) != 0)
        enter = NULL;
}

static bool can_be_found(int directory, const char *path)
{
    if (path[0] == '/' || (path[0] != 0 && directory == AT_FDCWD))
        return raw_syscall(SYS_access, path, X_OK) == 0;
    return path[0] == 0 && raw_syscall(SYS_fcntl, directory, F_GETFD) >= 0;
}

const char *entering_way(const char *run_directory, int directory, const char *path)
{
    const char *reason = untrapped_reason(directory, path), *way = NULL;
    if (reason == NULL)
        return NULL;
    if (untrapped_can_be_entered(reason))
        way = enter;
    else if (untrapped_is_foreign(reason))
        way = emulator_of(directory, path);
    if (way != NULL && enter == NULL && untrapped_reason(AT_FDCWD, way) != NULL)
        way = NULL; /* there would be no agent in it */
    if (way != NULL && can_be_found(directory, path))
        return way;
    untrapped_write(run_directory, path[0] != 0 ? path : "the program of a descriptor", reason);
    return NULL;
}

static size_t count_of(char *const words[])
{
    size_t count = 0;
    while (readable_list(words) && words[count] != NULL)
        count++;
    return count;
}

/* It leads elsewhere from trapline-enter. */
static bool is_own_program(const char *path)
{
    static const char start[] = "/proc/", end[] = "/exe";
    size_t length = strlen(path);
    return strncmp(path, start, sizeof start - 1) == 0 && strcmp(path + length - sizeof end + 1, end) == 0;
}

int entering_keep(const char *path)
{
    int descriptor = untrapped_descriptor(path);
    long flags = descriptor < 0 ? -1 : raw_syscall(SYS_fcntl, descriptor, F_GETFD);
    if (flags < 0 || !(flags & FD_CLOEXEC))
        return -1;
    raw_syscall(SYS_fcntl, descriptor, F_SETFD, flags & ~FD_CLOEXEC);
    return descriptor;
}

void entering_let_go(int kept)
{
    if (kept >= 0)
        raw_syscall(SYS_fcntl, kept, F_SETFD, FD_CLOEXEC);
}

/* In front of the program's words. */
enum { MOST_OWN_WORDS = 9 };
static char no_name[] = "", closing[] = ENTER_CLOSING, name_option[] = "-0", set_option[] = "-E", unset_option[] = "-U",
            preload[] = "LD_PRELOAD";

size_t entering_room(const struct entering *entering)
{
    return (count_of(entering->words) + MOST_OWN_WORDS) * sizeof *entering->words +
           (is_own_program(entering->path) ? PATH_MAX : 0) + environment_own_preload_room(entering->variables);
}

/* An emulator has the program's own word for its name, and the agent, which the program could not even load. */
static size_t compose_emulator(const struct entering *entering, char *name, char *room, char **all)
{
    size_t at = 0;
    bool has_own = environment_own_preload(entering->variables, room);
    all[at++] = name_option;
    all[at++] = name;
    all[at++] = has_own ? set_option : unset_option;
    all[at++] = has_own ? room : preload;
    all[at++] = (char *)entering->path;
    return at;
}

/* Some are linked statically (Debian 13's), and have the agent brought in themselves. */
static bool is_entered_itself(const char *emulator)
{
    const char *reason = untrapped_reason(AT_FDCWD, emulator);
    return enter != NULL && reason != NULL && untrapped_can_be_entered(reason);
}

/* A program without words has an empty one (execve(2)). */
void entering_compose(const char *way, const struct entering *entering, char **all)
{
    size_t count = count_of(entering->words), at = 0;
    char *room = (char *)&all[count + MOST_OWN_WORDS], *name = count > 0 ? entering->words[0] : no_name;
    struct entering real = *entering;
    if (is_own_program(entering->path)) {
        long length = raw_syscall(SYS_readlink, entering->path, room, PATH_MAX - 1);
        room[length > 0 ? length : 0] = 0;
        real.path = room;
        room += PATH_MAX;
    }
    if (way != enter && is_entered_itself(way)) {
        all[at++] = enter;
        all[at++] = (char *)way;
    }
    all[at++] = (char *)way;
    if (way != enter) {
        at += compose_emulator(&real, name, room, all + at);
    } else {
        if (entering->kept >= 0)
            all[at++] = closing;
        all[at++] = (char *)real.path;
        all[at++] = name;
    }
    for (size_t i = 1; i < count; i++)
        all[at++] = entering->words[i];
    all[at] = NULL;
}
