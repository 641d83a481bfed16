/* SPDX-License-Identifier: Apache-2.0
 *
 * Not on the fault path, but under its law: checkers have functions of their own in place of libc's, which nobody may
 * call before they have begun.
 */
#include "first.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "page.h"
#include "raw_syscall.h"
#include "signal_safe.h"

typedef void constructor(int count, char **arguments, char **environment);

/* Checkers that are libraries (-fsanitize). As they begin they take signals by system calls of their own, which are
 * left to them (net/places); they know that they may be begun by others. */
#define CHECKERS(each) each(__asan_init) each(__hwasan_init) each(__lsan_init) each(__tsan_init)
#define DECLARE(init) extern void init(void) __attribute__((weak));
CHECKERS(DECLARE)

static void begin_checkers(void)
{
#define BEGIN(init)                                                                                                    \
    if (init != NULL)                                                                                                  \
        init();
    CHECKERS(BEGIN)
}

static ElfW(Dyn) * entry_of(const struct link_map *image, ElfW(Sxword) tag)
{
    ElfW(Dyn) *entry = image->l_ld;
    while (entry->d_tag != DT_NULL && entry->d_tag != tag)
        entry++;
    return entry->d_tag == tag ? entry : NULL;
}

/* Whether the loader has closed that page of the program's to writers. */
static bool is_closed(uint64_t page, uint64_t base)
{
    const ElfW(Phdr) *part = (const void *)getauxval(AT_PHDR), *end = part + getauxval(AT_PHNUM);
    for (; part < end; part++)
        if (part->p_type == PT_GNU_RELRO)
            return page >= page_of(base + part->p_vaddr) && page < page_of(base + part->p_vaddr + part->p_memsz);
    return false;
}

/* Functions of the program's that are to run before all constructors: those of checkers that are linked into it. The
 * loader, which would run them next, finds none. */
static void begin_program(int count, char **arguments, char **environment)
{
    const struct link_map *program = _r_debug.r_map;
    const ElfW(Dyn) *array = entry_of(program, DT_PREINIT_ARRAY);
    ElfW(Dyn) *size = entry_of(program, DT_PREINIT_ARRAYSZ);
    if (array == NULL || size == NULL)
        return;
    constructor *const *functions = (constructor *const *)(program->l_addr + array->d_un.d_ptr);
    size_t functions_count = size->d_un.d_val / sizeof *functions;
    uint64_t page = page_of((uint64_t)size);
    if (raw_syscall(SYS_mprotect, page, PAGE_BYTES, PROT_READ | PROT_WRITE) != 0)
        return;
    size->d_un.d_val = 0;
    if (is_closed(page, program->l_addr))
        raw_syscall(SYS_mprotect, page, PAGE_BYTES, PROT_READ);
    for (size_t i = 0; i < functions_count; i++)
        functions[i](count, arguments, environment);
}

/* What libc is told here the loader tells it again, next. */
void first_begin(int count, char **arguments, char **environment)
{
    if (environ != NULL)
        return;
    begin_program(count, arguments, environment);
    begin_checkers();
    environ = environment;
    if (count > 0)
        program_invocation_name = arguments[0];
}
