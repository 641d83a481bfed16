/* SPDX-License-Identifier: Apache-2.0
 *
 * The time-stamp counter with virtual time (../time_stamp.h): where it begins to be trapped, what the host sees of
 * that, and the calls of libc's that make threads in which all signals are blocked, so that nothing may be trapped
 * there: what such a thread inherits is the setting of the one that makes the call.
 */
#include "time_stamp.h"
#include "strict_mode.h"

#include <elf.h>
#include <link.h>
#include <linux/seccomp.h>
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "ground/agent.h"
#include "ground/real.h"
#include "ground/sandbox.h"
#include "ground/second_world.h"
#include "instruction/site.h"
#include "time/clock.h"
#include "time/settle.h"
#include "time/time_stamp.h"
#include "trap/patched.h"
#include "trap/signals.h"

static bool look(uint64_t *now_ns)
{
    return clock_pass(CLOCK_LOOK_NS, now_ns);
}

/* Notes in a row, each a header, a name and a description (elf(5)). */
static bool has_go_note(const char *notes, size_t size)
{
    static const char go[4] = "Go";
    for (size_t at = 0; at + sizeof(Elf64_Nhdr) + sizeof go <= size;) {
        const Elf64_Nhdr *note = (const Elf64_Nhdr *)(notes + at);
        if (note->n_namesz == sizeof go && memcmp(note + 1, go, sizeof go) == 0)
            return true;
        at += sizeof *note + ((note->n_namesz + 3u) & ~3u) + ((note->n_descsz + 3u) & ~3u);
    }
    return false;
}

static int is_go(struct dl_phdr_info *object, size_t size, void *unused)
{
    (void)size, (void)unused;
    for (unsigned i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type == PT_NOTE &&
            has_go_note((const char *)object->dlpi_addr + segment->p_vaddr, segment->p_memsz))
            return true;
    }
    return false;
}

/* Whose own threads block all signals without libc's help, and look at the counter there; the kernel would end them. Go
 * also executes programs without libc, and has real clocks anyway. */
static bool has_foreign_threads(void)
{
    bool has_tsan = dlsym(RTLD_DEFAULT, "__tsan_init") != NULL;
    dlerror(); /* the host must not see that it failed */
    return has_tsan || second_world_is_there || dl_iterate_phdr(is_go, NULL) != 0;
}

void time_stamp_start(void)
{
    if (!clock_is_virtual() || has_foreign_threads())
        return;
    signals_install(REAL(sigaction));
    time_stamp_trap(look);
}

/* The kernel judges what it is given, of which it takes 32 bits. */
static int set_by_host(unsigned mode)
{
    if (mode == PR_TSC_ENABLE || mode == PR_TSC_SIGSEGV)
        time_stamp_host_asks(mode == PR_TSC_SIGSEGV);
    return mode == PR_TSC_ENABLE ? 0 : REAL(prctl)(PR_SET_TSC, mode, 0, 0, 0);
}

static int get_for_host(int *mode)
{
    int result = REAL(prctl)(PR_GET_TSC, mode, 0, 0, 0);
    if (result == 0)
        *mode = time_stamp_host_wants_signal() ? PR_TSC_SIGSEGV : PR_TSC_ENABLE;
    return result;
}

INTERPOSED int prctl(int option, ...)
{
    va_list list;
    va_start(list, option);
    unsigned long a = va_arg(list, unsigned long), b = va_arg(list, unsigned long);
    unsigned long c = va_arg(list, unsigned long), d = va_arg(list, unsigned long);
    va_end(list);
    if (option == PR_SET_TSC && time_stamp_is_trapped())
        return set_by_host((unsigned)a);
    if (option == PR_GET_TSC && time_stamp_is_trapped())
        return get_for_host((int *)a);
    if (option != PR_SET_SECCOMP)
        return REAL(prctl)(option, a, b, c, d);
    settle_posted();
    patched_expect_handlers();
    agent_attach();
    bool was_confined = sandbox_is_on();
    site_prepare();
    sandbox_before();
    int result = REAL(prctl)(option, a, b, c, d);
    if (a == SECCOMP_MODE_STRICT)
        result = (int)strict_mode(result, was_confined);
    if (result == 0)
        sandbox_after();
    return result;
}

/* ---- threads: the kernel's setting is inherited, and so is what the host believes */

struct beginning {
    void *(*run)(void *argument);
    void *argument;
};

static void *begin_with_signal(void *given)
{
    struct beginning beginning = *(struct beginning *)given;
    free(given);
    time_stamp_host_asks(true);
    return beginning.run(beginning.argument);
}

INTERPOSED int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
                              void *(*run)(void *), void *restrict argument)
{
    struct beginning *beginning = time_stamp_host_wants_signal() ? malloc(sizeof *beginning) : NULL;
    if (beginning == NULL)
        return REAL(pthread_create)(thread, attributes, run, argument);
    *beginning = (struct beginning){run, argument};
    int error = REAL(pthread_create)(thread, attributes, begin_with_signal, beginning);
    if (error != 0)
        free(beginning);
    return error;
}

/* ---- helpers of libc's; those of aio.c are the others */

INTERPOSED int getaddrinfo_a(int mode, struct gaicb *list[restrict], int count, struct sigevent *restrict event)
{
    return WITH_TIME_STAMPS(REAL(getaddrinfo_a)(mode, list, count, event));
}
